"""Asking the TED search API v3: an expert query by place and code, page by page, bounded.

The API answers with a token for the next page even after the last one; what ends the walk is a page that is not full.
It refuses a whole request (400) for one field or clause that it does not know, so a refused one is asked again plainly.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from feeds._conditional import check, document, fetched_or_not
from feeds.tenders.wanted import cpv_prefix, listed
from hub.core.errors import AddressRefused, HttpFailed, SourceConfigError, SourceRefused, SourceUnreachable
from hub.core.ports import Answer, Http, Limits
from hub.core.source import Document, Fetched, FetchState, NotModified, Source

SEARCH = "https://api.ted.europa.eu/v3/notices/search"
PAGE = 100  # notices; the API allows 250
MOST_PAGES = 20  # of one poll; the rest comes at the next
FIRST_DAYS = 7  # how far back a new source begins
_OVERLAP = timedelta(days=2)  # notices appear in the search a little late; the hub knows those it has
_LIMITS = Limits(seconds=60.0, size=20_000_000)
_HEADERS = {"accept": "application/json", "content-type": "application/json"}
_CORE = (
    "publication-number", "publication-date", "notice-title", "title-proc", "buyer-name", "buyer-city",
    "notice-type", "classification-cpv", "deadline-receipt-tender-date-lot", "links",
)  # fmt: skip
_FIELDS = (
    *_CORE, "notice-identifier", "notice-version", "procedure-identifier", "form-type", "title-lot",
    "description-proc", "buyer-country", "place-of-performance", "deadline-receipt-tender-time-lot",
    "deadline-receipt-request-date-lot", "deadline-receipt-request-time-lot", "estimated-value-proc",
    "estimated-value-cur-proc", "estimated-value-lot", "estimated-value-cur-lot",
    "change-notice-version-identifier", "change-description",
)  # fmt: skip
_SORTED = " SORT BY publication-number ASC"  # numbers rise with time, so that a bounded walk can go on later
_NUTS_3 = 5  # characters of a code that has nothing below it


def is_search(url: str) -> bool:
    """Whether a source's address means this API: ``ted:``, ``ted:DEA26`` or the API's own address."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return False
    return parts.scheme == "ted" or (host.endswith("ted.europa.eu") and parts.path.endswith("/notices/search"))


def query(source: Source) -> str:
    """Return the expert query of a source without its dates: its setting ``query``, else by ``nuts`` and ``cpv``.

    Raises ``SourceConfigError`` if nothing is asked for: all of Europe is more than a town can use.
    """
    own = source.config.get("query", "").strip()
    if own:
        return f"({own})"
    nuts = [*listed(source.config, "nuts"), *_codes(source.url)]
    found = [_any("place-of-performance", [one.upper() for one in nuts], _NUTS_3)]
    found.append(_any("classification-cpv", [cpv_prefix(one) for one in listed(source.config, "cpv")], 8))
    clauses = [one for one in found if one]
    if not clauses:
        raise SourceConfigError(
            "Say which notices of TED are wanted: a region (nuts=DEA26), codes (cpv=45) or a query.", subject=source.id
        )
    return " AND ".join(clauses)


def search(source: Source, state: FetchState, http: Http, now: datetime) -> Fetched | NotModified:
    """Ask for what was published since ``state.cursor`` (ISO 8601 day). Raises ``SourceError``."""
    today = now.astimezone(UTC).date()
    since = _since(state.cursor, today)
    walk = _Walk(http, now, f"{query(source)} AND publication-date >= {since:%Y%m%d}")
    documents = [one for one in walk.pages() if walk.notices]
    cursor = today if walk.ended else max(walk.newest or since, since + timedelta(days=1))
    if not walk.notices:
        return NotModified(state=replace(state, cursor=cursor.isoformat(), at=now))
    return fetched_or_not(source, state, documents, now, cursor=cursor.isoformat(), partial=True)


