"""A wall clock that leaps by more than an hour is not believed; time that really passed always is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.core.jumps import MOST, Reading, behind, jump, told

NOON = datetime(2026, 11, 23, 11, tzinfo=UTC)


@given(
    passed=st.floats(0, 10**7),
    leap=st.timedeltas(timedelta(days=-400), timedelta(days=400)),
)
def test_only_the_difference_of_the_clocks_counts(passed: float, leap: timedelta) -> None:
    after = Reading(NOON + timedelta(seconds=passed) + leap, 1000.0 + passed)
    found = jump(Reading(NOON, 1000.0), after)
    if abs(abs(leap) - MOST) > timedelta(seconds=1):
        assert (found is not None) == (abs(leap) > MOST)
    if found is not None:
        assert abs(found - leap) < timedelta(seconds=1)


def test_a_database_from_the_future_is_seen() -> None:
    assert behind(NOON, None) is None
    assert behind(NOON, NOON - timedelta(days=9)) is None
    assert behind(NOON, NOON + MOST) is None
    assert behind(NOON, NOON + timedelta(hours=3)) == timedelta(hours=3)


@pytest.mark.parametrize(
    ("leap", "words"),
    [
        (timedelta(hours=-1, minutes=-1), "61 minutes"), (timedelta(hours=5), "5 hours"), (timedelta(days=365), "365 days"),
    ],
)  # fmt: skip
def test_a_leap_is_told_in_words(leap: timedelta, words: str) -> None:
    assert told(leap) == words
