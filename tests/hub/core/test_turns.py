"""Turns: nobody in a lane waits while somebody else gets two batches ahead."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from hub.core.turns import NEVER, next_turn

Event = tuple[str, int]  # a town sends so many batches; or so many are claimed, or so many of those end
events = st.lists(
    st.tuples(st.sampled_from(["a", "b", "c", "d", "claim", "end"]), st.integers(1, 9)), min_size=1, max_size=60
)


class Line:
    """A lane as ``store.lines`` keeps it: (turn, number, town) of what waits and of what is under way."""

    def __init__(self) -> None:
        self.waiting: list[tuple[int, int, str]] = []
        self.flying: list[tuple[int, int, str]] = []
        self.count = 0

    def add(self, town: str) -> None:
        own = max((turn for turn, _, name in self.waiting + self.flying if name == town), default=None)
        least = min((turn for turn, _, _ in self.waiting), default=None)
        most = max((turn for turn, _, _ in self.flying), default=None)
        self.count += 1
        self.waiting.append((next_turn(own, least, most), self.count, town))

    def claim(self) -> str:
        first = min(self.waiting)
        self.waiting.remove(first)
        self.flying.append(first)
        return first[2]

    def towns(self) -> set[str]:
        return {town for _, _, town in self.waiting}


@given(events)
def test_no_town_gets_two_batches_ahead_of_one_that_waits(story: list[Event]) -> None:
    line, served = Line(), Counter[tuple[str, str]]()  # (who waits, who was served meanwhile)
    for what, count in story:
        for _ in range(count):
            if what == "claim" and line.waiting:
                lucky = line.claim()
                for town in line.towns() - {lucky}:
                    served[town, lucky] += 1
                    assert served[town, lucky] <= 2, f"{lucky} was served twice while {town} waited"
                served = Counter({pair: n for pair, n in served.items() if pair[0] != lucky})
            elif what == "end" and line.flying:
                line.flying.pop(0)
            elif what in "abcd":
                line.add(what)


def test_a_town_that_comes_late_is_served_next_and_not_first_for_long() -> None:
    line = Line()
    for _ in range(1000):
        line.add("county")
    for _ in range(400):
        line.claim()
    for _ in range(3):
        line.add("village")
    order = [line.claim() for _ in range(7)]
    assert order == ["county", "village", "county", "village", "county", "village", "county"]


def test_a_turn_is_never_that_of_one_who_is_not_in_line() -> None:
    assert next_turn(None, None, None) == 0
    assert next_turn(None, None, 7) == 8
    assert next_turn(9, 4, None) == 10
    assert next_turn(2, 4, None) == 4
    assert next_turn(NEVER - 2, None, None) < NEVER
