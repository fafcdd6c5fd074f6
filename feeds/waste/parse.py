"""From documents to series: choose the dialect by content, gather pickups, group them by kind of waste and zone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from calendars.text import decode, foreign, refuse
from calendars.window import months_around
from feeds._table.read import is_office
from feeds.waste.answers import load, names_of, read_json, read_lines
from feeds.waste.categories import category, is_holiday
from feeds.waste.ics import read_calendar
from feeds.waste.pairs import setting_pairs
from feeds.waste.pickup import Found, Pickup
from feeds.waste.provided import is_provided, read_provided, with_places
from feeds.waste.shifts import read_shifts, shift_all
from feeds.waste.table import read_table, zones_of
from hub.core.errors import SourceConfigError, SourceRefused, SourceTooLarge
from hub.core.place import slug
from hub.core.source import Document, Fetched, Item, Source

LARGEST = 5_000_000  # bytes of one document
MOST_SERIES = 2_000
MOST_DATES = 1_500  # of one series
MOST_FAULTS = 100
_SOON = timedelta(days=60)  # a calendar that ends before is told to the clerk who looks at it


def parse(fetched: Fetched) -> list[Item]:
    """Return one item per series, one with a ``fault`` per entry that could not be read, and notes. Pure.

    Dates that the source names are all kept, old ones too, so that a recorded file can be looked at; only rules are
    bounded (:mod:`calendars.window`). Raises ``SourceError``; a calendar without a single pickup is refused, because
    an empty answer must not pass for a town that collects nothing.
    """
    config = fetched.source.config
    found = _read_all(fetched)
    pickups = _in_zone([one for part in found for one in part.pickups], config.get("collection_zone", ""))
    holidays = any(is_holiday(one.title) for one in pickups)
    pickups = [one for one in pickups if not is_holiday(one.title)]
    shifts = read_shifts(config.get("shifts", ""), _land(fetched.source), config.get("shift_dates", ""))
    if shifts is not None:
        pickups = shift_all(pickups, shifts, fetched.source.language)
    faults = [fault for part in found for fault in part.faults]
    if not pickups:
        why = "All its dates are holidays." if holidays else "".join(faults[:1])
        raise SourceRefused(f"The calendar contains no collection dates. {why}".strip(), subject=fetched.source.id)
    items = [*_series(pickups), *_fault_items(faults)]
    items = with_places(items, fetched) if is_provided(fetched) else items
    return [*items, *_notes(found, pickups, fetched, shifted=shifts is not None)]


def _notes(found: Sequence[Found], pickups: Sequence[Pickup], fetched: Fetched, *, shifted: bool) -> list[Item]:
    """Return the remarks for the clerk: what was repaired, what holidays moved, and that the calendar ends soon."""
    notes = dict.fromkeys(note for part in found for note in part.notes)
    last = max(one.day for one in pickups)
    if last < fetched.at.date() + _SOON and not any(one.regular for one in pickups):
        notes[f"calendar-end: no dates after {last:%d.%m.%Y}"] = None
    if shifted:
        notes[f"shifts: {sum(one.planned is not None for one in pickups)} regular dates were moved for holidays"] = None
    return [Item(f"note-{at}", note=note) for at, note in enumerate(notes)]


def _land(source: Source) -> str:
    """Return the Land whose holidays count: as set, else that of the source's own places."""
    official = (one.value for one in source.places if one.scheme in ("ars", "ags"))
    return source.config.get("land", "") or next(official, "")


def _read_all(fetched: Fetched) -> list[Found]:
    """Read every document. Raises ``SourceError``: half of several documents is not the whole."""
    config = fetched.source.config
    fractions = setting_pairs(config.get("fractions", ""), fetched.source.id)
    if is_provided(fetched):
        return read_provided(fetched)
    if fetched.source.url.startswith("wcs:"):
        return [read_lines(one) for one in fetched.documents]
    chosen = [(document, _dialect(document, config.get("format", "auto"))) for document in fetched.documents]
    for document, dialect in chosen:
        fractions = names_of(load(document)) | fractions if dialect == "json" and len(chosen) > 1 else fractions
    parts = [
        _read(document, dialect, fetched, fractions)
        for document, dialect in chosen
        if not (dialect == "json" and len(chosen) > 1 and names_of(load(document)))
    ]
    return [
        replace(part, pickups=tuple(replace(one, title=fractions.get(one.title, one.title)) for one in part.pickups))
        for part in parts
    ]


