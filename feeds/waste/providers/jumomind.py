"""Jumomind and MyMüll: ``mmapp/api.php`` with cities_web, streets, trash and dates; JSON without a key.

A calendar belongs to an area; streets and house numbers say which area they are in.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import quote

from feeds._conditional import document
from feeds.waste.answers import read_json
from feeds.waste.pickup import Found
from feeds.waste.providers._answers import means_all, no_houses, undivided
from feeds.waste.providers._ask import Ask
from feeds.waste.providers._types import Account, Context, Node
from hub.core.errors import SourceRefused
from hub.core.source import Document

FAMILY = "jumomind"
KEY = r"[a-z0-9-]{1,40}"
STREET_FIRST = False
_PLAIN = {"accept-encoding": "identity"}  # some of its servers pack wrongly
houses, divided, tidy = no_houses, undivided, str


def towns(account: Account, ask: Ask) -> Sequence[Node]:
    """Return the towns (``cities_web``): city, area and whether it has streets."""
    found = [
        Node(_text(one, "name"), f"{_text(one, 'id')}/{_text(one, 'area_id')}/{'streets' if _yes(one) else ''}")
        for one in ask.rows(f"{_api(account)}?r=cities_web", _PLAIN) if _text(one, "id") and _text(one, "name")
    ]  # fmt: skip
    if not found:
        raise SourceRefused(f"Jumomind names no town for {account.key!r}.", subject=account.address)
    return found


def streets(account: Account, town: Node, ask: Ask) -> Sequence[Node]:
    """Return the streets with the area each is in, and with house numbers where they differ."""
    city, area, has = town.id.split("/")
    if not has:
        return (Node("", f"{city}/{area}"),)
    rows = ask.rows(f"{_api(account)}?r=streets&city_id={quote(city)}", _PLAIN)
    found = [_street(one, city) for one in rows if _text(one, "name")]
    if len(found) == 1 and means_all(found[0].name):
        return (Node("", found[0].id),)
    return found


def names(account: Account, leaf: Node, ask: Ask) -> Mapping[str, str]:
    """Return the titles of the bins (``trash``) by their codes."""
    city, area, *_ = leaf.id.split("/")
    found: dict[str, str] = {}
    for one in ask.rows(f"{_api(account)}?r=trash&city_id={quote(city)}&area_id={quote(area)}", _PLAIN):
        title = _text(one, "title")
        found |= {code: title for code in (_text(one, "_name"), _text(one, "name")) if code and title}
    return found


def dates(account: Account, leaf: Node, ask: Ask) -> Sequence[Document]:
    """Return the dates of an area; all that are out."""
    city, area, *_ = leaf.id.split("/")
    url = f"{_api(account)}?r=dates/0&city_id={quote(city)}&area_id={quote(area)}&ws=3"
    return [document(ask.get(url, _PLAIN))]


def read(document: Document, context: Context) -> Found:
    """Read ``dates``."""
    return read_json(document, context.names)


def _street(row: Mapping[str, object], city: str) -> Node:
    name, area = _text(row, "name"), _text(row, "area_id")
    pairs = row.get("houseNumbers")
    areas = {
        " ".join(str(one[0]).split()).lstrip("0")[:40]: str(one[1])
        for one in (pairs if isinstance(pairs, list) else ())
        if isinstance(one, list) and len(one) > 1
    }
    if len(set(areas.values())) > 1:
        return Node(name, "", tuple(Node(number, f"{city}/{found}") for number, found in areas.items() if number))
    return Node(name, f"{city}/{next(iter(areas.values()), area)}")


def _api(account: Account) -> str:
    return f"https://{account.key}.jumomind.com/mmapp/api.php"


def _text(row: Mapping[str, object], field: str) -> str:
    value = row.get(field)
    return "" if value is None else " ".join(str(value).split())[:100]


def _yes(row: Mapping[str, object]) -> bool:
    return str(row.get("has_streets", "")).lower() in ("true", "1", "yes")
