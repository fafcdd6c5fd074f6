"""c-trace (c-ware): a session in the path of the page that we are led to, then lists and an exported calendar.

``/{service}/Abfallkalender`` leads to ``/{service}/(S(...))/Abfallkalender``; below it lie ``Data/Strassen``,
``Data/Hausnummern`` and ``abfallkalender/cal``. Some services list no streets: then they must be named.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from urllib.parse import urlencode, urlsplit

from feeds._conditional import document
from feeds._json_body import read_json
from feeds.waste.pickup import Found
from feeds.waste.providers._answers import is_calendar, means_all, no_names, read_export, undivided
from feeds.waste.providers._ask import Ask
from feeds.waste.providers._forms import read_forms
from feeds.waste.providers._types import Account, Context, Node
from hub.core.errors import SourceRefused
from hub.core.source import Document

FAMILY = "c-trace"
KEY = r"[A-Za-z0-9._-]{1,60}"
STREET_FIRST = False
_SESSION = re.compile(r"/\([A-Z]\([A-Za-z0-9]{1,60}\)\)")
_TOWNS = ("Ort", "ort", "Gemeinde", "gemeinde")
_ALL = "|".join(str(number) for number in range(100))  # every kind of waste
names, divided, tidy = no_names, undivided, str


def towns(account: Account, ask: Ask) -> Sequence[Node]:
    """Return the towns of the page's form, else the one that the table or the clerk names."""
    _session(account, ask)
    page = read_forms(ask.memo["c-trace page"])
    found = [Node(label, value) for name in _TOWNS for label, value in page.options(name)]
    own = account.extra.get("town", "")
    return list(dict.fromkeys(found)) or (Node("", own or ask.wanted),)


def streets(account: Account, town: Node, ask: Ask) -> Sequence[Node]:
    """Return the streets (``Data/Strassen``), else the one that is named."""
    found = _list(account, ask, "Strassen", {"ort": town.id} if town.id else {})
    if not found and not ask.wanted:
        raise SourceRefused("This c-trace service lists no streets: name street and house.", subject=account.address)
    return [Node(one, json.dumps([town.id, one], ensure_ascii=False)) for one in found or [ask.wanted]]


def houses(account: Account, street: Node, ask: Ask) -> Sequence[Node]:
    """Return the house numbers (``Data/Hausnummern``)."""
    town, name = json.loads(street.id)
    found = _list(account, ask, "Hausnummern", {"strasse": name} | ({"ort": town} if town else {}))
    named = [one for one in found if not means_all(one)] or ([ask.wanted] if ask.wanted else [])
    return [Node(one, json.dumps([town, name, one], ensure_ascii=False)) for one in named] or (
        Node("", json.dumps([town, name, ""], ensure_ascii=False)),
    )


def dates(account: Account, leaf: Node, ask: Ask) -> Sequence[Document]:
    """Return the exported calendar; what comes without a calendar may be a lost session, and is asked for once more."""
    town, street, house = (*json.loads(leaf.id), "")[:3]
    query = urlencode({"Ort": town, "Gemeinde": town, "Strasse": street, "Hausnr": house, "Abfall": _ALL})
    file = account.extra.get("file", "cal")
    found = []
    for year in ask.years:
        path = file if year == ask.years[0] else f"{file}/{year}"
        answer = _calendar(account, ask, f"{path}?{query}", again=year == ask.years[0])
        if answer is not None:
            found.append(answer)
    if not found:
        raise SourceRefused(
            "c-trace gives no calendar for this address: the address is not in its list, or its session was lost.",
            subject=account.address,
        )
    return found


def read(document: Document, context: Context) -> Found:
    """Read an export; titles read ``Abfuhr: Bioabfall``."""
    return read_export(document, context)


def _calendar(account: Account, ask: Ask, path: str, *, again: bool) -> Document | None:
    for _ in range(1 + again):
        answer = ask.find(f"{_session(account, ask)}/abfallkalender/{path}")
        if answer is not None and is_calendar(answer.body):
            return document(answer)
        ask.memo.pop("c-trace session", None)
    return None


def _list(account: Account, ask: Ask, what: str, query: Mapping[str, str]) -> list[str]:
    answer = ask.find(f"{_session(account, ask)}/Data/{what}" + (f"?{urlencode(query)}" if query else ""))
    data = read_json(document(answer)) if answer is not None else []
    texts = [" ".join(str(one).split())[:100] for one in (data if isinstance(data, list) else ())]
    return list(dict.fromkeys(one for one in texts if one))


def _session(account: Account, ask: Ask) -> str:
    """Return the address below which everything lies, with the session in it."""
    if "c-trace session" not in ask.memo:
        host = f"https://{account.extra.get('host', 'web')}.c-trace.de"
        service = account.extra.get("service", account.key)
        answer = ask.get(f"{host}/{service}/Abfallkalender")
        session = _SESSION.search(urlsplit(answer.url).path)
        ask.memo["c-trace session"] = f"{host}/{service}{session[0] if session else ''}"
        ask.memo["c-trace page"] = document(answer)
    return str(ask.memo["c-trace session"])
