"""Fetch a feed if it changed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from feeds._conditional import read
from hub.core.ports import Http, Limits
from hub.core.source import Document, Fetched, FetchState, NotModified, Source

LIMITS = Limits(seconds=20.0, size=10_000_000)
_ACCEPT = (
    "application/rss+xml, application/atom+xml, application/feed+json, application/rdf+xml, "
    "application/xml;q=0.9, text/xml;q=0.9, application/json;q=0.8, */*;q=0.5"
)


def fetch(source: Source, state: FetchState, http: Http) -> Fetched | NotModified:
    """Fetch ``source.url`` conditionally (RFC 9110, 13.1). Raises ``SourceError`` only."""
    return read(source, state, http, datetime.now(UTC), limits=LIMITS, accept=_ACCEPT)


def from_files(paths: Iterable[Path], source: Source, now: datetime) -> Fetched:
    """Return what a fetch of these files' contents would have given, for previews. Raises ``OSError``."""
    documents = tuple(Document(source.url or path.name, "", path.read_bytes()) for path in paths)
    return Fetched(documents=documents, at=now, state=FetchState(), source=source)
