"""When: reminders, digests and quiet hours in wall-clock time, as UTC (promise 10).

A local time that does not exist (spring) is taken with the offset before the change, so 02:30 becomes 03:30;
one that exists twice (autumn) is taken once, the first time (``fold=0``, PEP 495).
"""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hub.core.notice import Occurrence
from hub.core.subscription import Lead

EVERY_DAY = "1234567"


def wall(day: date, at: time, zone: str) -> datetime:
    """Return the UTC time at which clocks in ``zone`` show ``at`` on ``day``."""
    return datetime.combine(day, at, ZoneInfo(zone)).astimezone(UTC)


def local_day(moment: datetime, zone: str) -> date:
    """Return the day on which ``moment`` falls in ``zone``."""
    return moment.astimezone(ZoneInfo(zone)).date()


def starts(occurrence: Occurrence, zone: str) -> datetime:
    """Return when ``occurrence`` begins, in UTC; a whole day begins at local midnight."""
    if isinstance(occurrence.start, datetime):
        return occurrence.start.astimezone(UTC)
    return wall(occurrence.start, time(), zone)


def ends(occurrence: Occurrence, zone: str) -> datetime:
    """Return when ``occurrence`` is over, in UTC; without an end a day lasts a day and a time nothing at all."""
    if isinstance(occurrence.end, datetime):
        return occurrence.end.astimezone(UTC)
    if occurrence.end is not None:
        return wall(occurrence.end, time(), zone)
    if isinstance(occurrence.start, datetime):
        return occurrence.start.astimezone(UTC)
    return wall(occurrence.start + timedelta(days=1), time(), zone)


def reminder_at(occurrence: Occurrence, lead: Lead, zone: str) -> datetime:
    """Return when to remind of ``occurrence``, in UTC."""
    begin = starts(occurrence, zone)
    if lead.at is None:
        return begin - (lead.span or timedelta())
    return wall(local_day(begin, zone) - timedelta(days=lead.days), lead.at, zone)


def next_wall(after: datetime, at: time, zone: str, days: str = EVERY_DAY) -> datetime:
    """Return the first time strictly after ``after`` at which clocks in ``zone`` show ``at``, in UTC.

    ``days`` are the ISO weekdays (1 is Monday) of the local calendar on which it may be, at least one.
    """
    day = local_day(after, zone)
    for ahead in range(9):
        one = day + timedelta(days=ahead)
        due = wall(one, at, zone)
        if due > after and str(one.isoweekday()) in days:
            return due
    raise ValueError(f"no weekday is among {days!r}")


def ends_week(at: datetime, zone: str, days: str) -> bool:
    """Whether a digest at ``at`` brings also what is wanted once a week: on the first weekday of ``days``."""
    return str(local_day(at, zone).isoweekday()) == min(days)


def next_monthly(after: datetime, day: int, at: time, zone: str) -> datetime:
    """Return the first time strictly after ``after`` (UTC) at which clocks in ``zone`` show ``at`` on a month's day.

    A month with fewer days has it on its last one. ``day`` is 1 to 31.
    """
    begin = local_day(after, zone)
    for ahead in range(3):
        year, month = divmod(begin.year * 12 + begin.month - 1 + ahead, 12)
        due = wall(date(year, month + 1, min(day, monthrange(year, month + 1)[1])), at, zone)
        if due > after:
            return due
    raise ValueError(f"no month has a day {day}")


def after_quiet(now: datetime, quiet: tuple[time, time] | None, zone: str) -> datetime:
    """Return ``now``, or the end of the quiet hours that hold at ``now``. ``quiet`` may span midnight."""
    if quiet is None or quiet[0] == quiet[1]:
        return now
    begin, end = quiet
    clock = now.astimezone(ZoneInfo(zone)).time()
    inside = begin <= clock < end if begin < end else clock >= begin or clock < end
    return next_wall(now, end, zone) if inside else now
