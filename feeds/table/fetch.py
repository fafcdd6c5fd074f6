"""Fetch a table if it changed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from feeds._conditional import read
from hub.core.ports import Http, Limits
from hub.core.source import Fetched, FetchState, NotModified, Source

LIMITS = Limits(size=5_000_000)
_ACCEPT = (
    "text/csv, application/vnd.openxmlformats-officedocument.spreadsheetml.sheet, "
    "application/vnd.oasis.opendocument.spreadsheet, */*;q=0.5"
)


def fetch(source: Source, state: FetchState, http: Http) -> Fetched | NotModified:
    """Fetch the table if it changed. It is a snapshot unless the settings say no. Raises ``SourceError`` only."""
    answer = read(source, state, http, datetime.now(UTC), limits=LIMITS, accept=_ACCEPT)
    if isinstance(answer, NotModified):
        return answer
    return replace(answer, snapshot=source.config.get("complete", "yes") == "yes")
