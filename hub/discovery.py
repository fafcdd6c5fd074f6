"""From an address to a complete source: ask the kind what its provider offers, choose, ask again (U43).

A provider may ask for town, street and house number one after the other: each chosen offer leads to the next
question, until the kind says that the source is complete.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TypeAlias

from feeds import FeedKind
from hub.core.errors import SourceConfigError
from hub.core.place import slug
from hub.core.ports import Http
from hub.core.source import Offer, Source
from hub.sources import build_source

Choose: TypeAlias = Callable[[Sequence[Offer]], Offer]
MOST_ROUNDS = 8  # questions: provider, town, district, street, house number and a few to spare
_SHOWN = 12  # titles in an error's sentence


def complete(
    kind: FeedKind, url: str, settings: Mapping[str, str], *, http: Http, choose: Choose, source_id: str,
    municipality: str = "",
) -> Source:  # fmt: skip
    """Return the complete source that ``url`` and ``settings`` lead to.

    A kind without ``discover`` is asked nothing. One offer is taken, of several ``choose`` gives one. Raises
    ``SourceError``: the provider's own, or ``SourceConfigError`` if it never stops asking.
    """
    door = kind.discover
    if door is None:
        return build_source(kind, url, settings, source_id=source_id, municipality=municipality)
    given = dict(settings)
    source = build_source(kind, url, given, source_id=source_id, municipality=municipality, partial=True)
    chosen: list[str] = []
    for _round in range(MOST_ROUNDS):
        offers = door(source, http)
        offer = None if not offers else offers[0] if len(offers) == 1 else choose(offers)
        after = source if offer is None else _taken(kind, source, offer, given, municipality)
        if (after.url, after.config) == (source.url, source.config):  # nothing more to ask, nothing new to learn
            whole = build_source(kind, source.url, given, source_id=source_id, municipality=municipality)
            return replace(whole, places=source.places, name=whole.name or ", ".join(dict.fromkeys(chosen)))
        chosen.append(offer.title if offer is not None else "")
        source = after
    raise SourceConfigError(f"The provider asked more than {MOST_ROUNDS} times; give an address that says more.")


def _taken(kind: FeedKind, source: Source, offer: Offer, given: dict[str, str], municipality: str) -> Source:
    """Return the source after ``offer`` was taken, whose settings become part of what was ``given``."""
    given |= {name: value for name, value in offer.settings.items() if value}
    made = build_source(kind, offer.url, given, source_id=source.id, municipality=municipality, partial=True)
    return replace(made, places=tuple(dict.fromkeys((*source.places, *offer.places))))


def pick(offers: Sequence[Offer], wanted: str) -> Offer:
    """Return the offer that ``wanted`` means: its title, the unique part of one, or its number from 1 on.

    Case and the spelling of umlauts do not matter. Raises ``SourceConfigError`` naming what there is.
    """
    text = wanted.strip()
    for key in (str, str.casefold, slug):
        found = [one for one in offers if key(one.title.strip()) == key(text)]
        if len(found) == 1:
            return found[0]
    if text.isascii() and text.isdecimal() and 0 < int(text) <= len(offers):
        return offers[int(text) - 1]
    sought = slug(text)
    found = [one for one in offers if sought and sought in slug(one.title)]
    if len(found) == 1:
        return found[0]
    raise SourceConfigError(
        f"{wanted!r} may mean {len(found)} of them: {listing(found)}."
        if found
        else f"There is no {wanted!r}; there are {listing(offers)}."
    )


def listing(offers: Sequence[Offer]) -> str:
    """Return the titles of ``offers`` for a sentence; of many only the first."""
    shown = ", ".join(one.title for one in offers[:_SHOWN])
    return f"{shown} and {len(offers) - _SHOWN} more" if len(offers) > _SHOWN else shown
