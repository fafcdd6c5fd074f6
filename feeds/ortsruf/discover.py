"""What another installation gives: its municipalities, each with the key to pin, so that nobody types 43 characters."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from feeds._conditional import document, get
from feeds._json_body import one_line, read_json, web_address
from feeds.ortsruf.fetch import LIMITS
from feeds.ortsruf.seal import pinned
from hub.core.errors import SourceConfigError, SourceRefused
from hub.core.ports import Http
from hub.core.source import FetchState, Offer, Source

_MOST = 2_000


def discover(source: Source, http: Http) -> list[Offer]:
    """Return the municipalities of the installation at ``source.url``, of a feed's address only that one.

    [] once the key is pinned. The answer alone proves nothing: the preview names the key's fingerprint, to be compared
    with what the other town reads out. Raises ``SourceError``.
    """
    if source.config.get("key"):
        return []
    parts = urlsplit(source.url)
    url = f"{parts.scheme}://{parts.netloc}/.well-known/ortsruf.json"
    answer = get(url, FetchState(), http, datetime.now(UTC), limits=LIMITS, accept="application/json")
    told = read_json(document(answer)) if answer is not None else None
    offers = [one for one in _offers(told) if parts.path in ("", "/") or one.url == source.url]
    if not offers:
        raise SourceRefused("There is no Ortsruf at this address that gives notices to others.", subject=url)
    return offers


def _offers(told: Any) -> list[Offer]:
    try:
        keys = [str(one["x"]) for one in told["keys"]]
        (first, *_) = pinned(keys[0])
        return [
            Offer(f"Ortsruf {one_line(one['name'])}", web_address(one["feed"]), {"key": first})
            for one in told["municipalities"][:_MOST]
        ]
    except (KeyError, TypeError, IndexError, ValueError, SourceConfigError):
        return []
