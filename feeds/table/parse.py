"""From rows to items: events, job offers or lost property, as the source's topic says."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from feeds._days import read_day, read_times
from feeds._table.read import read_workbook
from feeds._table.sheet import Row, Sheet
from feeds._words import cut, one_line
from feeds.table.columns import Columns, find_columns
from hub.core.errors import SourceRefused
from hub.core.source import Fetched, Item

MOST_ITEMS, MOST_DATES = 5_000, 500
_LONGEST_TITLE, _LONGEST_TEXT = 200, 4_000  # characters
_NEEDED = {"events": ("title", "date"), "jobs": ("title",), "lost": ("title",)}
_NAMING = {"events": ("title", "who"), "jobs": ("title", "place", "who"), "lost": ("title", "place", "date", "pickup")}
_WANTED = {"events": "a table of events", "jobs": "a table of job offers", "lost": "a table of lost property"}


@dataclass(frozen=True, slots=True)
class Line:
    """One row with its number in the file and its key: what stays the same when its date or text is corrected."""

    at: int
    row: Row
    key: str


def topic_of(topic: str) -> str:
    """Return how rows are read for the source's ``topic``: ``jobs``, ``lost`` or ``events``."""
    head = topic.partition(".")[0]
    return head if head in _NEEDED else "events"


def parse(fetched: Fetched) -> list[Item]:
    """Return one item per event (its rows are its dates), job offer or thing, faults by row, and notes. Pure.

    Raises ``SourceError``; a table without rows below its header is an empty list and no error.
    """
    topic = topic_of(fetched.source.topic)
    items: list[Item] = []
    notes: dict[str, None] = {}
    refused: list[SourceRefused] = []
    read = 0
    for document in fetched.documents:
        book = read_workbook(document, _WANTED[topic], fetched.source.config.get("sheet", ""))
        notes |= dict.fromkeys(book.notes)
        for sheet in book.sheets:
            try:
                items += _items(sheet, topic, fetched)
                read += 1
            except SourceRefused as refusal:
                refused.append(refusal)
                notes[f"other-sheet: the sheet {sheet.name[:60]!r} was left out: {str(refusal)[:200]}".rstrip(".")] = (
                    None
                )
    if refused and not read:
        raise refused[0]
    if len(items) > MOST_ITEMS:
        raise SourceRefused(f"The table holds more than {MOST_ITEMS:,} entries.")
    return [*items, *(Item(f"note-{at}", note=note) for at, note in enumerate(notes))]


def _items(sheet: Sheet, topic: str, fetched: Fetched) -> list[Item]:
    columns = find_columns(sheet.rows, fetched.source.config, _NEEDED[topic])
    lines = [
        Line(at, row, _key(row, columns, topic))
        for at, row in enumerate(sheet.rows, 1)
        if at > columns.header + 1 and any(row)
    ]
    groups: dict[str, list[Line]] = {}
    for line in lines:
        groups.setdefault(line.key, []).append(line)
    return [item for group in groups.values() for item in _group(group, columns, topic, sheet.name)]


def _key(row: Row, columns: Columns, topic: str) -> str:
    """Return the row's own number, else a hash of what rarely changes; an event may move in time and place."""
    own = columns.cell(row, "id")
    if own:
        return f"id:{own[:200]}"
    roles = {
        "events": ("title", "who"),
        "jobs": ("title", "place", "who"),
        "lost": ("title", "place", "date", "pickup"),
    }
    text = "\0".join(" ".join(columns.cell(row, role).casefold().split()) for role in roles[topic])
    return f"row:{hashlib.sha256(text.encode()).hexdigest()[:32]}"


def _group(lines: Sequence[Line], columns: Columns, topic: str, sheet: str) -> Iterable[Item]:
    """Yield the item of rows with one key, and a fault for each row that cannot be read."""
    where = f"{sheet}, row" if sheet else "Row"
    good: list[tuple[Line, Mapping[str, str]]] = []
    for line in lines:
        date, fault = _date(line.row, columns, topic)
        if not columns.cell(line.row, "title"):
            fault = "no title"
        if fault:
            yield Item(f"row-{sheet}-{line.at}", fault=f"{where} {line.at}: {fault}.")
        else:
            good.append((line, date))
    if not good:
        return
    row = good[0][0].row
    yield Item(
        good[0][0].key,
        {
            "topic": topic,
            "title": one_line(columns.cell(row, "title"), _LONGEST_TITLE),
            "body": cut(_body(row, columns, topic), _LONGEST_TEXT),
            "who": one_line(columns.cell(row, "who"), _LONGEST_TITLE),
            "deadline": columns.cell(row, "deadline")[:100],
            "url": columns.cell(row, "url")[:2_000],
            "dates": [date for _, date in good if date["start"]][:MOST_DATES],
        },
    )


def _date(row: Row, columns: Columns, topic: str) -> tuple[dict[str, str], str]:
    """Return begin and end of a row as ISO 8601 days and times, and what is wrong with them."""
    said, last = columns.cell(row, "date"), columns.cell(row, "end")
    day, end = read_day(said), read_day(last)
    if said and day is None:
        return {}, f"{said[:40]!r} is no date"
    if day is None:
        return {"start": "", "end": "", "from": "", "to": ""}, "no date" if topic == "events" else ""
    begin, until = read_times(columns.cell(row, "time") or said)
    until = until or read_times(last)[0]
    if end is not None and end < day:
        end = None
    return {
        "start": day.isoformat(),
        "end": end.isoformat() if end is not None and end != day else "",
        "from": begin.isoformat("minutes") if begin else "",
        "to": until.isoformat("minutes") if until else "",
        "location": one_line(columns.cell(row, "place"), _LONGEST_TITLE),
    }, ""


def _body(row: Row, columns: Columns, topic: str) -> str:
    """Return the description and a line for every other column that says something: nothing of a row is lost."""
    roles = {"lost": ("date", "place", "pickup"), "jobs": ("place", "who", "deadline"), "events": ("who", "deadline")}
    named = [(columns.titles[columns.of[role]], columns.cell(row, role)) for role in roles[topic] if role in columns.of]
    lines = [f"{title}: {cell}" for title, cell in (*named, *columns.others(row)) if cell]
    return "\n".join(filter(None, (columns.cell(row, "text"), *lines)))
