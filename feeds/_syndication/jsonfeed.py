"""JSON Feed 1.0 and 1.1 (jsonfeed.org/version/1.1)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from feeds._syndication.charset import clean
from feeds._syndication.entry import MAX_ENTRIES, Entry, Feed
from hub.core.errors import SourceRefused


def read_json(text: str) -> Feed:
    """Read a JSON Feed. Raises ``SourceRefused`` for anything else."""
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise SourceRefused("The JSON is broken.") from error
    if not isinstance(data, dict) or "jsonfeed.org/version" not in _text(data.get("version")):
        raise SourceRefused("This is JSON, but no JSON Feed.")
    items = data.get("items")
    if not isinstance(items, list):
        raise SourceRefused("The JSON Feed has no list of items.")
    entries = tuple(_entry(one) for one in items[:MAX_ENTRIES] if isinstance(one, dict))
    site, language = _text(data.get("home_page_url")), _text(data.get("language"))
    return Feed(_text(data.get("title")), site, language, entries, closed=data.get("expired") is True)


def _entry(item: dict[str, Any]) -> Entry:
    return Entry(
        title=_text(item.get("title")),
        markup=_text(item.get("content_html")),
        text=_text(item.get("content_text")) or _text(item.get("summary")),
        link=_text(item.get("url")) or _text(item.get("external_url")),
        guid=_text(item.get("id")),
        published=_text(item.get("date_published")) or _text(item.get("date_modified")),
        language=_text(item.get("language")),
        author=next(_authors(item), ""),
        files=tuple(_files(item)),
    )


def _authors(item: dict[str, Any]) -> Iterator[str]:
    authors = item.get("authors")
    for one in [*(authors if isinstance(authors, list) else []), item.get("author")]:
        if isinstance(one, dict) and _text(one.get("name")):
            yield _text(one.get("name"))


def _files(item: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    attachments = item.get("attachments")
    for one in attachments if isinstance(attachments, list) else []:
        if isinstance(one, dict):
            yield "enclosure", _text(one.get("url")), _text(one.get("title"))
    for name in ("image", "banner_image"):
        if _text(item.get(name)):
            yield "image", _text(item.get(name)), ""


def _text(value: Any) -> str:
    """Return a string or number as text; ids are often numbers although the specification wants strings."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return clean(str(value)).strip()
