"""Pickups of a town's own table (CSV, Excel, OpenDocument).

Forms: a row per pickup (``Datum;Abfuhrart;Bezirk``); a row per day with a column per fraction whose cells name zones
or hold a cross; a column per fraction whose cells are dates, with or without a column that names the zone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from calendars.text import decode, refuse
from feeds._table.read import is_office, read_workbook
from feeds._table.sheet import Row, Sheet, Workbook
from feeds.waste.categories import category
from feeds.waste.layout import WANTED, Layout, find_layout
from feeds.waste.pickup import Found, Pickup, check_titles, read_day
from feeds.waste.regular import NoPlanError, is_plan, lines_as_rows, read_plan
from feeds.waste.wording import clean
from hub.core.errors import SourceRefused
from hub.core.source import Document

__all__ = ["WANTED", "read_table", "zones_of"]

_MONTH = (
    r"jan(?:uar)?|feb(?:ruar)?|mär(?:z)?|apr(?:il)?|mai|juni?|juli?|aug(?:ust)?|sept?(?:ember)?|okt(?:ober)?|nov(?:ember)?"
    r"|dez(?:ember)?|january|february|mar(?:ch)?|may|june|july|oct(?:ober)?|dec(?:ember)?"
)
_NO_ZONE = re.compile(
    rf"(?:tabelle|sheet|blatt)? ?\d*|(?:\d{{4}} ?)?(?:{_MONTH})\.?(?: ?\d{{2,4}})?"
    r"|[\w -]*(?:termine|kalender|plan|daten|jahr)(?: ?\d{4})?|\d\. ?(?:halbjahr|quartal)(?: ?\d{4})?"
)
_CROSS = {"x", "xx", "ja", "yes", "true", "1", "*", "•", "●", "✓", "✔", "wahr", "y"}

Numbered = Sequence[tuple[int, Row]]  # rows with their number in the file, from 1


@dataclass(frozen=True, slots=True)
class Calendar:
    """What plans need: ``today`` for days without a year, and the days through which they are followed."""

    today: date
    window: tuple[date, date]


def read_table(
    document: Document, config: Mapping[str, str], today: date | None = None, window: tuple[date, date] | None = None
) -> Found:
    """Return the pickups of all sheets of a table; plans (``jeden Mittwoch``) are followed through ``window``.

    A sheet without pickups is left out with a remark if others have some. Raises ``SourceRefused``, or
    ``SourceConfigError`` for missing columns and sheets.
    """
    book = _plans(document) or read_workbook(document, WANTED, config.get("sheet", ""))
    calendar = Calendar(today, window) if today and window else None
    found: list[tuple[Sheet, Found]] = []
    notes, refused = list(book.notes), list[SourceRefused]()
    for sheet in book.sheets:
        try:
            found.append((sheet, _read_sheet(sheet, config, calendar)))
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


def _plans(document: Document) -> Workbook | None:
    """Return a list of lines ``Restmüll: jeden zweiten Mittwoch ab 7.1.`` as a table."""
    if is_office(document.body):
        return None
    rows = lines_as_rows(decode(document.body, document.content_type)[0])
    return Workbook((Sheet("", (("Abfuhrart", "Turnus"), *rows)),)) if rows else None


def _read_sheet(sheet: Sheet, config: Mapping[str, str], calendar: Calendar | None) -> Found:
    layout = find_layout(sheet.rows, config, sheet.name)
    body = [(at, row) for at, row in enumerate(sheet.rows, 1) if at > layout.header + 1 and any(row)]
    if layout.fraction is not None or layout.only:
        return _long(body, layout, calendar)
    return _wide(body, layout, calendar)


def _of_sheet(pickups: Sequence[Pickup], name: str) -> list[Pickup]:
    """Give pickups without a zone the sheet's name for one, if it is called like a part of the town."""
    plain = " ".join(name.split())
    if category(plain) != "other" or _NO_ZONE.fullmatch(plain.casefold()):
        return list(pickups)
    return [one if one.zone else replace(one, zone=plain) for one in pickups]


def _long(rows: Numbered, layout: Layout, calendar: Calendar | None) -> Found:
    """Read one pickup a row, or the plan of one; a cell may name several zones."""
    check_titles(_cell(row, layout.fraction) for _, row in rows)
    pickups: list[Pickup] = []
    faults: list[str] = []
    for at, row in rows:
        title = layout.only or _cell(row, layout.fraction)
        days, fault = _days(_cell(row, layout.date), [_cell(row, one) for one in layout.more], calendar)
        if fault or not title:
            faults.append(f"Row {at}: {fault or 'no kind of waste'}.")
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
                regular=regular,
            )
            for day, regular in days
            for zone in zones_of(_cell(row, layout.zone))
        ]
    return Found(tuple(pickups), tuple(faults))


def _days(cell: str, more: Sequence[str], calendar: Calendar | None) -> tuple[list[tuple[date, bool]], str]:
    """Return the day of a cell, or the days of the plan in it, with whether they are regular; or why there is none.

    ``more`` are the plan's other cells: its day of the week and its first day.
    """
    if any(more):
        cell = f"{cell} {more[0]}" + (f" ab {more[1]}" if more[1] and " ab " not in cell else "")
    if not is_plan(cell):
        day = read_day(cell)
        return ([(day, False)], "") if day is not None else ([], "no date")
    if calendar is None:
        return [], "no date"
    try:
        return [(day, True) for day in read_plan(cell, calendar.today).days(*calendar.window)], ""
    except NoPlanError as error:
        return [], f"{cell[:60]!r} cannot be followed, {error}"


def _wide(rows: Numbered, layout: Layout, calendar: Calendar | None) -> Found:
    """Read a column per fraction: its cells are dates, plans, zones or crosses."""
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
                days, fault = _days_of_cell(cell, calendar)
                faults += [f"Row {at}: {fault}."] if fault else []
                zones = [group] if group else zones_of(_cell(row, layout.zone))
                pickups += [Pickup(one, title, zone, regular=plan) for one, plan in days for zone in zones]
    return Found(tuple(pickups), tuple(faults))


def _days_of_cell(cell: str, calendar: Calendar | None) -> tuple[list[tuple[date, bool]], str]:
    """Return the dates that one cell lists, or those of its plan; what is neither says nothing."""
    if is_plan(cell):
        return _days(cell, (), calendar)
    return [(one, False) for one in map(read_day, re.split(r"[,;\n]| und ", cell)) if one], ""


def _cell(row: Row, at: int | None) -> str:
    return row[at][:500] if at is not None and at < len(row) else ""


def zones_of(cell: str) -> list[str]:
    """Return the zones that a cell names (``1, 2`` or ``1/2`` or ``1 + 2``), each once; ``[""]`` if it names none."""
    found = [one.strip()[:100] for one in re.split(r"[,;/+&]| und ", cell)]
    return list(dict.fromkeys(one for one in found if one)) or [""]
