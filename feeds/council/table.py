"""A table of meetings (CSV), as ALLRIS and its like export it, as OParl objects."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping, Sequence
from typing import Any

from calendars.text import decode
from feeds._json_body import one_line
from feeds.council.openness import says_closed
from hub.core.errors import SourceRefused
from hub.core.source import Document

_MOST_ROWS = 20_000
_HEAD = 10  # lines in which the header must stand
_MARKS = ";\t,|"
_COLUMNS: Mapping[str, frozenset[str]] = {
    "id": frozenset({"sitzung_id", "sitzungs_id", "sitzungsnummer", "id", "nr", "silfdnr", "ksinr"}),
    "committee": frozenset({"gremium", "gremiumname", "ausschuss", "committee"}),
    "name": frozenset({"sitzung", "titel", "bezeichnung", "betreff", "name", "subject"}),
    "kind": frozenset({"sitzungsart", "art", "oeffentlichkeit", "öffentlichkeit", "status_oeffentlich"}),
    "day": frozenset({"datum", "sitzungsdatum", "sitzungstermin", "termin", "tag", "date", "beginn_datum"}),
    "from": frozenset({"uhrzeit_von", "uhrzeit", "beginn", "von", "zeit", "start", "uhrzeit_beginn"}),
    "to": frozenset({"uhrzeit_bis", "ende", "bis", "end", "uhrzeit_ende"}),
    "room": frozenset({"raum", "saal", "sitzungsraum", "room", "sitzungsort"}),
    "street": frozenset({"strasse", "straße", "adresse"}),
    "town": frozenset({"ort", "plz_ort", "gemeinde"}),
    "state": frozenset({"status", "zustand"}),
    "invitation": frozenset({"einladung_url", "einladung", "tagesordnung_url"}),
    "protocol": frozenset({"protokoll_url", "niederschrift_url", "protokoll", "niederschrift"}),
    "web": frozenset({"url", "link", "web", "sitzung_url"}),
}
_DAY = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})|(\d{4})-(\d{2})-(\d{2})")
_TIME = re.compile(r"(\d{1,2})[:.](\d{2})")


def looks_like_a_table(text: str) -> bool:
    """Whether one of the first lines is a header that names a day and a committee or a meeting."""
    return any(_layout(_cells(line)) is not None for line in text.splitlines()[:_HEAD])


def objects_of_table(document: Document) -> tuple[tuple[Mapping[str, Any], ...], tuple[str, ...]]:
    """Return committees and meetings, and a sentence for each row that is none. Raises ``SourceRefused``."""
    text, _ = decode(document.body, document.content_type)
    lines = text.replace("\0", "").splitlines()
    for number, line in enumerate(lines[:_HEAD]):
        layout = _layout(_cells(line))
        if layout is not None:
            return _objects(_rows(lines[number:]), layout, document.url)
    raise SourceRefused("The table has no columns for the day and the committee.", subject=document.url)


def _objects(
    rows: Sequence[Sequence[str]], layout: Mapping[str, int], url: str
) -> tuple[tuple[Mapping[str, Any], ...], tuple[str, ...]]:
    found, faults = [], []
    for number, row in enumerate(rows[1:], start=2):
        cells = {name: row[at].strip() if at < len(row) else "" for name, at in layout.items()}
        if not any(cells.values()):
            continue
        if _DAY.search(cells.get("day", "")):
            found.append(_meeting(cells, url))
        elif not says_closed(f"{cells.get('kind', '')} "):
            faults.append(f"Row {number} names no day.")
    names = dict.fromkeys(one["organization"][0] for one in found if one["organization"])
    committees = [{"id": one, "type": "Organization", "name": one.partition(":")[2]} for one in names]
    return (*committees, *found), tuple(faults)


def _meeting(cells: Mapping[str, str], url: str) -> dict[str, Any]:
    committee, kind = one_line(cells.get("committee")), cells.get("kind", "")
    day = _day(cells["day"])
    begin, end = _clock(cells.get("from", "") or cells["day"].partition(" ")[2]), _clock(cells.get("to", ""))
    return {
        # Without the address: where a table is fetched from may change with each session.
        "id": f"meeting:{cells['id']}" if cells.get("id") else None,
        "type": "Meeting",
        "name": cells.get("name") or committee,
        "start": f"{day}T{begin}" if begin else day,
        "end": f"{day}T{end}" if end else None,
        "location": {"room": cells.get("room"), "streetAddress": cells.get("street"), "locality": cells.get("town")},
        "meetingState": cells.get("state"),
        "organization": [f"committee:{committee}"] if committee else [],
        "public": False if says_closed(kind) else None,
        "invitation": {"name": "Einladung", "accessUrl": cells.get("invitation")},
        "resultsProtocol": {"name": "Niederschrift", "accessUrl": cells.get("protocol")},
        "web": cells.get("web") or (url if cells.get("id") else ""),
    }


def _day(text: str) -> str:
    found = _DAY.search(text)
    if found is None:
        return ""
    day, month, year = (found[1], found[2], found[3]) if found[3] else (found[6], found[5], found[4])
    return f"{year}-{int(month):02}-{int(day):02}"


def _clock(text: str) -> str:
    found = _TIME.search(text)
    return f"{int(found[1]):02}:{found[2]}:00" if found else ""


def _layout(titles: Sequence[str]) -> dict[str, int] | None:
    """Return the column of each known title; ``None`` if this is no header of a list of meetings."""
    plain = [re.sub(r"[\s.\-/]+", "_", one.strip().strip('"').lower()).strip("_") for one in titles]
    found = {name: plain.index(title) for name, known in _COLUMNS.items() for title in plain if title in known}
    return found if "day" in found and ({"committee", "name"} & set(found)) else None


def _rows(lines: Sequence[str]) -> list[list[str]]:
    """Split the lines at the header's own mark. Raises ``SourceRefused``."""
    if len(lines) > _MOST_ROWS:
        raise SourceRefused(f"The table has more than {_MOST_ROWS:,} rows.")
    try:
        return list(csv.reader(lines, delimiter=_mark(lines[0])))
    except csv.Error as error:
        raise SourceRefused(f"The table cannot be read ({error}).") from error


def _cells(line: str) -> list[str]:
    return line.lstrip("\ufeff").split(_mark(line))


def _mark(line: str) -> str:
    return max(_MARKS, key=line.count)
