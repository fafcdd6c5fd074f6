"""Views and searches as feeds: Atom (RFC 4287), JSON Feed 1.1 and CSV (RFC 4180). Pure; equal bytes for equal notices.

Entries keep their id for ever, whatever the address of the site, and ``updated`` moves only when the notice does.
"""

from __future__ import annotations

import csv
import io
import json
import mimetypes
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import NAMESPACE_URL, uuid5
from xml.etree import ElementTree as ET

from hub.core.notice import Severity
from hub.web.view import safe

ATOM, JSON_FEED, CSV = "application/atom+xml", "application/feed+json", "text/csv"
_XMLNS = "http://www.w3.org/2005/Atom"
FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0, 2.2
_FORMULA = re.compile(r"^[=+\-@\t\r]")  # a spreadsheet would calculate it


@dataclass(frozen=True, slots=True)
class Channel:
    """What a feed is of: ``key`` names it for ever, ``url`` is where it lies, ``page`` the page for people."""

    key: str
    title: str
    url: str
    page: str
    language: str
    author: str
    begun: datetime
    more: Mapping[str, Any] = field(default_factory=dict)  # our own part of a JSON Feed


@dataclass(frozen=True, slots=True)
class Item:
    """One notice of a feed; ``title`` says already if it is called off. Of ``html`` and ``text`` one may be empty."""

    id: str
    title: str
    page: str
    updated: datetime
    published: datetime
    language: str
    topic: str
    author: str = ""
    html: str = ""
    text: str = ""
    source: str = ""
    severity: Severity = Severity.UNKNOWN
    until: datetime | None = None
    documents: tuple[tuple[str, str], ...] = ()  # address and title
    row: tuple[tuple[str, str], ...] = ()  # further columns of CSV
    more: Mapping[str, Any] = field(default_factory=dict)  # further parts of our own in JSON
    media_type: str = "text/html"  # of ``page``


def urn(*parts: str) -> str:
    """Return a name that stays the same wherever the site moves (RFC 9562, version 5)."""
    return f"urn:uuid:{uuid5(NAMESPACE_URL, 'ortsruf:' + '/'.join(parts))}"


def moment(when: datetime) -> str:
    """Write a time as RFC 3339, in UTC and whole seconds."""
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _updated(channel: Channel, items: Iterable[Item]) -> datetime:
    return max((one.updated for one in items), default=channel.begun)


def atom(channel: Channel, items: Sequence[Item]) -> bytes:
    """Return an Atom feed."""
    ET.register_namespace("", _XMLNS)
    feed = ET.Element(f"{{{_XMLNS}}}feed", {"xml:lang": channel.language})
    _add(feed, "id", urn("feed", channel.key))
    _add(feed, "title", channel.title)
    _add(feed, "updated", moment(_updated(channel, items)))
    _add(_add(feed, "author"), "name", channel.author)
    _add(feed, "link", rel="self", type=ATOM, href=channel.url)
    _add(feed, "link", rel="alternate", type="text/html", href=channel.page)
    _add(feed, "generator", "Ortsruf")
    for one in items:
        _entry(feed, one)
    ET.indent(feed)
    body: bytes = ET.tostring(feed, "utf-8")
    return b'<?xml version="1.0" encoding="utf-8"?>\n' + body + b"\n"


def _entry(feed: ET.Element, one: Item) -> None:
    entry = _add(feed, "entry")
    entry.set("xml:lang", one.language)
    _add(entry, "id", urn("notice", one.id))
    _add(entry, "title", one.title)
    _add(entry, "updated", moment(one.updated))
    _add(entry, "published", moment(one.published))
    if one.author:
        _add(_add(entry, "author"), "name", one.author)
    _add(entry, "category", term=one.topic)
    _add(entry, "link", rel="alternate", type=one.media_type, href=one.page)
    if safe(one.source):
        _add(entry, "link", rel="via", href=one.source)
    for href, title in one.documents:
        _add(entry, "link", rel="enclosure", type=_media_type(href), href=href, title=title)
    _add(entry, "content", one.html or one.text, type="html" if one.html else "text")


def _add(parent: ET.Element, name: str, text: str = "", **attributes: str) -> ET.Element:
    plain = {key: FORBIDDEN.sub(" ", value) for key, value in attributes.items()}
    child = ET.SubElement(parent, f"{{{_XMLNS}}}{name}", plain)
    child.text = FORBIDDEN.sub(" ", text) or None
    return child


def _media_type(href: str) -> str:
    return mimetypes.guess_type(href.partition("?")[0])[0] or "application/octet-stream"


def json_feed(channel: Channel, items: Sequence[Item]) -> bytes:
    """Return a JSON Feed 1.1; ``_ortsruf`` holds severity (CAP 1.2) and until when a notice is valid."""
    feed: dict[str, Any] = {
        "version": "https://jsonfeed.org/version/1.1", "title": channel.title, "home_page_url": channel.page,
        "feed_url": channel.url, "language": channel.language, "authors": [{"name": channel.author}],
        "items": [_json(one) for one in items],
    }  # fmt: skip
    if channel.more:
        feed["_ortsruf"] = dict(channel.more)
    return json.dumps(feed, ensure_ascii=False, indent=1).encode("utf-8", "replace") + b"\n"


def _json(one: Item) -> Mapping[str, Any]:
    found: dict[str, Any] = {
        "id": urn("notice", one.id), "url": one.page, "external_url": safe(one.source), "title": one.title,
        "content_html": one.html, "date_published": moment(one.published), "date_modified": moment(one.updated),
        "language": one.language, "tags": [one.topic], "authors": [{"name": one.author}] if one.author else [],
        "attachments": [
            {"url": href, "mime_type": _media_type(href), "title": title} for href, title in one.documents
        ],
    }  # fmt: skip
    own = {"severity": one.severity.name.lower()} if one.severity else {}
    found["_ortsruf"] = own | ({"until": moment(one.until)} if one.until else {}) | dict(one.more)
    kept = {name: value for name, value in found.items() if value or name in {"id", "title"}}
    return kept if one.html else {**kept, "content_text": one.text}


def table(_channel: Channel, items: Sequence[Item]) -> bytes:
    """Return the items as CSV in UTF-8 with a byte order mark, as spreadsheets read it; no cell is a formula."""
    file = io.StringIO(newline="")
    writer = csv.writer(file, delimiter=";")
    for number, one in enumerate(items):
        plain = {
            "id": one.id, "title": one.title, "publisher": one.author, "published": moment(one.published),
            "updated": moment(one.updated), **dict(one.row), "page": one.page, "source": safe(one.source),
        }  # fmt: skip
        if number == 0:
            writer.writerow(plain)
        writer.writerow([_FORMULA.sub(r"'\g<0>", " ".join(value.split())) for value in plain.values()])
    return "\ufeff".encode() + file.getvalue().encode("utf-8", "replace")


FORMATS: Mapping[str, tuple[str, Callable[[Channel, Sequence[Item]], bytes]]] = {
    "atom": (ATOM, atom), "json": (JSON_FEED, json_feed), "csv": (CSV, table),
}  # fmt: skip
