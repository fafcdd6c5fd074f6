"""Samples of figures over time become rows of equal slots: increments of totals, the worst of a state. Pure."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

EVERY = timedelta(minutes=5)  # between two samples
KEPT = timedelta(days=35)  # those of full hours
FINE = timedelta(days=2)  # all of them
OF_TOWNS = timedelta(days=8)  # those of a single municipality
Samples = Sequence[tuple[datetime, float]]  # the oldest first


@dataclass(frozen=True, slots=True)
class Slots:
    """``count`` slots of the length ``step``, the last of which holds the present."""

    begin: datetime
    step: timedelta
    count: int

    @classmethod
    def until(cls, now: datetime, step: timedelta, count: int) -> Slots:
        """Return the slots that end with the one that holds ``now``; they begin at full hours or days (UTC)."""
        midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
        begun = midnight + step * ((now - midnight) // step)
        return cls(begun - step * (count - 1), step, count)

    def starts(self) -> list[datetime]:
        """Return when each slot begins."""
        return [self.begin + self.step * number for number in range(self.count)]

    def of(self, at: datetime) -> int | None:
        """Return the slot that holds a moment, ``None`` if none does."""
        number = (at - self.begin) // self.step
        return number if 0 <= number < self.count else None


def increments(samples: Samples, slots: Slots) -> list[float | None]:
    """Return by how much a total that only rises rose in each slot; ``None`` where nobody looked.

    What rose between two samples counts where the later one lies. A total that fell belongs to another database (a
    restored backup): counting begins anew.
    """
    found: list[float | None] = [None] * slots.count
    for (_, before), (at, value) in itertools.pairwise(samples):
        slot = slots.of(at)
        if slot is not None and value >= before:
            found[slot] = (found[slot] or 0.0) + value - before
    return found


def worst(samples: Samples, slots: Slots) -> list[float | None]:
    """Return the greatest value of a figure in each slot; ``None`` where nobody looked."""
    found: list[float | None] = [None] * slots.count
    for at, value in samples:
        slot = slots.of(at)
        if slot is not None:
            known = found[slot]
            found[slot] = value if known is None else max(known, value)
    return found


def percentile(counts: Mapping[int, float], part: float) -> float | None:
    """Return below how many seconds the ``part`` (0 to 1) of deliveries lies, by buckets; ``None`` without any.

    ``counts`` by the upper edge of each bucket in seconds, 0 for what is beyond the last edge; within a bucket
    deliveries count as evenly spread, beyond the last edge as at it.
    """
    total = sum(counts.values())
    if total <= 0:
        return None
    wanted, below, lower = part * total, 0.0, 0.0
    for edge in sorted(one for one in counts if one):
        count = counts[edge]
        if count and below + count >= wanted:
            return lower + (edge - lower) * (wanted - below) / count
        below, lower = below + count, float(edge)
    return lower
