"""Fetch one address (with its further pages), or the Autobahn API's lists of the roads and services in the settings."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import quote

from feeds._conditional import document, fetched_or_not, get, read, validators
from feeds.roads.paging import count_of, is_whole, next_page
from hub.core.errors import SourceConfigError
from hub.core.ports import Answer, Http
from hub.core.source import Fetched, FetchState, NotModified, Source

AUTOBAHN = "https://verkehr.autobahn.de/o/autobahn"
SCHEME = "autobahn:"  # autobahn:A1 stands for the API's address with road=A1
_SERVICES = ("roadworks", "closure", "warning")
_MOST_LISTS = 60  # requests of one poll
_MOST_PAGES = 40
_MOST_BYTES = 40_000_000  # of all pages
_ACCEPT = "application/geo+json, application/json;q=0.9, application/xml;q=0.8, */*;q=0.1"


def fetch(source: Source, state: FetchState, http: Http) -> Fetched | NotModified:
    """Read all lists or pages of ``source``, conditionally. Raises ``SourceError`` only."""
    now = datetime.now(UTC)
    wanted = urls(source)
    if len(wanted) > 1 or _is_autobahn(source):
        return _as_snapshot(read(source, state, http, now, urls=wanted, accept=_ACCEPT))
    return _as_snapshot(_paged(source, wanted[0], state, http, now))


def _paged(source: Source, url: str, state: FetchState, http: Http, now: datetime) -> Fetched | NotModified:
    """Read ``url`` and the pages that follow it; a first page that is unchanged says nothing of the others."""
    alone = set(state.validators) <= {url}
    first = get(url, state if alone else FetchState(), http, now, accept=_ACCEPT)
    if first is None:
        return NotModified(state=replace(state, at=now))
    answers, rest = _pages(url, first, http, now)
    return fetched_or_not(
        source, state, [document(one) for one in answers.values()], now,
        validators={one: validators(answer) for one, answer in answers.items()}, partial=rest,
    )  # fmt: skip


def _pages(url: str, first: Answer, http: Http, now: datetime) -> tuple[dict[str, Answer], bool]:
    """Return the answers by address, and whether there are more than are read."""
    answers, size, count = {url: first}, len(first.body), count_of(first.body)
    following = next_page(url, first.body, count)
    while following and following not in answers:
        if len(answers) >= _MOST_PAGES or size > _MOST_BYTES:
            return answers, True
        answer = get(following, FetchState(), http, now, accept=_ACCEPT)
        if answer is None:
            break
        answers[following] = answer
        size, count = size + len(answer.body), count + count_of(answer.body)
        following = next_page(following, answer.body, count)
    return answers, False


def _as_snapshot(found: Fetched | NotModified) -> Fetched | NotModified:
    """Mark a whole list as such: what two agreeing polls miss in it has been reopened."""
    if isinstance(found, NotModified) or found.partial:
        return found
    return replace(found, snapshot=is_whole([one.body for one in found.documents]))


def urls(source: Source) -> tuple[str, ...]:
    """Return what to read: ``source.url``, or one list per motorway and service below it if ``road`` is set.

    The base is all up to ``/o/autobahn`` (the documented prefix of the API), whatever follows it in ``source.url``;
    ``autobahn:A1`` names the public API. Raises ``SourceConfigError`` for a road or service that is none.
    """
    short = source.url[len(SCHEME) :] if source.url.lower().startswith(SCHEME) else None
    roads = _words(source.config.get("road", "") or short or "")
    if not roads:
        if short is not None:
            raise SourceConfigError("Say which motorway: autobahn:A1.", subject=source.id)
        return (source.url,)
    services = _words(source.config.get("service", "")) or ["roadworks"]
    bad = [one for one in roads if not re.fullmatch(r"A\s?\d{1,3}[a-z]?", one, re.IGNORECASE | re.ASCII)]
    bad += [one for one in services if one not in _SERVICES]
    if bad:
        raise SourceConfigError(
            f"Not a motorway (A1, A2 …) or a service ({', '.join(_SERVICES)}): {', '.join(bad)}.", subject=source.id
        )
    if len(roads) * len(services) > _MOST_LISTS:
        raise SourceConfigError(f"More than {_MOST_LISTS} lists in one source; please split it.", subject=source.id)
    base = AUTOBAHN if short is not None else re.sub(r"(/o/autobahn)(/.*)?$", r"\1", source.url.rstrip("/"))
    names = [quote(one.upper().replace(" ", "")) for one in roads]
    return tuple(f"{base}/{name}/services/{service}" for name in names for service in services)


def _is_autobahn(source: Source) -> bool:
    return bool(source.config.get("road")) or source.url.lower().startswith(SCHEME)


def _words(text: str) -> list[str]:
    return list(dict.fromkeys(filter(None, (one.strip() for one in re.split(r"[,;]", text)))))
