"""RSS, Atom and JSON Feed exports of council systems, as OParl objects: the date stands in the prose.

An entry is a meeting, or one item of a meeting's agenda (``Sitzung: …``, ``Datum: 12. Juli 2016``, ``TOP 1: …``): items
of one meeting are put together again. The entry's own date says when it was written, never when people meet.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from feeds._syndication.charset import decode
from feeds._syndication.dates import read_date
from feeds._syndication.entry import Entry
from feeds._syndication.identity import canonical
from feeds._syndication.jsonfeed import read_json
from feeds._syndication.markup import MAX_HTML, one_line, plain, web_address
from feeds._syndication.xmlfeed import read_xml
from feeds.council.openness import public_lines
from hub.core.source import Document

_LABEL = re.compile(r"^(?P<label>[A-ZÄÖÜ][\w ./-]{1,40}?)\s*:\s*(?P<value>\S.*)$")
_DAY_LABELS = frozenset(
    {"datum", "termin", "sitzungstermin", "sitzungsdatum", "beginn", "sitzungstag", "am", "wann", "zeit"}
)
_MEETING_LABELS = frozenset({"sitzung", "gremium", "ausschuss"})
_PLACE_LABELS = frozenset({"ort", "raum", "sitzungsort", "sitzungsraum", "tagungsort", "wo"})
_CLOCK_LABELS = frozenset({"uhrzeit", "zeit", "beginn", "sitzungsbeginn"})
_END_LABELS = frozenset({"ende", "sitzungsende"})
_DATE = re.compile(
    r"(?<!\d)(?:\d{1,2}\.\s?\d{1,2}\.\s?\d{4}|\d{1,2}\.\s*(?:Jan|Feb|Mär|Apr|Mai|Jun|Jul|Aug|Sep|Okt|Nov|Dez)[a-zä]*\.?\s+\d{4})"
)
_TIME = re.compile(r"(?<![\d.])([01]?\d|2[0-3])[:.]([0-5]\d)(?:\s*Uhr)?(?![\d.]*\d)|(?<![\d.])([01]?\d|2[0-3])\s*Uhr")
_ITEM = re.compile(r"^TOP\s*(?P<number>[\w.]{1,10})\s*:\s*(?P<name>\S.*)$", re.IGNORECASE)
_ANCHOR = re.compile(
    r"""<a\s[^<>]{0,500}?href\s*=\s*["']([^"'<>]{1,2000})["'][^<>]{0,500}>(.{0,500}?)</a>""", re.IGNORECASE | re.DOTALL
)
_DATED_TAIL = re.compile(r"[\s,;:|–—-]*(?:(?:am|vom|den|Mo|Di|Mi|Do|Fr|Sa|So|\w+tag)[.,]?\s+)*$")


@dataclass(slots=True)
class _Session:
    """One meeting, put together of one entry or several."""

    guid: str
    name: str
    start: str
    end: str
    place: str
    page: str
    sent: str
    about_items: bool
    closed: bool
    items: list[Mapping[str, Any]] = field(default_factory=list)


def is_json_feed(value: Any) -> bool:
    """Whether ``value`` is a JSON Feed."""
    return isinstance(value, dict) and "jsonfeed.org/version" in str(value.get("version", ""))


def objects_of_feed(document: Document, zone: ZoneInfo) -> tuple[tuple[Mapping[str, Any], ...], tuple[str, ...]]:
    """Return the meetings of a feed, and a sentence for each entry without a date. Raises ``SourceRefused``."""
    text = decode(document.body, document.content_type).lstrip()
    feed = read_json(text) if text.startswith("{") else read_xml(text)
    base = web_address(feed.site, document.url) or document.url
    found: dict[tuple[str, str], _Session] = {}
    faults = []
    for number, entry in enumerate(feed.entries):
        session = _session(entry, zone, base)
        if session is None:
            faults.append(f"{one_line(entry.title)[:80] or 'An entry'}: it names no date of a meeting.")
            continue
        same = (session.page, session.start[:10]) if session.about_items else ("", str(number))
        if same in found:
            found[same].items.extend(session.items)
            found[same].sent = max(found[same].sent, session.sent)
        else:
            found[same] = session
    pages = Counter(canonical(one.page) for one in found.values())
    return tuple(_meeting(one, own_page=pages[canonical(one.page)] == 1) for one in found.values()), tuple(faults)


def _meeting(session: _Session, *, own_page: bool) -> Mapping[str, Any]:
    # A page of its own lasts longest: it stays when the meeting moves and when ids are made anew.
    page = canonical(session.page) if own_page else ""
    return {
        "id": page or session.guid or "#".join((session.page or session.name, session.start[:10])),
        "type": "Meeting",
        "name": session.name,
        "start": session.start,
        "end": session.end or None,
        "location": {"description": session.place},
        "agendaItem": session.items,
        "public": False if session.closed else None,
        "modified": session.sent or None,
        "web": session.page,
    }


def _session(entry: Entry, zone: ZoneInfo, base: str) -> _Session | None:
    """Return the meeting that an entry is about; ``None`` if it names no date."""
    title = one_line(entry.title)
    lines = _lines(entry)
    labelled = _labelled(lines)
    found = read_date(_first_date([labelled.get("day", ""), title, *lines]), zone)
    if found is None:
        return None
    day = found.date().isoformat()
    begin, end = _times(labelled, title, lines)
    items = _items(entry, lines, base)
    agenda, closed = public_lines("\n".join(one for one in lines if not (_LABEL.match(one) or _DATE.fullmatch(one))))
    sent = read_date(entry.published, zone, entry.parsed)
    link = web_address(entry.link, base)
    return _Session(
        guid="" if items else entry.guid,
        name=(labelled.get("meeting") if items else "") or _without_date(title) or labelled.get("meeting", ""),
        start=f"{day}T{begin}" if begin else day,
        end=f"{day}T{end}" if end and begin else "",
        place=labelled.get("place", ""),
        page=link.partition("#")[0] if items else link,
        sent=sent.isoformat() if sent else "",
        about_items=bool(items),
        closed=closed and not items,
        items=items or [{"name": one, "public": True} for one in agenda],
    )


def _lines(entry: Entry) -> list[str]:
    """Return the entry's text in lines; what has no tags in it was plain text already."""
    markup = (entry.markup or entry.spare)[:MAX_HTML]
    text = entry.text or (plain(markup) if "<" in markup else markup)
    return [" ".join(line.split()) for line in text.split("\n")]


