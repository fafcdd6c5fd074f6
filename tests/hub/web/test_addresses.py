"""Changing an address, having a confirmation sent again, and getting a lost link."""

from __future__ import annotations

import pytest
from fakes.house import news

from hub.core import flood
from hub.store import subscribers


def resident(pages, address: str = "alt@example.org", **fields: str) -> tuple[str, int]:
    """Sign somebody up by mail and confirm; returns the token of their page and their endpoint's id."""
    pages.sign_up(**(fields or {"news": "1", "news__mail": "now"}), email=address)
    pages.town.engine.run_all()
    recipient = next(one for one, _ in pages.town.mail.sent if one.address == address)
    answer = pages.send(recipient.confirm_url, recipient.confirm_url)
    assert answer.status_code == 200
    pages.town.mail.forget()
    return answer.text.partition("/m/")[2].partition('"')[0].partition("<")[0], int(recipient.endpoint)


def changed(pages, token: str, way: int, address: str):
    page = f"/m/{token}/addresses"
    answer = pages.send(page, f"{page}/{way}/change", **{f"address_{way}": address})
    pages.town.engine.run_all()
    return answer


def mailed(pages) -> list[tuple[str, str]]:
    """Return whom a mail went to and why, in order, and forget them."""
    found = [(one.address, message.change.value) for one, message in pages.town.mail.sent]
    pages.town.mail.forget()
    return found


def living(pages, token: str) -> dict[str, str]:
    person, _generation = pages.town.house.links.parts("manage", token)
    with pages.town.store.read() as session:
        return {one["address"]: one["state"] for one in subscribers.endpoints_of(session, person)}


def test_the_old_address_works_and_knows_of_it_until_the_new_one_is_confirmed(pages) -> None:
    token, way = resident(pages)
    pages.town.source()
    assert changed(pages, token, way, "neu@example.org").status_code == 303
    recipient = next(one for one, _ in pages.town.mail.sent if one.confirm_url)
    assert sorted(mailed(pages)) == [("alt@example.org", "address"), ("neu@example.org", "confirm")]
    assert living(pages, token) == {"alt@example.org": "active", "neu@example.org": "pending"}
    page = pages.get(f"/m/{token}/addresses").text
    assert "dann ersetzt sie alt@example.org" in page
    pages.town.poll("s1", news("a", "Markt"))
    assert mailed(pages) == [("alt@example.org", "new")]
    assert pages.get(recipient.confirm_url).status_code == 200
    assert living(pages, token)["neu@example.org"] == "pending", "opening the link confirms nothing"
    assert pages.send(recipient.confirm_url, recipient.confirm_url).status_code == 200
    assert living(pages, token) == {"neu@example.org": "active"}, "and the link of the page still holds"
    pages.town.poll("s1", news("a", "Markt"), news("b", "Fest"))
    assert mailed(pages) == [("neu@example.org", "new")]


def test_what_waits_for_the_digest_goes_to_the_new_address(pages) -> None:
    token, way = resident(pages, news="1", news__mail="digest")
    pages.town.source()
    pages.town.poll("s1", news("a", "Markt"))
    changed(pages, token, way, "neu@example.org")
    url = next(one for one, _ in pages.town.mail.sent if one.confirm_url).confirm_url
    pages.send(url, url)
    mailed(pages)
    pages.town.clock.forward(days=1)
    pages.town.run()
    assert mailed(pages) == [("neu@example.org", "digest")]


def test_a_change_is_taken_back_and_the_old_address_stays(pages) -> None:
    token, way = resident(pages)
    changed(pages, token, way, "neu@example.org")
    url = next(one for one, _ in pages.town.mail.sent if one.confirm_url).confirm_url
    with pages.town.store.read() as session:
        new = subscribers.find_endpoint(session, "huertgenwald", "mail", "neu@example.org")
    pages.send(f"/m/{token}/addresses", f"/m/{token}/ways/{new['id']}/end")
    assert pages.send("/huertgenwald/start", url).status_code == 410
    assert living(pages, token) == {"alt@example.org": "active"}


