"""Fetch another installation's feed if it changed, and believe it only as far as its signature goes.

``state.cursor`` keeps when the newest feed was made that we took, so that an older one, signed though it is, brings
back nothing that was called off; which installation it is; and the keys that a believed feed named as the next ones.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from feeds._conditional import document, fetched_or_not, fresh_for, get, validators
from feeds._json_body import read_json
from feeds.ortsruf.seal import check, pinned
from hub.core.errors import SourceConfigError, SourceRefused
from hub.core.federation_record import VERSION
from hub.core.ports import Http, Limits
from hub.core.source import Fetched, FetchState, NotModified, Source

LIMITS = Limits(seconds=30.0, size=10_000_000)
_ACCEPT = "application/feed+json, application/json;q=0.9"
_MOST_KEYS = 4


def fetch(source: Source, state: FetchState, http: Http) -> Fetched | NotModified:
    """Fetch ``source.url`` conditionally (RFC 9110, 13.1). Raises ``SourceError`` only."""
    if not source.url:
        raise SourceConfigError("The source has no address.", subject=source.id)
    keys, now = pinned(source.config.get("key", "")), datetime.now(UTC)
    known = _cursor(state, keys)
    answer = get(source.url, state, http, now, limits=LIMITS, accept=_ACCEPT)
    if answer is None:
        return NotModified(state=replace(state, at=now))
    check(answer, urlsplit(source.url).path, (*keys, *known["next"]))
    told = told_by(read_json(document(answer)), source.url)
    _refuse_older(known, told, source.url)
    following = [one for one in _keys(told) if one not in keys]
    cursor = {"pinned": list(keys), "updated": told["updated"], "next": following, "from": told["installation"]}
    return fetched_or_not(
        source, state, [document(answer)], now, validators={source.url: validators(answer)},
        cursor=json.dumps(cursor), partial=True, fresh_for=fresh_for([answer]),
    )  # fmt: skip


def told_by(feed: Any, url: str) -> Mapping[str, Any]:
    """Return what a feed says of itself. Raises ``SourceRefused`` if it is no feed of this kind."""
    told = feed.get("_ortsruf") if isinstance(feed, dict) else None
    if not isinstance(told, dict) or not all(isinstance(told.get(name), str) for name in ("installation", "updated")):
        raise SourceRefused("This is no feed of another Ortsruf; it ends with federation.json.", subject=url)
    if told.get("version") != VERSION:
        raise SourceRefused(
            f"The feed has the version {told.get('version')!r}; this Ortsruf reads {VERSION}.", subject=url
        )
    try:
        aware = datetime.fromisoformat(told["updated"]).tzinfo is not None
    except ValueError:
        aware = False
    if not aware:
        raise SourceRefused("The feed does not say when it last changed.", subject=url)
    return told


def _cursor(state: FetchState, keys: tuple[str, ...]) -> dict[str, Any]:
    """Return what earlier feeds left; what they said under other pinned keys counts no more."""
    try:
        found = json.loads(state.cursor) if state.cursor else {}
    except ValueError:
        found = {}
    if found.get("pinned") != list(keys):
        found = {}
    return {"updated": found.get("updated", ""), "next": found.get("next", []), "from": found.get("from", "")}


def _refuse_older(known: Mapping[str, Any], told: Mapping[str, Any], url: str) -> None:
    """Raise ``SourceRefused`` for a feed from before the last one, or of another installation with the same key."""
    if known["updated"] and datetime.fromisoformat(told["updated"]) < datetime.fromisoformat(known["updated"]):
        raise SourceRefused(
            f"The feed is older ({told['updated']}) than the one that we have ({known['updated']}): somebody, or a"
            " stale cache, sent it again. What was called off since stays called off.",
            subject=url,
        )
    if known["from"] and told["installation"] != known["from"]:
        raise SourceRefused("The feed is of another installation than before.", subject=url)


def _keys(told: Mapping[str, Any]) -> list[str]:
    """Return the keys that a believed feed names, so that the next one is known before it signs alone."""
    found = told.get("keys")
    named = [one.get("key") for one in found if isinstance(one, dict)] if isinstance(found, list) else []
    return [one for one in named if isinstance(one, str) and len(one) == 43][:_MOST_KEYS]  # noqa: PLR2004 - 32 bytes
