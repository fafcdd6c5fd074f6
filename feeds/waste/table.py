"""Pickups of a town's own table (CSV, Excel, OpenDocument).

Forms: a row per pickup (``Datum;Abfuhrart;Bezirk``); a row per day with a column per fraction whose cells name zones
or hold a cross; a column per fraction whose cells are dates, with or without a column that names the zone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from calendars.text import refuse
from feeds._table.read import read_workbook
from feeds._table.sheet import Row, Sheet
from feeds.waste.categories import category
from feeds.waste.pickup import Found, Pickup, check_titles, read_day
from feeds.waste.wording import clean
from hub.core.errors import SourceConfigError, SourceRefused
from hub.core.source import Document

WANTED = "a waste calendar"
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
_NO_ZONE = re.compile(
    r"(?:tabelle|sheet|blatt)? ?\d*|(?:\d{4} ?)?(?:jan|feb|mär|mar|apr|mai|may|jun|jul|aug|sep|okt|oct|nov|dez|dec)\w*"
    r"\.?(?: ?\d{2,4})?|[\w -]*(?:termine|kalender|plan|daten|jahr)\w*(?: ?\d{4})?|\d\. ?(?:halbjahr|quartal)"
)
_CROSS = {"x", "xx", "ja", "yes", "true", "1", "*", "•", "●", "✓", "✔", "wahr", "y"}


Numbered = Sequence[tuple[int, Row]]  # rows with their number in the file, from 1


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
    groups: tuple[str, ...] = ()  # the zone of each column, if a row above the header names them
    only: str = ""  # what is collected, if the sheet's name says it


def read_table(document: Document, config: Mapping[str, str]) -> Found:
    """Return the pickups of all sheets of a table.

    A sheet without pickups is left out with a remark if others have some. Raises ``SourceRefused``, or
    ``SourceConfigError`` for missing columns and sheets.
    """
    book = read_workbook(document, WANTED, config.get("sheet", ""))
    found: list[tuple[Sheet, Found]] = []
    notes, refused = list(book.notes), list[SourceRefused]()
    for sheet in book.sheets:
        try:
            found.append((sheet, _read_sheet(sheet, config)))
        except SourceRefused as refusal:
            refused.append(refusal)
            notes.append(f"other-sheet: the sheet {sheet.name[:60]!r} was left out, it holds no collection dates")
    if not found:
        raise refused[0] if refused else refuse("an empty table", WANTED)
    several = len(found) > 1
    pickups = [
        one for sheet, part in found for one in (_of_sheet(part.pickups, sheet.name) if several else part.pickups)
    ]
    faults = [f"{sheet.name}: {fault}" if several else fault for sheet, part in found for fault in part.faults]
    return Found(tuple(pickups), tuple(faults), notes=tuple(notes))


def _read_sheet(sheet: Sheet, config: Mapping[str, str]) -> Found:
    layout = _layout(sheet.rows, config, sheet.name)
    body = [(at, row) for at, row in enumerate(sheet.rows, 1) if at > layout.header + 1 and any(row)]
    return _long(body, layout) if layout.fraction is not None or layout.only else _wide(body, layout)


def _of_sheet(pickups: Sequence[Pickup], name: str) -> list[Pickup]:
    """Give pickups without a zone the sheet's name for one, if it is called like a part of the town."""
    plain = " ".join(name.split())
    if category(plain) != "other" or _NO_ZONE.fullmatch(plain.casefold()):
        return list(pickups)
    return [one if one.zone else replace(one, zone=plain) for one in pickups]


def _layout(rows: Sequence[Row], config: Mapping[str, str], sheet: str) -> Layout:
    """Find header and columns. Raises ``SourceRefused`` or ``SourceConfigError``."""
    only = sheet if category(sheet) != "other" else ""
    for at, row in enumerate(rows[:_HEAD]):
        names = tuple(one.lower() for one in _titles(row))
        if any(
            config.get(f"column_{one}", "").lower() in names
            for one in ("date", "fraction")
            if config.get(f"column_{one}")
        ):
            return _columns(at, rows, config, only)
        known = sum(name in _DATE or name in _FRACTION or category(name) != "other" for name in names)
        if known and not any(read_day(cell) for cell in row) and len({*names} - {""}) > (not only):
            return _columns(at, rows, config, only)
    for name in ("date", "fraction", "zone"):
        if config.get(f"column_{name}"):
            raise SourceConfigError(f"The table has no column {config[f'column_{name}']!r}.")
    return _headless(rows)


