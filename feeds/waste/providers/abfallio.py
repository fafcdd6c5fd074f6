"""abfall.io, the older widget (AbfallPlus): POSTed forms with a hidden token, town by town down to an iCalendar.

``api.abfall.io?key&modus&waction``: ``init``, ``auswahl_kommune_set``, ``auswahl_bezirk_set``, ``auswahl_strasse_set``,
``auswahl_hnr_set``, ``export_ics``. Keys that answer 401 have moved to the newer one, ``abfallio-graphql``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from feeds._conditional import check, document
from feeds.waste.pickup import Found
from feeds.waste.providers._answers import has_dates, is_calendar, means_all, no_names, read_export, undivided
from feeds.waste.providers._ask import Ask
from feeds.waste.providers._forms import Page, read_forms
from feeds.waste.providers._types import Account, Context, Node
from hub.core.errors import SourceRefused
from hub.core.source import Document

FAMILY = "abfallio"
KEY = r"[0-9a-f]{32}"
STREET_FIRST = False
_MODUS = "d6c5855a62cf32a4dadbc2831f0f295f"  # of every customer's widget
_ACTION = "awk-data-onchange-submit-waction"
_TOWN, _DISTRICT, _STREET, _HOUSE = "f_id_kommune", "f_id_bezirk", "f_id_strasse", "f_id_strasse_hnr"
_ACTIONS = {_TOWN: "auswahl_kommune_set", _DISTRICT: "auswahl_bezirk_set", _STREET: "auswahl_strasse_set",
            _HOUSE: "auswahl_hnr_set"}  # fmt: skip
_TOKEN = re.compile(r"[0-9a-f]{32}")
_SEARCH = "f_qry_strasse"
_MOST_DISTRICTS = 25
names, divided, tidy = no_names, undivided, str
Chosen = Mapping[str, str]


def towns(account: Account, ask: Ask) -> Sequence[Node]:
    """Return the towns, else the districts of the only one, else that one."""
    page = _page(account, ask, {})
    for field in (_TOWN, _DISTRICT):
        if found := page.options(field):
            return [Node(label, _handle({field: value})) for label, value in found]
    return (Node("", _handle({})),)


def streets(account: Account, town: Node, ask: Ask) -> Sequence[Node]:
    """Return the streets, those of all districts together; a name that two districts have gets the district's."""
    chosen: Chosen = json.loads(town.id)
    page = _page(account, ask, chosen)
    districts = [] if _DISTRICT in chosen or page.options(_STREET) else page.options(_DISTRICT)
    if len(districts) > _MOST_DISTRICTS:
        raise SourceRefused(f"The town has {len(districts)} districts, too many for one source.")
    found: list[tuple[str, str, str]] = []
    for district, value in districts or [("", "")]:
        further = {**chosen, **({_DISTRICT: value} if value else {})}
        where = _page(account, ask, further) if value else page
        for label, street in _options(account, ask, where, further):
            found.append((label, district, _handle({**further, _STREET: street})))
    return _named(found)


def houses(account: Account, street: Node, ask: Ask) -> Sequence[Node]:
    """Return the house numbers where the form asks for them."""
    chosen: Chosen = json.loads(street.id)
    found = _page(account, ask, chosen).options(_HOUSE)
    nodes = [Node(label[:40], _handle({**chosen, _HOUSE: value})) for label, value in found]
    if len(nodes) == 1 and means_all(nodes[0].name):
        return (replace(nodes[0], name=""),)
    return nodes or (Node("", street.id),)


