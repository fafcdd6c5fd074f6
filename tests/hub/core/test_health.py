"""How a source is: late, failing, quarantined, silent, ended; and when a broken one is asked again."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.core.health import State, backoff, state

NOW = datetime(2026, 11, 23, 11, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def row(kind: str = "waste", interval: int = 3600, **values: Any) -> dict[str, Any]:
    return {
        "kind": kind, "topic": {"cap": "warnings"}.get(kind, kind), "interval": interval, "enabled": True,
        "succeeded_at": NOW, "next_poll_at": NOW + timedelta(seconds=interval), "failures": 0, "doubt": "",
        "broken_since": None, "doubt_since": None, **values,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({}, State.OK),
        ({"succeeded_at": None}, State.WAITING),
        ({"enabled": False, "failures": 9}, State.PAUSED),
        ({"doubt": "half"}, State.DOUBTFUL),
        ({"failures": 1}, State.FAILING),
        ({"failures": 2, "doubt": "half"}, State.FAILING),
        ({"failures": 3}, State.QUARANTINED),
        ({"failures": 3, "succeeded_at": NOW - 25 * HOUR}, State.SILENT),
        ({"failures": 3, "succeeded_at": NOW - 25 * HOUR, "interval": 12 * 3600}, State.QUARANTINED),
        ({"failures": 3, "succeeded_at": NOW - 37 * HOUR, "interval": 12 * 3600}, State.SILENT),
        ({"kind": "cap", "interval": 300, "failures": 3, "succeeded_at": NOW - 59 * MINUTE}, State.QUARANTINED),
        ({"kind": "cap", "interval": 300, "failures": 3, "succeeded_at": NOW - 61 * MINUTE}, State.SILENT),
        ({"doubt": "empty", "succeeded_at": NOW - 25 * HOUR}, State.SILENT),
        ({"failures": 3, "succeeded_at": None, "broken_since": NOW - 99 * HOUR}, State.QUARANTINED),
    ],
)
def test_the_gravest_state_that_holds(values: dict[str, Any], expected: State) -> None:
    found = state(row(**values), NOW)
    assert (found.state, found.label) == (expected, f"source-state-{expected}")


def test_nobody_polling_is_late_after_five_minutes_for_warnings_and_two_intervals_for_others() -> None:
    for kind, interval, late in (("cap", 300, 10 * MINUTE), ("rss", 1800, HOUR)):
        healthy = row(kind, interval)
        assert state(healthy, NOW + late).state is State.OK
        after = state(healthy, NOW + late + MINUTE)
        assert (after.state, after.stale, after.data_age) == (State.LATE, True, late + MINUTE)


def test_a_source_that_asked_us_to_wait_is_not_late() -> None:
    patient = row("rss", 600, next_poll_at=NOW + 24 * HOUR)
    found = state(patient, NOW + 23 * HOUR)
    assert (found.state, found.stale) == (State.OK, False)


def test_a_calendar_without_a_follow_up_is_an_alarm_fourteen_days_ahead() -> None:
    last = date(2026, 12, 31)
    alarm = datetime(2026, 12, 18, tzinfo=UTC)
    fresh = row(succeeded_at=alarm, next_poll_at=alarm + HOUR)
    assert state(fresh, alarm - timedelta(seconds=1), last).state is State.OK
    found = state(fresh, alarm, last)
    assert (found.state, found.last_date, found.well) == (State.ENDED, last, False)
    assert state(fresh, alarm, date(2027, 12, 31)).state is State.OK
    assert state(fresh, alarm, None).state is State.OK


intervals = st.integers(60, 30 * 86_400)


@given(st.integers(1, 500), intervals, st.floats(0, 1))
def test_the_wait_grows_within_bounds(failures: int, interval: int, jitter: float) -> None:
    now, after = backoff(failures, interval, None, jitter), backoff(failures + 1, interval, None, jitter)
    assert now <= after <= 6.6 * HOUR
    assert now >= min(timedelta(seconds=interval), 15 * MINUTE)
    if failures < 2:
        assert now == after


@given(st.integers(1, 50), intervals, st.floats(0, 10_000_000), st.floats(0, 1))
def test_retry_after_is_honoured_up_to_a_day(failures: int, interval: int, asked: float, jitter: float) -> None:
    wait = backoff(failures, interval, asked, jitter)
    assert wait >= min(timedelta(seconds=asked), timedelta(days=1))
    assert wait <= timedelta(days=1, hours=2.4)


def test_a_warning_source_is_asked_at_least_every_half_hour() -> None:
    waits = [backoff(count, 300, None, 0.0) / MINUTE for count in range(1, 8)]
    assert waits == [5, 5, 10, 20, 30, 30, 30]
