"""From an index to the alerts behind it: which documents it names, and fetching those that are new.

An index is an Atom or RSS feed with links, one of NINA's lists, NINA's RSS, or a web server's listing of a folder
(opendata.dwd.de). What was read before is remembered in the cursor (pointer -> stamp), so that a poll fetches only
what changed; a document that fails is tried again at the next poll.
"""

from __future__ import annotations

import hashlib
import json
import re
import time
from collections.abc import Sequence
from datetime import datetime
from urllib.parse import quote, urljoin, urlsplit

from feeds._conditional import body_hash, check, document, fetched_or_not, validators
from feeds.cap import index, nina
from feeds.cap.bundle import is_zip
from feeds.cap.index import Pointer
from feeds.cap.tree import all_text, root_of
from hub.core.errors import AddressRefused, HttpFailed, SourceError, SourceRefused, SourceUnreachable
from hub.core.ports import Answer, Http, Limits
from hub.core.source import Document, Fetched, FetchState, NotModified, Source

MOST = 60  # documents fetched in one poll; the rest waits for the next
PATIENCE = 60.0  # seconds for all documents of one poll: well within a poll's lease
_EACH = Limits(seconds=15.0, size=10_000_000)
_REMEMBERED = 1_000  # pointers kept in the cursor
_LARGEST_INDEX = 8_000_000  # bytes; an index is read outside the limited child process
_START = 512  # bytes that tell what a document is
_FILE = re.compile(r"""<a\s[^<>]{0,100}?href\s*=\s*["']([^"'<>?#]{1,300}\.(?:zip|cap|xml))["']""", re.IGNORECASE)
_LANGUAGE = re.compile(r"_(MUL|DE|EN|ES|FR)\.zip$", re.ASCII)


def listed(found: Document, *, language: str) -> list[Pointer] | None:
    """Return what ``found`` points to, newest first as far as it says so, or ``None`` if it is no index.

    ``language`` chooses among the DWD's products if there is none in all languages. Raises ``SourceRefused``.
    """
    body = found.body
    if is_zip(body) or len(body) > _LARGEST_INDEX:
        return None
    start = body[:_START].removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if start[:1] == b"[":
        return _from_list(found)
    if b"<html" in start or b"<!doctype html" in start:
        return _from_folder(body.decode("utf-8", "replace"), found.url, language.upper()[:2])
    if b"<alert" in start:
        return None
    if any(word in start for word in (b"<feed", b"<rss", b"<rdf")) or start.startswith(b"<?xml"):
        return _from_feed(found)
    return None


def follow(
    source: Source, state: FetchState, http: Http, now: datetime, *, answer: Answer, pointers: Sequence[Pointer]
) -> Fetched | NotModified:  # fmt: skip
    """Fetch the documents that ``pointers`` name and that are not those of the cursor; the answer is partial.

    Raises ``SourceError`` if there is something new and none of it can be had.
    """
    known = _remembered(state.cursor)
    wanted = [one for one in pointers if known.get(_mark(one.key)) != _mark(one.stamp)]
    documents, done, trouble = _fetch_all(wanted, http, now)
    if trouble is not None and not done:
        raise trouble
    kept = {_mark(one.key): _mark(one.stamp) for one in pointers if one in done or one not in wanted}
    whole = len(done) == len(wanted)
    again = FetchState(validators=state.validators, body_hash=state.body_hash, cursor=state.cursor, at=now)
    # Unless all was read, the index must be read again: so its validators are not kept.
    marks = {answer.url: validators(answer), source.url: validators(answer)} if whole else {}
    cursor = json.dumps(dict(list(kept.items())[:_REMEMBERED]), separators=(",", ":"))
    if not documents:
        return NotModified(FetchState(marks, state.body_hash or body_hash(()), cursor, now))
    return fetched_or_not(source, again, documents, now, validators=marks, cursor=cursor, partial=True)


