"""RSS, RDF and Atom through feedparser, on text that was checked and decoded before."""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Iterator
from typing import Any

import feedparser

from feeds._syndication.charset import clean
from feeds._syndication.entry import MAX_ENTRIES, Entry, Feed
from hub.core.errors import SourceRefused

_DECLARATION = re.compile(r"<\?xml[^>]{0,500}\?>", re.IGNORECASE)
_PLAIN_DOCTYPE = re.compile(r"<!DOCTYPE[^\[<>]{0,1000}>", re.IGNORECASE)
_ROOT = re.compile(r"<([A-Za-z_][\w.:-]{0,60})")
_REFERENCE = re.compile(r"&#([xX][0-9a-fA-F]{1,20}|[0-9]{1,20});?")
_HEAD = 65_536  # characters in which the root element must begin
_DECLARES = re.compile(r"<!(DOCTYPE|ENTITY)", re.IGNORECASE)
_COMMENT = re.compile(r"<!--.*?(-->|$)", re.DOTALL)
_CLOSED = re.compile(r"</(?:[\w.-]+:)?(?:rss|feed|rdf|channel)\s*>", re.IGNORECASE)
_TAIL = 2_000  # characters at the end, in which the root is closed
_STARTS = ("ext_starts_at",)
_ENDS = ("ext_ends_at", "ev_enddate", "prism_expirationdate", "expirationdate", "expires")
_MOST_POINTS = 2_000
_ENTRY, _ENTRY_END = re.compile(r"<(?:item|entry)\b", re.IGNORECASE), re.compile(r"</(?:item|entry)\s*>", re.IGNORECASE)
_ROOTS = frozenset({"rss", "feed", "rdf", "channel"})


def read_xml(text: str) -> Feed:
    """Read a feed. Raises ``SourceRefused`` for a web page, for entity declarations and for what is no feed."""
    try:
        # A file object: given a string, feedparser would try it as an address and as a file name.
        found = feedparser.parse(
            io.BytesIO(_guarded(text).encode("utf-8", "replace")),
            response_headers={"content-type": "application/xml; charset=utf-8"},
            resolve_relative_uris=False,
            sanitize_html=False,
        )
    except SourceRefused:
        raise
    except Exception as error:
        raise SourceRefused(f"The feed could not be read ({type(error).__name__}).") from error
    if not found.entries and found.bozo and not _CLOSED.search(text[-_TAIL:]):
        raise SourceRefused("The feed is broken off before its first entry.")
    own = found.feed
    entries = tuple(_entry(one) for one in found.entries[:MAX_ENTRIES])
    return Feed(_text(own, "title"), _text(own, "link"), _text(own, "language"), entries)


def _guarded(text: str) -> str:
    """Return ``text`` without declaration and DOCTYPE; raise ``SourceRefused`` if it declares entities."""
    head = text[:_HEAD]
    bare = _PLAIN_DOCTYPE.sub("", _DECLARATION.sub("", head, count=1), count=1)
    shown = _COMMENT.sub("", bare)
    root = _ROOT.search(shown)
    prolog = shown[: root.start()] if root else shown
    if _DECLARES.search(prolog):
        raise SourceRefused("The feed declares a document type or entities of its own, which is not accepted.")
    name = root[1].rpartition(":")[2].lower() if root else ""
    if name == "html":
        raise SourceRefused("This is a web page, not a feed.")
    if name not in _ROOTS:
        raise SourceRefused("This is no feed: neither RSS nor Atom nor JSON Feed.")
    return _REFERENCE.sub(_legal, _untorn(bare + text[_HEAD:]).lstrip())


def _untorn(text: str) -> str:
    """Return ``text`` without an entry that it breaks off in: half an item would look like another one."""
    opened = max((one.start() for one in _ENTRY.finditer(text)), default=len(text))
    torn = not _CLOSED.search(text[-_TAIL:]) and not _ENTRY_END.search(text, opened)
    return text[:opened] if torn else text


