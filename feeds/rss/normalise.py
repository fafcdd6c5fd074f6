"""A feed's entry as a notice: cleaned, linked, in one language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from feeds._closing import with_closing
from feeds._syndication.identity import untracked
from feeds._syndication.markup import MAX_HTML, images, one_line, plain, safe_html
from feeds.rss import KIND, TOPIC
from hub.core.notice import Geometry, Link, Notice, NoticeText, notice_id
from hub.core.source import Item, Source

_MOST_LINKS = 20


@with_closing
def normalise(item: Item, source: Source) -> Notice:
    """Return the notice of one entry; pure, raises nothing for what ``parse`` made.

    ``references`` are the entry's other names (see ``feeds._syndication.identity``), by which a changed id, address or
    title is still the same notice.
    """
    data = item.data
    markup, body = _body(data)
    return Notice(
        id=notice_id(source.id, item.key),
        key=item.key,
        kind=KIND,
        topic=source.topic or TOPIC,
        texts=(NoticeText(data["language"], data["title"], body, markup),),
        sent=_time(data["sent"]),
        valid_from=_time(data["starts"]),
        expires=_time(data["ends"]),
        geometry=_geometry(data["points"], ring=data["ring"]),
        url=untracked(data["link"]),
        publisher=data["publisher"] or source.name,
        links=_links(data),
        references=tuple(data["names"]),
    )


def _time(text: str) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _geometry(positions: Sequence[Sequence[float]], *, ring: bool) -> Geometry | None:
    """Return a point, a line, or an area if ``ring``; ``None`` without positions."""
    points = tuple((lon, lat) for lon, lat in positions)
    if len(points) == 1:
        return Geometry(points=points)
    if not points:
        return None
    return Geometry(polygons=(points,)) if ring else Geometry(lines=(points,))


def _body(data: Mapping[str, Any]) -> tuple[str, str]:
    """Return (clean HTML, plain text): the full text, else the teaser, else only the text of what is too much."""
    for raw in (data["markup"], data["spare"]):
        markup = safe_html(raw, data["base"]) if raw else ""
        if markup:
            # Plain text that only went through an HTML field stays plain text.
            return (markup if "<" in markup else ""), plain(markup)
    if data["text"]:
        return "", data["text"][:MAX_HTML].strip()
    return "", plain(data["markup"])[:MAX_HTML]


def _links(data: Mapping[str, Any]) -> tuple[Link, ...]:
    files = [(rel, href, one_line(title)) for rel, href, title in data["files"]]
    files += [("image", href, "") for href in images(data["markup"], data["base"])]
    unique = {(rel, href): title for rel, href, title in reversed(files)}
    return tuple(Link(rel, href, title) for (rel, href), title in reversed(unique.items()))[:_MOST_LINKS]
