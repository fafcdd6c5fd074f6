"""Fetch tenders: a portal's feed as it is, the day exports since the last day read, or TED's search."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from feeds._conditional import document, fetched_or_not, get, read
from feeds.tenders import ted_request
from hub.core.errors import SourceConfigError, SourceError, SourceRefused
from hub.core.ports import Answer, Http, Limits
from hub.core.source import Document, Fetched, FetchState, NotModified, Source

DATENSERVICE = "oeffentlichevergabe.de"
SHORT = "oeffentlichevergabe"  # the scheme of a short address
FIRST_DAYS = 7  # how far back a new source begins
MOST_DAYS = 14  # read in one run
MOST_BYTES = 4_000_000  # of archives in one run: what a parser reads in its seconds; the rest comes at the next
LIMITS = Limits(seconds=90.0, size=30_000_000)
_ACCEPT = "application/zip, application/json, application/xml, application/rss+xml, */*;q=0.5"
_NOT_YET = 404  # a day that is not (yet) published


def fetch(source: Source, state: FetchState, http: Http) -> Fetched | NotModified:
    """Fetch what is new. A URL with ``{day}``, or the Datenservice's host alone, is read day by day.

    ``ted:DEA26`` (or the address of TED's search) asks TED; ``oeffentlichevergabe:`` is the Datenservice in short.
    ``state.cursor`` is the last day read (ISO 8601). What is missing means nothing (``partial``).
    Raises ``SourceError``.
    """
    now = datetime.now(UTC)
    if ted_request.is_search(source.url):
        return ted_request.search(source, state, http, now)
    templates = day_templates(source)
    if templates:
        return _days(source, state, http, now, templates)
    found = read(source, state, http, now, limits=LIMITS, accept=_ACCEPT)
    return replace(found, partial=True) if isinstance(found, Fetched) else found


def day_templates(source: Source) -> tuple[str, ...]:
    """Return the URLs with ``{day}`` that the source means, or () if it is one plain document.

    The Datenservice's OCDS leaves closing dates out, so its eForms of the same day are read with it.
    """
    if "{day}" in source.url:
        return (source.url,)
    try:
        parts = urlsplit(source.url)
        host = (parts.hostname or "").removeprefix("www.")
    except ValueError as error:
        raise SourceConfigError("The source's address is malformed.", subject=source.id) from error
    short = parts.scheme == SHORT
    if not short and (
        host != DATENSERVICE or parts.query or ("notice-exports" not in parts.path and parts.path.strip("/"))
    ):
        return ()
    kinds = ("ocds", "eforms") if source.config.get("format") in ("ocds", "both") else ("eforms",)
    return tuple(f"https://{DATENSERVICE}/api/notice-exports?pubDay={{day}}&format={kind}.zip" for kind in kinds)


def days_due(cursor: str, today: date) -> list[date]:
    """Return the days to read: after ``cursor`` up to yesterday, the oldest first, at most ``MOST_DAYS``.

    Without a readable cursor, the last ``FIRST_DAYS``.
    """
    try:
        last = date.fromisoformat(cursor)
    except ValueError:
        last = today - timedelta(days=FIRST_DAYS + 1)
    count = max(0, (today - last).days - 1)
    return [last + timedelta(days=number) for number in range(1, min(count, MOST_DAYS) + 1)]


@dataclass(slots=True)
class _Statuses:
    """Passes requests on to the guarded client and remembers the last answer's status."""

    http: Http
    last: int = 0

    def get(self, url: str, *, headers: Mapping[str, str] | None = None, limits: Limits | None = None) -> Answer:
        """As ``Http.get``."""
        answer = self.http.get(url, headers=headers, limits=limits)
        self.last = answer.status
        return answer

    def post(
        self, url: str, *, body: bytes, headers: Mapping[str, str] | None = None, limits: Limits | None = None
    ) -> Answer:
        """As ``Http.post``."""
        return self.http.post(url, body=body, headers=headers, limits=limits)


def _days(
    source: Source, state: FetchState, http: Http, now: datetime, templates: tuple[str, ...]
) -> Fetched | NotModified:
    """Read the days that are due; an error after the first one keeps what was read and leaves the rest for later."""
    today = now.astimezone(_zone(source)).date()
    documents: list[Document] = []
    cursor = state.cursor
    try:
        for day in days_due(state.cursor, today):
            found = _exports(http, templates, day, today, now)
            if found is None:
                break
            documents += found
            cursor = day.isoformat()
            if sum(len(one.body) for one in documents) >= MOST_BYTES:
                break
    except SourceError:
        if cursor == state.cursor:
            raise
    if not documents:
        return NotModified(state=replace(state, cursor=cursor, at=now))
    return fetched_or_not(source, state, documents, now, cursor=cursor, partial=True)


def _exports(
    http: Http, templates: tuple[str, ...], day: date, today: date, now: datetime
) -> list[Document] | None:  # fmt: skip
    """Return a day's exports: none for a past day without notices, ``None`` once a day is not (wholly) there yet."""
    statuses = _Statuses(http)
    found = []
    for template in templates:
        url = template.replace("{day}", day.isoformat())
        try:
            answer = get(url, FetchState(), statuses, now, limits=LIMITS, accept=_ACCEPT)
        except SourceRefused:
            if statuses.last != _NOT_YET:
                raise
            if day >= today - timedelta(days=1):
                return None
            continue
        found += [document(answer)] if answer else []
    return found


def _zone(source: Source) -> ZoneInfo:
    """Return the source's zone, in which its days are meant."""
    try:
        return ZoneInfo(source.zone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise SourceConfigError(f"There is no time zone {source.zone!r}.", subject=source.id) from error
