"""Parse a feed of any format into one item per real entry."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from feeds._syndication.charset import decode
from feeds._syndication.dates import read_date
from feeds._syndication.entry import Entry, Feed, language_tag
from feeds._syndication.identity import Features, canonical, names, plain_title
from feeds._syndication.jsonfeed import read_json
from feeds._syndication.markup import MAX_HTML, one_line, plain, web_address
from feeds._syndication.xmlfeed import read_xml
from hub.core.errors import SourceConfigError, SourceTooLarge
from hub.core.source import Document, Fetched, Item, Source

MAX_BODY = 10_000_000  # bytes of one document
_LONGEST_TITLE = 500  # characters
_FIRST_WORDS = 90  # characters of a text that stand in for a missing title


def parse(fetched: Fetched) -> list[Item]:
    """Return one item per entry, at most 500 of each document; an entry that is there twice gives one.

    Raises ``SourceError`` when a document is no feed, is too large or declares entities.
    """
    zone = _zone(fetched.source)
    found: list[dict[str, Any]] = []
    notes: list[str] = []
    for document in fetched.documents:
        feed = _read(document)
        if not feed.entries:
            notes.append("The feed is in order, but has no entries yet.")
        if feed.closed:
            notes.append("The publisher says that this feed is closed and brings nothing new any more.")
        base = web_address(feed.site, document.url) or web_address(document.url, "")
        found += [_data(one, feed, fetched.source, zone=zone, base=base) for one in feed.entries]
    called = names([_features(one) for one in found])
    items = [_item(data, own) for data, own in zip(found, called, strict=True) if own]
    return [*items, *(Item(f"note-{number}", note=one) for number, one in enumerate(dict.fromkeys(notes)))]


def _read(document: Document) -> Feed:
    if len(document.body) > MAX_BODY:
        raise SourceTooLarge("The feed is larger than 10 MB.", subject=document.url)
    text = decode(document.body, document.content_type).lstrip()
    return read_json(text) if text.startswith(("{", "[")) else read_xml(text)


def _item(data: dict[str, Any], called: tuple[str, ...]) -> Item:
    key, *others = called
    if not data["title"]:
        return Item(key, fault="The entry has neither a title nor a text.")
    return Item(key, {**data, "names": others})


def _data(entry: Entry, feed: Feed, source: Source, *, zone: ZoneInfo, base: str) -> dict[str, Any]:
    """Return an entry as JSON-like data with absolute addresses; HTML is not yet cleaned."""
    inner = web_address(entry.base, base) or base
    sent = read_date(entry.published, zone, entry.parsed)
    starts, ends = _validity(entry, zone)
    return {
        "title": _title(entry),
        "markup": entry.markup,
        "spare": entry.spare,
        "text": entry.text,
        "link": web_address(entry.link, base),
        "guid": entry.guid,
        "sent": sent.isoformat() if sent else "",
        "exact": _exact(sent),
        "language": language_tag(entry.language, language_tag(feed.language, source.language)),
        "publisher": one_line(feed.title) or one_line(entry.author),
        "base": inner,
        "starts": starts,
        "ends": ends,
        "points": [list(one) for one in entry.points],
        "ring": entry.ring,
        "files": [[rel, found, title] for rel, href, title in entry.files if (found := web_address(href, inner))],
    }


def _validity(entry: Entry, zone: ZoneInfo) -> tuple[str, str]:
    """Return from when to when the entry holds, as ISO times; a last day counts to its end."""
    starts, ends = read_date(entry.starts, zone), read_date(entry.ends, zone)
    if ends is not None and (ends.hour, ends.minute, ends.second) == (0, 0, 0):
        ends += timedelta(days=1)
    if starts is not None and ends is not None and ends <= starts:
        return "", ""
    return (starts.isoformat() if starts else ""), (ends.isoformat() if ends else "")


def _title(entry: Entry) -> str:
    """Return the entry's title, else the first words of its text."""
    title = one_line(entry.title)
    if title:
        return _cut(title, _LONGEST_TITLE)
    lines = (entry.text or plain((entry.markup or entry.spare)[:MAX_HTML])).split("\n")
    return _cut(next((" ".join(line.split()) for line in lines if line.strip()), ""), _FIRST_WORDS)


def _cut(text: str, most: int) -> str:
    """Return ``text``, shortened at a word if it is longer than ``most`` characters."""
    if len(text) <= most:
        return text
    return text[:most].rsplit(" ", 1)[0].rstrip(" ,.;:–-") + " …"


def _exact(sent: datetime | None) -> str:
    """Return a time that can tell two entries apart: in UTC, "" for a mere day (midnight)."""
    if sent is None or (sent.hour, sent.minute, sent.second) == (0, 0, 0):
        return ""
    return sent.astimezone(UTC).isoformat()


def _features(data: dict[str, Any]) -> Features:
    return Features(
        link=canonical(data["link"]),
        title=plain_title(data["title"]),
        guid=data["guid"],
        date=data["exact"],
        body=data["text"] or data["markup"],
        day=datetime.fromisoformat(data["sent"]).astimezone(UTC).date().isoformat() if data["sent"] else "",
    )


def _zone(source: Source) -> ZoneInfo:
    try:
        return ZoneInfo(source.zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise SourceConfigError(f"The time zone {source.zone[:40]!r} does not exist.") from error
