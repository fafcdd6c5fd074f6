"""OCDS 1.1 releases: single, in a release package, or compiled in a record package (standard.open-contracting.org).

Day exports of the Datenservice Öffentlicher Einkauf have the prefix ``ocds-mnwr74``. They swap ``buyer.id`` and
``buyer.identifier.id`` and mostly have no ``tenderPeriod``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from feeds.tenders import values
from feeds.tenders.tender import Lot, Tender, next_deadline
from hub.core.errors import SourceRefused

_DATENSERVICE = "ocds-mnwr74-"
_CANCELLED = {"cancelled", "withdrawn"}  # tender.status
_MOST_LOTS = 500

Json = Mapping[str, Any]
Place = tuple[str, str, str]


def releases(body: bytes) -> list[Json]:
    """Return the releases in ``body``. Raises ``SourceRefused`` if it is no JSON or no OCDS."""
    try:
        data = json.loads(body.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise SourceRefused("The JSON is broken or cut off.") from error
    if _mapping(data).get("notices") is not None:
        raise SourceRefused(
            "This is an answer of the TED search interface, which cannot be read yet; please use an eForms export."
        )
    found = _sequence(data) or _sequence(_mapping(data).get("releases"))
    found = found or [_mapping(one).get("compiledRelease") for one in _sequence(_mapping(data).get("records"))]
    if not found and isinstance(data, dict) and "ocid" in data:
        found = [data]
    if not found and not isinstance(_mapping(data).get("releases"), list) and data != []:
        raise SourceRefused("The JSON is neither an OCDS release nor a package of releases.")
    return [_mapping(one) for one in found]


def read(release: Json, now: datetime, zone: str) -> Tender:
    """Return the notice in ``release``. Raises ``SourceRefused`` if it lacks what makes it a notice."""
    ocid = _text(release, "ocid")
    tender = _mapping(release.get("tender"))
    if not ocid:
        raise SourceRefused("The release has no ocid.")
    lang = values.language(_text(release, "language"))
    lots = tuple(_lots(tender, lang, zone))
    title = values.one_line(_text(tender, "title")) or next((lot.titles[lang] for lot in lots if lot.titles), "")
    if not title:
        raise SourceRefused("The release has no title.")
    category = _category(release, tender)
    award = category == "award"
    counted = () if award else _with_deadline(lots, tender, zone)
    party = _buyer(release)
    amount, currency = _value(release, tender)
    description = values.clean(_text(tender, "description"))
    return Tender(
        key=ocid,
        notice=_text(release, "id") or ocid,
        lang=lang,
        titles={lang: title},
        descriptions={lang: description} if description else {},
        category=category,
        lots=counted or lots,
        deadline=next_deadline(counted, now),
        published=values.timestamp(_text(release, "date"), zone),
        buyer=values.one_line(_text(_mapping(release.get("buyer")), "name") or _text(party, "name"), 200),
        cpv=values.cpv_codes(_cpv(tender)),
        places=_places(release, tender, party),
        amount=amount,
        currency=currency,
        url=next((url for url in _documents(tender) if url), ""),
        links=tuple(("documents", url, "") for url in dict.fromkeys(_documents(tender)) if url)[:10],
        attribution="Quelle: Datenservice Öffentlicher Einkauf (CC0)" if ocid.startswith(_DATENSERVICE) else "",
        cancelled=any("tenderCancellation" in tag for tag in _tags(release)) or _text(tender, "status") in _CANCELLED,
    )


def _mapping(value: Any) -> Json:
    """Return ``value`` if it is a JSON object, else an empty one."""
    return value if isinstance(value, dict) else {}


def _sequence(value: Any) -> Sequence[Any]:
    """Return ``value`` if it is a JSON array, else an empty one."""
    return value if isinstance(value, list) else []


def _text(data: Json, name: str) -> str:
    """Return a member as text: numbers written out, anything else ""."""
    value = data.get(name)
    return value.strip() if isinstance(value, str) else str(value) if isinstance(value, int | float) else ""


def _tags(release: Json) -> list[str]:
    """Return the release's tags; some publishers write one as plain text."""
    tag = release.get("tag")
    return [one for one in ([tag] if isinstance(tag, str) else _sequence(tag)) if isinstance(one, str)]


