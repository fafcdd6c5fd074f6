"""Exports of council systems without OParl, as OParl objects: iCalendar, RSS/Atom/JSON Feed, CSV and scraped JSON.

Which one it is, the content says. All become what OParl would have said (a Meeting, perhaps a Body), so that one
reader repairs them and one rule keeps back what is not public.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from calendars.event import Event
from calendars.read import read
from feeds._json_body import read_json, web_address
from feeds.council.oparl import objects_in
from feeds.council.openness import public_lines, says_closed
from feeds.council.scrape import is_scrape, objects_of_scrape
from feeds.council.syndicated import is_json_feed, objects_of_feed
from feeds.council.table import looks_like_a_table, objects_of_table
from hub.core.errors import SourceRefused
from hub.core.source import Document

BACK, AHEAD = timedelta(days=60), timedelta(days=500)
_HTML = re.compile(r"(?:<!--.{0,2000}?-->\s*)?<(?:!doctype\s+html|html)\b", re.IGNORECASE | re.DOTALL)
_PAGE = (
    "This is a web page for people. Please give the address of the council system's export: its OParl system, "
    "or the link called iCal, RSS or CSV on its pages."
)


@dataclass(frozen=True, slots=True)
class Read:
    """The objects of one document, a sentence for each entry that is none, and named repairs."""

    objects: tuple[Any, ...]
    faults: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def is_oparl(document: Document) -> bool:
    """Whether ``document`` is to be read as OParl: JSON, and of no other known form."""
    if _start(document)[:1] not in ("{", "["):
        return False
    try:
        return _foreign(read_json(document)) is None
    except SourceRefused:
        return True  # whoever reads it says what is wrong with it


def is_web_page(document: Document) -> bool:
    """Whether ``document`` is a page for people."""
    return bool(_HTML.match(_start(document)))


def objects_of(document: Document, zone: ZoneInfo, now: datetime) -> Read:
    """Return the OParl objects that ``document`` holds or stands for. Raises ``SourceError``."""
    text = _start(document)
    if text[:1] in ("{", "["):
        return _objects_of_json(document, zone)
    if re.search(r"BEGIN\s*:\s*VCALENDAR", text[:2_000], re.IGNORECASE):
        return _objects_of_calendar(document, zone, now)
    if _HTML.match(text):
        raise SourceRefused(_PAGE, subject=document.url)
    if text.startswith("<") or b"\0" in document.body[:4]:
        return Read(*objects_of_feed(document, zone))
    if looks_like_a_table(text):
        return Read(*objects_of_table(document))
    return _objects_of_json(document, zone)  # refuses with the reason


def _start(document: Document) -> str:
    return document.body[:65_536].decode("utf-8", "replace").lstrip("\ufeff \t\r\n\0")


def _foreign(value: Any) -> str | None:
    if is_json_feed(value):
        return "feed"
    return "scrape" if is_scrape(value) else None


def _objects_of_json(document: Document, zone: ZoneInfo) -> Read:
    value = read_json(document)
    form = _foreign(value)
    if form == "feed":
        return Read(*objects_of_feed(document, zone))
    if form == "scrape":
        return Read(objects_of_scrape(value, document.url))
    objects = objects_in(value)
    if objects is None:
        raise SourceRefused(_unknown(value), subject=document.url)
    return Read(tuple(objects))


def _unknown(value: Any) -> str:
    entries = value if isinstance(value, list) else [value]
    if any(isinstance(one, dict) and "paper_type" in one for one in entries):
        return (
            "This is a list of papers without the dates of meetings, so there is nothing to remind anybody of; "
            "please give the address of the meetings."
        )
    return "The answer is no OParl object and no list of them."


def _objects_of_calendar(document: Document, zone: ZoneInfo, now: datetime) -> Read:
    window = ((now - BACK).date(), (now + AHEAD).date())
    reading = read(document.body, content_type=document.content_type, zone=zone.key, window=window)
    faults = tuple(one for one in reading.faults if not says_closed(one))
    return Read(tuple(_of_event(one) for one in reading.events), faults, reading.repairs)


def _of_event(event: Event) -> Mapping[str, Any]:
    lines, closed = public_lines(event.description)
    end = event.end if isinstance(event.end, datetime) else None
    return {
        "id": "#".join(filter(None, (event.uid, event.recurrence))),
        "type": "Meeting",
        "name": event.summary,
        "start": event.start.isoformat(),
        "end": end.isoformat() if end else None,
        "location": {"description": event.location},
        "agendaItem": [{"name": line, "public": True} for line in lines if not web_address(line)],
        "public": False if closed else None,
        "cancelled": event.status == "CANCELLED",
        "web": event.url,
    }
