"""The dates of a draft as somebody plans them: one or a few, each perhaps every week until a day. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hub.core.notice import Occurrence
from hub.core.wallclock import shown

MOST = 100  # dates of one draft
_WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Planned:
    """One line of the plan, in wall time: without ``begin`` whole days; ``weekly`` is the last day it may repeat on."""

    day: date
    begin: time | None = None
    end: time | None = None
    weekly: date | None = None
    what: str = ""


def dates(plan: Iterable[Planned], zone: str) -> tuple[Occurrence, ...]:
    """Return the dates of a plan, the first first, each once; an end before the begin is on the next day.

    Raises ``ValueError`` for more than :data:`MOST`, and for a week's end before its day.
    """
    found: dict[str, Occurrence] = {}
    for one in plan:
        if one.weekly is not None and one.weekly < one.day:
            raise ValueError("ends before it begins")
        day, last = one.day, one.weekly or one.day
        while day <= last:
            made = _date(replace(one, day=day), zone)
            found.setdefault(made.key, made)
            if len(found) > MOST:
                raise ValueError("too many dates")
            day += _WEEK
    return tuple(found[key] for key in sorted(found))


def _date(one: Planned, zone: str) -> Occurrence:
    key = f"{one.day.isoformat()}{f'T{one.begin:%H%M}' if one.begin else ''}"
    if one.begin is None:
        return Occurrence(key, one.day, summary=one.what)
    start = shown(one.day, one.begin, zone).moment
    if one.end is None:
        return Occurrence(key, start, summary=one.what)
    end = shown(one.day + timedelta(days=one.end <= one.begin), one.end, zone).moment
    return Occurrence(key, start, max(end, start), one.what)


def plan(found: Sequence[Occurrence], zone: str) -> list[Planned]:
    """Return the plan that :func:`dates` makes these dates of; three and more a week apart are one line."""
    lines = [_planned(one, zone) for one in found]
    made: list[Planned] = []
    for one in sorted(
        lines, key=lambda line: (line.begin or time(), line.end or time(), line.what, line.day.weekday())
    ):
        before = made[-1] if made else None
        if before is not None and replace(before, day=one.day, weekly=None) == one:
            last = before.weekly or before.day
            if one.day - last == _WEEK:
                made[-1] = replace(before, weekly=one.day)
                continue
        made.append(one)
    return sorted(made, key=lambda line: (line.day, line.begin or time()))


def _planned(one: Occurrence, zone: str) -> Planned:
    if not isinstance(one.start, datetime):
        return Planned(one.start, what=one.summary)
    begin = one.start.astimezone(ZoneInfo(zone))
    end = one.end.astimezone(ZoneInfo(zone)).time() if isinstance(one.end, datetime) else None
    return Planned(begin.date(), begin.time().replace(fold=0), end.replace(fold=0) if end else None, what=one.summary)
