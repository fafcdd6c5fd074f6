"""A meeting as a notice: one date, the public agenda as text, the council's documents as links."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hub.core.codec import moment_from_json
from hub.core.errors import SourceRefused
from hub.core.notice import (
    Fact,
    Geometry,
    Link,
    Moment,
    Notice,
    NoticeText,
    Occurrence,
    PlaceRef,
    Status,
    notice_id,
)
from hub.core.source import Item, Source

_USUAL = timedelta(hours=4)  # how long a meeting lasts if nobody says
_LONGEST_BODY = 20_000
_BARE = re.compile(
    r"\W*(?:(?:\d+\.|ordentliche|au(?:ß|ss)erordentliche|(?:nicht)?öffentliche|konstituierende|gemeinsame)\s*)*"
    r"(?:sonder)?sitzung(?:\s*\((?:nicht)?öffentlich\w*\))?\W*",
    re.IGNORECASE,
)


def normalise(item: Item, source: Source) -> Notice:
    """Return the notice of a meeting. Raises ``SourceRefused`` for a fault or an item of another make.

    A deleted meeting of which only the id is left becomes a bare cancellation without texts and places.
    """
    if item.fault:
        raise SourceRefused(item.fault, subject=item.key)
    try:
        return _notice(item.key, item.data, source, ZoneInfo(source.zone))
    except (KeyError, TypeError, ValueError, OverflowError, AttributeError) as error:
        raise SourceRefused("The entry does not have the form of a meeting.", subject=item.key) from error


def _notice(key: str, data: Mapping[str, Any], source: Source, zone: ZoneInfo) -> Notice:
    status = Status.CANCELLED if data["cancelled"] else Status.ACTIVE
    start = moment_from_json(data["start"])
    bare = start is None  # deleted: only the id is left
    sent = moment_from_json(data["sent"])
    return Notice(
        id=notice_id(source.id, key),
        key=key,
        kind=source.kind,
        topic=source.topic or "council",
        texts=() if bare and not data["name"] else (_text(data, source.language),),
        status=status,
        category="meeting",
        sent=sent if isinstance(sent, datetime) else None,
        expires=None if start is None else _over(start, moment_from_json(data["end"]), zone),
        places=() if bare else _places(data["body"]) or source.places,
        geometry=Geometry(points=((data["point"][0], data["point"][1]),)) if data["point"] else None,
        occurrences=_occurrences(start, data, status),
        url=data["url"],
        publisher=data["body"].get("name", "") or source.name,
        attribution=source.config.get("attribution", ""),
        links=tuple(Link(**one) for one in data["files"]),
        facts=_facts(data),
    )


def _text(data: Mapping[str, Any], language: str) -> NoticeText:
    return NoticeText(lang=language, title=_title(data), body="\n".join(data["agenda"])[:_LONGEST_BODY])


def _title(data: Mapping[str, Any]) -> str:
    """Return the meeting's name; the committees before it if it only says "3. Sitzung", or instead of none."""
    name, committees = data["name"], " / ".join(data["committees"])
    if not name:
        return committees or "Sitzung"
    return f"{committees} – {name}" if committees and _BARE.fullmatch(name) else name


def _facts(data: Mapping[str, Any]) -> tuple[Fact, ...]:
    """Return who meets: readers are to see when another committee takes over."""
    return (Fact("organization", " / ".join(data["committees"])),) if data["committees"] else ()


def _places(body: Mapping[str, str]) -> tuple[PlaceRef, ...]:
    if not body.get("scheme"):
        return ()
    return (PlaceRef(body["scheme"], body["value"], body["name"]),)


def _occurrences(start: Moment | None, data: Mapping[str, Any], status: Status) -> tuple[Occurrence, ...]:
    if start is None:
        return ()
    end = moment_from_json(data["end"])
    if not isinstance(start, datetime):
        end = start + timedelta(days=1)
    return (Occurrence("meeting", start, end, location=data["location"], status=status),)


def _over(start: Moment, end: Moment | None, zone: ZoneInfo) -> datetime:
    """Return when the meeting is over: its end, four hours after its begin, or the end of its day."""
    if not isinstance(start, datetime):
        return datetime.combine(start + timedelta(days=1), time(), zone)
    return end if isinstance(end, datetime) else start + _USUAL
