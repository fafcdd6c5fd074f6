"""Walk an OParl server: System, then bodies, then each body's organizations and meetings, page after page.

What happens when a page fails:

- no answer, 429, 5xx on any page: the fetch fails as a whole and is tried again, nothing half-read is used;
- a later page of meetings is broken for good (404, not JSON, a loop, too many pages): the pages before it are used,
  the answer counts as partial (nothing is concluded from what is missing), the cursor stays, and a :func:`note`
  among the documents becomes a fault that the operator sees;
- the committees' list is broken for good: the meetings go without their names.

``modified_since`` is used once a full read has shown that every meeting has ``modified``; a full read follows
every week, since OParl 1.0 does not tell what was deleted. The cursor is two times: ask since, last full read.

Exports of systems without OParl (iCalendar, RSS, CSV …) are one conditional GET. What meetings only refer to by its
address (agenda items, committees, rooms) is fetched for those to come, within :data:`MOST_REFERENCES`.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from feeds._conditional import document, fetched_or_not, fresh_for, get, validators
from feeds._json_body import one_line, read_json, web_address
from feeds.council.exports import is_oparl
from feeds.council.oparl import (
    NOTE,
    all_modified,
    bodies_in,
    next_page,
    next_page_of_bodies,
    objects_in,
    type_of,
)
from feeds.council.references import references
from feeds.council.wording import no_meetings
from hub.core.errors import SourceConfigError, SourceRefused, SourceTooLarge
from hub.core.ports import Http
from hub.core.source import Document, Fetched, FetchState, NotModified, Source

OVERLAP = timedelta(hours=2)  # clocks differ, and a page may be modified while we read
FULL_READ = timedelta(days=7)
_MOST_PAGES = 500
_MOST_BODIES = 30
_ORGANIZATION_PAGES = 10
_MOST_BYTES = 60_000_000
MOST_REFERENCES = 60  # objects fetched one by one in one poll
MOST_SECONDS = 90.0  # for all pages of one poll: less than the lease of a source
_ACCEPT = "application/json, text/calendar;q=0.9, application/atom+xml;q=0.9, application/rss+xml;q=0.9, */*;q=0.5"


_OPARL = "oparl"  # the cursor of a list that is always read whole: what kind of answer it was


def fetch(source: Source, state: FetchState, http: Http) -> Fetched | NotModified:
    """Read what ``source.url`` (System, Body, a list of either, a list of meetings, or one Meeting) leads to.

    Raises ``SourceError`` only.
    """
    return read(source, state, http, datetime.now(UTC))


def read(
    source: Source, state: FetchState, http: Http, now: datetime, *, clock: Callable[[], float] = time.monotonic
) -> Fetched | NotModified:
    """Do what :func:`fetch` does as of ``now`` (aware); ``clock`` counts seconds."""
    # Validators are only ever kept of an export: OParl's lists have none that cover all pages.
    answer = get(source.url, state, http, now, accept=_ACCEPT)
    if answer is None:
        return NotModified(state=replace(state, at=now))
    entry = document(answer)
    if not is_oparl(entry):
        if state.cursor:
            raise SourceRefused("This was a council system (OParl) until now, and answers with something else.")
        found = {source.url: validators(answer)}
        return fetched_or_not(source, state, [entry], now, validators=found, fresh_for=fresh_for([answer]))
    since, last_full = _cursor(source, state, now)
    walk = _Walk(source, http, now, since, until=clock() + MOST_SECONDS, clock=clock)
    walk.start(entry)
    complete = not walk.filtered and not walk.broken
    if walk.broken:
        cursor = state.cursor
    elif not walk.dated or source.config.get("modified_since") == "off":
        cursor = _OPARL
    else:
        cursor = f"{_stamp(now - OVERLAP)} {_stamp(now if complete else last_full or now)}"
    return fetched_or_not(source, state, walk.documents, now, cursor=cursor, partial=not complete)


def note(url: str, sentence: str) -> Document:
    """Return a document that carries a plain ``sentence`` for the operator about the page ``url``."""
    return Document(url=url, content_type=NOTE, body=sentence.encode())


def with_parameters(url: str, **parameters: str) -> str:
    """Return ``url`` with ``parameters`` in its query, where it does not have them already."""
    parts = urlsplit(url)
    query = parse_qsl(parts.query, keep_blank_values=True)
    known = {name for name, _ in query}
    query += [(name, value) for name, value in parameters.items() if name not in known]
    return urlunsplit(parts._replace(query=urlencode(query)))


@dataclass(slots=True)
class _Walk:
    """One walk: what it asks with, and what it found."""

    source: Source
    http: Http
    now: datetime
    since: datetime | None
    until: float
    clock: Callable[[], float]
    documents: list[Document] = field(default_factory=list)
    objects: list[Any] = field(default_factory=list)
    broken: bool = False
    filtered: bool = False
    dated: bool = True
    size: int = 0

    def start(self, page: Document) -> None:
        """Find out what the source's address leads to and go on from there."""
        value = read_json(page)
        objects = objects_in(value)
        if objects is None:
            raise SourceRefused("The answer is no OParl object and no list of them.", subject=page.url)
        objects = [one for one in objects if type_of(one)]
        kind = type_of(objects[0]) if objects else "Meeting"
        if kind == "System":
            self._system(objects[0])
        elif kind == "Body":
            self._bodies(page, value)
        elif kind == "Organization" and len(objects) == 1 and web_address(objects[0].get("meeting")):
            self._keep(page, value)
            self._meetings(web_address(objects[0]["meeting"]))
        elif kind != "Meeting":
            raise SourceRefused(no_meetings(kind, objects), subject=page.url)
        elif isinstance(value, dict) and "data" not in value:
            self.dated = False  # one meeting: always read whole
            self._keep(page, value)
        else:
            self._meetings(self.source.url, entry=(page, value))
        self._references()

    def _system(self, system: Any) -> None:
        address = web_address(system.get("body"))
        if not address:
            raise SourceRefused("The OParl system names no list of bodies.", subject=self.source.url)
        self._bodies(*self._page(address))

    def _bodies(self, page: Document, value: Any) -> None:
        """Keep the page of bodies and read each chosen body's organizations and meetings."""
        wanted = self.source.config.get("body", "").strip()
        seen = {page.url}
        while not (bodies := [one for one in bodies_in(value) if _is_wanted(one, wanted)]):
            url = next_page_of_bodies(value, page.url, seen)
            if not url:
                raise SourceConfigError("The OParl system has no such body.", subject=self.source.id)
            page, value = self._page(url)
        self._keep(page, value)
        for body in bodies[:_MOST_BODIES]:
            self._organizations(web_address(body.get("organization")))
            meetings = web_address(body.get("meeting"))
            if not meetings:
                raise SourceRefused("The OParl body names no list of meetings.", subject=page.url)
            self._meetings(meetings)

    def _organizations(self, url: str) -> None:
        """Keep the committees' pages. What is broken for good is done without, so that meetings still come."""
        seen: set[str] = set()
        try:
            while url and url not in seen and len(seen) < _ORGANIZATION_PAGES:
                seen.add(url)
                page, value = self._page(url)
                self._keep(page, value)
                url = next_page(value, page.url)
        except (SourceRefused, ValueError):
            return

    def _meetings(self, url: str, *, entry: tuple[Document, Any] | None = None) -> None:
        """Keep the pages of meetings; a server that refuses ``modified_since`` is asked for all."""
        asked = {"modified_since": self.since.isoformat()} if self.since else {}
        if entry and not asked:
            self._pages(*entry)
            return
        try:
            first = self._page(with_parameters(url, **asked))
        except SourceTooLarge:
            raise
        except SourceRefused:
            if not asked:
                raise
            self.since, asked = None, {}
            first = self._page(url)
        self.filtered = self.filtered or bool(asked)
        self._pages(*first)

    def _pages(self, page: Document, value: Any) -> None:
        most = _pages_setting(self.source)
        seen: set[str] = set()
        while True:
            objects = objects_in(value)
            if objects is None:
                self._give_up(page.url, "A page of the list is no OParl list.", first=not seen)
                return
            self._keep(page, value)
            self.dated = self.dated and (not objects or all_modified(objects))
            seen.add(page.url)
            try:
                url = next_page(value, page.url)
                if not url:
                    return
                if url in seen:
                    raise ValueError("The list of meetings leads back to a page that was read already.")  # noqa: TRY301
                if len(seen) >= most:
                    raise ValueError(f"The list has more than {most} pages; please raise the setting pages.")  # noqa: TRY301
                seen.add(url)
                page, value = self._page(url)
            except SourceTooLarge:
                raise
            except (SourceRefused, ValueError) as error:
                self._give_up(page.url, str(error))
                return

    def _give_up(self, url: str, sentence: str, *, first: bool = False) -> None:
        if first:
            raise SourceRefused(sentence, subject=url)
        self.broken = True
        self.documents.append(note(url, f"After this page the list could not be read on: {sentence}"))

    def _page(self, url: str) -> tuple[Document, Any]:
        """GET ``url`` and read its JSON. Raises ``SourceError``."""
        if self.clock() > self.until:
            raise SourceRefused(f"All pages together take longer than {MOST_SECONDS:g} s.", subject=url)
        answer = get(url, FetchState(), self.http, self.now, accept=_ACCEPT)
        if answer is None:  # never: nothing was asked conditionally
            raise SourceRefused("The source answered 304 to a question without conditions.", subject=url)
        page = document(answer)
        self.size += len(page.body)
        if self.size > _MOST_BYTES:
            raise SourceTooLarge("The council's pages are too large altogether.", subject=url)
        return page, read_json(page)

    def _references(self) -> None:
        """Keep what the coming meetings refer to; what is gone for good is done without."""
        wanted = references(self.objects, self.source.url, self.now)
        for url in wanted[:MOST_REFERENCES]:
            try:
                page, value = self._page(url)
            except SourceTooLarge:
                raise
            except SourceRefused:
                continue
            if objects_in(value):
                self.documents.append(page)
        if len(wanted) > MOST_REFERENCES:
            left = len(wanted) - MOST_REFERENCES
            self.documents.append(note(self.source.url, f"{left} agenda items or rooms were too many to ask for."))

    def _keep(self, page: Document, value: Any) -> None:
        self.documents.append(page)
        self.objects += objects_in(value) or ()


def _is_wanted(body: dict[str, Any], wanted: str) -> bool:
    names = (body.get("id"), body.get("name"), body.get("shortName"))
    return not wanted or wanted.casefold() in {one_line(one).casefold() for one in names if one}


def _pages_setting(source: Source) -> int:
    text = source.config.get("pages", "") or "40"
    if not (text.isascii() and text.isdigit()) or not 1 <= int(text[:9]) <= _MOST_PAGES:
        raise SourceConfigError(f"pages must be a number from 1 to {_MOST_PAGES}.", subject=source.id)
    return int(text)


def _cursor(source: Source, state: FetchState, now: datetime) -> tuple[datetime | None, datetime | None]:
    """Return since when to ask (``None``: everything) and when all was read last."""
    try:
        since, full = (datetime.fromisoformat(one) for one in state.cursor.split(" "))
        due = now - full >= FULL_READ or since > now
    except (ValueError, TypeError):  # no cursor yet, or not ours
        return None, None
    return (None if due or source.config.get("modified_since") == "off" else since), full


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).replace(microsecond=0).isoformat()
