"""The facts of a tender that readers compare between two notices, under stable names."""

from __future__ import annotations

import re
from collections.abc import Iterator

from feeds.tenders.tender import Lot, Tender
from hub.core.notice import Fact

_MOST_LOTS = 100
_LONGEST = 300


def lot_number(lot_id: str) -> str:
    """Return ``2`` for ``LOT-0002`` and for ``Los 2``, "" for the only lot ``LOT-0000``, else the id as it is."""
    plain = re.sub(r"^(?:LOT|PAR|Los|Lot)[-\s]*", "", lot_id.strip(), flags=re.IGNORECASE)
    return plain.lstrip("0") if plain.isdecimal() else plain


def facts(tender: Tender) -> tuple[Fact, ...]:
    """Return the tender's own facts (``stage``, ``procedure``), then those of its lots (``lot.2.deadline``)."""
    found = [("stage", tender.stage), *((name, value) for name, value in tender.facts)]
    if len(tender.lots) == 1:  # a single lot is the tender itself
        found += [(name, value) for name, value in tender.lots[0].facts if name not in dict(found)]
    names: set[str] = set()
    for count, lot in enumerate(tender.lots[:_MOST_LOTS], 1):
        name = _name(lot, count)
        if len(tender.lots) > 1 and name not in names:
            found += [(f"lot.{name}.{part}", value) for part, value in _of_lot(lot, tender)]
        names.add(name)
    return tuple(dict.fromkeys(Fact(name, value[:_LONGEST]) for name, value in found if value))


def _name(lot: Lot, count: int) -> str:
    """Return what the lot is called in names of facts: its number, else its place in the list."""
    number = re.sub(r"[^0-9A-Za-z-]+", "-", lot_number(lot.id)).strip("-")[:40]
    return number or str(count)


def _of_lot(lot: Lot, tender: Tender) -> Iterator[tuple[str, str]]:
    yield "title", lot.titles.get(tender.lang) or next(iter(lot.titles.values()), "")
    if tender.stage != "award":
        yield "deadline", lot.deadline
    yield "value", f"{lot.amount:.2f} {lot.currency or 'EUR'}" if lot.amount else ""
    yield "place", lot.place
    yield "cpv", ", ".join(lot.cpv)
    yield from ((name, value) for name, value in lot.facts)
