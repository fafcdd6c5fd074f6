"""What is told of a source itself: once when it breaks, once when it heals, to exactly those whom it concerns."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from fakes.house import NOON, PLACE, Town, news, restarted
from sqlalchemy import func, select

from hub.core.errors import SourceRefused, SourceUnreachable
from hub.core.notice import Occurrence, Severity
from hub.core.subscription import Action, Criteria
from hub.jobs import tend
from hub.jobs.contact import contact_of, desk_link, editor_of, set_contact
from hub.store import publications, views
from hub.store.schema import notice

DOWN = SourceUnreachable("The source has a fault of its own (500).")


@pytest.fixture
def edited(town: Town) -> Town:
    """Give a town with an editor and a source that was read."""
    set_contact(town.house, town.municipality, "rathaus@example.org")
    town.source(topic="waste")
    return town


def fail(town: Town, times: int, error: Exception = DOWN) -> None:
    """Let the source fail so many times in a row."""
    town.gatherer.breaks("s1", error)
    for _ in range(times):
        town.clock.forward(hours=7)
        town.run()


def heal(town: Town) -> None:
    town.gatherer.has("s1", news("n9", "Neues", topic="waste"))
    town.clock.forward(hours=7)
    town.run()


def told(town: Town) -> list[tuple[str, str]]:
    """Return what the editor was told."""
    return town.mail.told()


def test_the_editor_hears_once_when_it_breaks_and_once_when_it_heals(edited: Town) -> None:
    fail(edited, 2)
    assert told(edited) == []
    fail(edited, 3)
    assert told(edited) == [("new", "Quelle „example.org“ ist gestört")]
    recipient, message = edited.mail.sent[0]
    assert recipient.address == "rathaus@example.org"
    assert message.entries[0].url == desk_link(edited.house, edited.municipality) + "/s1"
    heal(edited)
    edited.run()
    assert told(edited)[1:] == [("withdrawn", "Quelle „example.org“")]
    fail(edited, 3)
    assert [change for change, _ in told(edited)] == ["new", "withdrawn", "new"]


def test_a_crash_or_a_second_run_tells_nothing_twice(edited: Town) -> None:
    fail(edited, 3)
    again = restarted(edited)
    again.mail.sent = edited.mail.sent
    for _ in range(3):
        tend.tend(again.house, "s1")
        again.run()
    assert len(told(edited)) == 1


def test_a_crash_before_the_commit_loses_nothing(edited: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    def dies(*_args: object, **_named: object) -> int:
        raise RuntimeError("killed")

    with monkeypatch.context() as patch:
        patch.setattr(publications, "add", dies)
        fail(edited, 4)
        assert told(edited) == []
    restarted_town = restarted(edited)
    restarted_town.clock.forward(minutes=1)
    restarted_town.run()
    assert len(restarted_town.mail.told()) == 1


def test_silence_reaches_the_subscribers_of_the_topic_and_its_end_those_who_heard_of_it(edited: Town) -> None:
    concerned = edited.person(Criteria(topics=("waste",), places=(f"{PLACE}/zone:gey",)))
    edited.person(Criteria(topics=("news",), places=(PLACE,)))
    edited.person(Criteria(topics=("waste",), places=("05334",)))
    fail(edited, 3)
    assert edited.push.told() == []
    fail(edited, 2)
    assert [(one.endpoint, message.change.value) for one, message in edited.push.sent] == [(str(concerned), "new")]
    assert edited.push.told()[0][1] == "Der Abfallkalender antwortet nicht"
    edited.person(Criteria(topics=("waste",), places=(PLACE,)))
    edited.push.forget()
    edited.gatherer.has("s1")
    edited.clock.forward(hours=7)
    edited.run()
    assert [(one.endpoint, message.change.value) for one, message in edited.push.sent] == [
        (str(concerned), "withdrawn")
    ]


@pytest.mark.parametrize(
    "narrow",
    [
        {"severity": Severity.SEVERE}, {"words": ("sturm",)}, {"without": ("quelle",)}, {"categories": ("WIND",)},
        {"topics": ()}, {"centre": (6.4, 50.7), "radius_km": 1.0, "places": ()},
    ],
)  # fmt: skip
def test_who_narrowed_their_choice_hears_of_the_silence_too(village: Town, narrow: dict[str, object]) -> None:
    village.person(Criteria(**({"topics": ("warnings",), "places": (PLACE,)} | narrow)))  # type: ignore[arg-type]
    village.source(topic="warnings")
    fail(village, 3)
    assert [change for change, _ in village.push.told()] == ["new"]


def test_the_word_to_the_editor_reaches_nobody_else(edited: Town) -> None:
    edited.person(Criteria(places=(PLACE,)))
    edited.person(Criteria())
    fail(edited, 3)
    assert edited.push.told() == []
    with edited.store.read() as session:
        assert views.recent(session, edited.municipality, edited.clock()) == []
        assert session.scalar(select(func.count()).select_from(notice)) == 1


def test_our_own_standstill_is_no_silence_of_the_source(edited: Town) -> None:
    edited.person(Criteria(topics=("waste",), places=(PLACE,)))
    edited.clock.forward(days=5)
    edited.run()
    assert edited.push.told() == []
    assert told(edited) == []


def test_an_answer_that_is_doubted_is_told_and_settled(edited: Town) -> None:
    edited.poll("s1", *(news(f"n{count}", topic="waste", expires=NOON + timedelta(days=90)) for count in range(5)))
    edited.mail.forget()
    edited.poll("s1")
    assert told(edited) == [("new", "Quelle „example.org“ braucht Ihr Wort")]
    edited.poll("s1", *(news(f"n{count}", topic="waste", expires=NOON + timedelta(days=90)) for count in range(5)))
    assert [change for change, _ in told(edited)] == ["new", "withdrawn"]


def test_a_calendar_that_ends_within_a_fortnight_is_told_once(edited: Town) -> None:
    def pickups(*days: str) -> object:
        dates = tuple(Occurrence(day, date.fromisoformat(day)) for day in days)
        return news("w", "Restmüll", topic="waste", series=True, occurrences=dates)

    edited.poll("s1", pickups("2026-12-01", "2026-12-15", "2026-12-29"))  # type: ignore[arg-type]
    assert told(edited) == []
    edited.clock.to("2026-12-16T12:00:00+01:00")
    edited.gatherer.unchanged("s1")
    edited.run()
    edited.run()
    assert told(edited) == [("new", "Quelle „example.org“: Der Kalender endet am Dienstag, 29. Dezember 2026")]
    edited.poll("s1", pickups("2026-12-29", "2027-01-12", "2027-01-26"))  # type: ignore[arg-type]
    edited.run()
    assert told(edited)[1:] == [("withdrawn", "Quelle „example.org“")]


def test_a_paused_source_is_left_alone(edited: Town) -> None:
    from hub.jobs import switch

    fail(edited, 3)
    switch.pause(edited.house, "s1")
    edited.clock.forward(days=9)
    edited.run()
    assert len(told(edited)) == 1
    edited.gatherer.has("s1")
    switch.resume(edited.house, "s1")
    edited.run()
    assert [change for change, _ in told(edited)] == ["new", "withdrawn"]


def test_a_new_editor_gets_the_next_word_and_the_old_link_is_dead(edited: Town) -> None:
    before = desk_link(edited.house, edited.municipality).rpartition("/")[2]
    assert editor_of(edited.house, before)
    set_contact(edited.house, edited.municipality, "neu@example.org")
    assert editor_of(edited.house, before) is None
    fail(edited, 3)
    assert [recipient.address for recipient, _ in edited.mail.sent] == ["neu@example.org"]


def test_an_editor_who_unsubscribed_is_told_nothing_and_that_is_said(edited: Town) -> None:
    from hub.jobs.subscribe import end_endpoint

    assert contact_of(edited.house, edited.municipality) == ("rathaus@example.org", True)
    fail(edited, 3)
    end_endpoint(edited.house, edited.mail.sent[0][0].unsubscribe_url.rpartition("/")[2])
    heal(edited)
    assert len(told(edited)) == 1
    assert contact_of(edited.house, edited.municipality) == ("rathaus@example.org", False)
    set_contact(edited.house, edited.municipality, "rathaus@example.org")
    assert contact_of(edited.house, edited.municipality) == ("rathaus@example.org", True)


def test_who_becomes_the_editor_is_told_what_is_wrong_already(town: Town) -> None:
    town.source(topic="waste")
    fail(town, 3)
    assert told(town) == []
    set_contact(town.house, town.municipality, "rathaus@example.org")
    town.run()
    town.run()
    assert told(town) == [("new", "Quelle „example.org“ ist gestört")]


def test_the_editor_who_signs_up_as_a_resident_stays_the_editor(edited: Town) -> None:
    from hub.jobs.subscribe import SignUp, Wish, confirm, sign_up
    from hub.store import subscribers

    wish = Wish(Criteria(topics=("news",), places=(PLACE,)), (("mail", Action.NOW, ""),))
    person = sign_up(edited.house, edited.municipality, SignUp((wish,), {"mail": ("rathaus@example.org", {}, "s")}))
    with edited.store.read() as session:
        row = subscribers.endpoints_of(session, person)[0]
    confirm(edited.house, edited.house.links.confirm(row["id"], row["asked_at"]).rpartition("/")[2])
    edited.engine.run_all()
    edited.mail.forget()
    fail(edited, 3, SourceRefused("This is a web page, not a feed."))
    assert [change for change, _ in told(edited)] == ["new"]


def test_what_is_removed_tells_nothing_more(edited: Town) -> None:
    from hub.jobs import switch

    edited.poll("s1", news("n1", topic="waste"))
    edited.mail.forget()
    fail(edited, 3)
    assert switch.remove(edited.house, "s1") == 1
    assert switch.remove(edited.house, "s1") is None
    edited.run()
    with edited.store.read() as session:
        assert session.scalar(select(func.count()).select_from(notice)) == 0
    assert len(told(edited)) == 1
