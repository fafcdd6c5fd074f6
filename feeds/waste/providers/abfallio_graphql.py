"""abfall.io, the newer widget (AbfallPlus publisher): a key for an API key, then GraphQL.

``api.abfall.io?key`` gives ``apiKey``; ``widgets.abfall.io/graphql`` answers cities, city, district, street and
``appointments(idHouseNumber …)``. The ``idHouseNumber`` hangs at whichever level is the deepest one told apart.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from feeds._conditional import check, document
from feeds._json_body import one_line, read_json
from feeds.waste.pickup import Found, Pickup, read_day
from feeds.waste.providers._answers import means_all, no_names, undivided
from feeds.waste.providers._ask import Ask
from feeds.waste.providers._types import Account, Context, Node
from feeds.waste.wording import clean
from hub.core.errors import SourceRefused
from hub.core.source import Document

FAMILY = "abfallio-graphql"
KEY = r"[0-9a-f]{32}"
STREET_FIRST = False
_URL = "https://widgets.abfall.io/graphql"
_MOST = 50_000
_CITIES = 'query { cities(query: "") { id name idHouseNumber districtsCount appointmentsSupported } }'
_CITY = """query ($id: ID!) { city(id: $id) { name idHouseNumber districts { id name idHouseNumber }
 streets { id name idHouseNumber } } }"""
_DISTRICT = "query ($id: ID!) { district(id: $id) { name idHouseNumber streets { id name idHouseNumber } } }"
_HOUSES = """query ($id: ID!, $idDistrict: ID) { street(id: $id) { name idHouseNumber
 houseNumbers(idDistrict: $idDistrict) { id name } } }"""
_DATES = """query ($idHouseNumber: ID!, $wasteTypes: [ID], $dateMin: Date, $dateMax: Date, $showInactive: Boolean) {
 appointments(idHouseNumber: $idHouseNumber, wasteTypes: $wasteTypes, dateMin: $dateMin, dateMax: $dateMax,
 showInactive: $showInactive) { date time location note wasteType { id name } } }"""
names, divided, tidy = no_names, undivided, str


def towns(account: Account, ask: Ask) -> Sequence[Node]:
    """Return the towns whose dates the widget shows."""
    rows = _rows(_query(account, ask, _CITIES, {}), "cities")
    found = [
        Node(one_line(one.get("name"), 100), json.dumps([str(one.get("id")), _house(one)]))
        for one in rows if one.get("appointmentsSupported") is not False and one.get("name")
    ]  # fmt: skip
    if not found:
        raise SourceRefused("The key is accepted, but the widget lists no towns.", subject=account.address)
    return found


def streets(account: Account, town: Node, ask: Ask) -> Sequence[Node]:
    """Return the streets, or districts that have one calendar each."""
    city, house = json.loads(town.id)
    if house:
        return (Node("", house),)
    data = _query(account, ask, _CITY, {"id": city}).get("city")
    found = data if isinstance(data, dict) else {}
    nodes: list[Node] = []
    for one in _rows(found, "districts"):
        name, whole = one_line(one.get("name"), 100), _house(one)
        if whole:
            nodes.append(Node(name, "", (Node("", whole),), scheme="district"))
        else:
            inside = _query(account, ask, _DISTRICT, {"id": str(one.get("id"))}).get("district")
            nodes += _streets(inside if isinstance(inside, dict) else {}, str(one.get("id")), name)
    return nodes or _streets(found, "", "")


def houses(account: Account, street: Node, ask: Ask) -> Sequence[Node]:
    """Return the house numbers of a street."""
    if street.below:
        return street.below
    handle, district = json.loads(street.id)
    data = _query(account, ask, _HOUSES, {"id": handle, "idDistrict": district or None}).get("street")
    found = data if isinstance(data, dict) else {}
    if _house(found):
        return (Node("", _house(found)),)
    numbers = [
        Node(one_line(one.get("name"), 40), str(one["id"])) for one in _rows(found, "houseNumbers") if one.get("id")
    ]
    if len(numbers) == 1 and means_all(numbers[0].name):
        return (Node("", numbers[0].id),)
    return numbers


def dates(account: Account, leaf: Node, ask: Ask) -> Sequence[Document]:
    """Return the appointments of whole years, so that a day more or less does not look like a change."""
    variables = {
        "idHouseNumber": leaf.id, "wasteTypes": _init(account, ask)[1], "showInactive": False,
        "dateMin": f"{ask.years[0]}-01-01", "dateMax": f"{ask.years[-1]}-12-31",
    }  # fmt: skip
    return [_ask(account, ask, _DATES, variables)]


def read(document: Document, context: Context) -> Found:  # noqa: ARG001 - the protocol's
    """Read ``data.appointments``."""
    rows = _rows(_data(document), "appointments")
    pickups: list[Pickup] = []
    faults: list[str] = []
    for at, one in enumerate(rows[:_MOST], 1):
        kind = one.get("wasteType")
        wording = clean(one_line(kind.get("name"), 200) if isinstance(kind, dict) else "")
        day = read_day(one_line(one.get("date"), 40))
        if day is None or not wording.title:
            faults.append(f"Entry {at}: no date or no kind of waste.")
            continue
        hours = one_line(one.get("time"), 60)
        pickups.append(
            Pickup(day, wording.title, location=one_line(one.get("location"), 300) or wording.address,
                   summary=f"{wording.title}, {hours}" if hours else "", cancelled=wording.cancelled)
        )  # fmt: skip
    return Found(tuple(pickups), tuple(faults))


def _streets(found: Mapping[str, Any], district: str, name: str) -> list[Node]:
    nodes = []
    for one in _rows(found, "streets"):
        street, house = one_line(one.get("name"), 100), _house(one)
        below = (Node("", house),) if house else ()
        handle = json.dumps([str(one.get("id")), district])
        if means_all(street):
            nodes.append(Node(name, handle, below, scheme="district") if name else Node("", handle, below))
        else:
            nodes.append(Node(street, handle, below))
    return nodes


def _init(account: Account, ask: Ask) -> tuple[str, list[str] | None]:
    """Return the API key and the kinds of waste that the widget shows; ``None`` means all."""
    if "graphql" not in ask.memo:
        answer = ask.find(f"https://api.abfall.io/?key={account.key}", _origin(account))
        data = read_json(document(answer)) if answer is not None else None
        if not isinstance(data, dict) or not isinstance(data.get("apiKey"), str):
            raise SourceRefused("abfall.io gave no API key for this key.", subject=account.address)
        settings = data.get("settings")
        kinds = _rows(settings if isinstance(settings, dict) else {}, "PUB_ABFALLTYPEN")
        checked = [str(one["wasteType"]) for one in kinds if one.get("checked") and one.get("wasteType") is not None]
        ask.memo["graphql"] = (data["apiKey"], checked or None)
    found: tuple[str, list[str] | None] = ask.memo["graphql"]
    return found


def _ask(account: Account, ask: Ask, query: str, variables: Mapping[str, Any]) -> Document:
    headers = {"x-abfallplus-api-key": _init(account, ask)[0], **_origin(account)}
    answer = ask.send_json(_URL, {"query": query, "variables": dict(variables)}, headers)
    if answer.status in (401, 403):
        raise SourceRefused(
            "abfall.io refuses the key (401): it is wrong, or only valid on the provider's own website.",
            subject=account.address,
        )
    check(answer, ask.now)
    return document(answer)


def _query(account: Account, ask: Ask, query: str, variables: Mapping[str, Any]) -> dict[str, Any]:
    return _data(_ask(account, ask, query, variables))


def _data(answer: Document) -> dict[str, Any]:
    """Return ``data`` of a GraphQL answer. Raises ``SourceRefused`` for its ``errors``."""
    value = read_json(answer)
    found = value.get("data") if isinstance(value, dict) else None
    errors = _rows(value, "errors") if isinstance(value, dict) else []
    if errors or not isinstance(found, dict):
        said = one_line(errors[0].get("message"), 200) if errors else "no data"
        raise SourceRefused(f"abfall.io's service answered with an error: {said}.", subject=answer.url)
    return found


def _rows(data: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    found = data.get(name)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _house(row: Mapping[str, Any]) -> str:
    value = row.get("idHouseNumber")
    return "" if value is None else str(value)


def _origin(account: Account) -> dict[str, str]:
    """Return what tells the widget's home, which some keys are bound to."""
    home = account.url.rstrip("/")
    return {"origin": home, "referer": f"{home}/"} if home else {}
