"""Until when an offer stands and how long a found thing is kept, where the source has no field for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from functools import wraps

from feeds._days import LAST, closing
from hub.core.notice import Notice, Occurrence
from hub.core.schedule import local_day, wall
from hub.core.source import Item, Source

_KEPT, _YEAR = 6, 12  # months


def kept_until(found: date, zone: str) -> datetime:
    """Return until when a thing found on ``found`` can be collected: six months, then it is the finder's (BGB, 973)."""
    month = found.month - 1 + _KEPT
    return wall(date(found.year + month // _YEAR, month % _YEAR + 1, min(found.day, 28)), LAST, zone)


def closes(deadline: datetime) -> Occurrence:
    """Return the closing date of an offer as a date that people can be reminded of."""
    return Occurrence("deadline", deadline)


Normalise = Callable[[Item, Source], Notice]


def with_closing(normalise: Normalise) -> Normalise:
    """Give ``jobs`` and ``lost`` notices of a kind that knows no such field the closing date that their text tells.

    Lost property without one is kept for six months after it was told.
    """

    @wraps(normalise)
    def door(item: Item, source: Source) -> Notice:
        notice = normalise(item, source)
        topic = notice.topic.partition(".")[0]
        if topic not in ("jobs", "lost") or notice.deadline is not None:
            return notice
        until = closing([one for text in notice.texts for one in (text.title, text.body)], source.zone)
        if topic == "lost":
            kept = kept_until(local_day(notice.sent, source.zone), source.zone) if notice.sent else None
            return replace(notice, expires=until or notice.expires or kept)
        if until is None:
            return notice
        return replace(notice, deadline=until, expires=until, occurrences=notice.occurrences or (closes(until),))

    return door
