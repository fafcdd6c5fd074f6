"""OCDS 1.1 releases: single, in a release package, or compiled in a record package (standard.open-contracting.org).

Day exports of the Datenservice Öffentlicher Einkauf have the prefix ``ocds-mnwr74`` before the procedure's own id, by
which eForms call it too. They swap ``buyer.id`` and ``buyer.identifier.id`` and mostly have no ``tenderPeriod``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from feeds.tenders import places, values
from feeds.tenders.ocds_money import money, total_value
from feeds.tenders.places import Place
from feeds.tenders.tender import AWARD, OPEN, PLANNING, Lot, Tender
from hub.core.errors import SourceRefused

_DATENSERVICE = "ocds-mnwr74-"
_CANCELLED = {"cancelled", "withdrawn"}  # tender.status
_FAILED = {"unsuccessful", "cancelled"}  # award.status
_MOST_LOTS = 500
_AWARDED = re.compile(r"award|contract|implementation")
_PLANNED = {"planning", "planningUpdate"}

Json = Mapping[str, Any]


def releases(data: Any) -> list[Json]:
    """Return the releases in a JSON document. Raises ``SourceRefused`` if it is no OCDS."""
    found = _sequence(data) or _sequence(_mapping(data).get("releases"))
    found = found or [one for record in _sequence(_mapping(data).get("records")) for one in _of_record(record)]
    if not found and isinstance(data, dict) and "ocid" in data:
        found = [data]
    if not found and not isinstance(_mapping(data).get("releases"), list) and data != []:
        raise SourceRefused("The JSON is neither an OCDS release nor a package of releases.")
    return [_mapping(one) for one in found]


def _of_record(record: Any) -> Sequence[Any]:
    """Return a record's compiled release, else the releases it embeds (a mere link is none)."""
    compiled = _mapping(record).get("compiledRelease")
    embedded = [one for one in _sequence(_mapping(record).get("releases")) if "ocid" in _mapping(one)]
    return [compiled] if compiled or not embedded else embedded


def read(release: Json, zone: str) -> Tender:
    """Return the notice in ``release``. Raises ``SourceRefused`` if it lacks what makes it a notice."""
    ocid = _text(release, "ocid")
    tender = _mapping(release.get("tender"))
    if not ocid:
        raise SourceRefused("The release has no ocid.")
    lang = values.language(_text(release, "language"))
    stage = _stage(release, tender)
    parts = tuple(_lots(tender, lang, zone))
    title = values.one_line(_text(tender, "title")) or next((lot.titles[lang] for lot in parts if lot.titles), "")
    if not title:
        raise SourceRefused("The release has no title.")
    party = _buyer(release)
    amount, currency = total_value(release, tender)
    description = values.clean(_text(tender, "description"))
    remarks = _amendments(tender)
    performed, seat = _performed(tender), _seat(release, party)
    buyer_ids = sorted(_identifiers(_mapping(release.get("buyer"))) | _identifiers(party))
    notice = _text(release, "id") or ocid
    return Tender(
        key=ocid.removeprefix(_DATENSERVICE),
        notice=notice,
        lang=lang,
        titles={lang: title},
        form="ocds",
        stage=stage,
        descriptions={lang: description} if description else {},
        remarks={lang: remarks} if remarks else {},
        category="award" if stage == AWARD else (_tags(release) or ["tender" if tender else ""])[0][:40],
        lots=parts if stage == AWARD else _with_deadline(parts, tender, zone),
        published=values.timestamp(_text(release, "date"), zone),
        buyer=values.one_line(_text(_mapping(release.get("buyer")), "name") or _text(party, "name"), 200),
        cpv=values.cpv_codes(_cpv(tender)),
        places=places.concerned(performed, seat, places.leitweg_places(buyer_ids)),
        regions=places.regions(performed, seat),
        amount=amount,
        currency=currency,
        url=next((url for url in _documents(tender) if url), ""),
        links=tuple(("documents", url, "") for url in dict.fromkeys(_documents(tender)) if url)[:10],
        # Elsewhere a release's id is unique within its own procedure only.
        references=(ocid, *([notice] if ocid.startswith(_DATENSERVICE) else [])),
        facts=tuple(_facts(release, tender, performed, seat, zone)),
        attribution="Quelle: Datenservice Öffentlicher Einkauf (CC0)" if ocid.startswith(_DATENSERVICE) else "",
        cancelled=_is_cancelled(release, tender),
    )


def _is_cancelled(release: Json, tender: Json) -> bool:
    """Whether the procedure is called off: by tag, by status, or because no award came of it."""
    awards = [_text(_mapping(one), "status") for one in _sequence(release.get("awards"))]
    called_off = any("tenderCancellation" in tag for tag in _tags(release))
    return called_off or _text(tender, "status") in _CANCELLED or (bool(awards) and set(awards) <= _FAILED)


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


