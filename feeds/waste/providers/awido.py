"""AWIDO (Cubefour): getPlaces, getGroupedStreets, getStreetAddons and getData, JSON without a key.

``getData`` holds the calendar year and the next one as soon as it is out. A few customers only export iCalendar,
``KalenderICS.aspx``, a year at a time.
"""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

from feeds._conditional import document
from feeds.waste.answers import read_json
from feeds.waste.pickup import Found
from feeds.waste.providers._answers import is_calendar, means_all, no_names, read_export, undivided
from feeds.waste.providers._ask import Ask
from feeds.waste.providers._types import Account, Context, Node
from hub.core.errors import SourceRefused
from hub.core.source import Document

FAMILY = "awido"
KEY = r"[A-Za-z0-9_-]{1,60}"
STREET_FIRST = False
_HOST = "https://awido.cubefour.de"
_API = f"{_HOST}/WebServices/Awido.Service.svc/secure"
names, divided, tidy = no_names, undivided, str


def towns(account: Account, ask: Ask) -> Sequence[Node]:
    """Return the towns (``getPlaces``)."""
    found = _nodes(ask, f"getPlaces/client={account.key}")
    if not found:
        raise SourceRefused(f"AWIDO knows no customer {account.key!r}, or it has no towns.", subject=account.address)
    return found


def streets(account: Account, town: Node, ask: Ask) -> Sequence[Node]:
    """Return the streets (``getGroupedStreets``); a town with one calendar has one entry, named as itself."""
    found = _nodes(ask, f"getGroupedStreets/{quote(town.id, safe='')}?client={account.key}")
    if len(found) == 1 and (means_all(found[0].name) or found[0].name.casefold() == town.name.casefold()):
        return (Node("", found[0].id),)
    return found


def houses(account: Account, street: Node, ask: Ask) -> Sequence[Node]:
    """Return the house numbers (``getStreetAddons``); a single empty one means the whole street."""
    found = _nodes(ask, f"getStreetAddons/{quote(street.id, safe='')}?client={account.key}", empty=True)
    named = [one for one in found if not means_all(one.name)]
    return named or (Node("", found[0].id if found else street.id),)


def dates(account: Account, leaf: Node, ask: Ask) -> Sequence[Document]:
    """Return the calendar of one address (``getData``), else its exports."""
    answer = ask.find(f"{_API}/getData/{quote(leaf.id, safe='')}?fractions=&client={account.key}")
    if answer is not None and b'"calendar"' in answer.body:
        return [document(answer)]
    found = []
    for year in ask.years:
        # An empty "reminder" makes the server answer with a web page.
        url = f"{_HOST}/Customer/{account.key}/KalenderICS.aspx?oid={leaf.id}&jahr={year}&fraktionen=&reminder=-1.17:00"
        export = ask.find(url)
        if export is not None and is_calendar(export.body):
            found.append(document(export))
    if not found:
        raise SourceRefused("AWIDO has no calendar for this address any more.", subject=account.address)
    return found


def read(document: Document, context: Context) -> Found:
    """Read ``getData`` or an export."""
    if is_calendar(document.body):
        return read_export(document, context)
    return read_json(document, context.names, awido=True)


def _nodes(ask: Ask, path: str, *, empty: bool = False) -> list[Node]:
    """Return the pairs of ``key`` and ``value`` at ``path``; without ``empty`` those that have a name."""
    found = [
        Node(" ".join(str(one.get("value") or "").split())[:100], str(one.get("key") or ""))
        for one in ask.rows(f"{_API}/{path}")
    ]
    return [one for one in found if one.id and (one.name or empty)]