def _category(release: Json, tender: Json) -> str:
    """Return ``award`` for what has been awarded or contracted, else the release's own tag."""
    tags = _tags(release)
    if any(re.match(r"award|contract|implementation", tag) for tag in tags):
        return "award"
    return tags[0][:40] if tags else ("tender" if tender else "")


def _lots(tender: Json, lang: str, zone: str) -> Iterator[Lot]:
    """Yield the lots."""
    for one in map(_mapping, _sequence(tender.get("lots"))[:_MOST_LOTS]):
        title, description = values.one_line(_text(one, "title")), values.clean(_text(one, "description"))
        yield Lot(
            id=values.one_line(_text(one, "id"), 40),
            titles={lang: title} if title else {},
            descriptions={lang: description} if description else {},
            deadline=values.timestamp(_text(_mapping(one.get("tenderPeriod")), "endDate"), zone),
        )


def _with_deadline(lots: tuple[Lot, ...], tender: Json, zone: str) -> tuple[Lot, ...]:
    """Return the lots, those without a deadline with that of the whole; one nameless lot if there are none."""
    whole = values.timestamp(_text(_mapping(tender.get("tenderPeriod")), "endDate"), zone)
    if not lots:
        return (Lot(id="", titles={}, deadline=whole),) if whole else ()
    return tuple(Lot(lot.id, lot.titles, lot.descriptions, lot.deadline or whole) for lot in lots)


def _identifiers(organisation: Json) -> set[str]:
    """Return an organisation's ids, whichever of the two fields they stand in."""
    found = {_text(organisation, "id"), _text(_mapping(organisation.get("identifier")), "id")}
    return found - {""}


def _buyer(release: Json) -> Json:
    """Return the party that buys: by id, else by role, else the ``buyer`` object itself."""
    buyer = _mapping(release.get("buyer"))
    parties = [_mapping(one) for one in _sequence(release.get("parties"))]
    by_role = [one for one in parties if "buyer" in _sequence(one.get("roles"))]
    by_id = [one for one in parties if _text(one, "id") in _identifiers(buyer)]
    return (by_id or by_role or [buyer])[0]


def _address(address: Any) -> list[Place]:
    """Return the places of an OCDS address; ``region`` holds the NUTS code."""
    data = _mapping(address)
    return values.address_places(
        _text(data, "region"), _text(data, "postalCode"), _text(data, "locality"), _text(data, "countryName")
    )


def _places(release: Json, tender: Json, party: Json) -> tuple[Place, ...]:
    """Return where is delivered, else the buyer's seat; and what a Leitweg-ID of the buyer names."""
    found: list[Place] = []
    for item in map(_mapping, _sequence(tender.get("items"))):
        for address in [item.get("deliveryAddress"), *_sequence(item.get("deliveryAddresses"))]:
            found += _address(address)
    buyer = _mapping(release.get("buyer"))
    seat = _address(party.get("address")) or _address(buyer.get("address"))
    return values.unique_places(
        [*(found or seat), *values.leitweg_places(sorted(_identifiers(buyer) | _identifiers(party)))]
    )


def _cpv(tender: Json) -> Iterator[str]:
    """Yield the CPV codes of the tender and its items, main codes first."""
    holders = [tender, *map(_mapping, _sequence(tender.get("items")))]
    main = [_mapping(one.get("classification")) for one in holders]
    more = [_mapping(code) for one in holders for code in _sequence(one.get("additionalClassifications"))]
    for code in (*main, *more):
        if _text(code, "scheme").upper() in ("CPV", ""):
            yield _text(code, "id")


def _value(release: Json, tender: Json) -> tuple[float | None, str]:
    """Return the estimated value, else the sum over the awards or the lots, with its currency."""
    own = _money(tender.get("value"))
    if own:
        return own
    for holders in (_sequence(release.get("awards")), _sequence(tender.get("lots"))[:_MOST_LOTS]):
        found = {
            str(count): money for count, one in enumerate(holders) if (money := _money(_mapping(one).get("value")))
        }
        if found:
            return values.total(found)
    return None, ""


def _money(value: Any) -> tuple[float, str] | None:
    """Return (amount, currency) of an OCDS value, or ``None``."""
    data = _mapping(value)
    number = values.amount(_text(data, "amount"))
    return (number, _text(data, "currency")[:3] or "EUR") if number else None


def _documents(tender: Json) -> list[str]:
    """Return the addresses of the tender's documents."""
    return [values.web_url(_text(_mapping(one), "url")) for one in _sequence(tender.get("documents"))]
