"""Nothing lapses without a word a month before, and nobody who shows a sign of life."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from hub.core.lapse import DORMANT, ENDS_SOON, GRACE, Turn, ends_soon, turn

NOW = datetime(2026, 11, 23, 11, tzinfo=UTC)
AGES = st.timedeltas(timedelta(0), timedelta(days=2000))
SIGNS = st.lists(st.integers(0, 900), max_size=12)


@given(alive=AGES, warned=st.none() | AGES)
def test_nobody_ends_who_was_not_warned_a_month_before(alive: timedelta, warned: timedelta | None) -> None:
    told = NOW - warned if warned is not None else None
    found = turn(NOW - alive, told, NOW)
    if found is Turn.END:
        assert told is not None
        assert NOW - told >= GRACE
        assert told >= NOW - alive, "the warning came after the last sign of life"
    if alive < DORMANT:
        assert found is Turn.NOTHING
    elif told is None:
        assert found is Turn.WARN


@given(signs=SIGNS, every=st.integers(1, 9))
def test_a_life_day_by_day(signs: list[int], every: int) -> None:
    """Whoever shows a sign now and then stays; who does not is warned once and then ended, never sooner."""
    alive, told, warnings = NOW, None, 0
    for day in range(0, 1000, every):
        now = NOW + timedelta(days=day)
        seen = [one for one in signs if day - every < one <= day]
        if seen and NOW + timedelta(days=max(seen)) > alive:
            alive, told = NOW + timedelta(days=max(seen)), None
        found = turn(alive, told, now)
        if found is Turn.WARN:
            told, warnings = now, warnings + 1
            assert now - alive >= DORMANT
        if found is Turn.END:
            assert warnings
            assert now - alive >= DORMANT + GRACE
            assert not [one for one in signs if day - (DORMANT + GRACE).days + every < one <= day]
            return
    assert [one for one in signs if one > 1000 - (DORMANT + GRACE).days - 3 * every]


@given(ends=st.none() | st.timedeltas(timedelta(days=-30), timedelta(days=60)), told=st.booleans())
def test_a_device_is_told_once_within_the_last_week(ends: timedelta | None, told: bool) -> None:
    found = ends_soon(NOW + ends if ends is not None else None, NOW if told else None, NOW)
    assert found == (ends is not None and not told and timedelta(0) < ends <= ENDS_SOON)
