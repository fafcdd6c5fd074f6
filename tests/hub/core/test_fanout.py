"""How recipients are cut into batches."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hub.core.fanout import BATCH, OPENING, Lane, slices


@given(count=st.integers(0, 5_000), lane=st.sampled_from(Lane))
def test_everybody_is_in_one_batch_and_an_emergency_opens_with_a_short_one(count: int, lane: Lane) -> None:
    cuts = slices(count, lane)
    people = range(count)
    assert [one for cut in cuts for one in people[cut]] == list(people)
    sizes = [len(people[cut]) for cut in cuts]
    assert all(0 < size <= BATCH for size in sizes)
    first = OPENING if lane is Lane.EMERGENCY else BATCH
    assert sizes[:1] == ([min(count, first)] if count else [])
    assert all(size == BATCH for size in sizes[1:-1])
