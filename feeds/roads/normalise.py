"""A closure as a notice: place first in the title, the span as one occurrence, severity by full or partial."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from feeds.roads.closure import Closure, from_item
from feeds.roads.moments import ends, starts
from hub.core.errors import SourceRefused
from hub.core.notice import Notice, NoticeText, Occurrence, PlaceRef, Severity, notice_id
from hub.core.source import Item, Source

_MOST_STREETS = 10
_LONGEST_BODY = 20_000


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
    body = "\n".join(line for line in closure.lines if line)[:_LONGEST_BODY].strip()
    return Notice(
        id=notice_id(source.id, key),
        key=key,
        kind=source.kind,
        topic=source.topic or "roads",
        texts=(NoticeText(lang=source.language, title=closure.title, body=body),),
        severity=Severity.MODERATE if closure.blocked else Severity.MINOR,
        category=closure.category or closure.kind,
        valid_from=starts(closure.begin, zone) if closure.begin else None,
        expires=ends(closure.end, zone) if closure.end else None,
        places=_places(closure) or source.places,
        geometry=closure.geometry,
        occurrences=_occurrences(closure, zone),
        url=closure.url,
        publisher=source.name,
        attribution=source.config.get("attribution", "") or closure.attribution,
    )


def _places(closure: Closure) -> tuple[PlaceRef, ...]:
    """Return what the source names: key, district, and each street of a list ("Reichsstraße, Treffurthstraße")."""
    found = []
    ars = re.sub(r"\s", "", closure.ars)
    if re.fullmatch(r"\d{5,12}", ars, re.ASCII):
        found.append(PlaceRef("ars", ars))
    if closure.district:
        found.append(PlaceRef("district", closure.district))
    streets = [one.strip() for one in re.split(r"[,;/]", closure.street)]
    found += [PlaceRef("street", one) for one in dict.fromkeys(filter(None, streets))][:_MOST_STREETS]
    return tuple(found)


def _occurrences(closure: Closure, zone: ZoneInfo) -> tuple[Occurrence, ...]:
    """Return the span from begin to end, if both are known: whole days if both are days, else times."""
    begin, end = closure.begin, closure.end
    if begin is None or end is None:
        return ()
    if _is_day(begin) and _is_day(end):
        return (Occurrence("closure", begin, end + timedelta(days=1), location=closure.street),)
    return (Occurrence("closure", starts(begin, zone), ends(end, zone), location=closure.street),)


def _is_day(moment: date) -> bool:
    return not isinstance(moment, datetime)
