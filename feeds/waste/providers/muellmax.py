"""MüllMax: a wizard of POSTed forms whose state is the hidden field ``mm_ses``; at its end an iCalendar.

Start, town (if there are several), street, house number (if they differ), "iCalendar-Datei", kinds of waste.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence

from feeds._conditional import document
from feeds.waste.pickup import Found
from feeds.waste.providers._answers import is_calendar, means_all, no_names, read_export, undivided
from feeds.waste.providers._ask import Ask
from feeds.waste.providers._forms import Page, read_forms
from feeds.waste.providers._types import Account, Context, Node
from hub.core.errors import SourceRefused
from hub.core.source import Document

FAMILY = "muellmax"
KEY = r"[A-Z][a-z0-9]{1,10}"
STREET_FIRST = False
_TOWN, _STREET, _HOUSE = "mm_frm_ort_sel", "mm_frm_str_sel", "mm_frm_hnr_sel"
_CONSENT = re.compile(r"mm_dse|mm_\w*(?:ok|accept|weiter)", re.IGNORECASE)
names, divided, tidy = no_names, undivided, str


def towns(account: Account, ask: Ask) -> Sequence[Node]:
    """Return the towns, or the service's only one."""
    found = _begin(account, ask).options(_TOWN)
    return [Node(label, value) for label, value in found] or (Node("", ""),)


def streets(account: Account, town: Node, ask: Ask) -> Sequence[Node]:
    """Return all streets of a town: what an empty search finds."""
    found = _street_list(account, ask, town.id).options(_STREET)
    if not found:
        raise SourceRefused("MüllMax lists no streets for this town.", subject=account.address)
    if len(found) == 1 and means_all(found[0][0]):
        return (Node("", json.dumps([town.id, found[0][1], ""])),)
    return [Node(label, json.dumps([town.id, value, ""], ensure_ascii=False)) for label, value in found]


def houses(account: Account, street: Node, ask: Ask) -> Sequence[Node]:
    """Return the house numbers where the wizard asks for them; a value reads ``44791;Innenstadt;55;``."""
    town, name, _ = json.loads(street.id)
    found = _choose_street(account, ask, town, name).options(_HOUSE)
    return [Node(_number(label, value), json.dumps([town, name, value], ensure_ascii=False)) for label, value in found
            ] or (Node("", street.id),)  # fmt: skip


def dates(account: Account, leaf: Node, ask: Ask) -> Sequence[Document]:
    """Return the exported calendar of all kinds of waste; a wizard that lost its thread is begun once more."""
    town, street, house = json.loads(leaf.id)
    for _ in range(2):
        found = _export(account, ask, town, street, house)
        if is_calendar(found.body):
            return [found]
        ask.memo.pop("muellmax streets", None)
        ask.memo.pop("muellmax start", None)
    raise SourceRefused(
        "MüllMax gave a page instead of a calendar: its session was lost, or the address is not in its list.",
        subject=account.address,
    )


def read(document: Document, context: Context) -> Found:
    """Read an export."""
    return read_export(document, context)


def _export(account: Account, ask: Ask, town: str, street: str, house: str) -> Document:
    page = _choose_street(account, ask, town, street)
    if house:
        page = _step(account, ask, page, {"xxx": "1", _HOUSE: house, "mm_aus_hnr_sel_submit": "weiter"})
    page = _step(account, ask, page, {"xxx": "1", "mm_ica_auswahl": "iCalendar-Datei"})
    kinds = {name: value for name, value in page.boxes.items() if name.startswith("mm_frm_fra")}
    last = {"xxx": "1", "mm_frm_type": "termine", **kinds, "mm_ica_gen": "iCalendar-Datei laden"}
    return document(ask.form(_url(account), {"mm_ses": _token(account, page), **last}))


def _begin(account: Account, ask: Ask) -> Page:
    """Return the first choice; a page that asks for consent to cookies is passed."""
    if "muellmax start" not in ask.memo:
        page = read_forms(document(ask.get(_url(account))))
        if "mm_ses" not in page.hidden:
            button = next((one for one in page.buttons.items() if _CONSENT.match(one[0])), None)
            if button is not None:
                page = read_forms(document(ask.form(_url(account), dict([button]))))
        ask.memo["muellmax start"] = _step(account, ask, page, {"mm_aus_ort.x": "0", "mm_aus_ort.y": "0"})
    found: Page = ask.memo["muellmax start"]
    return found


def _street_list(account: Account, ask: Ask, town: str) -> Page:
    known: dict[str, Page] = ask.memo.setdefault("muellmax streets", {})
    if town not in known:
        page = _begin(account, ask)
        if town:
            page = _step(account, ask, page, {"xxx": "1", _TOWN: town, "mm_aus_ort_submit": "weiter"})
        if not page.options(_STREET):
            page = _step(account, ask, page, {"xxx": "1", "mm_frm_str_name": "", "mm_aus_str_txt_submit": "suchen"})
        known[town] = page
    return known[town]


def _choose_street(account: Account, ask: Ask, town: str, street: str) -> Page:
    fields = {"xxx": "1", _STREET: street, "mm_aus_str_sel_submit": "weiter"}
    return _step(account, ask, _street_list(account, ask, town), fields)


def _step(account: Account, ask: Ask, page: Page, fields: Mapping[str, str]) -> Page:
    return read_forms(document(ask.form(_url(account), {"mm_ses": _token(account, page), **fields})))


def _token(account: Account, page: Page) -> str:
    """Return the wizard's state. Raises ``SourceRefused`` where a page has none."""
    if "mm_ses" not in page.hidden:
        raise SourceRefused("MüllMax's form came without its session (mm_ses).", subject=account.address)
    return page.hidden["mm_ses"]


def _number(label: str, value: str) -> str:
    """Return the house number of a choice."""
    parts = [one.strip() for one in value.split(";")]
    return parts[2][:40] if len(parts) > 2 and parts[2] else label[:40]  # noqa: PLR2004 - postcode;quarter;number;


def _url(account: Account) -> str:
    return f"https://www.muellmax.de/abfallkalender/{account.key.lower()}/res/{account.key}Start.php"
