"""Fetch alerts: one document, or an index and what it points to, as far as it is new.

What may be concluded from an alert that is no longer there: nothing. The DWD ends a warning by its ``expires``, by
an Update that refers to it (AUFHEBUNG) or by a Cancel; NINA's senders by a Cancel; so a bundle (STAT) or list that
has lost one tells us that we missed its end or that the list is broken, and a false all-clear is worse than a
warning that stands until its own end. Therefore no answer of this kind is a ``snapshot``, and bundles of changes
(DIFF) and followed indexes are ``partial``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from feeds._conditional import document, fetched_or_not, get, validators
from feeds.cap.follow import follow, listed
from hub.core.errors import SourceConfigError
from hub.core.ports import Http, Limits
from hub.core.source import Document, Fetched, FetchState, NotModified, Source

# A summer evening's bundle of all municipalities in all languages has some MB; decompression is bounded apart.
LIMITS = Limits(seconds=60.0, size=25_000_000)
API = "https://warnung.bund.de/api31"
_ACCEPT = "application/zip, application/cap+xml, application/xml;q=0.9, text/xml;q=0.9, */*;q=0.5"
_CHANGES_ONLY = re.compile(r"_DIFF(?:ERENCE)?(?:[_/]|$)", re.ASCII)


def fetch(source: Source, state: FetchState, http: Http) -> Fetched | NotModified:
    """Fetch ``source.url`` conditionally (RFC 9110, 13.1) and what it points to, if that is new.

    ``nina:053580016016`` is the list of warnings for that municipality's district. Raises ``SourceError`` only.
    """
    now, url = datetime.now(UTC), address(source.url)
    answer = get(url, state, http, now, limits=LIMITS, accept=_ACCEPT)
    if answer is None:
        return NotModified(state=replace(state, at=now))
    pointers = listed(document(answer), language=source.language)
    if pointers is not None:
        return follow(source, state, http, now, answer=answer, pointers=pointers)
    return fetched_or_not(
        source,
        state,
        [document(answer)],
        now,
        validators={url: validators(answer)},
        partial=bool(_CHANGES_ONLY.search(url)),
    )


def address(url: str) -> str:
    """Return ``url``, or the address that ``nina:`` and an ARS stand for: lists exist per district only.

    Raises ``SourceConfigError`` if there is no key behind ``nina:``.
    """
    if not url.lower().startswith("nina:"):
        return url
    ars = url[5:].strip("/ ")
    if not re.fullmatch(r"\d{5}|\d{12}", ars, re.ASCII):
        raise SourceConfigError("Behind nina: stands a municipality's key (ARS, 12 digits).", subject=url)
    return f"{API}/dashboard/{ars[:5]}0000000.json"


def from_files(paths: Iterable[Path], source: Source, now: datetime) -> Fetched:
    """Return what a fetch of these files' contents would have given, for previews. Raises ``OSError``."""
    documents = tuple(Document(path.name, "", path.read_bytes()) for path in paths)
    return Fetched(documents=documents, at=now, state=FetchState(), source=source)
