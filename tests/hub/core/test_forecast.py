"""Figures that people can weigh."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.core.forecast import Sort, added, begins, figure, is_whole

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("total", "days", "sort", "count"),
    [
        (0, 365, Sort.NONE, 0), (0, 3, Sort.NONE, 0), (36, 365, Sort.MONTHLY, 3), (10, 365, Sort.MONTHLY, 1),
        (4, 365, Sort.YEARLY, 4), (1, 365, Sort.YEARLY, 1), (2, 35, Sort.SINCE, 2), (6, 183, Sort.MONTHLY, 1),
        (1, 183, Sort.YEARLY, 2), (500, 59, Sort.SINCE, 500),
    ],
)  # fmt: skip
def test_a_figure_says_what_is_known(total, days, sort, count) -> None:
    found = figure(total, NOW - timedelta(days=days), NOW)
    assert (found.sort, found.count, found.total) == (sort, count, total)


@given(st.integers(1, 10_000), st.integers(60, 365))
def test_a_rate_is_never_nothing_and_near_the_truth(total, days) -> None:
    found = figure(total, NOW - timedelta(days=days), NOW)
    monthly = found.count if found.sort is Sort.MONTHLY else found.count / 12
    assert found.count >= 1
    assert abs(monthly - total * 365 / 12 / days) <= 0.5


def test_the_time_looked_at_is_a_year_at_most() -> None:
    assert begins(NOW - timedelta(days=900), NOW) == NOW - timedelta(days=365)
    assert begins(NOW - timedelta(days=9), NOW) == NOW - timedelta(days=9)
    assert is_whole(NOW - timedelta(days=365), NOW)
    assert not is_whole(NOW - timedelta(days=300), NOW)


def test_counts_of_several_municipalities_add_up() -> None:
    assert added([{"mail": 1}, {"mail": 2, "webpush": 3}, {}]) == {"mail": 3, "webpush": 3}
