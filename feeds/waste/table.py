"""Pickups of a town's own table (CSV): long form, one column per fraction, or zone ids in a matrix.

Forms: a row per pickup (``Datum;Abfuhrart;Bezirk``); a row per day with a column per fraction whose cells name zones
or hold a cross; a column per fraction whose cells are dates, with or without a column that names the zone.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from calendars.text import decode, foreign, refuse
from feeds.waste.categories import category
from feeds.waste.pickup import Found, Pickup, check_titles, read_day
from feeds.waste.wording import clean
from hub.core.errors import SourceConfigError, SourceRefused
from hub.core.source import Document

WANTED = "a waste calendar"
_MOST_ROWS = 50_000
_MOST_COLUMNS = 500  # what stands further right is dropped
_HEAD = 20  # rows in which the header must stand, below a title
_DATE = {"datum", "date", "termin", "tag", "day", "abfuhrtermin", "abfuhrdatum", "abholdatum", "abholtermin",
         "leerungstermin", "leerung", "abfuhrtag", "start", "startdatum", "start date", "beginn"}  # fmt: skip
_FRACTION = {"abfuhrart", "fraktion", "tonne", "art", "abfallart", "müllart", "sammelart", "behälter", "abfall",
             "abfuhr", "bezeichnung", "titel", "betreff", "typ", "type", "fraction", "waste", "waste type", "subject",
             "leistung", "entsorgungsart", "wertstoff", "sorte", "material"}  # fmt: skip
_ZONE = {"bezirk", "zone", "tour", "ort", "straße", "strasse", "ortsteil", "gebiet", "revier", "abfuhrbezirk",
         "abfuhrgebiet", "stadtteil", "gemeinde", "district", "area", "street", "sammelgebiet"}  # fmt: skip
_PLACE = {"ort der abholung", "standort", "standplatz", "haltestelle", "location", "treffpunkt"}
_WEEKDAY = {"wochentag", "weekday", "tag der woche", "kw", "kalenderwoche", "woche"}
_CROSS = {"x", "xx", "ja", "yes", "true", "1", "*", "•", "●", "✓", "✔", "wahr", "y"}


@dataclass(frozen=True, slots=True)
class Layout:
    """Where things stand: the header's row, and the columns; ``date`` is ``None`` if the cells are the dates."""

    header: int
    titles: tuple[str, ...]
    date: int | None
    fraction: int | None
    zone: int | None
    location: int | None
    fractions: tuple[int, ...] = ()


def read_table(document: Document, config: Mapping[str, str]) -> Found:
    """Return the pickups of a table. Raises ``SourceRefused``, or ``SourceConfigError`` for missing columns."""
    text, _ = decode(document.body, document.content_type)
    what = foreign(document.body, text)
    if what:
        raise refuse(what, WANTED)
    rows = _rows(text)
    layout = _layout(rows, config)
    body = [row for row in rows[layout.header + 1 :] if any(row)]
    if layout.fraction is not None:
        return _long(body, layout)
    return _wide(body, layout)


def _rows(text: str) -> list[list[str]]:
    """Split the text into stripped cells at its own delimiter. Raises ``SourceRefused``."""
    plain = text.replace("\x00", "").replace("\r\n", "\n").replace("\r", "\n")
    delimiter = _delimiter(plain)
    if not delimiter:
        raise refuse("something else", WANTED)
    rows: list[list[str]] = []
    try:
        for row in csv.reader(plain.split("\n"), delimiter=delimiter, skipinitialspace=True):
            rows.append([cell.strip().strip("'\"").strip() for cell in row[:_MOST_COLUMNS]])
            if len(rows) > _MOST_ROWS:
                raise SourceRefused(f"The table has more than {_MOST_ROWS:,} rows.")
    except csv.Error as error:
        raise SourceRefused(f"The table cannot be read ({error}).") from error
    return rows


def _delimiter(text: str) -> str:
    """Return what separates the cells: what stands in most of the first rows, most often."""
    lines = [line for line in text[:65_536].split("\n") if line.strip()][:30]
    votes = {mark: (sum(mark in line for line in lines), sum(line.count(mark) for line in lines)) for mark in ";\t,|"}
    best = max(votes, key=lambda mark: votes[mark])
    return best if votes[best][0] else ""


def _layout(rows: Sequence[Sequence[str]], config: Mapping[str, str]) -> Layout:
    """Find header and columns. Raises ``SourceRefused`` or ``SourceConfigError``."""
    for at, row in enumerate(rows[:_HEAD]):
        titles = tuple(" ".join(cell.split()).strip(":") for cell in row)
        names = tuple(one.lower() for one in titles)
        if any(
            config.get(f"column_{one}", "").lower() in names
            for one in ("date", "fraction")
            if config.get(f"column_{one}")
        ):
            return _columns(at, titles, config)
        known = sum(name in _DATE or name in _FRACTION or category(name) != "other" for name in names)
        if known and not any(read_day(cell) for cell in row) and len(names) > 1:
            return _columns(at, titles, config)
    for name in ("date", "fraction", "zone"):
        if config.get(f"column_{name}"):
            raise SourceConfigError(f"The table has no column {config[f'column_{name}']!r}.")
    return _headless(rows)


