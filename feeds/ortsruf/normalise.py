"""A notice of another installation as one of ours: with an id of our own, its words cleaned once more."""

from __future__ import annotations

from dataclasses import replace

from feeds._json_body import web_address
from feeds._syndication.markup import safe_html
from hub.core.codec import from_json
from hub.core.errors import SourceRefused
from hub.core.notice import Notice, NoticeText, Status, notice_id
from hub.core.source import Item, Source


def normalise(item: Item, source: Source) -> Notice:
    """Return the notice of one item. Raises ``SourceRefused`` for data that ``parse`` did not make."""
    try:
        notice = from_json(item.data["notice"])
    except (KeyError, TypeError, ValueError) as error:
        raise SourceRefused("The notice cannot be read.") from error
    over = bool(item.data.get("over"))
    return replace(
        notice,
        id=notice_id(source.id, notice.key),
        texts=() if over else tuple(_clean(one, notice.url) for one in notice.texts),
        status=Status.CANCELLED if over else notice.status,
        places=() if over else notice.places,
        geometry=None if over else notice.geometry,
        occurrences=() if over else notice.occurrences,
        url=web_address(notice.url),
        links=tuple(one for one in notice.links if web_address(one.href)),
    )


def _clean(text: NoticeText, base: str) -> NoticeText:
    return replace(text, title=" ".join(text.title.split())[:500], html=safe_html(text.html, base) if text.html else "")
