"""Fetch a feed if it changed, as often as it wants to be asked, and note the hub that would tell us of news."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from feeds._conditional import document, fetched_or_not, fresh_for, get, validators
from feeds._syndication.hints import read_hints, read_written, rest_from
from hub.core.errors import SourceConfigError
from hub.core.ports import Http, Limits
from hub.core.source import Document, Fetched, FetchState, NotModified, Source

LIMITS = Limits(seconds=20.0, size=10_000_000)
_ACCEPT = (
    "application/rss+xml, application/atom+xml, application/feed+json, application/rdf+xml, "
    "application/xml;q=0.9, text/xml;q=0.9, application/json;q=0.8, */*;q=0.5"
)


def fetch(source: Source, state: FetchState, http: Http) -> Fetched | NotModified:
    """Fetch ``source.url`` conditionally (RFC 9110, 13.1). Raises ``SourceError`` only."""
    return read(source, state, http, datetime.now(UTC))


def read(source: Source, state: FetchState, http: Http, now: datetime) -> Fetched | NotModified:
    """Do what :func:`fetch` does as of ``now`` (aware).

    ``state.cursor`` keeps the feed's wishes (``ttl``, ``skipHours``, ``sy:updatePeriod``) for the answers 304 that do
    not repeat them; ``state.hub`` its WebSub hub and topic.
    """
    if not source.url:
        raise SourceConfigError("The source has no address.", subject=source.id)
    answer = get(source.url, state, http, now, limits=LIMITS, accept=_ACCEPT)
    if answer is None:
        rest = rest_from(read_written(state.cursor), now, source.interval)
        return NotModified(state=replace(state, at=now), fresh_for=rest or None)
    found = fetched_or_not(source, state, [document(answer)], now, validators={source.url: validators(answer)})
    # The same bytes have the same wishes: an unchanged feed costs no more than its hash.
    same = isinstance(found, NotModified)
    hints = read_written(state.cursor) if same else read_hints(answer.body, answer.headers, answer.url)
    hub = state.hub if same else (hints.hub, hints.topic)
    rest = max(fresh_for([answer]) or 0, rest_from(hints, now, source.interval))
    return replace(found, state=replace(found.state, cursor=hints.written(), hub=hub), fresh_for=rest or None)


def from_files(paths: Iterable[Path], source: Source, now: datetime) -> Fetched:
    """Return what a fetch of these files' contents would have given, for previews. Raises ``OSError``."""
    documents = tuple(Document(source.url or path.name, "", path.read_bytes()) for path in paths)
    return Fetched(documents=documents, at=now, state=FetchState(), source=source)