def _codes(url: str) -> list[str]:
    """Return the regions that stand in a short address: ``ted:DEA26,DEA27``."""
    return [one for one in re.split(r"[,\s]+", url.removeprefix("ted:")) if one] if url.startswith("ted:") else []


def _any(name: str, codes: list[str], full: int) -> str:
    """Return a clause that one of ``codes`` (letters and digits only) is met; shorter ones mean all that begin so."""
    safe = [one for one in codes if re.fullmatch(r"[0-9A-Z]{2,8}", one, re.ASCII)]
    found = [f"{name} = {one}" if len(one) >= full else f"{name} = {one}*" for one in dict.fromkeys(safe)]
    return f"({' OR '.join(found)})" if found else ""


def _since(cursor: str, today: date) -> date:
    try:
        return min(date.fromisoformat(cursor), today) - _OVERLAP
    except ValueError:
        return today - timedelta(days=FIRST_DAYS)


@dataclass
class _Walk:
    """One walk through the pages of an answer."""

    http: Http
    now: datetime
    wanted: str
    notices: int = 0
    newest: date | None = None
    ended: bool = False
    plain: bool = False  # after a refusal: core fields, no order

    def pages(self) -> Iterator[Document]:
        """Yield the pages, at most ``MOST_PAGES``; ``ended`` tells whether there are no more."""
        token = ""
        for _ in range(MOST_PAGES):
            answer = self._ask(token)
            data = _mapping(answer.body)
            if data.get("timedOut") is True:
                raise SourceUnreachable("TED did not finish the search in time.", subject=SEARCH)
            found = data.get("notices")
            listed_ = found if isinstance(found, list) else []
            self.notices += len(listed_)
            self.newest = max([*filter(None, map(_published, listed_)), *filter(None, [self.newest])], default=None)
            if listed_ or not self.notices:
                yield document(answer)
            again, token = token, str(data.get("iterationNextToken") or "")
            if len(listed_) < PAGE or not token or token == again:
                self.ended = True
                return

    def _ask(self, token: str) -> Answer:
        """POST one page; a first page that is refused is asked for once more with what is surely known."""
        answer = self._post(token)
        if answer.status == HTTPStatus.BAD_REQUEST and not token and not self.plain:
            self.plain = True
            answer = self._post(token)
        if answer.status == HTTPStatus.BAD_REQUEST:
            raise SourceRefused(f"TED does not understand the query: {_complaint(answer.body)}", subject=SEARCH)
        check(answer, self.now)
        return answer

    def _post(self, token: str) -> Answer:
        body: dict[str, Any] = {
            "query": self.wanted if self.plain else self.wanted + _SORTED,
            "fields": list(_CORE if self.plain else _FIELDS),
            "limit": PAGE,
            "scope": "ALL",
            "paginationMode": "ITERATION",
        }
        if token:
            body["iterationNextToken"] = token
        try:
            return self.http.post(SEARCH, body=json.dumps(body).encode(), headers=_HEADERS, limits=_LIMITS)
        except HttpFailed as error:
            raise SourceUnreachable(str(error), subject=SEARCH) from error
        except AddressRefused as error:
            raise SourceRefused(str(error), subject=SEARCH) from error


def _mapping(body: bytes) -> Mapping[str, Any]:
    """Return the JSON object in ``body``. Raises ``SourceRefused`` if it is none."""
    try:
        data = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise SourceRefused("TED answered with something else than JSON.", subject=SEARCH) from error
    if not isinstance(data, dict):
        raise SourceRefused("TED answered with something else than a list of notices.", subject=SEARCH)
    return data


def _published(notice: Any) -> date | None:
    found = notice.get("publication-date") if isinstance(notice, dict) else None
    try:
        return date.fromisoformat(str(found)[:10])
    except ValueError:
        return None


def _complaint(body: bytes) -> str:
    """Return what TED says is wrong, in one short line."""
    try:
        said = json.loads(body).get("message", "")
    except (ValueError, AttributeError, RecursionError):
        said = ""
    return " ".join(str(said).split())[:200] or "it gives no reason"
