"""The page behind the secret link."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from fakes.house import PLACE

from hub.core.subscription import Action, Criteria
from hub.jobs.subscribe import SignUp, Wish, person_of, put_wishes, sign_up
from hub.store import subscribers


def state(pages, token):
    person, _generation = pages.town.house.links.parts("manage", token)
    with pages.town.store.read() as session:
        return (
            subscribers.get(session, person),
            subscribers.subscriptions(session, person),
            subscribers.endpoints_of(session, person),
        )


def test_topics_are_shown_as_chosen_and_changed(pages) -> None:
    token = pages.sign_up(tenders="1", tenders__push="1", tenders__words="Dach, Fenster", tenders__cpv="45, 4526")
    page = pages.get(f"/m/{token}/settings").text
    assert 'value="dach, fenster"' in page
    assert 'value="45, 4526"' in page
    answer = pages.send(f"/m/{token}/settings", f"/m/{token}/topics", council="1", council__calendar="1")
    assert answer.status_code == 303
    _, (council,), endpoints = state(pages, token)
    assert council["ways"] == [("ical", Action.CALENDAR, "")]
    assert [one["channel"] for one in endpoints] == ["ical"]
    assert "gespeichert" in pages.get(f"/m/{token}/settings").text


def test_wrong_topics_change_nothing(pages) -> None:
    token = pages.sign_up()
    answer = pages.send(f"/m/{token}/settings", f"/m/{token}/topics", news="1", news__mail="now")
    assert answer.status_code == 400
    assert 'id="fault-email"' in answer.text
    assert state(pages, token)[1][0]["ways"] == [("webpush", Action.NOW, "")]


def test_what_the_form_cannot_show_survives_it(pages) -> None:
    token = pages.sign_up()
    person = person_of(pages.town.house, token)
    near = Wish(Criteria(topics=("roads",), centre=(6.4, 50.7), radius_km=5), (("webpush", Action.NOW, ""),))
    with pages.town.store.begin() as session:
        put_wishes(pages.town.house, session, person, (near,))
    pages.send(f"/m/{token}/settings", f"/m/{token}/topics", news="1", news__push="1")
    found = [one["criteria"] for one in state(pages, token)[1]]
    assert found == [{"topics": ["news"], "places": [PLACE]}, near.criteria.canonical()]


def test_habits_hold_in_the_towns_clock(pages) -> None:
    token = pages.sign_up()
    answer = pages.send(
        f"/m/{token}/settings",
        f"/m/{token}/habits",
        quiet_from="22:00",
        quiet_to="06:30",
        digest_at="06:00",
        language="en",
    )
    assert answer.status_code == 303
    row = state(pages, token)[0]
    assert (row["quiet_from"], row["quiet_to"], row["digest_at"], row["language"]) == ("22:00", "06:30", "06:00", "en")
    assert row["next_digest_at"].isoformat() == "2026-11-24T05:00:00+00:00"


@pytest.mark.parametrize(
    ("field", "value", "fault"),
    [
        ("quiet_from", "22:00", "quiet"),
        ("quiet_from", "99:00", "quiet"),
        ("digest_at", "x", "digest-at"),
        ("language", "tlh", "language"),
    ],
)
def test_wrong_habits_are_named(pages, field, value, fault) -> None:
    token = pages.sign_up()
    fields = {"quiet_from": "", "quiet_to": "", "digest_at": "07:00", "language": "de"} | {field: value}
    answer = pages.send(f"/m/{token}/settings", f"/m/{token}/habits", **fields)
    assert answer.status_code == 400
    assert f'id="fault-{fault}"' in answer.text
    assert state(pages, token)[0]["language"] == "de"


def test_a_form_cannot_say_whose_page_it_is(pages) -> None:
    other = pages.sign_up(news="1", news__mail="now", email="a@example.org")
    token = pages.sign_up()
    person, generation = pages.town.house.links.parts("manage", other)
    answer = pages.send(
        f"/m/{token}/settings", f"/m/{token}/habits", digest_at="x", id=str(person), generation=str(generation),
        lapse_told_at="1",
    )  # fmt: skip
    assert answer.status_code == 400
    assert other not in answer.text
    assert "a@example.org" not in answer.text
    assert f"/m/{token}/keep" not in answer.text


def test_a_pause_ends_by_itself_or_at_once(pages) -> None:
    token = pages.sign_up()
    pages.send(f"/m/{token}/settings", f"/m/{token}/pause", days="7")
    assert state(pages, token)[0]["paused_until"] == pages.town.clock() + timedelta(days=7)
    assert "Pause bis Montag, 30. November 2026" in pages.get(f"/m/{token}/settings").text
    pages.send(f"/m/{token}/settings", f"/m/{token}/pause", days="0")
    assert state(pages, token)[0]["paused_until"] is None
    assert pages.send(f"/m/{token}/settings", f"/m/{token}/pause", days="9999").status_code == 400


def test_an_address_is_added_pending_and_a_second_question_is_not_asked(pages) -> None:
    token = pages.sign_up()
    pages.send(f"/m/{token}/settings", f"/m/{token}/address", address="a@example.org")
    assert [(one["channel"], one["state"]) for one in state(pages, token)[2]] == [("mail", "pending")]
    other = pages.sign_up()
    answer = pages.send(f"/m/{other}/settings", f"/m/{other}/address", address="a@example.org")
    assert answer.status_code == 303  # as before: nobody learns who was asked
    pages.town.engine.run_all()
    assert len(pages.town.mail.sent) == 1


def test_what_was_typed_comes_back_with_its_fault(pages) -> None:
    token = pages.sign_up(news="1", news__mail="now", email="a@example.org")
    answer = pages.send(f"/m/{token}/settings", f"/m/{token}/address", address="b@example")
    assert answer.status_code == 400
    assert 'name="address" value="b@example"' in answer.text


def test_a_tick_comes_back_with_the_fault_beside_it(pages) -> None:
    token = pages.sign_up(news="1", news__mail="now", news__calendar="1", email="a@example.org")
    pages.town.engine.run_all()
    url = pages.town.mail.sent[0][0].confirm_url
    pages.send(url, url)
    wrong = {"digest_at": "07:00", "language": "de", "quiet_from": "22:00", "monthly_shown": "1"}
    answer = pages.send(f"/m/{token}/settings", f"/m/{token}/habits", **wrong, monthly="1")
    assert answer.status_code == 400
    assert re.search(r'name="monthly" value="1" checked', answer.text)


def test_a_person_whose_mails_came_back_is_told(pages) -> None:
    token = pages.sign_up(news="1", news__mail="now", news__push="1", email="a@example.org")
    (way,) = state(pages, token)[2]
    assert "erreichen Sie nicht mehr" not in pages.get(f"/m/{token}/settings").text
    with pages.town.store.begin() as session:
        subscribers.end_endpoints(session, [way["id"]], pages.town.clock(), why="bounced")
    assert "Unsere Mails erreichen Sie nicht mehr." in pages.get(f"/m/{token}/settings").text
    pages.send(f"/m/{token}/settings", f"/m/{token}/address", address="b@example.org")
    assert "erreichen Sie nicht mehr" not in pages.get(f"/m/{token}/settings").text


def test_a_way_is_ended_by_its_owner_only(pages) -> None:
    own, other = pages.sign_up(news="1", news__calendar="1"), pages.sign_up(news="1", news__calendar="1")
    foreign = state(pages, other)[2][0]["id"]
    assert pages.send(f"/m/{own}/settings", f"/m/{own}/ways/{foreign}/end").status_code == 404
    assert state(pages, other)[2]
    mine = state(pages, own)[2][0]["id"]
    pages.send(f"/m/{own}/settings", f"/m/{own}/ways/{mine}/end")
    assert state(pages, own)[2] == []


def test_everything_is_deleted_in_two_steps(pages) -> None:
    token = pages.sign_up(news="1", news__calendar="1")
    assert pages.get(f"/m/{token}/delete").status_code == 200
    assert state(pages, token)[0] is not None
    answer = pages.send(f"/m/{token}/delete", f"/m/{token}/delete")
    assert answer.status_code == 200
    assert state(pages, token)[0] is None
    assert pages.get(f"/m/{token}/settings").status_code == 404


def test_a_new_generation_revokes_the_link(pages) -> None:
    token = pages.sign_up()
    person, _generation = pages.town.house.links.parts("manage", token)
    with pages.town.store.begin() as session:
        subscribers.change(session, person, generation=2)
    assert pages.get(f"/m/{token}/settings").status_code == 404


def test_a_slash_that_a_mail_program_adds_breaks_no_link(pages) -> None:
    token = pages.sign_up(news="1", news__mail="now", email="a@example.org")
    assert pages.get(f"/m/{token}/").status_code == 200
    pages.town.engine.run_all()
    recipient, _message = pages.town.mail.sent[0]
    assert pages.get(f"{recipient.confirm_url}/").status_code == 200
    link = pages.town.house.links.unsubscribe(int(recipient.endpoint), 1)
    assert pages.get(f"{link}/").status_code == 200


def test_a_link_for_another_purpose_opens_nothing(pages) -> None:
    person = sign_up(pages.town.house, "huertgenwald", SignUp((Wish(Criteria(), ()),)))
    assert pages.get(f"/m/{pages.town.house.links.token('unsubscribe', person, 1)}").status_code == 404


def test_a_device_that_died_is_said_on_the_page(pages) -> None:
    token = pages.sign_up()
    assert "nicht mehr erreichbar" not in pages.get(f"/m/{token}/settings").text
    person, _generation = pages.town.house.links.parts("manage", token)
    with pages.town.store.begin() as session:
        dead = subscribers.add_endpoint(
            session, "huertgenwald", person, channel="webpush", address="https://push.example/1", service="service",
            keys={}, active=True, now=pages.town.clock(),
        )  # fmt: skip
        subscribers.end_endpoints(session, [dead], pages.town.clock(), why="gone")
    page = pages.get(f"/m/{token}/settings").text
    assert "Ihr Gerät ist nicht mehr erreichbar." in page
    assert "Bis dahin kommen" not in page  # no mailbox