def _legal(reference: re.Match[str]) -> str:
    """Return a character reference as it is, or nothing for a character that does not exist (feedparser would fail)."""
    digits = reference[1]
    code = int(digits[1:], 16) if digits[0] in "xX" else int(digits)
    return reference[0] if code <= sys.maxunicode and clean(chr(code)) else ""


def _entry(raw: Any) -> Entry:
    contents = [one for one in (*raw.get("content", []), raw.get("summary_detail")) if one and one.get("value")]
    pages = [one for one in contents if _is_html(one)]
    best = max(pages, key=lambda one: len(one["value"]), default=None)
    plain = next((one for one in contents if one.get("type") == "text/plain"), None)
    summary = raw.get("summary_detail") or {}
    return Entry(
        title=_text(raw, "title"),
        markup=_value(best),
        spare=_value(summary) if _is_html(summary) else "",
        text=_value(plain),
        link=_text(raw, "link"),
        guid=_text(raw, "id"),
        published=_first(raw, "published", "updated", "created"),
        parsed=_first(raw, "published_parsed", "updated_parsed") or None,
        language=_language(raw, best),
        author=_text(raw, "author"),
        base=str((best or {}).get("base") or ""),
        files=tuple(_files(raw)),
        starts=_first(raw, *_STARTS),
        ends=_first(raw, *_ENDS),
        points=tuple(_points(raw)),
        ring=(raw.get("where") or {}).get("type") in {"Polygon", "Box"},
    )


def _points(raw: Any) -> Iterator[tuple[float, float]]:
    """Yield the positions of a GeoRSS shape or of W3C ``geo:lat`` and ``geo:long``, those that are on the globe."""
    where = raw.get("where") or {}
    shape: Any = where.get("type")
    found: Any = where.get("coordinates") or ()
    if not where and raw.get("geo_lat"):
        shape, found = "Point", (raw.get("geo_long"), raw.get("geo_lat"))
    if shape == "Point":
        found = [found]
    elif shape == "Polygon":
        found = found[0] if found else ()
    elif shape == "Box" and len(found) == 2:  # noqa: PLR2004 - two corners
        (west, south), (east, north) = found
        found = [(west, south), (east, south), (east, north), (west, north), (west, south)]
    for one in list(found)[:_MOST_POINTS]:
        position = _position(one)
        if position is not None:
            yield position


def _position(pair: Any) -> tuple[float, float] | None:
    try:
        lon, lat = (float(one) for one in pair)
    except (TypeError, ValueError):
        return None
    return (lon, lat) if abs(lon) <= 180 and abs(lat) <= 90 else None  # noqa: PLR2004 - degrees; NaN is neither


def _is_html(content: Any) -> bool:
    return content.get("type") in ("text/html", "application/xhtml+xml")


def _language(raw: Any, content: Any) -> str:
    return str((raw.get("title_detail") or {}).get("language") or (content or {}).get("language") or "")


def _files(raw: Any) -> Iterator[tuple[str, str, str]]:
    for one in raw.get("enclosures", []):
        yield "enclosure", clean(str(one.get("href") or "")), clean(str(one.get("title") or ""))
    for name in ("media_thumbnail", "media_content"):
        for one in raw.get(name, []):
            if name == "media_thumbnail" or str(one.get("medium") or one.get("type")).startswith("image"):
                yield "image", clean(str(one.get("url") or "")), ""


def _value(content: Any) -> str:
    return clean(str(content["value"])) if content and content.get("value") else ""


def _first(raw: Any, *names: str) -> Any:
    """Return the first of these fields that the entry has itself; feedparser's own ``get`` warns and substitutes."""
    found = next((value for name in names if (value := dict.get(raw, name))), "")
    return clean(found).strip() if isinstance(found, str) else found


def _text(raw: Any, name: str) -> str:
    return clean(str(raw.get(name) or "")).strip()