def _columns(header: int, titles: tuple[str, ...], config: Mapping[str, str]) -> Layout:
    names = tuple(one.lower() for one in titles)
    date = _column(names, "date", _DATE, config)
    fraction = _column(names, "fraction", _FRACTION, config)
    zone = _column(names, "zone", _ZONE, config)
    location = next((at for at, name in enumerate(names) if name in _PLACE), None)
    taken = {date, fraction, zone, location}
    wide = tuple(at for at, name in enumerate(names) if at not in taken and name and name not in _WEEKDAY)
    sorts = tuple(at for at in wide if category(names[at]) != "other")
    if fraction is None and not wide:
        raise SourceRefused("The table names no kind of waste.")
    if date is None and not sorts:
        raise SourceRefused("The table has no column with dates.")
    return Layout(header, titles, date, fraction, zone, location, wide if date is not None else sorts)


def _column(names: Sequence[str], which: str, usual: set[str], config: Mapping[str, str]) -> int | None:
    """Return the column that the settings name, else the first with a usual name."""
    wanted = " ".join(config.get(f"column_{which}", "").lower().split())
    if wanted:
        if wanted not in names:
            raise SourceConfigError(
                f"The table has no column {wanted!r}; it has {', '.join(filter(None, names))[:200]}."
            )
        return list(names).index(wanted)
    return next((at for at, name in enumerate(names) if name in usual), None)


def _headless(rows: Sequence[Sequence[str]]) -> Layout:
    """Read a table without header by its cells: a date, and a word for waste in the same row."""
    for row in rows[:_HEAD]:
        date = next((at for at, cell in enumerate(row) if read_day(cell)), None)
        fraction = next((at for at, cell in enumerate(row) if category(cell) != "other"), None)
        if date is not None and fraction is not None:
            return Layout(-1, (), date, fraction, None, None)
    raise refuse("a table without dates and kinds of waste", WANTED)


def _long(rows: Sequence[Sequence[str]], layout: Layout) -> Found:
    """Read one pickup a row; a cell may name several zones."""
    check_titles(_cell(row, layout.fraction) for row in rows)
    pickups: list[Pickup] = []
    faults: list[str] = []
    for at, row in enumerate(rows, layout.header + 2):
        day, title = read_day(_cell(row, layout.date)), _cell(row, layout.fraction)
        if day is None or not title:
            faults.append(f"Row {at}: {'no date' if day is None else 'no kind of waste'}.")
            continue
        wording = clean(title)
        pickups += [
            Pickup(
                day,
                wording.title,
                zone,
                _cell(row, layout.location),
                " ".join(title.split())[:200] if wording.marked else "",
                cancelled=wording.cancelled,
            )
            for zone in zones_of(_cell(row, layout.zone))
        ]
    return Found(tuple(pickups), tuple(faults))


def _wide(rows: Sequence[Sequence[str]], layout: Layout) -> Found:
    """Read a column per fraction: its cells are dates, zones or crosses."""
    pickups: list[Pickup] = []
    faults: list[str] = []
    values = {cell.lower() for row in rows for at in layout.fractions if (cell := _cell(row, at))}
    crosses = values <= _CROSS
    for at, row in enumerate(rows, layout.header + 2):
        day = read_day(_cell(row, layout.date))
        cells = [(clean(layout.titles[one]).title, cell) for one in layout.fractions if (cell := _cell(row, one))]
        if layout.date is not None and day is None and cells:
            faults.append(f"Row {at}: no date.")
        elif layout.date is not None and day is not None:
            for title, cell in cells:
                zones = zones_of(_cell(row, layout.zone)) if crosses else zones_of(cell)
                pickups += [Pickup(day, title, zone) for zone in zones]
        else:
            for title, cell in cells:
                found = [one for one in map(read_day, re.split(r"[,;\n]| und ", cell)) if one]
                pickups += [Pickup(one, title, zone) for one in found for zone in zones_of(_cell(row, layout.zone))]
    return Found(tuple(pickups), tuple(faults))


def _cell(row: Sequence[str], at: int | None) -> str:
    return row[at][:500] if at is not None and at < len(row) else ""


def zones_of(cell: str) -> list[str]:
    """Return the zones that a cell names (``1, 2`` or ``1/2`` or ``1 + 2``), each once; ``[""]`` if it names none."""
    found = [one.strip()[:100] for one in re.split(r"[,;/+&]| und ", cell)]
    return list(dict.fromkeys(one for one in found if one)) or [""]
