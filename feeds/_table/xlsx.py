"""Sheets of an Excel workbook (ECMA-376, .xlsx): values as last computed, dates as dates, merged cells filled."""

from __future__ import annotations

import io
import re
import warnings
import zipfile
from typing import Any

from feeds._table.package import text_of
from feeds._table.sheet import MOST_CELLS, MOST_COLUMNS, MOST_ROWS, MOST_SHEETS, Row, Sheet, Workbook, cell, merged
from hub.core.errors import SourceError, SourceRefused, SourceTooLarge

_MERGED = re.compile(rb"<(?:\w{1,10}:)?mergeCell\s[^<>]{0,200}?ref=\"([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})\"")
_MOST_MERGED = 20_000


def read_xlsx(body: bytes, archive: zipfile.ZipFile) -> Workbook:
    """Return the visible sheets of ``body``, whose package ``archive`` was judged harmless.

    Raises ``SourceRefused``, or ``SourceTooLarge`` for more rows than a table may have.
    """
    import openpyxl

    for name in archive.namelist():
        if name.endswith((".xml", ".rels")):
            text_of(archive, name)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about styles and extensions that nobody here needs
            book = openpyxl.load_workbook(io.BytesIO(body), read_only=True, data_only=True, keep_links=False)
            return _read(book, archive)
    except SourceError:
        raise
    except Exception as error:  # openpyxl raises whatever its XML makes it stumble over
        raise SourceRefused(f"The Excel file cannot be read ({type(error).__name__}).") from error


def _read(book: Any, archive: zipfile.ZipFile) -> Workbook:
    sheets, notes, left = [], [], MOST_ROWS
    for made in book.worksheets[:MOST_SHEETS]:
        if made.sheet_state != "visible":
            notes.append(f"hidden-sheet: the hidden sheet {made.title[:60]!r} was left out")
            continue
        rows = _rows(made, left)
        left -= len(rows)
        if any(map(any, rows)):
            areas = _areas(text_of(archive, made._worksheet_path))  # noqa: SLF001 - read-only sheets know no merged cells
            sheets.append(Sheet(made.title, tuple(merged(rows, areas))))
    return Workbook(tuple(sheets), tuple(notes))


def _rows(sheet: Any, most: int) -> list[Row]:
    """Return the rows without the empty ones at the end. Raises ``SourceTooLarge`` above ``most``."""
    sheet.reset_dimensions()  # what the file says of its size may be wrong in both directions
    found: list[Row] = []
    width = 0
    for row in sheet.iter_rows(values_only=True):
        width += len(row)
        if width > MOST_CELLS:
            raise SourceTooLarge(f"The table has more than {MOST_CELLS:,} cells.")
        cells = tuple(map(cell, row[:MOST_COLUMNS]))
        if any(cells):
            last = max(at for at, text in enumerate(cells) if text)
            found.append(cells[: last + 1])
        else:
            found.append(())
        if len(found) > most:
            if any(map(any, found[-1_000:])):
                raise SourceTooLarge(f"The table has more than {MOST_ROWS:,} rows.")
            break
    while found and not found[-1]:
        found.pop()
    return found


def _areas(xml: bytes) -> list[tuple[int, int, int, int]]:
    found = _MERGED.findall(xml)[:_MOST_MERGED]
    return [(int(top) - 1, _column(left), int(bottom) - 1, _column(right)) for left, top, right, bottom in found]


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - ord("A") + 1
    return number - 1
