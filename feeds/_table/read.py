"""From an answer's bytes to sheets of rows, by content, not by name: CSV, .xlsx or .ods; anything else is named."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Sequence

from calendars.remarks import remarks
from calendars.text import decode, foreign, oddities, refuse
from feeds._table.ods import TYPE, read_ods
from feeds._table.package import unpack
from feeds._table.sheet import MOST_COLUMNS, MOST_ROWS, Row, Sheet, Workbook
from feeds._table.xlsx import read_xlsx
from hub.core.errors import SourceConfigError, SourceRefused
from hub.core.source import Document

_OFFICE = b"PK\x03\x04"
_OLD = b"\xd0\xcf\x11\xe0"  # a compound file (MS-CFB): .xls, or .xlsx behind a password


def is_office(body: bytes) -> bool:
    """Whether ``body`` is an office document, of today or of old."""
    return body.startswith((_OFFICE, _OLD))


def read_workbook(document: Document, wanted: str, sheet: str = "") -> Workbook:
    """Return the sheets of ``document``, only the one called ``sheet`` if that is given.

    ``wanted`` names what was expected, for the sentence if it is something else. Raises ``SourceRefused``, or
    ``SourceConfigError`` if there is no such sheet.
    """
    book = _office(document.body) if is_office(document.body) else _text(document, wanted)
    if not sheet:
        return book
    found = tuple(one for one in book.sheets if one.name.casefold() == sheet.strip().casefold())
    if not found:
        names = ", ".join(one.name for one in book.sheets if one.name)[:300] or "none with a name"
        raise SourceConfigError(f"The table has no sheet {sheet!r}; it has {names}.")
    return Workbook(found, book.notes)


def _office(body: bytes) -> Workbook:
    """Read an office document. Raises ``SourceRefused`` with advice for what is not read."""
    if body.startswith(_OLD):
        raise SourceRefused(
            "The file is an old Excel file (.xls) or protected by a password. "
            "Open it and save it as .xlsx or as CSV, without a password."
        )
    with unpack(body) as archive:
        names = set(archive.namelist())
        if "xl/workbook.xml" in names:
            return read_xlsx(body, archive)
        if "content.xml" in names and _media_type(archive).startswith(TYPE):
            return read_ods(archive)
    if "xl/workbook.bin" in names:
        raise SourceRefused("The file is a binary Excel file (.xlsb). Open it and save it as .xlsx or as CSV.")
    if "word/document.xml" in names or "content.xml" in names:
        raise SourceRefused("The file is a text document, not a table. Save the table as .xlsx or as CSV.")
    raise SourceRefused("The file is a ZIP archive, not a table. Give the address of the table inside it.")


def _media_type(archive: zipfile.ZipFile) -> bytes:
    """Return the package's own media type (ODF 1.3, part 2, 3.3)."""
    try:
        with archive.open("mimetype") as file:
            return file.read(200)
    except Exception:  # noqa: BLE001 - without it, it is no OpenDocument file
        return b""


def _text(document: Document, wanted: str) -> Workbook:
    text, encoding = decode(document.body, document.content_type)
    what = foreign(document.body, text)
    if what:
        raise refuse(what, wanted)
    odd = oddities(document.body, document.content_type, encoding)
    notes = remarks({name: 1 for name in odd if name != "byte-order-mark"})  # Excel writes one into every CSV
    rows = _rows(text, wanted)
    if _is_torn(text, rows):
        rows, notes = rows[:-1], (*notes, "torn-row: the last row breaks off and was left out")
    return Workbook((Sheet("", tuple(rows)),), notes)


def _is_torn(text: str, rows: Sequence[Row]) -> bool:
    """Whether the last row breaks off: no line end, and fewer cells than any other row with cells has."""
    widths = [len(row) for row in rows[:-1] if any(row)]
    return not text.endswith(("\n", "\r")) and len(widths) > 1 and len(rows[-1]) < min(widths)


def _rows(text: str, wanted: str) -> list[Row]:
    """Split the text into stripped cells at its own delimiter (RFC 4180, and semicolons as German offices write)."""
    plain = text.replace("\x00", "").replace("\r\n", "\n").replace("\r", "\n")
    delimiter = _delimiter(plain)
    if not delimiter:
        raise refuse("something else", wanted)
    rows: list[Row] = []
    try:
        for row in csv.reader(io.StringIO(plain), delimiter=delimiter, skipinitialspace=True):
            rows.append(tuple(cell.strip().strip("'\"").strip() for cell in row[:MOST_COLUMNS]))
            if len(rows) > MOST_ROWS:
                raise SourceRefused(f"The table has more than {MOST_ROWS:,} rows.")
    except csv.Error as error:
        raise SourceRefused(f"The table cannot be read ({error}).") from error
    return rows


def _delimiter(text: str) -> str:
    """Return what separates the cells: what stands in most of the first rows, most often."""
    lines = [line for line in text[:65_536].split("\n") if line.strip()][:30]
    votes = {mark: (sum(mark in line for line in lines), sum(line.count(mark) for line in lines)) for mark in ";\t,|"}
    best = max(votes, key=lambda mark: votes[mark])
    return best if votes[best][0] else ""
