"""From the names that a clerk types to a provider's handles: towns, streets, house numbers."""

from __future__ import annotations

from collections.abc import Sequence

from feeds.waste.providers._ask import Ask
from feeds.waste.providers._types import Account, Family, Node
from hub.core.errors import SourceConfigError
from hub.core.place import overlap, slug

EVERY = "*"  # asks for all streets or house numbers of what stands above
_NEAR = 8


def pick(nodes: Sequence[Node], name: str) -> Node | None:
    """Return the node called ``name``: as it is written, else as it is folded (``Str.`` is ``Straße``)."""
    exact = next((one for one in nodes if one.name == name), None)
    return exact or next((one for one in nodes if one.name and slug(one.name) == slug(name)), None)


def pick_house(nodes: Sequence[Node], number: str) -> Node | None:
    """Return the house number, else the range that it lies in."""
    return pick(nodes, number) or next(
        (one for one in nodes if one.name and overlap(slug(one.name), slug(number))), None
    )


def near(nodes: Sequence[Node], name: str) -> list[Node]:
    """Return the nodes whose name holds all words of ``name``."""
    words = [one for one in slug(name).split("-") if one]
    return [one for one in nodes if all(word in slug(one.name) for word in words)]


def town_of(account: Account, family: Family, wanted: str, ask: Ask) -> Node:
    """Return the town called ``wanted``, or the only one (which some providers do not name).

    Raises ``SourceConfigError`` naming what there is.
    """
    ask.wanted = wanted
    found = family.towns(account, ask)
    if len(found) == 1 and not (wanted and found[0].name):
        return found[0]
    town = pick(found, wanted) if wanted else None
    if town is None:
        raise _unknown(account, "town", wanted, found)
    return town


def streets_of(account: Account, family: Family, town: Node, wanted: str, ask: Ask) -> Sequence[Node]:
    """Return the street called ``wanted``, or all of them. Raises ``SourceConfigError``."""
    single = wanted not in ("", EVERY)
    ask.wanted = wanted if single else ""
    found = family.streets(account, town, ask)
    if not single or (len(found) == 1 and not found[0].name):
        return found
    street = pick(found, wanted)
    if street is None:
        raise _unknown(account, "street", wanted, found)
    return (street,)


def houses_of(account: Account, family: Family, street: Node, wanted: str, ask: Ask) -> Sequence[Node]:
    """Return the house number ``wanted`` (or its range), or all that are told apart. Raises ``SourceConfigError``."""
    single = wanted not in ("", EVERY)
    ask.wanted = wanted if single else ""
    found = street.below or family.houses(account, street, ask)
    if not single or (len(found) == 1 and not found[0].name):
        return found
    house = pick_house(found, wanted)
    if house is None:
        raise _unknown(account, "house", wanted, found)
    return (house,)


def _unknown(account: Account, level: str, wanted: str, found: Sequence[Node]) -> SourceConfigError:
    """Say what there is instead."""
    offered = ", ".join(one.name for one in (near(found, wanted) or found)[:_NEAR] if one.name)
    more = "" if len(found) <= _NEAR else f" ({len(found)} in all)"
    what = f"{account.name or account.address} has no {level} {wanted!r}" if wanted else f"Set the {level}"
    return SourceConfigError(f"{what}. There is: {offered or 'none'}{more}.", subject=account.address)
