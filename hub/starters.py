"""Sources that the kinds know for a municipality without asking anybody: what a new one may begin with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import feeds
from hub.core.errors import SourceConfigError
from hub.core.source import Offer
from hub.reference import Municipality


@dataclass(frozen=True, slots=True)
class Starter:
    """A source to begin with; ``wanted``: the operator named it, so it must not fail in silence."""

    kind: str
    title: str
    url: str
    settings: dict[str, str] = field(default_factory=dict)
    wanted: bool = False


def starters(place: Municipality) -> Sequence[Starter]:
    """Return what is known for a municipality, by kind. A plug-in that cannot be loaded offers nothing."""
    found: list[Starter] = []
    for kind in feeds.kinds():
        try:
            door = feeds.load(kind).starters
            found += [_starter(kind, offer) for offer in (door(place.ars, place.name) if door is not None else ())]
        except (ImportError, SourceConfigError):
            continue
    return found


def _starter(kind: str, offer: Offer) -> Starter:
    places = ",".join(f"{ref.scheme}:{ref.value}" for ref in offer.places)
    return Starter(kind, offer.title, offer.url, {**offer.settings, **({"place": places} if places else {})})
