"""From a series to a notice: a timetable with one all-day occurrence per pickup."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, time, timedelta
from typing import Any

from feeds.waste.moved import moved_notice
from hub.core.errors import SourceRefused
from hub.core.notice import Notice, NoticeText, Occurrence, PlaceRef, Status, notice_id
from hub.core.schedule import wall
from hub.core.source import Item, Source


def normalise(item: Item, source: Source) -> Notice:
    """Return the notice of the series ``item``. Pure.

    It is valid from the first to the end of the last pickup day in the source's zone. The place is the collection zone
    if the source names one, else the source's own places. Raises ``SourceRefused`` for an item with a fault.
    """
    if item.fault:
        raise SourceRefused(item.fault, subject=item.key)
    data = item.data
    if data.get("moved"):
        return moved_notice(item, source)
    occurrences = tuple(_occurrence(one) for one in data["dates"])
    first, last = (date.fromisoformat(data["dates"][at]["day"]) for at in (0, -1))
    return Notice(
        id=notice_id(source.id, item.key),
        key=item.key,
        kind="waste",
        topic=source.topic or "waste",
        texts=(NoticeText(lang=source.language or "de", title=data["title"], body=data["body"]),),
        category=data["category"],
        valid_from=wall(first, time(), source.zone),
        expires=wall(last + timedelta(days=1), time(), source.zone),
        places=_places(data, source),
        occurrences=occurrences,
        url=data["url"] if data["url"].startswith(("https://", "http://")) else "",
        publisher=source.name,
        series=True,
    )


def _places(data: Mapping[str, Any], source: Source) -> tuple[PlaceRef, ...]:
    """Return the addresses that a provider names, else the collection zone, else the source's own places."""
    named = tuple(PlaceRef(*one) for one in data.get("places", ()))
    if "places" in data:
        # A clerk who lets one address speak for a zone or a district says so with the source's own place.
        own = not data["zone"] and any(one.scheme in ("zone", "district") for one in source.places)
        return named if named and not own else source.places
    return (PlaceRef("zone", data["zone"], data["zone"]),) if data["zone"] else source.places


def _occurrence(data: Mapping[str, Any]) -> Occurrence:
    return Occurrence(
        key=data["key"],
        start=date.fromisoformat(data["day"]),
        summary=data["summary"],
        location=data["location"],
        status=Status.CANCELLED if data["cancelled"] else Status.ACTIVE,
    )