def dates(account: Account, leaf: Node, ask: Ask) -> Sequence[Document]:
    """Return the exported calendar of each year; the next one's may be empty yet."""
    chosen: Chosen = json.loads(leaf.id)
    page = _page(account, ask, chosen)
    kinds = {name: value for name, value in page.boxes.items() if name.startswith("f_id_abfalltyp")}
    fields = {**_fields(account, ask), **page.hidden, **chosen, **kinds, "f_abfallarten_index_max": str(len(kinds)),
              "f_abfallarten": ",".join(kinds.values()), "f_export_als": "ics"}  # fmt: skip
    found = []
    for year in ask.years:
        answer = _post(account, ask, "export_ics", {**fields, "f_zeitraum": f"{year}0101-{year}1231"})
        if is_calendar(answer.body) and (year == ask.years[0] or has_dates(answer.body)):
            found.append(answer)
    if not found:
        raise SourceRefused("abfall.io gave a page instead of a calendar for this address.", subject=account.address)
    return found


def read(document: Document, context: Context) -> Found:
    """Read an export; lines of HTML that the server writes into it are left out."""
    lines = document.body.splitlines(keepends=True)
    kept = b"".join(line for line in lines if not line.lstrip().startswith(b"<"))
    return read_export(replace(document, body=kept), context)


def _options(account: Account, ask: Ask, page: Page, chosen: Chosen) -> list[tuple[str, str]]:
    """Return the streets of a page; where it has a search field instead, those that it finds for ``ask.wanted``."""
    found = page.options(_STREET)
    if not found and _SEARCH in page.texts:
        if not ask.wanted:
            raise SourceRefused("This abfall.io form only searches: name the street.", subject=account.address)
        fields = {**_fields(account, ask), **page.hidden, **chosen, _SEARCH: ask.wanted}
        found = read_forms(_post(account, ask, "auswahl_strasse_qry_set", fields)).options(_STREET)
    return found


def _named(found: Sequence[tuple[str, str, str]]) -> list[Node]:
    count: dict[str, int] = {}
    for label, _, _ in found:
        count[label] = count.get(label, 0) + 1
    nodes = []
    for label, district, handle in found:
        if means_all(label):
            nodes.append(Node(district, handle, scheme="district") if district else Node("", handle))
        else:
            nodes.append(Node(f"{label} ({district})" if district and count[label] > 1 else label, handle))
    return nodes


def _page(account: Account, ask: Ask, chosen: Chosen) -> Page:
    """Return the form after these choices, made one by one; what is known of this poll is not asked again."""
    known: dict[str, Page] = ask.memo.setdefault("abfallio pages", {})
    if "{}" not in known:
        page = read_forms(_post(account, ask, "init", {}))
        if not any(_TOKEN.fullmatch(name) for name in page.hidden):
            raise SourceRefused("abfall.io's form came without its token.", subject=account.address)
        known["{}"] = page
    page, so_far = known["{}"], dict[str, str]()
    for field in (_TOWN, _DISTRICT, _STREET, _HOUSE):
        if field not in chosen:
            continue
        select = page.selects.get(field)
        action = (select.attributes.get(_ACTION) if select else "") or _ACTIONS[field]
        so_far[field] = chosen[field]
        handle = _handle(so_far)
        if handle not in known or field in (_STREET, _HOUSE):
            fields = {**_fields(account, ask), **page.hidden, **so_far}
            known[handle] = read_forms(_post(account, ask, action, fields))
        page = known[handle]
    return page


def _fields(account: Account, ask: Ask) -> dict[str, str]:
    return dict(_page(account, ask, {}).hidden)


def _post(account: Account, ask: Ask, action: str, fields: Mapping[str, str]) -> Document:
    url = f"https://api.abfall.io/?key={account.key}&modus={_MODUS}&waction={action}"
    answer = ask.form(url, fields, status=True)
    if answer.status == 401:  # noqa: PLR2004 - Unauthorized
        raise SourceRefused(
            f"abfall.io no longer knows this key (401): the provider has migrated. "
            f"Use abfallio-graphql:<key> with the key of its new widget, or search `provider:{account.name}`.",
            subject=account.address,
        )
    check(answer, ask.now)
    return document(answer)


def _handle(chosen: Chosen) -> str:
    return json.dumps(dict(chosen), sort_keys=True)
