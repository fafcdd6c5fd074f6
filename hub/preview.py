"""Look at a source before it is added: fetch or read files, parse in the child, show what would become notices.

Needs no database and keeps nothing.
"""

from __future__ import annotations

import mimetypes
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, TypeAlias

import feeds
from feeds import FeedKind
from hub.core.codec import to_json
from hub.core.errors import OrtsrufError, SourceConfigError, SourceTooLarge
from hub.core.notice import Notice
from hub.core.place import LOCAL
from hub.core.ports import Http
from hub.core.source import Document, Fetched, FetchState, NotModified, Source
from hub.sandbox import Parsed, parse_safely
from hub.sources import build_source

Places: TypeAlias = Callable[[Notice, Source], Sequence[str]]
_MOST_FILES = 500
_MOST_BYTES = 50_000_000
# The system's table may not know these, and parsers rely on them.
_MEDIA = {
    ".ics": "text/calendar",
    ".rss": "application/rss+xml",
    ".atom": "application/atom+xml",
    ".cap": "application/cap+xml",
    ".xml": "application/xml",
    ".json": "application/json",
    ".geojson": "application/geo+json",
    ".csv": "text/csv",
    ".zip": "application/zip",
    ".gz": "application/gzip",
    ".html": "text/html",
}


def preview(
    kind: str,
    file_or_url: str,
    settings: Mapping[str, str],
    *,
    http: Http,
    now: datetime,
    source_id: str = "preview",
    plugins: Sequence[Path] = (),
    places: Places | None = None,
) -> dict[str, Any]:
    """Return what a file, a folder or a http(s) address would bring, see :func:`look`.

    Raises ``SourceConfigError`` for an unknown kind, settings that cannot work or a file that is not there.
    """
    found = feeds.load(kind, plugins)
    source = build_source(found, file_or_url, settings, source_id=source_id)
    return look(found, source, http=http, now=now, plugins=plugins, places=places)


def look(
    kind: FeedKind, source: Source, *, http: Http, now: datetime, plugins: Sequence[Path] = (),
    places: Places | None = None, files: bool = True,
) -> dict[str, Any]:  # fmt: skip
    """Return ``{"kind", "items", "refused", "label", "faults", "notes", "span", "unplaced"}`` of ``source``.

    ``items`` are notices as JSON with their ``title`` and the ``paths`` of the place tree beside, ``refused`` the
    sentence why the whole was refused (else ``None``) and ``label`` its error's, ``faults`` the single items that
    were, ``notes`` remarks on the whole, ``span`` the first and last day named, ``unplaced`` the items whose places
    nobody knows, so that they would reach nobody. ``places`` resolves a notice's places; without ``files`` nothing of
    this machine is read. Raises ``SourceConfigError``.
    """
    try:
        fetched = _fetched(kind, source, http, now, files=files)
        parsed = parse_safely(kind.KIND, fetched, plugins=plugins)
    except SourceConfigError:
        raise
    except OrtsrufError as error:
        return _shown(kind.KIND, Parsed(()), {}) | {"refused": str(error), "label": error.label}
    paths = {
        one.id: list(places(one, source))
        for one in parsed.notices
        # Without a place of its own the source's municipality is not known yet: nothing can be said.
        if one.texts and places is not None and (source.places or any(ref.scheme not in LOCAL for ref in one.places))
    }
    return _shown(kind.KIND, parsed, paths)


def _shown(kind: str, parsed: Parsed, paths: Mapping[str, list[str]]) -> dict[str, Any]:
    return {
        "kind": kind,
        "items": [
            {"title": one.title, "paths": paths.get(one.id, []), **to_json(one)} for one in parsed.notices if one.texts
        ],
        "refused": None,
        "label": "",
        "faults": [{"key": one.key, "reason": one.reason} for one in parsed.refused],
        "notes": list(parsed.notes),
        "span": _span(parsed.notices),
        "unplaced": [
            {"key": one.key, "title": one.title, "places": [f"{ref.scheme}:{ref.value}" for ref in one.places]}
            for one in parsed.notices
            if paths.get(one.id) == []
        ],
    }


def _span(notices: Sequence[Notice]) -> dict[str, str] | None:
    """Return the first and the last day that the notices are about, ISO 8601; ``None`` if they name none."""
    days = [
        moment.date() if isinstance(moment, datetime) else moment
        for one in notices
        for moment in (
            *(date.start for date in one.occurrences), one.valid_from, one.expires, one.deadline,
            None if one.occurrences or one.valid_from or one.expires else one.sent,
        )
        if moment is not None
    ]  # fmt: skip
    return {"first": min(days).isoformat(), "last": max(days).isoformat()} if days else None


def _fetched(kind: FeedKind, source: Source, http: Http, now: datetime, *, files: bool) -> Fetched:
    """Fetch an address through the kind, or read ``files``."""
    if not files and not is_address(source.url, kind):
        raise SourceConfigError("Give an http(s) address.", subject=source.url)
    if not files or _is_remote(source.url, kind):
        answer = kind.fetch(source, FetchState(), http)
        if isinstance(answer, NotModified):
            return Fetched(documents=(), at=now, state=answer.state, source=source)
        return answer
    if "://" in source.url or source.url.lower().startswith("file:"):
        raise SourceConfigError("Give a file, a folder or an http(s) address.", subject=source.url)
    paths = _paths(Path(source.url))
    own = kind.from_files
    if own is not None:
        return own(paths, source, now)
    documents = tuple(Document(one.name, media_type(one), one.read_bytes()) for one in paths)
    return Fetched(documents=documents, at=now, state=FetchState(), source=source)


def is_address(url: str, kind: FeedKind) -> bool:
    """Whether this is an address that the kind fetches, whatever files are here."""
    return url.partition(":")[0].lower() in ("http", "https", *kind.schemes) and ":" in url


def _is_remote(url: str, kind: FeedKind) -> bool:
    """Whether the kind fetches this address; a mistyped scheme is the kind's to name, if it has own ones."""
    scheme, mark, rest = url.partition(":")
    if scheme.lower() in ("http", "https", *kind.schemes):
        return True
    own = kind.schemes and mark and scheme.isascii() and scheme.replace("-", "").isalnum() and len(scheme) > 1
    return bool(own and scheme.lower() != "file" and not rest.startswith("//") and not Path(url).exists())


def _paths(path: Path) -> list[Path]:
    """Return ``path``, or the files of the folder that it is, by name. Raises ``SourceError``."""
    if path.is_dir():
        found = sorted(one for one in path.iterdir() if one.is_file() and not one.name.startswith("."))
    else:
        found = [path] if path.is_file() else []
    if not found:
        raise SourceConfigError(f"There is no file at {path}.", subject=str(path))
    if len(found) > _MOST_FILES or sum(one.stat().st_size for one in found) > _MOST_BYTES:
        raise SourceTooLarge(f"More than {_MOST_FILES} files or {_MOST_BYTES} bytes.", subject=str(path))
    return found


def media_type(path: Path) -> str:
    """Guess the media type from a file's name; empty if unknown."""
    return _MEDIA.get(path.suffix.lower()) or mimetypes.guess_type(path.name)[0] or ""
