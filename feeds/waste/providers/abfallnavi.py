"""Abfallnavi (regio iT): orte, strassen, hausnummern, termine and fraktionen, JSON without a key.

Street ids may change at the turn of the year, and one name may have several ids: then all are asked. A street's own
dates name the collection districts; two of one fraction mean that its house numbers differ.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from urllib.parse import urlencode

from feeds._conditional import document
from feeds.waste.answers import read_json
from feeds.waste.pickup import Found
from feeds.waste.providers._answers import means_all
from feeds.waste.providers._ask import Ask
from feeds.waste.providers._types import Account, Context, Node
from hub.core.errors import SourceRefused
from hub.core.source import Document

FAMILY = "abfallnavi"
KEY = r"[a-z0-9-]{1,40}"
STREET_FIRST = True
tidy = str


def towns(account: Account, ask: Ask) -> Sequence[Node]:
    """Return the towns (``orte``)."""
    found = [Node(_name(one), str(one["id"])) for one in ask.rows(f"{_api(account)}/orte") if "id" in one]
    if not found:
        raise SourceRefused(f"Abfallnavi names no town for {account.key!r}.", subject=account.address)
    return found


def streets(account: Account, town: Node, ask: Ask) -> Sequence[Node]:
    """Return the streets; ids of one name stand together."""
    ids: dict[str, list[str]] = {}
    for one in ask.rows(f"{_api(account)}/orte/{town.id}/strassen"):
        if "id" in one and _name(one):
            ids.setdefault(_name(one), []).append(str(one["id"]))
    if len(ids) == 1 and (means_all(name := next(iter(ids))) or name.casefold() == town.name.casefold()):
        return (Node("", _street(ids[name])),)
    return [Node(name, _street(found)) for name, found in ids.items()]


def houses(account: Account, street: Node, ask: Ask) -> Sequence[Node]:
    """Return the house numbers (``hausNrList``) of all ids of a street."""
    found: dict[str, str] = {}
    for one in street.id.removeprefix("strassen/").split(","):
        data = ask.json(f"{_api(account)}/strassen/{one}")
        numbers = data.get("hausNrList") if isinstance(data, dict) else None
        for house in numbers if isinstance(numbers, list) else ():
            if isinstance(house, dict) and "id" in house:
                found.setdefault(" ".join(str(house.get("nr") or "").split())[:40], f"hausnummern/{house['id']}")
    named = [Node(number, handle) for number, handle in found.items() if not means_all(number)]
    return named or (Node("", street.id),)


def names(account: Account, leaf: Node, ask: Ask) -> Mapping[str, str]:  # noqa: ARG001 - the protocol's
    """Return the names of the fractions (``fraktionen``) by their ids."""
    rows = ask.rows(f"{_api(account)}/fraktionen")
    return {str(one["id"]): _name(one) for one in rows if "id" in one and _name(one)}


def dates(account: Account, leaf: Node, ask: Ask) -> Sequence[Document]:
    """Return the dates (``termine``) of a house number or of every id of a street; all years that are out."""
    kind, _, ids = leaf.id.partition("/")
    query = urlencode([("fraktion", one) for one in ask.names])
    found = []
    for one in ids.split(","):
        answer = ask.find(f"{_api(account)}/{kind}/{one}/termine" + (f"?{query}" if query else ""))
        if answer is not None:
            found.append(document(answer))
    if not found:
        raise SourceRefused("Abfallnavi has no dates for this address any more.", subject=account.address)
    return found


def divided(documents: Sequence[Document]) -> bool:
    """Whether two collection districts of one fraction stand in one street's dates, or none at all."""
    districts: dict[str, set[str]] = {}
    for one in documents:
        try:
            entries = json.loads(one.body)
        except (ValueError, RecursionError):
            return False  # reading it will say what is wrong
        for entry in entries if isinstance(entries, list) else ():
            where = entry.get("bezirk") if isinstance(entry, dict) else None
            if isinstance(where, dict):
                districts.setdefault(str(where.get("fraktionId")), set()).add(str(where.get("id", where.get("name"))))
    return not districts or any(len(found) > 1 for found in districts.values())


def read(document: Document, context: Context) -> Found:
    """Read ``termine``."""
    return read_json(document, context.names)


def _api(account: Account) -> str:
    host = "abfallapp" if account.extra.get("host") == "shared" else f"{account.key}-abfallapp"
    return f"https://{host}.regioit.de/abfall-app-{account.key}/rest"


def _name(row: Mapping[str, object]) -> str:
    return " ".join(str(row.get("name") or "").split())[:100]


def _street(ids: Sequence[str]) -> str:
    return "strassen/" + ",".join(ids)
