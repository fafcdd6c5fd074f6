"""C-07, I4: a pickup moves or falls away at six moments; the plan follows, and who was reminded is corrected once."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from replay.bench import Bench
from replay.dialects import Thing

from hub.core.subscription import Action

REMIND = ("webpush", Action.REMINDER, "P1D@18:00")
DAY = date(2026, 11, 26)  # a Thursday; its reminder is due on Wednesday at 18:00
OTHERS = [Thing(number, day=date(2026, 12, 3 + 7 * (number - 1))) for number in range(1, 5)]


@pytest.fixture
def village(bench: Bench) -> tuple[Bench, int]:
    """Give a calendar whose next pickup is on the 26th, and somebody who wants to be reminded of it."""
    bench.add("waste", [Thing(0, day=DAY), *OTHERS], interval=600)
    return bench, bench.person("waste", REMIND)


def move(bench: Bench, day: date | None) -> None:
    """Let the source move the pickup (``None``: call it off) and be polled as often as it takes."""
    page = bench.page("waste")
    page.things = [*([replace(page.things[0], day=day)] if day else []), *OTHERS]
    bench.say("waste", "good", *(() if day else ("good",)), minutes=11)


def at(bench: Bench, text: str) -> None:
    bench.clock.to(text)
    bench.town.run()


def said(bench: Bench) -> list[tuple[str, date]]:
    entries = [(message.change.value, message.entries[0]) for _, message in bench.town.push.sent]
    return [(change, one.occurrence.start) for change, one in entries if one.occurrence is not None]


def test_moved_before_the_reminder_the_plan_follows_without_a_word(village: tuple[Bench, int]) -> None:
    bench, _ = village
    move(bench, date(2026, 11, 28))
    at(bench, "2026-11-25T18:05:00+01:00")
    assert said(bench) == []
    at(bench, "2026-11-27T18:05:00+01:00")
    assert said(bench) == [("reminder", date(2026, 11, 28))]


def test_moved_just_before_the_reminder_is_due(village: tuple[Bench, int]) -> None:
    bench, _ = village
    at(bench, "2026-11-25T17:40:00+01:00")
    move(bench, date(2026, 11, 27))
    at(bench, "2026-11-25T18:05:00+01:00")
    at(bench, "2026-11-26T18:05:00+01:00")
    assert said(bench) == [("reminder", date(2026, 11, 27))]


def test_moved_after_the_reminder_is_corrected_at_once_and_reminded_anew(village: tuple[Bench, int]) -> None:
    bench, _ = village
    at(bench, "2026-11-25T18:05:00+01:00")
    late = bench.person("waste", REMIND)
    move(bench, date(2026, 11, 28))
    assert said(bench) == [("reminder", DAY), ("correction", date(2026, 11, 28))]
    assert str(late) not in {recipient.endpoint for recipient, _ in bench.town.push.sent}
    at(bench, "2026-11-27T18:05:00+01:00")
    assert said(bench).count(("reminder", date(2026, 11, 28))) == 2


def test_called_off_after_the_reminder_is_corrected_once_two_polls_agree(village: tuple[Bench, int]) -> None:
    bench, _ = village
    at(bench, "2026-11-25T18:05:00+01:00")
    move(bench, None)
    bench.say("waste", "good", "good", minutes=11)
    assert said(bench) == [("reminder", DAY), ("correction", DAY)]
    assert bench.town.push.sent[-1][1].entries[0].occurrence.status == "cancelled"  # type: ignore[union-attr]


def test_moved_there_and_back_after_the_reminder_is_corrected_twice(village: tuple[Bench, int]) -> None:
    bench, _ = village
    at(bench, "2026-11-25T18:05:00+01:00")
    move(bench, date(2026, 11, 27))
    move(bench, DAY)
    assert said(bench) == [("reminder", DAY), ("correction", date(2026, 11, 27)), ("correction", DAY)]


def test_an_edit_of_what_is_over_concerns_nobody(village: tuple[Bench, int]) -> None:
    bench, _ = village
    at(bench, "2026-11-25T18:05:00+01:00")
    at(bench, "2026-11-27T12:00:00+01:00")
    move(bench, date(2026, 11, 25))
    move(bench, None)
    assert said(bench) == [("reminder", DAY)]
