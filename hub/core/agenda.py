"""The dates of a person as days: today, tomorrow, and those that follow. Pure; days are the municipality's."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from hub.core.notice import Occurrence, Status
from hub.core.schedule import ends, local_day, starts, wall

BINS = "waste"
AHEAD = timedelta(days=7)  # what the first page shows, today among it


@dataclass(frozen=True, slots=True)
class Dated:
    """One date of a notice."""

    notice: str
    slot: str
    topic: str
    occurrence: Occurrence


@dataclass(frozen=True, slots=True)
class Day:
    """A day with what is on it: bins first, then what lasts all day, then by the clock."""

    day: date
    dates: tuple[Dated, ...]


@dataclass(frozen=True, slots=True)
class Agenda:
    """Days in order, those with nothing left out, and what began before the first of them and is not over."""

    days: tuple[Day, ...]
    going_on: tuple[Dated, ...] = ()

    def on(self, day: date) -> tuple[Dated, ...]:
        """Return what is on ``day``."""
        return next((one.dates for one in self.days if one.day == day), ())


def agenda(dates: Iterable[Dated], first: date, end: date | None, now: datetime, zone: str) -> Agenda:
    """Lay ``dates`` out on the days from ``first`` (at least today) to before ``end`` (``None``: without end).

    A date stands on the day on which it begins. What began earlier today stays until midnight; what began on an
    earlier day is going on until it is over.
    """
    first = max(first, local_day(now, zone))
    days: dict[date, list[Dated]] = {}
    going_on: list[Dated] = []
    for one in dates:
        day = local_day(starts(one.occurrence, zone), zone)
        if day >= first:
            if end is None or day < end:
                days.setdefault(day, []).append(one)
        elif ends(one.occurrence, zone) > max(now, wall(first, time(), zone)):
            going_on.append(one)
    laid = tuple(Day(day, _in_order(found, zone)) for day, found in sorted(days.items()))
    return Agenda(laid, tuple(sorted(going_on, key=lambda one: (ends(one.occurrence, zone), one.notice, one.slot))))


def _in_order(dates: Iterable[Dated], zone: str) -> tuple[Dated, ...]:
    return tuple(sorted(dates, key=lambda one: _rank(one, zone)))


def _rank(one: Dated, zone: str) -> tuple[bool, bool, datetime, str, str]:
    return (
        one.topic != BINS, not one.occurrence.all_day, starts(one.occurrence, zone), one.notice, one.slot,
    )  # fmt: skip


def next_bins(dates: Iterable[Dated], now: datetime, zone: str) -> tuple[Dated, ...]:
    """Return the next collection of each kind of bin that is not called off, the soonest first."""
    found: dict[str, Dated] = {}
    for one in sorted(dates, key=lambda one: (starts(one.occurrence, zone), one.notice, one.slot)):
        stands = one.topic == BINS and one.occurrence.status is Status.ACTIVE
        if stands and ends(one.occurrence, zone) > now:
            found.setdefault(one.notice, one)
    return tuple(found.values())


def page(days: Sequence[Day], most: int) -> tuple[tuple[Day, ...], date | None]:
    """Return whole days with together about ``most`` dates, at least one day, and the day on which the rest begins."""
    count = 0
    for number, one in enumerate(days):
        if number and count + len(one.dates) > most:
            return tuple(days[:number]), one.day
        count += len(one.dates)
    return tuple(days), None