def _fetch_all(
    wanted: Sequence[Pointer], http: Http, now: datetime
) -> tuple[list[Document], list[Pointer], SourceError | None]:
    """Return the documents, whose pointers are done with, and the last error."""
    until = time.monotonic() + PATIENCE
    documents: list[Document] = []
    done: list[Pointer] = []
    trouble: SourceError | None = None
    for one in wanted[:MOST]:
        if time.monotonic() > until:
            break
        try:
            documents.append(_get(one.url, http, now))
            done.append(one)
        except SourceUnreachable as error:
            trouble = error
            continue
        except SourceError as error:
            done.append(one)  # gone, or not for us: it will not be there next time either
            trouble = error
            continue
        if one.beside:
            try:
                documents.append(_get(one.beside, http, now))
            except SourceError:
                continue  # an outline is welcome, not needed
    return documents, done, trouble


def _get(url: str, http: Http, now: datetime) -> Document:
    try:
        answer = http.get(url, limits=_EACH)
    except HttpFailed as error:
        raise SourceUnreachable(str(error), subject=url) from error
    except AddressRefused as error:
        raise SourceRefused(str(error), subject=url) from error
    check(answer, now)
    return document(answer)


def _from_list(found: Document) -> list[Pointer] | None:
    """Read one of NINA's lists; an empty one points to nothing."""
    value = nina.read(found)
    pointed = nina.pointed_at(value)
    if not pointed:
        return [] if value == [] else None
    return [_warning(name, version, found.url) for name, version in pointed.items()]


def _warning(name: str, version: str, base: str) -> Pointer:
    """Return where NINA keeps a warning: ``{api}/warnings/{id}.json``, its outline beside it."""
    api = base.partition("/api31/")[0] + "/api31/warnings/" + quote(name, safe="")
    return Pointer(name, version, f"{api}.json", f"{api}.geojson")


def _from_feed(found: Document) -> list[Pointer] | None:
    """Read an Atom or RSS feed; NINA's RSS names warnings by their ids."""
    root = root_of(found.body)
    if root.tag.rpartition("}")[2] not in index.FEEDS:
        return None
    if "/api31/" in found.url:
        text = all_text(root) + " ".join(one.get("href", "") for one in root.iter())
        names = dict.fromkeys(nina.WARNING_ID.findall(text.replace("_DE-", ".DE-")))
        stamp = hashlib.sha256(found.body).hexdigest()
        return [_warning(name.removesuffix(".json"), stamp, found.url) for name in names]
    return index.pointers(root, found.url) or None


def _from_folder(text: str, base: str, language: str) -> list[Pointer]:
    """Read a listing of files: of the DWD's folders one language, and of a STATUS folder only the latest bundle.

    Raises ``SourceRefused`` for a page that is no listing.
    """
    names = list(dict.fromkeys(_FILE.findall(text)))
    if not names:
        raise SourceRefused("The source answered with a web page instead of warnings.", subject=base)
    spoken = [found[1] for one in names if (found := _LANGUAGE.search(one))]
    if spoken:
        tongue = next((one for one in ("MUL", language, "DE") if one in spoken), spoken[0])
        names = [one for one in names if one.endswith(f"_{tongue}.zip")]
    latest = [one for one in names if "_LATEST_" in one]
    changes = [one for one in names if "_LATEST_" not in one]
    if latest and "_DIFF" not in base:
        stamp = hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()
        return [Pointer(one, stamp, urljoin(base, one)) for one in latest[:1]]
    same = [one for one in sorted(changes or latest, reverse=True) if _is_beside(urljoin(base, one), base)]
    return [Pointer(one, "", urljoin(base, one)) for one in same]


def _is_beside(url: str, base: str) -> bool:
    """Whether a file of a listing lies on the same server."""
    return urlsplit(url)[:2] == urlsplit(base)[:2]


def _mark(text: str) -> str:
    """Return a short fingerprint: a cursor of a thousand of them stays small."""
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:12]


def _remembered(cursor: str) -> dict[str, str]:
    try:
        found = json.loads(cursor or "{}")
    except ValueError:
        return {}
    return {str(key): str(value) for key, value in found.items()} if isinstance(found, dict) else {}
