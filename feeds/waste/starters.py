"""Providers of waste dates that are called after a municipality or its district."""

from __future__ import annotations

from feeds.waste import providers
from feeds.waste.providers._types import Account
from hub import reference
from hub.core.notice import PlaceRef
from hub.core.place import slug
from hub.core.source import Offer

_OF_DISTRICT = frozenset({"landkreis", "kreis", "lra", "lk"})
_OF_TOWN = frozenset({"stadt", "gemeinde", "markt"})
_WASTE = frozenset({
    "abfall", "abfallwirtschaft", "abfallwirtschaftsbetrieb", "abfallverband", "awb", "entsorgungsbetriebe", "ebe",
    "stadtreinigung", "stadtwerke", "stadtbetrieb", "der", "des", "die", "im",
})  # fmt: skip
_UNWANTED = frozenset({"jumomind"})  # their hosts ask robots to stay away; whoever has leave names the address
_MOVED = "alte-schnittstelle"
_DISTRICT = 5  # digits of its key


def starters(ars: str, name: str) -> list[Offer]:
    """Return the providers whose name says that they serve the municipality ``ars``; its district's if it has no own.

    Only names are compared: the preview shows whether the provider has the town, and its terms are the operator's to
    read.
    """
    known = reference.municipality(ars)
    town = known.name.partition(",")[0] if known else name
    own_district = known is not None and len(known.path) <= _DISTRICT  # kreisfrei: another district bears its name
    district = "" if own_district else reference.path_name(ars[:_DISTRICT])
    found = _called(town, _OF_DISTRICT) or (_called(_bare(district), _OF_TOWN) if district else [])
    return [
        Offer(f"Abfuhrtermine: {one.name}", one.address, {"town": town}, (PlaceRef("ars", ars),))
        for one in {one.address: one for one in found}.values()
    ]


def _called(name: str, others: frozenset[str]) -> list[Account]:
    """Return the customers that are called ``name`` once what they are is left out; none of the sort ``others``."""
    return [
        one for one in providers.search("")
        if one.family not in _UNWANTED and _MOVED not in slug(one.name)
        and not others & set(slug(one.name).split("-")) and _bare(one.name) == slug(name)
    ]  # fmt: skip


def _bare(name: str) -> str:
    """Fold a name and leave out what sort of body it is: ``dueren`` of "Kreis Düren"."""
    return "-".join(word for word in slug(name).split("-") if word not in _OF_DISTRICT | _OF_TOWN | _WASTE)
