"""Conditional GET for feed fetchers (RFC 9110, 13.1): ask for what changed, name what went wrong.

Most kinds need one line::

    def fetch(source: Source, state: FetchState, http: Http) -> Fetched | NotModified:
        return read(source, state, http, datetime.now(UTC), accept="application/rss+xml, */*;q=0.5")

A kind that follows pages itself uses :func:`get` per page and :func:`fetched_or_not` at the end.
Nothing here looks at a clock: ``now`` is given. All errors that leave are ``SourceError``.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus

from hub.core.errors import AddressRefused, HttpFailed, SourceConfigError, SourceRefused, SourceUnreachable
from hub.core.ports import Answer, Http, Limits
from hub.core.source import Document, Fetched, FetchState, NotModified, Source

_DAY = 86_400
_LONGEST_VALIDATOR = 1024  # characters; a longer one is noise that we would send back at every poll
_CONTENT = (200, 203)  # the answers that carry a whole document (RFC 9110, 15.3)
_LATER = (408, 425, 429)  # refusals that pass by themselves: time-out, too early, too many requests
_SENTENCES = {
    401: "The source asks for a login (401).",
    403: "The source refuses to answer us (403).",
    404: "There is nothing at this address any more (404).",
    410: "The source says that this address is gone for good (410).",
    429: "The source asks us to come less often (429).",
    503: "The source is out of service for now (503).",
}


def read(
    source: Source,
    state: FetchState,
    http: Http,
    now: datetime,
    *,
    urls: Sequence[str] | None = None,
    limits: Limits | None = None,
    accept: str = "*/*",
) -> Fetched | NotModified:
    """Fetch ``source.url`` (or all ``urls``, in this order) if anything changed since ``state``.

    Returns ``NotModified`` when every URL answered 304 or the bodies hash to ``state.body_hash``, else a complete
    ``Fetched`` with one document per distinct URL. ``now`` is an aware time. Raises ``SourceError`` only, see
    :func:`get`; if one URL of several fails, all fail, so that nothing half-read is taken for the whole.
    """
    wanted = tuple(dict.fromkeys(urls if urls is not None else (source.url,)))
    if not wanted or not all(wanted):
        raise SourceConfigError("The source has no address.", subject=source.id)
    answers = {url: get(url, state, http, now, limits=limits, accept=accept) for url in wanted}
    if all(answer is None for answer in answers.values()):
        return NotModified(state=replace(state, at=now))
    found = {
        # A 304 beside a 200: its document is needed after all, so ask again without conditions.
        url: answer or _whole(url, http, now, limits=limits, accept=accept)
        for url, answer in answers.items()
    }
    return fetched_or_not(
        source,
        state,
        [document(answer) for answer in found.values()],
        now,
        validators={url: validators(answer) for url, answer in found.items()},
        fresh_for=fresh_for(found.values()),
    )


def get(
    url: str,
    state: FetchState,
    http: Http,
    now: datetime,
    *,
    limits: Limits | None = None,
    accept: str = "*/*",
) -> Answer | None:
    """GET ``url`` with the validators that ``state`` holds for it; ``None`` means 304, nothing new.

    Raises ``SourceUnreachable`` (no answer, 408, 425, 429, 5xx; with ``retry_after`` in seconds if the server gave
    it), ``SourceRefused`` (other 4xx, left-over redirect, no content, refused address) or ``SourceTooLarge``.
    """
    conditions = _conditions(state.validators.get(url, {}))
    answer = _ask(url, http, {"accept": accept, **conditions}, limits)
    if answer.status == HTTPStatus.NOT_MODIFIED and conditions:
        return None
    check(answer, now)
    return answer


def fetched_or_not(
    source: Source,
    state: FetchState,
    documents: Sequence[Document],
    now: datetime,
    *,
    validators: Mapping[str, Mapping[str, str]] | None = None,
    cursor: str | None = None,
    partial: bool = False,
    fresh_for: int | None = None,
) -> Fetched | NotModified:
    """Wrap up what was read: ``NotModified`` if the bodies are those of ``state``, else ``Fetched``.

    The new state holds ``validators`` (by requested URL), the sha256 over all bodies, ``cursor`` (``None``: as
    before) and ``now``. A partial answer (changes since the cursor) is compared too: the same page twice is
    nothing new.
    """
    new = FetchState(
        validators={url: dict(found) for url, found in (validators or {}).items() if found},
        body_hash=body_hash(documents),
        cursor=state.cursor if cursor is None else cursor,
        at=now,
    )
    if new.body_hash == state.body_hash:
        return NotModified(state=new, fresh_for=fresh_for)
    return Fetched(documents=tuple(documents), at=now, state=new, source=source, partial=partial, fresh_for=fresh_for)


def check(answer: Answer, now: datetime) -> None:
    """Raise the ``SourceError`` that ``answer``'s status or empty body means; return for usable content."""
    status = answer.status
    if status in _CONTENT:
        if not answer.body:
            raise SourceRefused("The source answered with nothing at all.", subject=answer.url)
        return
    if status in _LATER or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        raise SourceUnreachable(
            _SENTENCES.get(status, f"The source has a fault of its own ({status})."),
            subject=answer.url,
            retry_after=retry_after(answer.headers.get("retry-after", ""), now),
        )
    raise SourceRefused(
        _SENTENCES.get(status, f"The source answered without content (status {status})."), subject=answer.url
    )