def _read(document: Document, dialect: str, fetched: Fetched, fractions: Mapping[str, str]) -> Found:
    if dialect == "ics":
        return read_calendar(document, fetched.source.zone, months_around(fetched.at.date()))
    if dialect == "csv":
        return read_table(document, fetched.source.config, fetched.at.date(), months_around(fetched.at.date()))
    return read_json(document, fractions, awido=dialect == "awido")


def _dialect(document: Document, wanted: str) -> str:
    """Return ``ics``, ``csv``, ``awido`` or ``json``: as the settings say, else by content, never by file name."""
    if len(document.body) > LARGEST:
        raise SourceTooLarge("The calendar is larger than 5 MB.", subject=document.url)
    if wanted not in ("", "auto"):
        return wanted
    if is_office(document.body):
        return "csv"
    text, _ = decode(document.body, document.content_type)
    what = foreign(document.body, text)
    if "BEGIN:VCALENDAR" in text.upper():
        return "ics"
    if what == "JSON data":
        return "json"
    if what:
        raise refuse(what, "a calendar")
    return "csv"


def _in_zone(pickups: Sequence[Pickup], wanted: str) -> list[Pickup]:
    """Keep the pickups of the zones ``wanted`` (several by comma); if the source names none, all are there."""
    if not wanted:
        return list(pickups)
    if not any(one.zone for one in pickups):
        return [replace(one, zone=wanted) for one in pickups]
    slugs = {slug(one) for one in zones_of(wanted)} | {slug(wanted)}
    found = [one for one in pickups if not one.zone or slug(one.zone) in slugs]
    if not any(one.zone for one in found):
        zones = ", ".join(sorted({one.zone for one in pickups if one.zone}))[:300]
        raise SourceConfigError(f"The source has no collection zone {wanted!r}; it has {zones}.")
    return found


def _series(pickups: Iterable[Pickup]) -> list[Item]:
    """Group pickups into one item per title and zone, in order of their keys."""
    groups: dict[str, list[Pickup]] = {}
    for one in pickups:
        key = f"{category(one.title)}:{slug(one.title) or 'abfuhr'}:{slug(one.zone)}"
        groups.setdefault(key, []).append(one)
    if len(groups) > MOST_SERIES:
        raise SourceRefused(f"The calendar has more than {MOST_SERIES:,} kinds of waste and zones.")
    return [_item(key, groups[key]) for key in sorted(groups)]


def _item(key: str, group: Sequence[Pickup]) -> Item:
    ordered = sorted(set(group), key=lambda one: (one.day, one.location, one.summary, one.cancelled))
    first = group[0]
    return Item(
        key=key,
        data={
            "category": category(first.title),
            "title": first.title,
            "zone": first.zone,
            "body": _same([one.body for one in ordered]),
            "url": _same([one.url for one in ordered]),
            "dates": _dates(ordered[-MOST_DATES:]),
        },
    )


def _same(values: Sequence[str]) -> str:
    """Return what all dates of a series say alike; what differs belongs to a date, not to the series."""
    return values[0] if len(set(values)) == 1 else ""


def _dates(pickups: Sequence[Pickup]) -> list[dict[str, Any]]:
    """Return the dates of a series; two on one day and place become one, the standing one of a called-off pair."""
    dates: list[dict[str, Any]] = []
    seen: dict[tuple[date, str], int] = {}
    count: dict[date, int] = {}
    for one in pickups:
        place = (one.day, one.location)
        if place in seen:
            dates[seen[place]]["cancelled"] &= one.cancelled
            continue
        seen[place] = len(dates)
        regular = one.planned or one.day  # a date keeps its key when a holiday moves it
        count[regular] = count.get(regular, 0) + 1
        suffix = f"-{count[regular]}" if count[regular] > 1 else ""
        dates.append(
            {
                "key": f"{regular.isoformat()}{suffix}",
                "day": one.day.isoformat(),
                "summary": one.summary,
                "location": one.location,
                "cancelled": one.cancelled,
            }
        )
    return dates


def _fault_items(faults: Sequence[str]) -> list[Item]:
    items = [Item(key=f"fault-{at}", fault=fault) for at, fault in enumerate(faults[:MOST_FAULTS], 1)]
    if len(faults) > MOST_FAULTS:
        items.append(Item(key="fault-more", fault=f"{len(faults) - MOST_FAULTS} more entries could not be read."))
    return items
