"""What came of a procedure: who got which lot, or that nobody did (eForms, ``efac:NoticeResult``)."""

from __future__ import annotations

from collections.abc import Iterator

from feeds.tenders.eforms_parties import Organisations
from feeds.tenders.eforms_paths import EXTENSION, Element, elements, every, text
from feeds.tenders.facts import lot_number

_RESULT = f"{EXTENSION}/efac:NoticeResult"
_MOST = 200
# Code list "winner-selection-status" (BT-142): chosen, closed without one, not yet decided.
_OUTCOMES = {"selec-w": "award", "clos-nw": "none", "open-nw": "open"}


def outcomes(root: Element) -> dict[str, str]:
    """Return ``award``, ``none`` or ``open`` by lot id (BT-142)."""
    found = {}
    for one in elements(root, f"{_RESULT}/efac:LotResult")[:_MOST]:
        outcome = _OUTCOMES.get(text(one, "cbc:TenderResultCode"))
        if outcome:
            found[text(one, "efac:TenderLot/cbc:ID")] = outcome
    return found


def fell_through(root: Element) -> bool:
    """Whether the procedure ended without any award: that is how eForms call it off (BT-142 for each lot)."""
    found = set(outcomes(root).values())
    return found == {"none"}


def facts(root: Element, organisations: Organisations, lang: str) -> Iterator[tuple[str, str]]:
    """Yield the winners' names (OPT-310 to OPT-300), and the outcome of each lot if there are several."""
    parties = {
        text(one, "cbc:ID"): every(one, "efac:Tenderer/cbc:ID")
        for one in elements(root, f"{_RESULT}/efac:TenderingParty")[:_MOST]
    }
    tenders = {
        text(one, "cbc:ID"): text(one, "efac:TenderingParty/cbc:ID")
        for one in elements(root, f"{_RESULT}/efac:LotTender")[:_MOST]
    }
    contracts = elements(root, f"{_RESULT}/efac:SettledContract")[:_MOST]
    won = [parties.get(tenders.get(one, ""), []) for each in contracts for one in every(each, "efac:LotTender/cbc:ID")]
    names = organisations.names((number for numbers in won for number in numbers), lang)
    if names:
        yield "winner", names
    found = outcomes(root)
    if len(found) > 1:
        for lot, outcome in found.items():
            yield f"lot.{lot_number(lot) or '1'}.result", outcome
