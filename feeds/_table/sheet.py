"""A Sheet: rows of text cells, whatever file they come from; and how values become such cells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

MOST_ROWS = 50_000  # of all sheets together
MOST_COLUMNS = 500  # what stands further right is dropped
MOST_CELLS = 200_000  # of an Excel sheet, empty ones up to the last of a row included
MOST_SHEETS = 60
_LONGEST_CELL = 20_000  # characters; Excel's own bound is 32,767
_EXACT = 10**15  # above, a float has no fraction to lose
_ERRORS = {"#REF", "#N/A", "#VALUE", "#NAME", "#DIV/0", "#NUM", "#NULL"}

Row = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet. ``name`` is empty for CSV; rows stand where the file has them, empty ones too.

    Cells are stripped. Dates of office files are ISO 8601 (``2027-01-05``, ``2027-01-05T19:00``), times ``19:00``.
    """

    name: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Workbook:
    """The sheets that hold anything, and remarks for the clerk."""

    sheets: tuple[Sheet, ...]
    notes: tuple[str, ...] = ()


def cell(value: Any) -> str:
    """Return an office file's value as text: whole numbers without fraction, a cross for true."""
    if value is None or isinstance(value, bool):
        return "x" if value else ""
    if isinstance(value, date | time | timedelta):
        return _moment(value)
    if isinstance(value, float) and value.is_integer() and abs(value) < _EXACT:
        return str(int(value))
    text = str(value)[:_LONGEST_CELL].replace("\x00", "").replace("\xa0", " ").strip()
    return "" if text.rstrip("!?") in _ERRORS else text


def _moment(value: date | time | timedelta) -> str:
    """Write a date, a time or a duration; a date at midnight is a day."""
    if isinstance(value, timedelta):
        minutes = int(value.total_seconds() // 60)
        return f"{minutes // 60:02}:{minutes % 60:02}"
    if isinstance(value, time):
        return value.isoformat(timespec="minutes")
    if not isinstance(value, datetime):
        return value.isoformat()
    plain = value.replace(tzinfo=None)
    return plain.date().isoformat() if plain.time() == time() else plain.isoformat(timespec="minutes")


def merged(rows: Sequence[Sequence[str]], areas: Sequence[tuple[int, int, int, int]]) -> list[Row]:
    """Return ``rows`` with each merged area (first row, first column, last row, last column; from 0) filled.

    Only its first cell has the value in the file; a reader of rows needs it in each.
    """
    found = [list(row) for row in rows]
    budget = MOST_ROWS
    for top, left, bottom, right in areas:
        if top >= len(found) or left >= len(found[top]) or not found[top][left]:
            continue
        value = found[top][left]
        for row in found[top : bottom + 1]:
            width = min(right + 1, MOST_COLUMNS)
            row.extend([""] * (width - len(row)))
            row[left:width] = [value] * (width - left)
            budget -= width - left
        if budget < 0:
            break
    return [tuple(row) for row in found]
