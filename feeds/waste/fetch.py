"""Fetch a waste calendar: one address, a provider's customer, or what another program gathers."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from feeds._conditional import read
from feeds.waste.adapter import run_module
from feeds.waste.providers import is_address
from feeds.waste.tour import fetch_provider
from hub.core.errors import SourceConfigError
from hub.core.ports import Http, Limits
from hub.core.source import Fetched, FetchState, NotModified, Source

_AWIDO = "https://awido.cubefour.de/WebServices/Awido.Service.svc/secure/getData/{oid}?fractions=&client={client}"
_NAME = re.compile(r"[A-Za-z0-9_-]{1,60}", re.ASCII)
_OID = re.compile(r"[A-Za-z0-9_{}-]{1,80}", re.ASCII)
_ACCEPT = "text/calendar, text/csv, application/json, */*;q=0.5"
_LIMITS = Limits(size=5_000_000)


def fetch(source: Source, state: FetchState, http: Http) -> Fetched | NotModified:
    """Fetch the calendar if it changed. Raises ``SourceError`` only."""
    if source.url.startswith("wcs:"):
        return run_module(source, state, datetime.now(UTC))
    if is_address(source.url):
        return fetch_provider(source, state, http, datetime.now(UTC))
    return read(source, state, http, datetime.now(UTC), urls=[address(source)], limits=_LIMITS, accept=_ACCEPT)


def address(source: Source) -> str:
    """Return the URL to ask. ``webcal:`` is https. Raises ``SourceConfigError`` for half or odd AWIDO settings."""
    client, oid = source.config.get("client", ""), source.config.get("oid", "")
    if not client and not oid:
        return re.sub(r"^webcals?://", "https://", source.url, flags=re.IGNORECASE)
    if not (_NAME.fullmatch(client) and _OID.fullmatch(oid)):
        raise SourceConfigError("AWIDO needs both settings, client and oid, as letters and digits.", subject=source.id)
    return _AWIDO.format(oid=oid, client=client)