def test_a_second_change_replaces_the_first_and_the_old_address_is_told_once_a_day(pages) -> None:
    token, way = resident(pages)
    changed(pages, token, way, "tippfehler@example.org")
    changed(pages, token, way, "neu@example.org")
    assert sorted(mailed(pages)) == [
        ("alt@example.org", "address"), ("neu@example.org", "confirm"), ("tippfehler@example.org", "confirm")
    ]  # fmt: skip
    assert living(pages, token) == {"alt@example.org": "active", "neu@example.org": "pending"}


@pytest.mark.parametrize(
    ("typed", "said"),
    [("kein", "nicht vollständig"), ("ALT@example.org", "benutzen wir schon"), ("", "nicht vollständig")],
)
def test_a_wrong_address_comes_back_with_its_fault(pages, typed, said) -> None:
    token, way = resident(pages)
    answer = changed(pages, token, way, typed)
    assert answer.status_code == 400
    assert said in answer.text
    assert f'value="{typed}"' in answer.text
    assert mailed(pages) == []


def test_nobody_changes_anybody_elses_address(pages) -> None:
    own, _way = resident(pages, "a@example.org")
    _other, foreign = resident(pages, "b@example.org")
    assert changed(pages, own, foreign, "c@example.org").status_code == 404
    assert pages.send(f"/m/{own}/addresses", f"/m/{own}/addresses/{foreign}/again").status_code == 404


def test_a_confirmation_is_sent_again_once_a_day(pages) -> None:
    token = pages.sign_up(news="1", news__mail="now", email="a@example.org")
    pages.town.engine.run_all()
    with pages.town.store.read() as session:
        way = subscribers.find_endpoint(session, "huertgenwald", "mail", "a@example.org")["id"]
    page, again = f"/m/{token}/addresses", f"/m/{token}/addresses/{way}/again"
    assert "Spam" in pages.get(page).text
    pages.send(page, again)
    pages.town.engine.run_all()
    assert len(mailed(pages)) == 1
    pages.town.clock.forward(hours=24)
    pages.send(page, again)
    pages.town.engine.run_all()
    recipient, _message = pages.town.mail.sent[0]
    pages.town.clock.forward(hours=40)  # from when it was asked last
    assert pages.send(recipient.confirm_url, recipient.confirm_url).status_code == 200


def lost(pages, address: str):
    answer = pages.send("/huertgenwald/link", "/huertgenwald/link", email=address)
    pages.town.engine.run_all()
    return answer


def test_a_lost_link_comes_by_mail_and_the_answer_says_nothing(pages) -> None:
    token, _way = resident(pages)
    answers = [lost(pages, address) for address in ("Alt@example.org", "niemand@example.org")]
    assert [(one.status_code, one.location) for one in answers] == [(303, "/huertgenwald/link/sent")] * 2
    ((recipient, message),) = pages.town.mail.sent
    assert (recipient.address, message.change) == ("alt@example.org", "link")
    assert recipient.manage_url.endswith(f"/m/{token}")
    page = pages.get("/huertgenwald/link/sent").text
    assert "rathaus@example.org" in page
    assert "example.org" not in page.replace("rathaus@example.org", "")


def test_a_link_is_sent_once_an_hour_whoever_asks(pages) -> None:
    resident(pages)
    for _ in range(3):
        lost(pages, "alt@example.org")
    assert len(mailed(pages)) == 1
    pages.town.clock.forward(hours=1)
    lost(pages, "alt@example.org")
    assert len(mailed(pages)) == 1


def test_who_never_confirmed_gets_the_confirmation_again_and_no_link(pages) -> None:
    pages.sign_up(news="1", news__mail="now", email="a@example.org")
    pages.town.engine.run_all()
    mailed(pages)
    lost(pages, "a@example.org")
    assert mailed(pages) == []
    pages.town.clock.forward(hours=25)
    lost(pages, "a@example.org")
    assert mailed(pages) == [("a@example.org", "confirm")]


def test_a_wrong_form_comes_back_and_robots_and_floods_are_kept_out(pages, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = lost(pages, "kein")
    assert (answer.status_code, 'value="kein"' in answer.text) == (400, True)
    robot = pages.send("/huertgenwald/link", "/huertgenwald/link", email="a@example.org", website="x")
    assert robot.status_code == 400
    monkeypatch.setitem(flood._MOST, "link", (1, 100))
    assert [lost(pages, "a@example.org").status_code for _ in range(2)] == [303, 429]