def _columns(header: int, rows: Sequence[Row], config: Mapping[str, str], only: str) -> Layout:
    titles = _titles(rows[header])
    names = tuple(one.lower() for one in titles)
    date = _column(names, "date", _DATE, config)
    fraction = _column(names, "fraction", _FRACTION, config)
    zone = _column(names, "zone", _ZONE, config)
    location = next((at for at, name in enumerate(names) if name in _PLACE), None)
    taken = {date, fraction, zone, location}
    wide = tuple(at for at, name in enumerate(names) if at not in taken and name and name not in _WEEKDAY)
    sorts = tuple(at for at in wide if category(names[at]) != "other")
    if fraction is None and not wide and not only:
        raise SourceRefused("The table names no kind of waste.")
    if date is None and not sorts:
        raise SourceRefused("The table has no column with dates.")
    if fraction is None and date is not None and only and not sorts:
        return Layout(header, titles, date, None, zone, location, only=only)
    fractions = wide if date is not None else sorts
    return Layout(header, titles, date, fraction, zone, location, fractions, _groups(rows, header, titles, fractions))


def _titles(row: Row) -> tuple[str, ...]:
    return tuple(" ".join(cell.split()).strip(":") for cell in row)


def _groups(rows: Sequence[Row], header: int, titles: tuple[str, ...], columns: Sequence[int]) -> tuple[str, ...]:
    """Return the zone of each column if the row above the header names one: the same fractions stand under each."""
    names = [titles[at].lower() for at in columns]
    if not header or len(set(names)) == len(names):
        return ()
    above, found, last = rows[header - 1], list[str](), ""
    for at in range(len(titles)):
        last = (above[at] if at < len(above) else "") or last  # in CSV only the first cell of a merged one is filled
        found.append(" ".join(last.split())[:100])
    return tuple(found) if len({found[at] for at in columns}) > 1 else ()


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


def _headless(rows: Sequence[Row]) -> Layout:
    """Read a table without header by its cells: a date, and a word for waste in the same row."""
    for row in rows[:_HEAD]:
        date = next((at for at, cell in enumerate(row) if read_day(cell)), None)
        fraction = next((at for at, cell in enumerate(row) if category(cell) != "other"), None)
        if date is not None and fraction is not None:
            return Layout(-1, (), date, fraction, None, None)
    raise refuse("a table without dates and kinds of waste", WANTED)


def _long(rows: Numbered, layout: Layout) -> Found:
    """Read one pickup a row; a cell may name several zones."""
    check_titles(_cell(row, layout.fraction) for _, row in rows)
    pickups: list[Pickup] = []
    faults: list[str] = []
    for at, row in rows:
        day, title = read_day(_cell(row, layout.date)), layout.only or _cell(row, layout.fraction)
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


def _wide(rows: Numbered, layout: Layout) -> Found:
    """Read a column per fraction: its cells are dates, zones or crosses."""
    pickups: list[Pickup] = []
    faults: list[str] = []
    values = {cell.lower() for _, row in rows for at in layout.fractions if (cell := _cell(row, at))}
    crosses = values <= _CROSS
    for at, row in rows:
        day = read_day(_cell(row, layout.date))
        cells = [
            (clean(layout.titles[one]).title, layout.groups[one] if layout.groups else "", cell)
            for one in layout.fractions
            if (cell := _cell(row, one))
        ]
        if layout.date is not None and day is None and cells:
            faults.append(f"Row {at}: no date.")
        elif layout.date is not None and day is not None:
            for title, group, cell in cells:
                zones = [group] if group and crosses else zones_of(_cell(row, layout.zone) if crosses else cell)
                pickups += [Pickup(day, title, zone) for zone in zones]
        else:
            for title, group, cell in cells:
                found = [one for one in map(read_day, re.split(r"[,;\n]| und ", cell)) if one]
                zones = [group] if group else zones_of(_cell(row, layout.zone))
                pickups += [Pickup(one, title, zone) for one in found for zone in zones]
    return Found(tuple(pickups), tuple(faults))


def _cell(row: Row, at: int | None) -> str:
    return row[at][:500] if at is not None and at < len(row) else ""


def zones_of(cell: str) -> list[str]:
    """Return the zones that a cell names (``1, 2`` or ``1/2`` or ``1 + 2``), each once; ``[""]`` if it names none."""
    found = [one.strip()[:100] for one in re.split(r"[,;/+&]| und ", cell)]
    return list(dict.fromkeys(one for one in found if one)) or [""]
