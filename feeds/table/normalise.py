"""From a row to a notice: an event with its dates, a job offer with its closing date, a thing that was found."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from feeds._closing import closes, kept_until
from feeds._days import LAST, closing, read_day, read_times
from feeds.table import KIND, TOPIC
from hub.core.errors import SourceRefused
from hub.core.notice import Notice, NoticeText, Occurrence, notice_id
from hub.core.schedule import ends, wall
from hub.core.source import Item, Source

_DAY = timedelta(days=1)


def normalise(item: Item, source: Source) -> Notice:
    """Return the notice of a row. Pure. Raises ``SourceRefused`` for an item with a fault."""
    if item.fault:
        raise SourceRefused(item.fault, subject=item.key)
    data = item.data
    deadline = _deadline(data, source)
    dates = _dates(data, source, deadline)
    lasting = [ends(one, source.zone) for one in dates]
    return Notice(
        id=notice_id(source.id, item.key),
        key=item.key,
        kind=KIND,
        topic=source.topic or TOPIC,
        texts=(NoticeText(source.language or "de", data["title"], data["body"]),),
        expires=_collected(data, source) or deadline if data["topic"] != "events" else max(lasting, default=None),
        places=source.places,
        occurrences=dates,
        deadline=deadline if data["topic"] != "lost" else None,
        url=data["url"] if data["url"].startswith(("https://", "http://")) else "",
        publisher=data["who"] or source.name,
        series=data["topic"] == "events" and len(data["dates"]) > 1,
    )


def _deadline(data: Mapping[str, Any], source: Source) -> datetime | None:
    """Return the closing date: the column's, else the one that the text tells; a day lasts to its last minute."""
    day = read_day(data["deadline"])
    if day is not None:
        return wall(day, read_times(data["deadline"])[0] or LAST, source.zone)
    return closing([data["body"]], source.zone) if data["topic"] == "jobs" else None


def _dates(data: Mapping[str, Any], source: Source, deadline: datetime | None) -> tuple[Occurrence, ...]:
    if data["topic"] == "events":
        found = [_occurrence(one, source, alone=len(data["dates"]) == 1) for one in data["dates"]]
        unique = {one.key: one for one in found}
        return tuple(sorted(unique.values(), key=lambda one: ends(one, source.zone)))
    if data["topic"] == "jobs" and deadline is not None:
        return (closes(deadline),)
    return ()


def _occurrence(one: Mapping[str, str], source: Source, *, alone: bool) -> Occurrence:
    """Return one date; the key of an event's only one does not hold its day, so that a moved one stays the same."""
    first = date.fromisoformat(one["start"])
    last = date.fromisoformat(one["end"]) if one["end"] else first
    key = "event" if alone else f"{one['start']}T{one['from']}"
    if not one["from"]:
        return Occurrence(key, first, last + _DAY if last > first else None, location=one["location"])
    begin = wall(first, time.fromisoformat(one["from"]), source.zone)
    until = wall(last, time.fromisoformat(one["to"]), source.zone) if one["to"] else None
    if until is not None and until <= begin:
        until += _DAY  # "20–2 Uhr"
    return Occurrence(key, begin, until, location=one["location"])


def _collected(data: Mapping[str, Any], source: Source) -> datetime | None:
    """Return until when a thing can be collected: as told, else six months after it was found."""
    if data["topic"] != "lost" or not data["dates"]:
        return None
    return _deadline(data, source) or kept_until(date.fromisoformat(data["dates"][0]["start"]), source.zone)