def document(answer: Answer) -> Document:
    """Return ``answer`` as a document: final URL, media type with parameters, raw bytes."""
    return Document(url=answer.url, content_type=answer.headers.get("content-type", ""), body=answer.body)


def validators(answer: Answer) -> dict[str, str]:
    """Return ``answer``'s ``etag`` and ``last_modified`` for :class:`FetchState`, those it has."""
    found = {"etag": answer.headers.get("etag", ""), "last_modified": answer.headers.get("last-modified", "")}
    return {name: value for name, value in found.items() if 0 < len(value) <= _LONGEST_VALIDATOR}


def body_hash(documents: Iterable[Document]) -> str:
    """Return the sha256 (hex) over all bodies, each with its length before it, so that no two splits agree."""
    digest = hashlib.sha256()
    for one in documents:
        digest.update(len(one.body).to_bytes(8, "big"))
        digest.update(one.body)
    return digest.hexdigest()


def fresh_for(answers: Iterable[Answer]) -> int | None:
    """Return for how many seconds all ``answers`` stay fresh (RFC 9111, 4.2), at most a day; ``None`` if unsaid.

    One answer that says nothing leaves the whole unsaid: it may change at any time. The day is our own bound, so
    that a mistaken ``max-age`` of a year cannot silence a source.
    """
    ages = [_max_age(answer) for answer in answers]
    known = [age for age in ages if age]
    return min(*known, _DAY) if known and len(known) == len(ages) else None


def retry_after(value: str, now: datetime) -> float | None:
    """Return the seconds to wait that a ``Retry-After`` header asks for (RFC 9110, 10.2.3), or ``None``.

    ``value`` is a number of seconds or an HTTP-date in any of its three forms; a past date is 0.
    """
    text = value.strip()
    if re.fullmatch(r"\d{1,9}", text, re.ASCII):
        return float(text)
    try:
        at = parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
    # An HTTP-date is always UTC; asctime form does not say so.
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    try:
        return max(0.0, (at - now).total_seconds())
    except OverflowError:
        return None


def _conditions(known: Mapping[str, str]) -> dict[str, str]:
    """Return the request headers that make a GET conditional on the ``known`` validators."""
    names = {"etag": "if-none-match", "last_modified": "if-modified-since"}
    return {header: known[name] for name, header in names.items() if known.get(name)}


def _whole(url: str, http: Http, now: datetime, *, limits: Limits | None, accept: str) -> Answer:
    """GET ``url`` without conditions; raise as :func:`get`."""
    answer = _ask(url, http, {"accept": accept}, limits)
    check(answer, now)
    return answer


def _ask(url: str, http: Http, headers: Mapping[str, str], limits: Limits | None) -> Answer:
    """GET ``url``; the client's own errors become a source's."""
    try:
        return http.get(url, headers=headers, limits=limits)
    except HttpFailed as error:
        raise SourceUnreachable(str(error), subject=url) from error
    except AddressRefused as error:
        raise SourceRefused(str(error), subject=url) from error


def _max_age(answer: Answer) -> int | None:
    """Return how many seconds of ``max-age`` are left after ``Age``; ``None`` if unsaid or not cacheable."""
    control = answer.headers.get("cache-control", "").lower()
    found = re.search(r'(?:^|[\s,])max-age\s*=\s*"?(\d{1,9})', control, re.ASCII)
    if found is None or re.search(r"no-(?:cache|store)", control):
        return None
    age = answer.headers.get("age", "").strip()
    return int(found[1]) - (int(age) if re.fullmatch(r"\d{1,9}", age, re.ASCII) else 0)
