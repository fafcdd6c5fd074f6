"""A closure as a notice: place first in the title, its dates as occurrences, severity by full or partial."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from feeds.roads.closure import Closure, from_item
from feeds.roads.moments import ends, starts
from feeds.roads.streets import MOST_STREETS
from hub.core.errors import SourceRefused
from hub.core.notice import (
    Fact,
    Moment,
    Notice,
    NoticeText,
    Occurrence,
    PlaceRef,
    Severity,
    Status,
    notice_id,
)
from hub.core.place import slug
from hub.core.source import Item, Source

REOPENED = "reopened"
_LONGEST_BODY = 20_000
_LONGEST_TITLE = 300


def normalise(item: Item, source: Source) -> Notice:
    """Return the notice of ``item``. Raises ``SourceRefused`` for a fault or an item of another make."""
    if item.fault:
        raise SourceRefused(item.fault, subject=item.key)
    try:
        closure = from_item(item)
        zone = ZoneInfo(source.zone)
        return _notice(closure, item.key, source, zone)
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise SourceRefused("The entry does not have the form of a closure.", subject=item.key) from error


def _notice(closure: Closure, key: str, source: Source, zone: ZoneInfo) -> Notice:
    return Notice(
        id=notice_id(source.id, key),
        key=key,
        kind=source.kind,
        topic=source.topic or "roads",
        texts=_texts(closure, source.language),
        severity=Severity.MODERATE if closure.blocked else Severity.MINOR,
        status=Status.CANCELLED if closure.over else Status.ACTIVE,
        category=REOPENED if closure.over else closure.category or closure.kind,
        sent=closure.sent,
        valid_from=starts(closure.begin, zone) if closure.begin else None,
        expires=ends(closure.end, zone) if closure.end else None,
        places=_places(closure),
        geometry=closure.geometry,
        occurrences=_occurrences(closure, zone),
        url=closure.url,
        publisher=source.name or closure.publisher,
        attribution=source.config.get("attribution", "") or closure.attribution,
        references=closure.aliases,
        facts=tuple(Fact(name, value) for name, value in closure.facts),
    )


def _texts(closure: Closure, language: str) -> tuple[NoticeText, ...]:
    if closure.texts:
        return closure.texts
    body = "\n".join(line for line in closure.lines if line)[:_LONGEST_BODY].strip()
    return (NoticeText(lang=language, title=closure.title[:_LONGEST_TITLE], body=body),)


def _places(closure: Closure) -> tuple[PlaceRef, ...]:
    """Return what the closure names: key, districts, streets; nothing leaves it to the source's own place.

    A position that cannot be read here (an Alert-C code) is named too: it must not become "everybody" (P-07).
    """
    found = []
    ars = re.sub(r"\s", "", closure.ars)
    if re.fullmatch(r"\d{5,12}", ars, re.ASCII):
        found.append(PlaceRef("ars", ars))
    found += [PlaceRef("district", one) for one in _different(closure.districts)]
    found += [PlaceRef("street", one) for one in _different(closure.streets)[:MOST_STREETS]]
    if closure.where and closure.geometry is None:
        return (PlaceRef("alertc", closure.where),)
    return tuple(found)


def _different(names: tuple[str, ...]) -> list[str]:
    """Return each name once, whichever way it is written (``Am Markt``, ``Hauptstr.`` and ``Hauptstraße``)."""
    return list({slug(one): one for one in reversed(names) if slug(one)}.values())[::-1]


def _occurrences(closure: Closure, zone: ZoneInfo) -> tuple[Occurrence, ...]:
    """Return the single dates, else the span from begin to end if both are known."""
    if len(closure.spans) > 1:
        return _dates(closure, zone)
    if closure.begin is None or closure.end is None:
        return ()
    return (_occurrence("closure", closure.begin, closure.end, closure, zone),)


def _dates(closure: Closure, zone: ZoneInfo) -> tuple[Occurrence, ...]:
    """Return the dates in order; each is called by its day and, if one day has several, its place among them."""
    found: dict[str, Occurrence] = {}
    for begin, end in sorted(set(closure.spans), key=lambda span: (starts(span[0], zone), ends(span[1], zone))):
        day = starts(begin, zone).astimezone(zone).date().isoformat()
        key, count = day, 2
        while key in found:
            key, count = f"{day}-{count}", count + 1
        found[key] = _occurrence(key, begin, end, closure, zone)
    return tuple(found.values())


def _occurrence(key: str, begin: Moment, end: Moment, closure: Closure, zone: ZoneInfo) -> Occurrence:
    """Return a date: whole days if both ends are days, else times."""
    if _is_day(begin) and _is_day(end):
        return Occurrence(key, begin, end + timedelta(days=1), location=closure.street)
    return Occurrence(key, starts(begin, zone), ends(end, zone), location=closure.street)


def _is_day(moment: date) -> bool:
    return not isinstance(moment, datetime)
