"""Reach in numbers from which nobody can be made out."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hub.core.reach import LEAST, Count, Part, Way, coarse, reach, way


@given(st.integers(0, 10_000_000))
def test_a_number_is_never_more_than_there_are_and_nothing_below_five(number: int) -> None:
    assert 0 <= number - coarse(number) < max(LEAST, number * 0.2)
    assert (coarse(number) == 0) is (number < LEAST)


def test_numbers_are_told_in_steps() -> None:
    said = [coarse(one) for one in (4, 5, 9, 49, 50, 99, 1_243, 12_345)]
    assert said == [0, 5, 5, 45, 50, 90, 1_200, 12_300]


def test_many_devices_of_few_people_are_not_counted() -> None:
    assert way("webpush", "now", Count(people=4, ways=30)) == Way("webpush", "now", 0)
    assert way("webpush", "now", Count(people=5, ways=30)) == Way("webpush", "now", 30)


def test_below_five_people_nothing_is_broken_down() -> None:
    whole = [Way("webpush", "now", 5)], [Part("Ahornweg", 5)]
    assert reach(4, *whole, 1).ways == reach(4, *whole, 1).parts == ()
    assert reach(12, *whole, 2) == reach(10, *whole, 2)
