"""Sheets of an OpenDocument spreadsheet (OASIS ODF 1.3, part 3, 9.1; .ods): LibreOffice and Collabora."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from datetime import datetime
from xml.etree import ElementTree as ET

from feeds._table.package import text_of
from feeds._table.sheet import MOST_COLUMNS, MOST_ROWS, MOST_SHEETS, Row, Sheet, Workbook, cell, merged
from hub.core.errors import SourceRefused, SourceTooLarge

TYPE = b"application/vnd.oasis.opendocument.spreadsheet"
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_MOST_EMPTY = 1_000  # rows in a row: below lies only the page's end


def read_ods(archive: zipfile.ZipFile) -> Workbook:
    """Return the sheets of the package ``archive``, which was judged harmless. Raises ``SourceError``."""
    content = text_of(archive, "content.xml")
    sheets: list[Sheet] = []
    left = MOST_ROWS
    try:
        for _, element in ET.iterparse(io.BytesIO(content)):  # noqa: S314 - text_of refused declarations of entities
            if element.tag != f"{_TABLE}table":
                continue
            sheet = _sheet(element, left)
            left -= len(sheet.rows)
            if any(map(any, sheet.rows)) and len(sheets) < MOST_SHEETS:
                sheets.append(sheet)
            element.clear()
    except (ET.ParseError, ValueError) as error:
        raise SourceRefused(f"The OpenDocument file cannot be read ({type(error).__name__}).") from error
    return Workbook(tuple(sheets))


def _sheet(element: ET.Element, most: int) -> Sheet:
    rows: list[Row] = []
    areas: list[tuple[int, int, int, int]] = []
    for row in element.iter(f"{_TABLE}table-row"):
        cells = list(_cells(row, len(rows), areas))
        times = _number(row, "number-rows-repeated")
        rows += [tuple(cells)] * min(times, MOST_ROWS if any(cells) else _MOST_EMPTY)
        if len(rows) > most + _MOST_EMPTY:
            raise SourceTooLarge(f"The table has more than {MOST_ROWS:,} rows.")
    while rows and not any(rows[-1]):
        rows.pop()
    return Sheet(element.get(f"{_TABLE}name", "")[:100], tuple(merged(rows, areas)))


def _cells(row: ET.Element, at: int, areas: list[tuple[int, int, int, int]]) -> Iterator[str]:
    """Yield the cells of ``row``, repeated ones as often as they are; notes merged areas in ``areas``."""
    column = 0
    for one in row:
        if one.tag not in (f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell"):
            continue
        wide, high = _number(one, "number-columns-spanned"), _number(one, "number-rows-spanned")
        if wide > 1 or high > 1:
            areas.append((at, column, at + high - 1, column + wide - 1))
        for _ in range(min(_number(one, "number-columns-repeated"), MOST_COLUMNS - column)):
            column += 1
            yield _value(one)


def _value(element: ET.Element) -> str:
    """Return a date or time as the file means it, anything else as it shows it."""
    day = element.get(f"{_OFFICE}date-value")
    if day:
        return cell(datetime.fromisoformat(day[:19]))
    if element.get(f"{_OFFICE}boolean-value"):
        return cell(element.get(f"{_OFFICE}boolean-value") == "true")
    return cell("\n".join("".join(one.itertext()) for one in element.findall(f"{_TEXT}p")))


def _number(element: ET.Element, name: str) -> int:
    value = element.get(f"{_TABLE}{name}", "1")
    return max(1, int(value)) if value.isascii() and value.isdecimal() else 1
