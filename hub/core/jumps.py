"""Jumps of the clock: a wall clock that leaps is not believed before a person has looked (C-06). Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

MOST = timedelta(hours=1)  # a leap that summer time, leap seconds and a late NTP never make: we count in UTC


@dataclass(frozen=True, slots=True)
class Reading:
    """What both clocks showed at one moment: the ``wall`` in UTC, and ``ticks``: seconds since the machine started."""

    wall: datetime
    ticks: float


def jump(before: Reading, after: Reading) -> timedelta | None:
    """Return by how much the wall clock leapt between two readings (negative: back); ``None`` if by an hour at most."""
    leap = (after.wall - before.wall) - timedelta(seconds=after.ticks - before.ticks)
    return leap if abs(leap) > MOST else None


def behind(now: datetime, newest: datetime | None) -> timedelta | None:
    """Return how far the clock is behind what the database has seen (``newest``), if that is more than an hour."""
    if newest is None or newest - now <= MOST:
        return None
    return newest - now


def told(leap: timedelta) -> str:
    """Write a leap in words, in the greatest unit that fits."""
    seconds = abs(leap.total_seconds())
    for unit, length in (("days", 86_400), ("hours", 3600)):
        if seconds >= 2 * length:
            return f"{seconds / length:.0f} {unit}"
    return f"{seconds / 60:.0f} minutes"