def _lots(tender: Json, lang: str, zone: str) -> Iterator[Lot]:
    """Yield the lots."""
    for one in map(_mapping, _sequence(tender.get("lots"))[:_MOST_LOTS]):
        title, description = values.one_line(_text(one, "title")), values.clean(_text(one, "description"))
        sum_ = money(one.get("value"))
        where = [place for item in _items(tender, _text(one, "id")) for place in _delivered(item)]
        yield Lot(
            id=values.one_line(_text(one, "id"), 40),
            titles={lang: title} if title else {},
            descriptions={lang: description} if description else {},
            deadline=values.timestamp(_text(_mapping(one.get("tenderPeriod")), "endDate"), zone),
            amount=sum_[0] if sum_ else None,
            currency=sum_[1] if sum_ else "",
            place=places.shown(where),
            cpv=values.cpv_codes(_cpv({"items": list(_items(tender, _text(one, "id")))})),
            facts=tuple(_period(one.get("contractPeriod"))),
        )


def _items(tender: Json, lot: str) -> Iterator[Json]:
    """Yield the items of one lot."""
    return (one for one in map(_mapping, _sequence(tender.get("items"))) if lot and _text(one, "relatedLot") == lot)


def _period(period: Any) -> Iterator[tuple[str, str]]:
    """Yield when the work begins and ends."""
    for name, member in (("start", "startDate"), ("end", "endDate")):
        if found := values.day(_text(_mapping(period), member)[:10]):
            yield name, found


def _with_deadline(lots: tuple[Lot, ...], tender: Json, zone: str) -> tuple[Lot, ...]:
    """Return the lots, those without a deadline with that of the whole; one nameless lot if there are none."""
    whole = values.timestamp(_text(_mapping(tender.get("tenderPeriod")), "endDate"), zone)
    if not lots:
        return (Lot(id="", titles={}, deadline=whole),) if whole else ()
    return tuple(replace(lot, deadline=lot.deadline or whole) for lot in lots)


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
    return places.address_places(
        _text(data, "region"), _text(data, "postalCode"), _text(data, "locality"), _text(data, "countryName")
    )


def _performed(tender: Json) -> list[Place]:
    """Return where is delivered."""
    return [place for item in map(_mapping, _sequence(tender.get("items"))) for place in _delivered(item)]


def _delivered(item: Json) -> Iterator[Place]:
    """Yield the places of an item's delivery addresses (extension "location")."""
    for address in [item.get("deliveryAddress"), *_sequence(item.get("deliveryAddresses"))]:
        yield from _address(address)


def _seat(release: Json, party: Json) -> list[Place]:
    """Return where the buyer sits."""
    return _address(party.get("address")) or _address(_mapping(release.get("buyer")).get("address"))


def _stage(release: Json, tender: Json) -> str:
    """Return where the release finds the procedure, by its tags or the tender's status."""
    tags = _tags(release)
    if any(_AWARDED.match(tag) for tag in tags):
        return AWARD
    planned = bool(_PLANNED & set(tags)) or _text(tender, "status") in {"planning", "planned"}
    return PLANNING if planned else OPEN


def _amendments(tender: Json) -> str:
    """Return what amendments say they changed and why; the last two are enough."""
    found = [_mapping(one) for one in [*_sequence(tender.get("amendments")), tender.get("amendment")]]
    lines = [values.clean(_text(one, name), 2000) for one in found for name in ("description", "rationale")]
    return "\n".join(dict.fromkeys([line for line in lines if line][-4:]))


def _facts(
    release: Json, tender: Json, performed: list[Place], seat: list[Place], zone: str
) -> Iterator[tuple[str, str]]:  # fmt: skip
    """Yield the procedure, what is bought, the range of the value, both places and the winners."""
    yield "procedure", _text(tender, "procurementMethod")
    yield "contract", _text(tender, "mainProcurementCategory")
    for name, member in (("least", "minValue"), ("most", "maxValue")):
        sum_ = money(tender.get(member))
        yield name, f"{sum_[0]:.2f} {sum_[1]}" if sum_ else ""
    yield "questions", values.timestamp(_text(_mapping(tender.get("enquiryPeriod")), "endDate"), zone)
    yield "place", places.shown(performed)
    yield "buyer.place", places.shown(seat)
    suppliers = [
        values.one_line(_text(_mapping(one), "name"), 200)
        for award in _sequence(release.get("awards"))
        for one in _sequence(_mapping(award).get("suppliers"))
    ]
    yield "winner", ", ".join(dict.fromkeys(filter(None, suppliers)))[:500]


def _cpv(tender: Json) -> Iterator[str]:
    """Yield the CPV codes of the tender and its items, main codes first."""
    holders = [tender, *map(_mapping, _sequence(tender.get("items")))]
    main = [_mapping(one.get("classification")) for one in holders]
    more = [_mapping(code) for one in holders for code in _sequence(one.get("additionalClassifications"))]
    for code in (*main, *more):
        if _text(code, "scheme").upper() in ("CPV", ""):
            yield _text(code, "id")


def _documents(tender: Json) -> list[str]:
    """Return the addresses of the tender's documents."""
    return [values.web_url(_text(_mapping(one), "url")) for one in _sequence(tender.get("documents"))]
