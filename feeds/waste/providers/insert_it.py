"""insert-it (BmsAbfallkalender): Main/GetStreets, GetLocations and Calender, one app per town, without a key.

The search of streets takes the beginning of a name, as it is written there. A location is a house number or a span.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import quote

from feeds._conditional import document
from feeds._json_body import read_json
from feeds.waste.pickup import Found
from feeds.waste.providers._answers import is_calendar, means_all, no_names, read_export, undivided
from feeds.waste.providers._ask import Ask
from feeds.waste.providers._types import Account, Context, Node
from hub.core.errors import SourceRefused
from hub.core.source import Document

FAMILY = "insert-it"
KEY = r"[A-Za-z0-9]{1,40}"
STREET_FIRST = False
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÜ"
_ECHO = re.compile(r"\s*\([^()]*\)\s*$")  # the address, behind the kind of waste
names, divided = no_names, undivided


def towns(account: Account, ask: Ask) -> Sequence[Node]:  # noqa: ARG001 - the protocol's
    """Return the app's one town."""
    return (Node("", account.key),)


def streets(account: Account, town: Node, ask: Ask) -> Sequence[Node]:  # noqa: ARG001 - the protocol's
    """Return the streets that begin with ``wanted``; without it all, asked letter by letter where need be."""
    found = _search(account, ask, ask.wanted)
    if not found and ask.wanted:
        stem = re.sub(r"(?:straße|strasse|str\.?)$", "", ask.wanted, flags=re.IGNORECASE).rstrip(" -")
        found = _search(account, ask, stem) if stem and stem != ask.wanted else {}
    if not found and not ask.wanted:
        for letter in _LETTERS:
            found |= _search(account, ask, letter)
    return [Node(name, handle) for name, handle in found.items()]


def houses(account: Account, street: Node, ask: Ask) -> Sequence[Node]:
    """Return the locations of a street; a street of cars only has none."""
    answer = ask.find(f"{_api(account)}/GetLocations?streetId={quote(street.id)}&houseNumber=")
    rows = read_json(document(answer)) if answer is not None else []
    found: dict[str, list[str]] = {}
    for one in rows if isinstance(rows, list) else ():
        if isinstance(one, dict) and one.get("ID") is not None:
            text = " ".join(str(one.get("Text") or "").split())[:40]
            found.setdefault("" if means_all(text) else text, []).append(str(one["ID"]))
    return [Node(text, "+".join(dict.fromkeys(ids))) for text, ids in found.items()]


def dates(account: Account, leaf: Node, ask: Ask) -> Sequence[Document]:
    """Return the calendars of a location; the next year's may not be out yet."""
    found = []
    for one in leaf.id.split("+"):
        for year in ask.years:
            answer = ask.find(f"{_api(account)}/Calender?bmsLocationId={quote(one)}&year={year}")
            if answer is not None and is_calendar(answer.body):
                found.append(document(answer))
            elif year == ask.years[0]:
                raise SourceRefused("insert-it has no calendar for this address any more.", subject=account.address)
    return found


def read(document: Document, context: Context) -> Found:
    """Read an export; titles read ``Leerung: Biomüll (Kaiserstraße 3)``."""
    return read_export(document, context, tidy)


def tidy(title: str) -> str:
    """Return a title without the address that follows it in brackets."""
    return _ECHO.sub("", title)


def _search(account: Account, ask: Ask, text: str) -> dict[str, str]:
    answer = ask.find(f"{_api(account)}/GetStreets?text={quote(text)}")
    rows = read_json(document(answer)) if answer is not None else []
    return {
        " ".join(str(one.get("Name") or "").split())[:100]: str(one["ID"])
        for one in (rows if isinstance(rows, list) else ())
        if isinstance(one, dict) and one.get("ID") is not None and one.get("Name")
    }


def _api(account: Account) -> str:
    return f"https://www.insert-it.de/BmsAbfallkalender{account.key}/Main"
