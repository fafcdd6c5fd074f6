"""S-09, S-10: a source that is dead for days, says when to come back, or ends at New Year."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest
from replay.answers import WORDS, Word
from replay.bench import Bench, once, some
from replay.dialects import Thing

from hub.core.health import State, state
from hub.store import notices, outlook, polls

DAYS = [  # what the source does on each of seven days
    "good", "out-of-service", "silent", "html", "busy", "fault", "good",
]  # fmt: skip


def test_seven_days_of_a_failing_source(bench: Bench) -> None:
    page = bench.add("rss", some(4), interval=3600)
    wants = bench.person("rss")
    page.things.append(Thing(9))
    seen: list[State] = []
    asked = []
    for word in DAYS:
        page.word, before = WORDS[word], page.asked
        for _ in range(24 * 6):
            bench.tick(10)
            seen.append(state(bench.row("rss"), bench.clock()).state)
        asked.append(page.asked - before)
    assert bench.heard(wants) == once(["Nr009"])
    assert [one for index, one in enumerate(seen) if index == 0 or one != seen[index - 1]] == [
        State.OK, State.FAILING, State.QUARANTINED, State.SILENT, State.OK,
    ]  # fmt: skip
    assert 20 <= asked[0] <= 24
    assert all(3 <= one <= 10 for one in asked[1:6])  # asked less and less often, but never given up
    with bench.town.store.read() as session:
        rows = [(row["outcome"], row["label"]) for row in reversed(polls.history(session, "rss"))]
        current = notices.current(session, bench.town.municipality, bench.clock())
    assert len([row for row in current if row["source_id"] == "rss"]) == 5  # the last good data, served
    assert [outcome for outcome, _ in rows] == ["changed", "changed", *["failed"] * 5, "healed"]


@pytest.mark.parametrize(("status", "asked"), [(429, 7200), (503, 5400), (503, 40 * 86_400)])
def test_retry_after_is_honoured(bench: Bench, status: int, asked: int) -> None:
    page = bench.add("rss", some(3), interval=600)
    page.word = Word("later", status=status, headers={"retry-after": str(asked)})
    bench.tick(11)
    failed, before = bench.clock(), page.asked
    while page.asked == before:
        bench.tick(5)
    waited = bench.clock() - failed
    assert timedelta(seconds=min(asked, 86_400)) <= waited <= timedelta(seconds=1.1 * min(asked, 86_400), minutes=5)


def test_a_silent_warning_source_is_said_to_be_silent_after_an_hour(bench: Bench) -> None:
    page = bench.add("cap", some(1), interval=300)
    page.word = WORDS["silent"]
    ages = []
    for _ in range(16):
        bench.tick(5)
        found = state(bench.row("cap"), bench.clock())
        ages.append((found.state, found.stale, found.data_age))
    assert all(stale == (age > timedelta(minutes=10)) for _, stale, age in ages)
    assert all((one is State.SILENT) == (age > timedelta(hours=1)) for one, _, age in ages)


def test_a_calendar_that_ends_at_new_year_is_an_alarm_until_the_next_year_comes(bench: Bench) -> None:
    days = [date(2026, 12, 3) + timedelta(days=7 * week) for week in range(5)]  # the last one: 31 December
    page = bench.add("waste", [Thing(number, day=day) for number, day in enumerate(days)], interval=43_200)
    wants = bench.person("waste")

    def found() -> State:
        with bench.town.store.read() as session:
            return state(bench.row("waste"), bench.clock(), outlook.last_date(session, "waste")).state

    alarms = {}
    while bench.clock() < datetime(2026, 12, 24, tzinfo=UTC):
        bench.tick(12 * 60)
        alarms[bench.clock().date()] = found()
    assert min(day for day, one in alarms.items() if one is State.ENDED) == date(2026, 12, 18)
    following = [Thing(10 + week, day=date(2027, 1, 8) + timedelta(days=7 * week)) for week in range(50)]
    page.things = following  # another year's file: nothing of the old one is called off
    bench.say("waste", "good", "good", "good", minutes=721)
    assert found() is State.OK
    assert bench.heard(wants) == Counter()
    with bench.town.store.read() as session:
        standing = [
            one.occurrence.start for dates in outlook.ahead(session, "waste", bench.clock()).values() for one in dates
        ]
    assert date(2026, 12, 31) in standing
