"""A gatherer that cannot be fooled: doubt, held items, snapshots, quarantine, history, the editor's word."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from fakes.house import NOON, PLACE, Town, news
from sqlalchemy import select

from hub.core.errors import SourceRefused, SourceUnreachable
from hub.core.health import State, state
from hub.core.notice import Notice, Occurrence, PlaceRef, Severity, Status
from hub.core.subscription import Action, Criteria
from hub.jobs import review, sweep
from hub.sandbox import Refusal
from hub.store import held, outlook, polls, sources
from hub.store.schema import notice, occurrence

DAY = date(2026, 11, 24)
BERLIN = PlaceRef("ars", "110000000000")


def row(town: Town, source_id: str = "s1") -> Any:
    with town.store.read() as session:
        return sources.row(session, source_id)


def history(town: Town) -> list[tuple[str, str]]:
    with town.store.read() as session:
        return [(one["outcome"], one["label"]) for one in reversed(polls.history(session, "s1"))]


def waiting(town: Town) -> list[tuple[str, str]]:
    with town.store.read() as session:
        return [(one["key"], one["reason"]) for one in held.waiting(session, "s1")]


def held_id(town: Town, key: str) -> int:
    with town.store.read() as session:
        return int(held.of_keys(session, "s1", [key])[key]["id"])


def bins(*days: int, key: str = "bio") -> Notice:
    dates = tuple(Occurrence(f"{DAY + timedelta(days=day)}", DAY + timedelta(days=day)) for day in days)
    return news(key, key.title(), topic="waste", series=True, occurrences=dates)


def called_off(town: Town) -> list[str]:
    with town.store.read() as session:
        rows = session.execute(select(occurrence.c.slot, occurrence.c.content).order_by(occurrence.c.slot))
        return [one.slot for one in rows if one.content["status"] == "cancelled"]


def tended(town: Town) -> list[str]:
    """Note every time that ``tend`` is woken."""
    found: list[str] = []
    town.engine._jobs = {**town.engine._jobs, "tend": found.append}
    return found


WEEKLY = tuple(range(0, 70, 7))


def test_half_a_calendar_is_held_then_accepted_and_still_calls_nothing_off(town: Town) -> None:
    town.source(topic="waste")
    town.poll("s1", bins(*WEEKLY))
    woken = tended(town)
    before = row(town)
    for poll in range(6):
        town.poll("s1", bins(*WEEKLY[:5]))
        assert (row(town)["doubt"], called_off(town)) == ("half" if poll == 0 else "", [])
        if poll == 0:
            assert row(town)["state"]["cursor"] == before["state"]["cursor"]
            assert row(town)["succeeded_at"] == before["succeeded_at"]
            assert state(row(town), town.clock()).state is State.DOUBTFUL
    assert history(town)[-2:] == [("held", "half"), ("healed", "half")]
    assert woken == ["s1", "s1"]


def test_a_half_calendar_that_differs_each_time_is_never_believed(town: Town) -> None:
    town.source(topic="waste")
    town.poll("s1", bins(*WEEKLY))
    for start in range(5):
        town.poll("s1", bins(*WEEKLY[start : start + 5]))
        assert row(town)["doubt"] == "half"
    town.poll("s1", bins(*WEEKLY))
    assert (row(town)["doubt"], called_off(town)) == ("", [])
    assert history(town)[-1] == ("healed", "")


def test_the_editors_word_makes_vanished_dates_gone(town: Town) -> None:
    person = town.person(Criteria(topics=("waste",)), ("webpush", Action.NOW, ""))
    town.source(topic="waste")
    town.poll("s1", bins(*WEEKLY))
    town.poll("s1", bins(*WEEKLY[:5]))
    assert review.trust(town.house, "s1")
    town.run()
    assert called_off(town) == [f"{DAY + timedelta(days=day)}" for day in WEEKLY[5:]]
    assert [recipient.endpoint for recipient, _ in town.push.sent] == [str(person)]
    assert not review.trust(town.house, "s1")


@pytest.mark.parametrize("answer", [(), "refused"])
def test_an_answer_without_a_readable_item_keeps_everything(town: Town, answer: Any) -> None:
    town.person()
    town.source()
    town.poll("s1", news("n1"), news("n2", "Fest"))
    town.push.forget()
    refused = (Refusal("x", "no title"),) if answer else ()
    for _ in range(5):
        town.gatherer.has("s1", refused=refused)
        town.clock.forward(minutes=15)
        town.run()
    assert town.push.told() == []
    assert [label for _, label in history(town)].count("not-a-feed" if answer else "empty") >= 1
    with town.store.read() as session:
        assert not any(session.scalars(select(notice.c.withdrawn)))


def test_a_first_answer_with_nothing_in_it_is_noted_and_begins(town: Town) -> None:
    town.person()
    town.source()
    assert history(town) == [("changed", "empty")]
    assert row(town)["imported"]
    town.poll("s1", news())
    assert town.push.told() == [("new", "Freibad öffnet")]


def test_a_refused_item_is_no_missing_date(town: Town) -> None:
    town.source(topic="waste")
    town.poll("s1", bins(*WEEKLY))
    for _ in range(4):
        town.gatherer.has("s1", bins(*WEEKLY[:3], *WEEKLY[4:]), refused=(Refusal("e4", "no date"),))
        town.clock.forward(minutes=15)
        town.run()
    assert called_off(town) == []


def test_a_partial_answer_misses_nothing(town: Town) -> None:
    town.source(topic="waste")
    town.poll("s1", bins(*WEEKLY))
    town.gatherer.partial.add("s1")
    for _ in range(4):
        town.poll("s1", bins(*WEEKLY[:3], *WEEKLY[4:]))
    assert called_off(town) == []


def test_sent_ten_minutes_ahead_waits_until_its_time_has_come(town: Town) -> None:
    town.person()
    town.source()
    skewed = news(sent=town.clock() + timedelta(minutes=60))
    town.poll("s1", skewed)
    assert (town.push.told(), waiting(town)) == ([], [("n1", "future")])
    for _ in range(3):
        town.poll("s1", skewed)
    assert town.push.told() == [("new", "Freibad öffnet")]
    assert waiting(town) == []


def warning(key: str = "a1", title: str = "Sturm", **values: Any) -> Notice:
    values = {"severity": Severity.SEVERE, "topic": "warnings", "places": (PlaceRef("ars", PLACE),), **values}
    return replace(news(key, title, **values), kind="cap")


def test_a_warning_for_elsewhere_or_nowhere_reaches_nobody_not_even_who_wants_everything(town: Town) -> None:
    town.person(Criteria())
    town.source(topic="warnings")
    town.poll("s1", warning("a1", places=(BERLIN,)), warning("a2", places=()), warning("a3", "Orkan"))
    assert town.push.told() == [("new", "Orkan")]
    assert sorted(waiting(town)) == [("a1", "elsewhere"), ("a2", "no-area")]


def test_a_held_item_is_told_when_released_and_only_once(town: Town) -> None:
    town.person(Criteria())
    town.source(topic="warnings")
    town.poll("s1", warning("a1", places=(BERLIN,)))
    number = held_id(town, "a1")
    assert [review.release(town.house, number) for _ in range(3)] == [True, False, False]
    town.run()
    for _ in range(3):
        town.poll("s1", warning("a1", places=(BERLIN,)))
    assert town.push.told() == [("new", "Sturm")]
    assert waiting(town) == []


def test_a_dropped_item_stays_dropped_until_it_is_another(town: Town) -> None:
    town.person(Criteria())
    town.source(topic="warnings")
    town.poll("s1", warning("a1", places=()))
    assert [review.drop(town.house, held_id(town, "a1")) for _ in range(2)] == [True, False]
    for _ in range(3):
        town.poll("s1", warning("a1", places=()))
    assert (town.push.told(), waiting(town)) == ([], [])
    town.poll("s1", warning("a1"))
    assert town.push.told() == [("new", "Sturm")]


def test_a_held_item_that_comes_in_a_plausible_form_or_is_called_off_is_outdated(town: Town) -> None:
    town.person(Criteria())
    town.source(topic="warnings")
    town.poll("s1", warning("a1", places=(BERLIN,)), warning("a2", places=(BERLIN,)))
    cancel = replace(warning("c2", "Entwarnung"), references=("a2",), status=Status.CANCELLED)
    town.poll("s1", warning("a1"), cancel)
    assert (town.push.told(), waiting(town)) == ([("new", "Sturm")], [])
    with town.store.read() as session:
        rows = held.of_keys(session, "s1", ["a1", "a2"])
    assert {one["verdict"] for one in rows.values()} == {"outdated"}


def test_a_held_item_whose_time_is_over_is_outdated(town: Town) -> None:
    town.source(topic="warnings")
    town.poll("s1", warning("a1", places=(BERLIN,), expires=town.clock() + timedelta(minutes=20)))
    assert waiting(town) == [("a1", "elsewhere")]
    town.clock.forward(minutes=15)
    town.poll("s1", warning("a2", places=(BERLIN,)))
    assert waiting(town) == [("a2", "elsewhere")]


def test_a_nation_wide_list_does_not_bury_the_editor(town: Town) -> None:
    town.source(topic="warnings")
    minor = [warning(f"a{count}", places=(BERLIN,), severity=Severity.MINOR) for count in range(300)]
    town.poll("s1", *minor, warning("x", places=(BERLIN,), severity=Severity.EXTREME))
    assert len(waiting(town)) == 50
    assert ("x", "elsewhere") in waiting(town)


def test_a_flood_waits_and_what_follows_it_does_not(town: Town) -> None:
    town.person()
    town.source()
    flood = [news(f"n{count}", f"Meldung {count}") for count in range(5000)]
    town.poll("s1", *flood)
    town.poll("s1", *flood, news("next", "Straßenfest"))
    assert town.push.told() == [("new", "Straßenfest")]
    assert len(waiting(town)) == 500  # the first page of 5,000
    with town.store.read() as session:
        assert held.count(session, town.municipality) == {"s1": 5000}


def test_a_flood_that_was_meant_is_taken_in_without_a_word_or_item_by_item(town: Town) -> None:
    town.person()
    town.source()
    flood = [news(f"n{count}", f"Meldung {count}") for count in range(25)]
    town.poll("s1", *flood)
    review.release(town.house, held_id(town, "n0"))
    assert review.release_all(town.house, "s1") == 24
    town.run()
    town.poll("s1", *flood)
    assert town.push.told() == [("new", "Meldung 0")]
    with town.store.read() as session:
        assert len(session.scalars(select(notice.c.id)).all()) == 25


def test_a_relaunch_that_rewords_everything_rings_nobody_up_but_moved_dates_do(town: Town) -> None:
    person = town.person()
    town.source(imported=False)
    start = NOON + timedelta(days=3)
    first = [news(f"n{count}", f"Meldung {count}") for count in range(30)]
    meeting = news("m", "Rat", occurrences=(Occurrence("meeting", start),))
    town.poll("s1", *first, meeting)
    moved = replace(meeting, occurrences=(Occurrence("meeting", start + timedelta(hours=2)),))
    town.poll("s1", *(replace(one, url="https://example.org/new") for one in first), moved)
    assert [(r.endpoint, m.change, m.entries[0].notice.title) for r, m in town.push.sent] == [
        (str(person), "revised", "Rat")
    ]
    town.poll("s1", *(news(f"n{count}", f"Neu {count}") for count in range(20)), moved)
    assert len(town.push.sent) == 21


def test_more_than_twenty_reworded_items_are_shown_but_ring_nobody_up(town: Town) -> None:
    town.person()
    town.source(imported=False)
    town.poll("s1", *(news(f"n{count}", f"Meldung {count}") for count in range(21)))
    town.poll("s1", *(news(f"n{count}", f"Neu {count}") for count in range(21)))
    assert town.push.told() == []
    with town.store.read() as session:
        shown = [one["content"]["texts"][0]["title"] for one in session.execute(select(notice)).mappings()]
    assert sorted(shown) == sorted(f"Neu {count}" for count in range(21))


def closures(town: Town, *keys: str) -> None:
    town.poll("s1", *(news(key, key.title(), topic="roads") for key in keys))


def test_what_two_snapshots_miss_has_ended_for_exactly_those_who_were_told(town: Town) -> None:
    early = town.person()
    town.source(topic="roads")
    town.gatherer.snapshots.add("s1")
    closures(town, "a", "b", "c", "d")
    town.person()
    town.push.forget()
    closures(town, "a", "b", "c")
    assert town.push.told() == []
    closures(town, "a", "b", "c")
    closures(town, "a", "b", "c")
    assert [(r.endpoint, m.change, m.entries[0].notice.title) for r, m in town.push.sent] == [
        (str(early), "withdrawn", "D")
    ]
    assert history(town)[-1] == ("changed", "")


def test_a_flapping_closure_is_told_once_and_never_ended(town: Town) -> None:
    town.person()
    town.source(topic="roads")
    town.gatherer.snapshots.add("s1")
    for _ in range(8):
        closures(town, "a", "b", "c", "d")
        closures(town, "a", "b", "c")
    assert sorted(town.push.told()) == [("new", one) for one in "ABCD"]


def test_a_closure_that_comes_back_after_its_end_is_told_again(town: Town) -> None:
    town.person()
    town.source(topic="roads")
    town.gatherer.snapshots.add("s1")
    closures(town, "a", "b", "c", "d")
    for _ in range(2):
        closures(town, "a", "b", "c")
    town.push.forget()
    for _ in range(3):
        closures(town, "a", "b", "c", "d")
    assert town.push.told() == [("revised", "D")]
    with town.store.read() as session:
        assert not any(session.scalars(select(notice.c.withdrawn)))


def test_when_half_of_a_snapshot_is_gone_only_the_editor_ends_it(town: Town) -> None:
    person = town.person()
    town.source(topic="roads")
    town.gatherer.snapshots.add("s1")
    closures(town, *"abcdef")
    town.push.forget()
    closures(town, "a", "b", "c")
    assert row(town)["doubt"] == "half"
    for _ in range(5):
        closures(town, "a", "b", "c")
    assert (town.push.told(), row(town)["doubt"]) == ([], "")
    assert sorted(waiting(town)) == [("d", "vanished"), ("e", "vanished"), ("f", "vanished")]
    review.drop(town.house, held_id(town, "e"))
    review.release(town.house, held_id(town, "d"))
    town.run()
    closures(town, "a", "b", "c", "f")
    closures(town, "a", "b", "c", "f")
    assert [(r.endpoint, m.change, m.entries[0].notice.title) for r, m in town.push.sent] == [
        (str(person), "withdrawn", "D")
    ]


def test_an_empty_or_broken_snapshot_ends_nothing(town: Town) -> None:
    town.person()
    town.source(topic="roads")
    town.gatherer.snapshots.add("s1")
    closures(town, "a", "b", "c", "d")
    town.push.forget()
    for _ in range(4):
        closures(town)
        town.gatherer.breaks("s1", SourceRefused("The address answered with a web page."))
        town.clock.forward(minutes=15)
        town.run()
        review_poll = (news("a", "A", topic="roads"), news("b", "B", topic="roads"), news("c", "C", topic="roads"))
        town.gatherer.has("s1", *review_poll, refused=(Refusal("d", "no text"),))
        town.clock.forward(hours=1)
        town.run()
    assert town.push.told() == []


def test_three_failures_quarantine_a_source_and_one_success_heals_it(town: Town) -> None:
    town.source()
    woken = tended(town)
    town.gatherer.breaks("s1", SourceUnreachable("The source is out of service for now (503).", retry_after=7200.0))
    for failures in range(1, 7):
        town.clock.forward(hours=8)
        town.run()
        assert row(town)["failures"] == failures
        assert row(town)["next_poll_at"] >= town.clock() + timedelta(hours=2)
    found = state(row(town), town.clock())
    assert (found.state, found.since) == (State.SILENT, NOON)
    assert history(town) == [("changed", "empty"), ("failed", "source-unreachable")]
    wakings = len(woken)
    assert wakings >= 5  # broken, quarantined, and each time while it is silent
    town.poll("s1", news(), minutes=60 * 8)
    assert (row(town)["broken_since"], history(town)[-1]) == (None, ("healed", ""))
    assert state(row(town), town.clock()).state is State.OK
    assert len(woken) > wakings


def test_an_unchanged_answer_heals_too_and_leaves_no_row_otherwise(town: Town) -> None:
    town.source()
    town.poll("s1", news())
    assert history(town) == [("changed", "empty"), ("changed", "")]
    assert row(town)["news_at"] == town.clock()
    town.gatherer.breaks("s1", SourceRefused())
    town.clock.forward(minutes=15)
    town.run()
    for _ in range(3):
        town.gatherer.unchanged("s1")
        town.clock.forward(minutes=30)
        town.run()
    assert history(town)[2:] == [("failed", "source-refused"), ("healed", "")]


def test_a_calendar_that_ends_wakes_the_alarm_fourteen_days_ahead_though_nothing_changes(town: Town) -> None:
    town.source(topic="waste")
    woken = tended(town)
    town.poll("s1", bins(0, 7, 14, 21))
    assert woken == []
    days: list[date] = []
    for _ in range(12):
        town.gatherer.unchanged("s1")
        town.clock.forward(days=1)
        before = len(woken)
        town.run()
        days += [town.clock().date()] if len(woken) > before else []
        town.run()
    assert days[0] == DAY + timedelta(days=21) - timedelta(days=13)
    assert len(days) == len(woken)
    with town.store.read() as session:
        assert outlook.last_date(session, "s1") == DAY + timedelta(days=21)


def test_history_is_kept_until_the_month_is_reported(town: Town) -> None:
    town.source()
    town.poll("s1", news())
    town.clock.forward(days=69)
    sweep.retain(town.house)
    assert len(history(town)) == 2
    town.clock.forward(days=2)
    sweep.retain(town.house)
    assert history(town) == []
