"""Find the councils behind an address: an OParl System, a Body or a list of them, or only the server's start page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urljoin, urlsplit

from feeds._conditional import document, get
from feeds._json_body import one_line, read_json, web_address
from feeds.council.exports import is_oparl, is_web_page
from feeds.council.oparl import bodies_in, next_page_of_bodies, objects_in, same_server, type_of
from feeds.council.places import place_of
from hub.core.errors import AddressRefused, SourceRefused, SourceTooLarge
from hub.core.notice import PlaceRef
from hub.core.ports import Http
from hub.core.source import Document, FetchState, Offer, Source

# Where the usual vendors put their System, below the address given (Sternberg, SOMACOS, CC e-gov, others).
USUAL = (
    "oparl/v1.1/system", "oparl/v1.0/system", "oparl/v1/system", "webservice/oparl/v1.1/system",
    "webservice/oparl/v1.0/system", "webservice/oparl/v1/system", "oparl/1.0/system.asp", "bi/oparl/1.0/system.asp",
    "oi/oparl/1.0/system.asp", "public/oparl/system", "oparl/system", "oparl",
)  # fmt: skip
MOST_OFFERS = 500
_LINK = re.compile(rb"""href\s*=\s*["']([^"'<>\s]{1,500}oparl[^"'<>\s]{0,500})["']""", re.IGNORECASE)
_MOST_LINKS = 3
_ACCEPT = "application/json, */*;q=0.5"
_NOTHING = (
    "No OParl system was found there. Please give the address of the council system's OParl entry (it often ends in "
    "/oparl/v1/system), or of its iCal, RSS or CSV export."
)


def discover(source: Source, http: Http) -> list[Offer]:
    """Return one offer per Body that ``source.url`` leads to; ``[]`` if the source is complete.

    It is complete when a body is chosen, and when the address leads to meetings, to a committee's meetings or to an
    export. Raises ``SourceError``, ``SourceRefused`` if nothing at all is found.
    """
    if source.config.get("body"):
        return []
    page = _try(source.url, http)
    if page is not None and not is_oparl(page) and not is_web_page(page):
        return []
    for one in _candidates(source.url, page, http):
        value = _json(one)
        kind = type_of((objects_in(value) or [None])[0])
        if kind in {"Meeting", "Organization"} or value == [] or (isinstance(value, dict) and value.get("data") == []):
            return []
        offers = _offers(one, value, kind, http)
        if offers:
            return offers
    raise SourceRefused(_NOTHING, subject=source.url)


def _candidates(url: str, page: Document | None, http: Http) -> Iterator[Document]:
    """Yield what may be OParl: the address itself, what its page links to, what vendors usually do."""
    if page is not None and is_oparl(page):
        yield page
        return
    linked = [urljoin(url, one.decode("utf-8", "replace")) for one in _LINK.findall(page.body if page else b"")]
    base = url.partition("?")[0].partition("#")[0]
    base = base if base.endswith("/") else f"{base}/"
    usual = [*(urljoin(base, one) for one in USUAL)]
    if urlsplit(base).path != "/":
        usual += [urljoin(base, f"/{one}") for one in USUAL]
    for one in dict.fromkeys([*linked[:_MOST_LINKS], *usual]):
        found = _try(one, http) if same_server(one, url) else None
        if found is not None and is_oparl(found):
            yield found


def _offers(page: Document, value: Any, kind: str, http: Http) -> list[Offer]:
    if kind == "System":
        address = web_address((objects_in(value) or [{}])[0].get("body"))
        found = _try(address, http) if address else None
        if found is None:
            return []
        page, value = found, _json(found)
    offers: list[Offer] = []
    entry, seen = page.url, {page.url}
    while True:
        offers += [_offer(one, entry) for one in bodies_in(value) if web_address(one.get("meeting"))]
        url = next_page_of_bodies(value, page.url, seen)
        following = _try(url, http) if url and len(offers) < MOST_OFFERS else None
        if following is None:
            return offers[:MOST_OFFERS]
        page, value = following, _json(following)


def _offer(body: dict[str, Any], url: str) -> Offer:
    name = one_line(body.get("name")) or one_line(body.get("shortName")) or one_line(body.get("id"))
    scheme, value = place_of(one_line(body.get("ags"), 40), one_line(body.get("rgs"), 40))
    places = (PlaceRef(scheme, value, name),) if scheme else ()
    return Offer(title=name, url=url, settings={"body": one_line(body.get("id"), 2_000) or name}, places=places)


def _try(url: str, http: Http) -> Document | None:
    """GET ``url``; ``None`` if there is nothing. No answer at all is an error: the server may only be busy."""
    try:
        answer = get(url, FetchState(), http, datetime.now(UTC), accept=_ACCEPT)
    except SourceTooLarge:
        raise
    except SourceRefused as refusal:
        if isinstance(refusal.__cause__, AddressRefused):
            raise  # we may not ask there at all: that is no word of the server
        return None
    return document(answer) if answer is not None else None


def _json(page: Document) -> Any:
    return read_json(page)
