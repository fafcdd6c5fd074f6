"""Which notices of a municipality a reader looks at: by topic, place, time and words. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from hub.core.notice import Notice, Occurrence
from hub.core.schedule import ends, local_day, starts, wall

_WEEK, _DECEMBER = 7, 12


class When(StrEnum):
    """The times one may look at. ``ALL`` is what is not over, ``PAST`` what is; together they are everything."""

    TODAY = "today"
    TOMORROW = "tomorrow"
    WEEK = "week"
    MONTH = "month"
    ALL = "all"
    PAST = "past"


@dataclass(frozen=True, slots=True)
class Selection:
    """What must hold of a notice to be shown; empty fields do not narrow.

    ``place`` is a path of the place tree: what lies in it, above it or below it is shown. ``words`` are folded
    (``hub.core.sought``); each must be found.
    """

    topic: str = ""
    place: str = ""
    when: When = When.ALL
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Window:
    """A span of time, aware, the end exclusive. ``begin`` is its first midnight; dates before ``today`` are done."""

    begin: datetime
    today: datetime
    end: datetime


def window(when: When, now: datetime, zone: str) -> Window | None:
    """Return what ``when`` covers in the municipality's ``zone``; ``None`` for ``ALL`` and ``PAST``.

    A week begins on Monday. What was published earlier in the week or month belongs to it, a date before today does
    not: nobody can go there any more.
    """
    today = local_day(now, zone)
    days = _days(when, today)
    if days is None:
        return None
    first, end = days
    return Window(wall(first, time(), zone), wall(max(first, today), time(), zone), wall(end, time(), zone))


def _days(when: When, today: date) -> tuple[date, date] | None:
    """Return the first day, and the day after the last one."""
    day = timedelta(days=1)
    if when is When.TODAY:
        return today, today + day
    if when is When.TOMORROW:
        return today + day, today + 2 * day
    if when is When.WEEK:
        monday = today - today.weekday() * day
        return monday, monday + _WEEK * day
    if when is When.MONTH:
        first = today.replace(day=1)
        after = first.replace(year=first.year + 1, month=1) if first.month == _DECEMBER else None
        return first, after or first.replace(month=first.month + 1)
    return None


def begins(notice: Notice, dates: Iterable[Occurrence], zone: str) -> datetime | None:
    """Return when ``notice`` begins to matter: its first date, else its validity, else when it was sent."""
    return min((starts(one, zone) for one in dates), default=None) or notice.valid_from or notice.sent


def is_over_at(notice: Notice, dates: Iterable[Occurrence], zone: str) -> datetime | None:
    """Return when ``notice`` is over: its end, else its last date or deadline; ``None`` for news, which has no end."""
    if notice.expires is not None:
        return notice.expires
    moments = [ends(one, zone) for one in dates]
    if notice.deadline is not None:
        moments.append(notice.deadline)
    return max(moments, default=None)
