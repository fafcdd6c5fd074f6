"""Pickups of an iCalendar, whoever exports it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from calendars.event import Event
from calendars.read import read
from feeds.waste.categories import category
from feeds.waste.pickup import Found, Pickup, check_titles
from feeds.waste.wording import clean
from hub.core.source import Document

_MOST_BODY = 2_000


def read_calendar(document: Document, zone: str, window: tuple[date, date]) -> Found:
    """Return the pickups of an iCalendar; local times are of ``zone``, rules are followed through ``window``.

    Raises ``SourceError``.
    """
    reading = read(document.body, content_type=document.content_type, zone=zone, window=window)
    check_titles(event.summary for event in reading.events)
    pickups = [_pickup(event, zone, reading.name) for event in reading.events]
    named = [one for one in pickups if one.title]
    faults = [*reading.faults]
    if len(named) < len(pickups):
        faults.append(f"Events without a title, which say no kind of waste: {len(pickups) - len(named)}.")
    return Found(tuple(_without_home(named)), tuple(faults), reading.name, reading.remarks)


def _pickup(event: Event, zone: str, name: str) -> Pickup:
    wording = clean(event.summary, name)
    return Pickup(
        day=_day(event, zone),
        title=wording.title,
        location=event.location or wording.address,
        summary=_summary(event, wording.title, zone, marked=wording.marked),
        body="" if event.description == event.summary else event.description[:_MOST_BODY],
        url=event.url,
        cancelled=wording.cancelled or event.status == "CANCELLED",
        regular=bool(event.recurrence) and event.recurrence == event.start.isoformat(),
    )


def _day(event: Event, zone: str) -> date:
    """Return the day on which bins are emptied: local, in the event's own zone unless that is UTC."""
    if not isinstance(event.start, datetime):
        return event.start
    start = event.start.astimezone(ZoneInfo(zone)) if event.start.tzinfo is UTC else event.start
    return start.date()


def _summary(event: Event, title: str, zone: str, *, marked: bool) -> str:
    """Return what to call this one date: with the hours of a collecting vehicle, or with the provider's own mark."""
    if marked:
        return " ".join(event.summary.split())[:200]
    start, end = event.start, event.end
    if category(title) != "hazardous" or not isinstance(start, datetime) or not isinstance(end, datetime):
        return ""
    local = ZoneInfo(zone)
    return f"{title}, {start.astimezone(local):%H:%M}–{end.astimezone(local):%H:%M} Uhr"


def _without_home(pickups: Sequence[Pickup]) -> list[Pickup]:
    """Drop the location that most dates share: it is the household's own, and not to be told.

    Where hazardous waste is taken must be known, so its location always stays.
    """
    counts = Counter(one.location for one in pickups)
    common, times = counts.most_common(1)[0] if counts else ("", 0)
    if times * 2 <= len(pickups):
        return list(pickups)
    return [
        replace(one, location="") if one.location == common and category(one.title) != "hazardous" else one
        for one in pickups
    ]
