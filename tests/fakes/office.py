"""Office documents made in memory, as small as they can be."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from typing import Any
from xml.sax.saxutils import escape

import openpyxl

ODS = "application/vnd.oasis.opendocument.spreadsheet"


def xlsx(
    sheets: Mapping[str, Sequence[Sequence[Any]]], *, merge: Sequence[str] = (), hidden: Sequence[str] = ()
) -> bytes:
    """Return a workbook; ``merge`` are areas of its first sheet (``A1:C1``)."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        made = book.create_sheet(name)
        for row in rows:
            made.append(list(row))
        if name in hidden:
            made.sheet_state = "hidden"
    for area in merge:
        book.worksheets[0].merge_cells(area)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def package(members: Mapping[str, bytes | str]) -> bytes:
    """Return a zip file of ``members``."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file.getvalue()


def repacked(body: bytes, **changed: bytes) -> bytes:
    """Return the office document ``body`` with the parts ``changed`` (``xl__workbook.xml`` for ``xl/workbook.xml``)."""
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    return package(parts | {name.replace("__", "/"): content for name, content in changed.items()})


def ods(sheets: Mapping[str, Sequence[Sequence[str]]]) -> bytes:
    """Return an OpenDocument spreadsheet; cells that begin with ``=`` are office:date-values, ``>n`` repeats a cell."""
    tables = "".join(
        f'<table:table table:name="{escape(name)}">{"".join(map(_row, rows))}'
        '<table:table-row table:number-rows-repeated="1048000"><table:table-cell table:number-columns-repeated="16384"/>'
        "</table:table-row></table:table>"
        for name, rows in sheets.items()
    )
    spaces = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text")
    )
    content = f'<?xml version="1.0"?><office:document-content {spaces}><office:body><office:spreadsheet>{tables}'
    content += "</office:spreadsheet></office:body></office:document-content>"
    return package({"mimetype": ODS, "content.xml": content})


def _row(cells: Sequence[str]) -> str:
    return f"<table:table-row>{''.join(map(_cell, cells))}</table:table-row>"


def _cell(text: str) -> str:
    if text.startswith("="):
        return f'<table:table-cell office:value-type="date" office:date-value="{text[1:]}"><text:p>Di</text:p></table:table-cell>'
    if text.startswith(">"):
        covered = f'<table:covered-table-cell table:number-columns-repeated="{int(text[1]) - 1}"/>'
        span = f'table:number-columns-spanned="{text[1]}"'
        return f"<table:table-cell {span}><text:p>{escape(text[2:])}</text:p></table:table-cell>{covered}"
    return f"<table:table-cell><text:p>{escape(text)}</text:p></table:table-cell>"
