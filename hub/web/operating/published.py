"""A municipality's public notices as CSV or JSON: what stood on its pages and how many were told, nothing of people."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping

from hub.core.codec import from_json
from hub.core.goals import FEWEST
from hub.store import holdings
from hub.store.database import Store
from hub.web.view import safe

COLUMNS = (
    "id", "topic", "title", "severity", "first_seen", "changed", "expires", "withdrawn", "revision", "publisher", "url",
    "told",
)  # fmt: skip
_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # how a cell begins that a spreadsheet would carry out


def rows(store: Store, town: str) -> Iterator[dict[str, Any]]:
    """Yield one row per notice. ``told`` is empty below five people (T-06)."""
    with store.read() as session:
        for row, told in holdings.notices(session, town):
            yield _row(row, told)


def _row(row: RowMapping, told: int) -> dict[str, Any]:
    found = from_json(row["content"])
    return {
        "id": row["id"], "topic": row["topic"], "title": found.title, "severity": found.severity.name.lower(),
        "first_seen": _iso(row["first_seen_at"]), "changed": _iso(row["changed_at"]), "expires": _iso(row["expires"]),
        "withdrawn": bool(row["withdrawn"]), "revision": row["revision"], "publisher": found.publisher,
        "url": safe(found.url), "told": told if told >= FEWEST or told == 0 else None,
    }  # fmt: skip


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at is not None else None


def as_csv(found: Iterator[dict[str, Any]]) -> Iterator[str]:
    """Yield the lines of a CSV file (RFC 4180, UTF-8 with a mark, so that spreadsheets read umlauts)."""
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, COLUMNS)
    buffer.write("\ufeff")
    writer.writeheader()
    for row in found:
        writer.writerow({name: _cell(value) for name, value in row.items()})
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()
    yield buffer.getvalue()


def _cell(value: Any) -> Any:
    """Keep a spreadsheet from carrying out what a source wrote (OWASP, CSV injection)."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


def as_json(found: Iterator[dict[str, Any]]) -> Iterator[str]:
    """Yield a JSON array, a row at a time."""
    first = True
    for row in found:
        yield ("[\n" if first else ",\n") + json.dumps(row, ensure_ascii=False)
        first = False
    yield "[]\n" if first else "\n]\n"
