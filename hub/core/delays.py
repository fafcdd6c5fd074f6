"""How soon a message was told, as counts by steps of time: no person, no moment of anybody (U41). Pure.

A histogram maps the end of a step in seconds to how many were told within it; :data:`LONGER` is beyond all steps.
Steps grow by a quarter to a half, so that a quantile is at most half as long again as it really was.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise

_MINUTE, _HOUR, _DAY = 60, 3600, 86_400
STEPS = (
    1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 25, 30, 40, 50,
    *(count * _MINUTE for count in (1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10, 12, 15, 20, 25, 30, 40, 50)),
    *(count * _HOUR for count in (1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10, 12, 16, 20)),
    *(count * _DAY for count in (1, 1.5, 2, 3, 4, 5, 7, 10, 14)),
)  # fmt: skip
LONGER = 0
BARS = (10, 30, 60, 120, 300, 600, 1800, _HOUR, 3 * _HOUR, 12 * _HOUR, _DAY)  # where the bars of a plot end
Histogram = Mapping[int, int]


@dataclass(frozen=True, slots=True)
class Bar:
    """How many were told between two times since the release (seconds; ``end`` 0: none), and how many by wish."""

    begin: int
    end: int
    prompt: int
    wished: int


@dataclass(frozen=True, slots=True)
class Delays:
    """How soon the recipients of something were told: ``prompt`` at once, ``wished`` after quiet hours or a pause.

    ``first`` and ``last`` are exact, all others to the step; ``None`` where nobody was told.
    """

    prompt: Histogram = field(default_factory=dict)
    wished: Histogram = field(default_factory=dict)
    first: timedelta | None = None
    last: timedelta | None = None

    @property
    def count(self) -> int:
        """How many were told."""
        return sum(self.prompt.values()) + sum(self.wished.values())

    @property
    def late_by_wish(self) -> int:
        """How many heard it later because they wished to."""
        return sum(self.wished.values())

    def within(self, part: float) -> timedelta | None:
        """Return within which time this part (0 to 1) of those was told whom nothing kept; ``None`` if unknown."""
        return quantile(self.prompt, part)

    def bars(self) -> list[Bar]:
        """Return the bars of a plot, from the first to the last that has anybody; none if nobody was told."""
        edges = [(begin, end) for begin, end in pairwise((0, *BARS, LONGER))]
        found = [
            Bar(begin, end, _between(self.prompt, begin, end), _between(self.wished, begin, end))
            for begin, end in edges
        ]
        filled = [number for number, one in enumerate(found) if one.prompt or one.wished]
        return found[: filled[-1] + 1] if filled else []

    def __add__(self, other: Delays) -> Delays:
        """Return both together."""
        firsts = [one for one in (self.first, other.first) if one is not None]
        lasts = [one for one in (self.last, other.last) if one is not None]
        return Delays(
            _sum(self.prompt, other.prompt), _sum(self.wished, other.wished),
            min(firsts, default=None), max(lasts, default=None),
        )  # fmt: skip


def step(span: timedelta) -> int:
    """Return the end in seconds of the step that a time falls into."""
    at = bisect_left(STEPS, span.total_seconds())
    return int(STEPS[at]) if at < len(STEPS) else LONGER


def of_batch(moments: Mapping[datetime, int], seen: datetime, *, wished: bool) -> Delays:
    """Return the delays of a batch whose recipients were told at ``moments``; ``seen``: when the wait began."""
    counts: Counter[int] = Counter()
    spans = [max(at - seen, timedelta()) for at in moments]
    for span, count in zip(spans, moments.values(), strict=True):
        counts[step(span)] += count
    here, none = dict(counts), dict[int, int]()
    return Delays(
        none if wished else here, here if wished else none, min(spans, default=None), max(spans, default=None)
    )


def total(several: Iterable[Delays]) -> Delays:
    """Return all of these together."""
    found = Delays()
    for one in several:
        found += one
    return found


def quantile(counts: Histogram, part: float) -> timedelta | None:
    """Return the end of the step by which ``part`` (0 to 1) was told; ``None`` if nobody was, or it took longer."""
    wanted, so_far = part * sum(counts.values()), 0
    for end in sorted(counts, key=_order):
        so_far += counts[end]
        if counts[end] and so_far >= wanted:
            return timedelta(seconds=end) if end != LONGER else None
    return None


def _order(end: int) -> float:
    return end if end != LONGER else float("inf")


def _between(counts: Histogram, begin: int, end: int) -> int:
    return sum(count for at, count in counts.items() if begin < _order(at) <= _order(end))


def _sum(one: Histogram, other: Histogram) -> Histogram:
    found = Counter(one)
    found.update(other)
    return dict(found)
