"""The tenders of a municipality's district: TED's search by its NUTS code."""

from __future__ import annotations

from hub import reference
from hub.core.notice import PlaceRef
from hub.core.source import Offer


def starters(ars: str, name: str) -> list[Offer]:  # noqa: ARG001 - a door's shape; a region has its own name
    """Return TED's search for the district that the municipality ``ars`` is or lies in; [] if its code is unknown."""
    places = (PlaceRef("ars", ars),)
    codes = dict.fromkeys(reference.district_nuts(path) for ref in places for path in reference.resolve(ref))
    return [
        Offer(f"Ausschreibungen in {reference.nuts_label(code) or code} (TED)", "ted:", {"nuts": code}, places)
        for code in codes if code
    ]  # fmt: skip
