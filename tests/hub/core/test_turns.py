"""Turns: nobody in a lane waits while somebody else gets two batches, or two pages, ahead."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from hypothesis import given
from hypothesis import strategies as st

from hub.core.turns import NEVER, Kind, next_turn, order, yields

Event = tuple[
    str, int
]  # a town sends so many batches, or publishes a notice of so many pages ("+"); or claims, or ends
events = st.lists(
    st.tuples(st.sampled_from(["a", "b", "c", "d", "a+", "b+", "c+", "claim", "end"]), st.integers(1, 9)),
    min_size=1,
    max_size=60,
)


@dataclass(order=True)
class Item:
    """A batch, or a publication with so many pages to plan; ``number`` as the database counts them."""

    turn: int
    number: int
    town: str = field(compare=False)
    kind: Kind = field(compare=False, default=Kind.BATCH)
    pages: int = field(compare=False, default=0)


class Line:
    """A lane as ``store.lines`` keeps it: what waits and what is under way."""

    def __init__(self) -> None:
        self.waiting: list[Item] = []
        self.flying: list[Item] = []
        self.count = 0

    def turn(self, town: str, kind: Kind) -> int:
        every = self.waiting + self.flying
        own = max((one.turn for one in every if one.town == town and one.kind is kind), default=None)
        least = min((one.turn for one in self.waiting), default=None)
        return next_turn(own, least, max((one.turn for one in self.flying), default=None))

    def add(self, town: str, pages: int = 0) -> None:
        kind = Kind.PAGE if pages else Kind.BATCH
        self.count += 1
        self.waiting.append(Item(self.turn(town, kind), self.count, town, kind, pages))

    def least(self, kind: Kind, *, but: str = "") -> int | None:
        return min((one.turn for one in self.waiting if one.kind is kind and one.town != but), default=None)

    def claim(self) -> Item:
        kind = order(self.least(Kind.BATCH), self.least(Kind.PAGE))[0][0]
        first = min(one for one in self.waiting if one.kind is kind)
        self.waiting.remove(first)
        self.flying.append(first)
        return first

    def end(self) -> Item | None:
        """End what was taken first; a page leaves two batches. Returns the publication if it goes on at once."""
        one = self.flying[0]
        if one.pages:
            self.add(one.town)
            self.add(one.town)
            one.pages -= 1
        if not one.pages:
            self.flying.remove(one)
            return None
        one.turn = self.turn(one.town, Kind.PAGE)
        if not yields(one.turn, self.least(Kind.BATCH, but=one.town), self.least(Kind.PAGE, but=one.town)):
            return one
        self.flying.remove(one)
        self.waiting.append(one)
        return None

    def towns(self) -> set[str]:
        return {one.town for one in self.waiting}


@given(events)
def test_no_town_gets_two_of_a_kind_ahead_of_one_that_waits(story: list[Event]) -> None:
    line, served = Line(), Counter[tuple[str, str, Kind]]()  # (who waits, who was served meanwhile, with what)

    def serve(lucky: Item) -> None:
        nonlocal served
        for town in line.towns() - {lucky.town}:
            served[town, lucky.town, lucky.kind] += 1
            assert served[town, lucky.town, lucky.kind] <= 2, f"{lucky} was served while {town} waited"
        served = Counter({who: n for who, n in served.items() if who[0] != lucky.town})

    for what, count in story:
        if what.endswith("+"):
            line.add(what[0], pages=count)
            continue
        for _ in range(count):
            if what == "claim" and line.waiting:
                serve(line.claim())
            elif what == "end" and line.flying:
                goes_on = line.end()
                if goes_on is not None:
                    serve(goes_on)
            elif what in "abcd":
                line.add(what)


@given(st.lists(st.integers(1, 20), min_size=2, max_size=4))
def test_publications_of_the_same_moment_are_planned_page_by_page_in_turn(sizes: list[int]) -> None:
    line, planned = Line(), list[str]()
    for town, pages in zip("abcd", sizes, strict=False):
        line.add(town, pages=pages)
    while line.waiting:
        one: Item | None = line.claim()
        while one is not None:
            if one.pages:
                planned.append(one.town)
            one = line.end()
    found = {town: [place for place, who in enumerate(planned) if who == town] for town in "abcd"[: len(sizes)]}
    assert [len(places) for places in found.values()] == sizes
    for mine in found.values():
        for theirs in found.values():
            assert all(place < later for place, later in zip(mine, theirs[1:], strict=False))


def test_a_fan_out_goes_on_where_nobody_else_waits() -> None:
    assert not yields(7, None, None)
    assert not yields(7, 8, 7)
    assert yields(7, 7, None)
    assert yields(7, None, 6)


def test_who_is_planned_is_told_before_others_are_planned() -> None:
    assert order(3, 3) == [(Kind.BATCH, 3), (Kind.PAGE, None), (Kind.BATCH, None)]
    assert order(5, 3) == [(Kind.PAGE, 4), (Kind.BATCH, None), (Kind.PAGE, None)]
    assert order(None, 9) == [(Kind.PAGE, None)]
    assert order(None, None) == []


def test_a_town_that_comes_late_is_served_next_and_not_first_for_long() -> None:
    line = Line()
    for _ in range(1000):
        line.add("county")
    for _ in range(400):
        line.claim()
    for _ in range(3):
        line.add("village")
    served = [line.claim().town for _ in range(7)]
    assert served == ["county", "village", "county", "village", "county", "village", "county"]


def test_a_turn_is_never_that_of_one_who_is_not_in_line() -> None:
    assert next_turn(None, None, None) == 0
    assert next_turn(None, None, 7) == 8
    assert next_turn(9, 4, None) == 10
    assert next_turn(2, 4, None) == 4
    assert next_turn(NEVER - 2, None, None) < NEVER
