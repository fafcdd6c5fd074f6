"""Plots: everything lies within its box, ticks are round, gaps stay gaps."""

from __future__ import annotations

import itertools
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.core.plots import Box, Scale, along, bars, lines, ticks

VALUES = st.lists(st.none() | st.floats(0, 1e9, allow_nan=False), min_size=1, max_size=60)
ROWS = st.lists(VALUES, min_size=1, max_size=4)


def points(path: str) -> list[tuple[float, float]]:
    """Follow a path; returns every point that it touches."""
    found, x, y = [], 0.0, 0.0
    for letter, text in re.findall(r"([MLHVhz])([^MLHVhz]*)", path):
        numbers = [float(one) for one in text.split()]
        if letter in "ML":
            x, y = numbers
        elif letter == "H":
            x = numbers[0]
        elif letter == "V":
            y = numbers[0]
        elif letter == "h":
            x += numbers[0]
        found.append((x, y))
    return found


def within(box: Box, path: str) -> bool:
    return all(
        box.left - 0.01 <= x <= box.width - box.right + 0.01 and box.top - 0.01 <= y <= box.height - box.bottom + 0.01
        for x, y in points(path)
    )


@given(ROWS)
def test_every_line_and_bar_lies_within_the_box(rows) -> None:
    for drawn in (lines(rows), bars(rows)):
        assert all(within(drawn.box, path) for path in drawn.paths)
        assert all(drawn.box.top - 0.01 <= one.at <= drawn.box.height - drawn.box.bottom for one in drawn.up)
        assert all(drawn.box.left <= one.at <= drawn.box.width - drawn.box.right for one in drawn.along)
        assert len(drawn.paths) == len(rows)


@given(st.floats(1e-6, 1e12), st.sampled_from(Scale))
def test_ticks_are_few_round_and_reach_the_highest(highest: float, scale: Scale) -> None:
    found = ticks(highest, scale)
    assert found[0] == 0
    assert found[-1] >= highest * (1 - 1e-6)
    assert 2 <= len(found) <= 6
    steps = {round(after - before, 9) for before, after in itertools.pairwise(found)}
    assert max(steps) - min(steps) <= 1e-6 * max(steps)
    if scale is Scale.WHOLE:
        assert all(one == int(one) for one in found)


@pytest.mark.parametrize(
    ("highest", "expected"),
    [(0, [0, 0.2, 0.4, 0.6, 0.8, 1.0]), (1, [0, 0.2, 0.4, 0.6, 0.8, 1.0]), (7, [0, 2, 4, 6, 8]),
     (100, [0, 20, 40, 60, 80, 100]), (float("nan"), [0, 0.2, 0.4, 0.6, 0.8, 1.0])],
)  # fmt: skip
def test_ticks_are_those_that_people_would_choose(highest, expected) -> None:
    assert ticks(highest) == expected


def test_counts_are_marked_by_whole_numbers() -> None:
    assert ticks(3, Scale.WHOLE) == [0, 1, 2, 3]
    assert ticks(12, Scale.WHOLE) == [0, 3, 6, 9, 12]


@pytest.mark.parametrize(
    ("highest", "step"),
    [(0.8, 0.2), (4, 1), (20, 5), (200, 60), (900, 300), (5000, 1800), (40_000, 14_400), (400_000, 86_400)],
)
def test_spans_are_marked_in_seconds_minutes_and_hours(highest: float, step: float) -> None:
    assert ticks(highest, Scale.SPAN)[1] == step


@given(st.integers(1, 400), st.integers(2, 12))
def test_the_last_slot_is_named_and_the_names_stand_evenly(slots: int, most: int) -> None:
    found = along(slots, most)
    assert found[-1] == slots - 1
    assert len(found) <= most
    assert len({after - before for before, after in itertools.pairwise(found)}) <= 1


def test_a_gap_is_no_zero() -> None:
    drawn = lines([[1.0, 2.0, None, 3.0, None, 1.0, 1.0]])
    assert drawn.paths[0].count("M") == 3
    assert drawn.paths[0].count("H") == 1  # a value alone is a dash, else nobody would see it
    assert lines([[None, None]]).paths == ("",)


def test_bars_stand_upon_each_other() -> None:
    drawn = bars([[2.0], [3.0]])
    lower, upper = (points(path) for path in drawn.paths)
    assert min(y for _, y in lower) == max(y for _, y in upper)
    assert [one.value for one in drawn.up] == [0, 1, 2, 3, 4, 5]