def _labelled(lines: list[str]) -> dict[str, str]:
    """Return the values behind the labels that say what, when and where, the first of each."""
    found: dict[str, str] = {}
    for line in lines:
        match = _LABEL.match(line)
        if match is None:
            continue
        label, value = match["label"].lower(), match["value"].strip()
        for name, known in (
            ("day", _DAY_LABELS), ("meeting", _MEETING_LABELS), ("place", _PLACE_LABELS), ("clock", _CLOCK_LABELS),
            ("end", _END_LABELS),
        ):  # fmt: skip
            if label in known and name not in found and (name != "day" or _DATE.search(value)):
                found[name] = value
    return found


def _first_date(texts: list[str]) -> str:
    """Return the first German date in any of ``texts``; "12. 7. 2016" without its blanks."""
    found = next((match[0] for one in texts if (match := _DATE.search(one))), "")
    return re.sub(r"\.\s+(?=\d)", ".", found)


def _times(labelled: Mapping[str, str], title: str, lines: list[str]) -> tuple[str, str]:
    """Return begin and end as ISO times: behind their labels, else behind the date in the same line."""
    texts = [labelled.get("clock", ""), *(_behind_date(one) for one in (labelled.get("day", ""), title, *lines))]
    begin = next((match for one in texts if (match := _TIME.search(one))), None)
    end = _TIME.search(labelled.get("end", ""))
    return _iso(begin), _iso(end)


def _behind_date(text: str) -> str:
    match = _DATE.search(text)
    return text[match.end() :] if match else ""


def _iso(found: re.Match[str] | None) -> str:
    return f"{int(found[1] or found[3]):02}:{found[2] or '00'}:00" if found else ""


def _without_date(title: str) -> str:
    """Return a title without the date at its end: the date is told by the calendar."""
    title = title[:500]
    match = _DATE.search(title)
    if match is None or match.start() == 0:
        return title
    return _DATED_TAIL.sub("", title[: match.start()]) or title


def _items(entry: Entry, lines: list[str], base: str) -> list[Mapping[str, Any]]:
    """Return the one agenda item that the entry is about, with its documents, if it is about one."""
    match = next((found for line in lines if (found := _ITEM.match(line))), None)
    if match is None:
        return []
    return [
        {
            "number": match["number"], "name": match["name"],
            "auxiliaryFile": [{"name": text, "accessUrl": href} for href, text in _links(entry.markup, base)],
        }
    ]  # fmt: skip


def _links(markup: str, base: str) -> list[tuple[str, str]]:
    found = _ANCHOR.findall(markup[:MAX_HTML])
    return [(address, one_line(text)) for href, text in found[:20] if (address := web_address(one_line(href), base))]
