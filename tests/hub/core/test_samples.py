"""Samples: increments of totals, the worst of a state, percentiles of buckets."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from hub.core.samples import Slots, increments, percentile, worst

NOW = datetime(2026, 11, 23, 11, 7, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def at(hours: float) -> datetime:
    return NOW - timedelta(hours=hours)


def test_slots_begin_at_full_hours_and_days_and_hold_the_present() -> None:
    hours, days = Slots.until(NOW, HOUR, 48), Slots.until(NOW, DAY, 30)
    assert hours.starts()[-1] == datetime(2026, 11, 23, 11, tzinfo=UTC)
    assert days.starts()[0] == datetime(2026, 10, 25, tzinfo=UTC)
    for slots in (hours, days):
        assert slots.of(NOW) == slots.count - 1
        assert slots.of(slots.begin - timedelta(seconds=1)) is None
        assert slots.of(NOW + 2 * DAY) is None


def test_what_rose_counts_where_it_was_seen_and_silence_is_a_gap() -> None:
    slots = Slots.until(NOW, HOUR, 4)
    found = increments([(at(3), 100.0), (at(2.9), 110.0), (at(0.05), 115.0), (at(0), 118.0)], slots)
    assert found == [10.0, None, None, 8.0]


def test_a_total_that_fell_begins_anew() -> None:
    assert increments([(at(0.1), 500.0), (at(0.05), 3.0), (at(0), 5.0)], Slots.until(NOW, HOUR, 1)) == [2.0]


@given(st.lists(st.integers(0, 50), min_size=2, max_size=40))
def test_increments_add_up_to_the_whole_rise(steps: list[int]) -> None:
    total, found = 0, []
    for number, step in enumerate(steps):
        total += step
        found.append((NOW - timedelta(minutes=5 * (len(steps) - number)), float(total)))
    slots = Slots.until(NOW, HOUR, 10)
    assert sum(one or 0 for one in increments(found, slots)) == total - steps[0]


def test_the_worst_of_an_hour_is_shown() -> None:
    assert worst([(at(1.0), 3.0), (at(0.9), 9.0), (at(0), 0.0)], Slots.until(NOW, HOUR, 3)) == [None, 9.0, 0.0]


def test_percentiles_lie_where_the_deliveries_do() -> None:
    assert percentile({}, 0.5) is None
    assert percentile({5: 0, 0: 0}, 0.5) is None
    assert percentile({1: 100}, 0.5) == 0.5
    assert percentile({1: 50, 2: 50}, 0.95) == 1.9
    assert percentile({5: 1, 14400: 0, 0: 99}, 0.5) == 14400  # beyond the last edge: at least that


@given(
    st.dictionaries(st.sampled_from([0, 1, 2, 5, 10, 60, 600]), st.integers(0, 1000), min_size=1), st.floats(0.01, 1)
)
def test_a_percentile_never_falls_as_the_part_grows(counts: dict[int, int], part: float) -> None:
    low, high = percentile(counts, part / 2), percentile(counts, part)
    assert (low is None) is (high is None) is (sum(counts.values()) == 0)
    assert low is None or high is None or low <= high + 1e-9
