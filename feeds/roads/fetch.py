"""Fetch one GeoJSON address, or the Autobahn API's lists of the roads and services in the settings."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from urllib.parse import quote

from feeds._conditional import read
from hub.core.errors import SourceConfigError
from hub.core.ports import Http
from hub.core.source import Fetched, FetchState, NotModified, Source

_SERVICES = ("roadworks", "closure", "warning")
_MOST_LISTS = 60  # requests of one poll
_ACCEPT = "application/geo+json, application/json;q=0.9, */*;q=0.1"


def fetch(source: Source, state: FetchState, http: Http) -> Fetched | NotModified:
    """Read all lists of ``source``, conditionally. Raises ``SourceError`` only."""
    return read(source, state, http, datetime.now(UTC), urls=urls(source), accept=_ACCEPT)


def urls(source: Source) -> tuple[str, ...]:
    """Return what to read: ``source.url``, or one list per motorway and service below it if ``road`` is set.

    The base is all up to ``/o/autobahn`` (the documented prefix of the API), whatever follows it in ``source.url``.
    Raises ``SourceConfigError`` for a road or service that is none.
    """
    roads = _words(source.config.get("road", ""))
    if not roads:
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
    base = re.sub(r"(/o/autobahn)(/.*)?$", r"\1", source.url.rstrip("/"))
    names = [quote(one.upper().replace(" ", "")) for one in roads]
    return tuple(f"{base}/{name}/services/{service}" for name in names for service in services)


def _words(text: str) -> list[str]:
    return list(dict.fromkeys(filter(None, (one.strip() for one in re.split(r"[,;]", text)))))
