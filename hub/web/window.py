"""Which dates the calendars drawn now cover, and until when that holds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from hub.core.schedule import local_day, wall

BACK, AHEAD = timedelta(days=60), timedelta(days=400)


@dataclass(frozen=True, slots=True)
class Day:
    """The local day of a drawing: which dates it covers and when that ends."""

    day: date
    begin: datetime
    end: datetime
    composed: datetime
    until: datetime


def today(now: datetime, zone: str) -> Day:
    """Return what feeds drawn now cover: whole days from 60 days ago to 400 days ahead, the same until midnight."""
    here = local_day(now, zone)
    midnight, tomorrow = (wall(here + timedelta(days=days), time(), zone) for days in (0, 1))
    return Day(here, midnight - BACK, midnight + AHEAD, midnight, tomorrow)
