"""From an event to a notice with its dates."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from feeds.ical import KIND, TOPIC
from hub.core.errors import SourceRefused
from hub.core.notice import Moment, Notice, NoticeText, Occurrence, Status, notice_id
from hub.core.schedule import ends
from hub.core.source import Item, Source


def normalise(item: Item, source: Source) -> Notice:
    """Return the notice of an event. Pure.

    A single event is news when it appears. A recurring one is a timetable (``series``): what the clock brings into
    view is no news, a moved or cancelled date is. Raises ``SourceRefused`` for an item with a fault.
    """
    if item.fault:
        raise SourceRefused(item.fault, subject=item.key)
    data = item.data
    dates = tuple(sorted((_occurrence(one) for one in data["dates"]), key=lambda one: ends(one, source.zone)))
    called_off = all(one.status is Status.CANCELLED for one in dates)
    return Notice(
        id=notice_id(source.id, item.key),
        key=item.key,
        kind=KIND,
        topic=source.topic or TOPIC,
        texts=(NoticeText(source.language or "de", data["title"], data["body"]),),
        status=Status.CANCELLED if called_off else Status.ACTIVE,
        expires=max(ends(one, source.zone) for one in dates),
        places=source.places,
        occurrences=dates,
        url=data["url"] if data["url"].startswith(("https://", "http://")) else "",
        publisher=source.name or data["calendar"],
        series=data["recurring"],
    )


def _occurrence(data: Mapping[str, Any]) -> Occurrence:
    start = _moment(data["start"])
    return Occurrence(
        key=data["key"],
        start=start,
        end=_moment(data["end"]) if data["end"] else None,
        summary=data["summary"],
        location=data["location"],
        status=Status.CANCELLED if data["cancelled"] else Status.ACTIVE,
    )


def _moment(text: str) -> Moment:
    if len(text) == len("2027-01-05"):
        return date.fromisoformat(text)
    return datetime.fromisoformat(text).astimezone(UTC)
