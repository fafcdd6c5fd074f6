"""How far a batch is: whatever the order of outcomes, nothing behind the cursor is in doubt and nothing is lost."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hub.core.progress import EXPIRED, SUPPRESSED, Progress
from hub.core.settle import SENT, Settled, Verdict


@given(st.permutations(range(30)), st.sets(st.integers(0, 29)), st.integers(0, 29))
def test_a_step_holds_what_follows_the_cursor_without_a_gap(order: list[int], looks: set[int], start: int) -> None:
    ids = [100 + number for number in range(30)]
    progress, settled, told = Progress(ids, start), set[int](), list[int]()
    for count, number in enumerate([one for one in order if one >= start]):
        progress.settle(ids[number], SENT)
        settled.add(number)
        if count in looks:
            ready = progress.ready
            step = progress.take()
            told += [endpoint for endpoint, _ in step.settled]
            assert (len(step.settled), step.cursor) == (ready, start + len(told))
            assert set(range(start, step.cursor)) <= settled
            assert step.cursor == len(ids) or step.cursor not in settled
    told += [endpoint for endpoint, _ in progress.take().settled]
    assert told == ids[start:]


def test_those_who_are_tried_again_leave_the_cursor_where_it_is() -> None:
    progress = Progress([1, 2, 3, 4], 4, ordered=False)
    progress.settle(4, SENT)
    progress.settle(2, Settled(Verdict.GONE))
    step = progress.take()
    assert (step.cursor, [endpoint for endpoint, _ in step.settled]) == (4, [4, 2])
    assert progress.ready == 0


def test_only_what_has_ended_is_counted() -> None:
    progress = Progress([1, 2, 3, 4, 5], 0)
    for endpoint, one in zip(
        progress.ids, [SENT, Settled(Verdict.RETRY), SUPPRESSED, EXPIRED, Settled(Verdict.MARKED)], strict=True
    ):
        progress.settle(endpoint, one)
    assert progress.take().counts() == {"sent": 1, "suppressed": 1, "expired": 1}
