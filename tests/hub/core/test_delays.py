"""Delays: steps that hold what they count, quantiles that promise too much by no more than a step."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from hub.core.delays import LONGER, STEPS, Delays, of_batch, quantile, step, total

NOON = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)
SPANS = st.lists(st.integers(0, 14 * 86_400), min_size=1, max_size=60)
PARTS = st.sampled_from([0.05, 0.5, 0.95, 1.0])


def told(seconds: list[int], *, wished: bool = False) -> Delays:
    return total(of_batch({NOON + timedelta(seconds=one): 1}, NOON, wished=wished) for one in seconds)


@given(SPANS, PARTS)
def test_a_quantile_is_never_better_than_it_was_and_at_most_half_as_long_again(seconds: list[int], part: float) -> None:
    found = told(seconds).within(part)
    wanted = sorted(seconds)[max(0, -(-int(part * 100) * len(seconds) // 100) - 1)]
    assert found is not None
    assert wanted <= found.total_seconds() <= max(1, wanted * 1.51, wanted + 1)


@given(SPANS, SPANS)
def test_the_bars_hold_everybody_once(prompt: list[int], wished: list[int]) -> None:
    both = told(prompt) + told(wished, wished=True)
    bars = both.bars()
    assert (sum(one.prompt for one in bars), sum(one.wished for one in bars)) == (len(prompt), len(wished))
    assert bars[-1].prompt + bars[-1].wished
    assert [one.end for one in bars[:-1]] == [one.begin for one in bars[1:]]
    assert (both.first, both.last) == (
        timedelta(seconds=min(prompt + wished)), timedelta(seconds=max(prompt + wished))
    )  # fmt: skip


@given(SPANS, SPANS)
def test_who_wished_to_hear_it_later_makes_nothing_slower(prompt: list[int], wished: list[int]) -> None:
    both = told(prompt) + told(wished, wished=True)
    assert both.within(0.95) == told(prompt).within(0.95)
    assert both.late_by_wish == len(wished)


def test_nobody_was_told_and_beyond_all_steps() -> None:
    assert (Delays().within(0.5), Delays().bars(), Delays().count) == (None, [], 0)
    assert step(timedelta(days=30)) == LONGER
    assert quantile({LONGER: 3, 1: 1}, 0.95) is None
    assert quantile({LONGER: 1, 1: 3}, 0.5) == timedelta(seconds=1)


def test_the_clock_may_go_back_a_little() -> None:
    assert of_batch({NOON - timedelta(seconds=2): 3}, NOON, wished=False).first == timedelta()


def test_steps_are_whole_seconds_in_order() -> None:
    assert list(STEPS) == sorted({int(one) for one in STEPS})
