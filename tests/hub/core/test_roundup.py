"""The roundup: what needs somebody comes first, and nothing that is wrong looks well."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.core.health import State
from hub.core.roundup import Grade, Line, Trouble, is_overdue, left

LINES = st.builds(
    Line, slug=st.just("a"), name=st.text(max_size=5),
    sources=st.dictionaries(st.sampled_from(State), st.integers(0, 3)), held=st.integers(0, 2),
    queue=st.dictionaries(st.sampled_from(["normal", "emergency", "digest"]), st.integers(0, 9000).map(lambda n: timedelta(seconds=n))),
    late=st.sampled_from([(), ("mail",)]), spent=st.tuples(st.integers(0, 10_000), st.integers(0, 20), st.integers(0, 20)),
    reached=st.booleans(),
)  # fmt: skip


@pytest.mark.parametrize(
    ("given_", "trouble", "grade"),
    [
        ({"sources": {State.SILENT: 1, State.OK: 4}}, Trouble.SILENT, Grade.ACT),
        ({"sources": {State.FAILING: 1}}, Trouble.BROKEN, Grade.ACT),
        ({"sources": {State.QUARANTINED: 1}}, Trouble.BROKEN, Grade.ACT),
        ({"sources": {State.DOUBTFUL: 1}}, Trouble.DOUBTED, Grade.LOOK),
        ({"sources": {State.ENDED: 1}}, Trouble.ENDING, Grade.LOOK),
        ({"sources": {State.LATE: 1}}, Trouble.LATE, Grade.LOOK),
        ({"held": 3}, Trouble.HELD, Grade.LOOK),
        ({"late": ("mail",)}, Trouble.CANARY, Grade.ACT),
        ({"queue": {"emergency": timedelta(seconds=61)}}, Trouble.QUEUE, Grade.ACT),
        ({"spent": (900, 60, 40)}, Trouble.BUDGET, Grade.ACT),
        ({"spent": (9991, 9, 0)}, Trouble.LOW, Grade.LOOK),
        ({"reached": False}, Trouble.UNTOLD, Grade.LOOK),
    ],
)  # fmt: skip
def test_whatever_is_wrong_shows(given_, trouble, grade) -> None:
    line = Line("a", "A", **given_)
    assert line.troubles == (trouble,)
    assert line.grade is grade


@pytest.mark.parametrize(
    "given_",
    [{}, {"sources": {State.OK: 3, State.PAUSED: 1, State.WAITING: 1}}, {"queue": {"digest": timedelta(minutes=50)}},
     {"queue": {"normal": timedelta(minutes=4)}}, {"spent": (100_000, 10, 5)}, {"spent": (0, 1, 2)}],
)  # fmt: skip
def test_what_is_well_is_well(given_) -> None:
    assert Line("a", "A", **given_).grade is Grade.WELL


@given(st.lists(LINES, max_size=8))
def test_who_needs_somebody_most_comes_first(lines: list[Line]) -> None:
    found = [one.grade for one in sorted(lines, key=Line.rank)]
    assert found == sorted(found, reverse=True)
    assert all((one.grade is Grade.WELL) is (one.troubles == ()) for one in lines)


@given(st.integers(0, 10_000), st.integers(0, 100), st.integers(0, 100))
def test_the_budget_is_whole_without_a_loss_and_shrinks_with_each(kept: int, late: int, lost: int) -> None:
    now, worse = left(kept, late, lost), left(kept, late + 1, lost)
    assert now is None or now <= 1
    assert now is None or worse is None or worse <= now
    if now is not None and late + lost == 0:
        assert now == 1


def test_an_unknown_lane_has_the_goal_of_news() -> None:
    assert is_overdue("neu", timedelta(minutes=6))
    assert not is_overdue("neu", timedelta(minutes=4))
