"""From the names that a clerk types to a provider's handles: towns, streets, house numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

from feeds.waste.providers._ask import Ask
from feeds.waste.providers._types import Account, Family, Node
from hub.core.errors import SourceConfigError
from hub.core.place import overlap, slug

EVERY = "*"  # asks for all streets or house numbers of what stands above
_NEAR = 8
Choose: TypeAlias = Callable[[Sequence[Node], str], Node | None]


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
    ask.wanted = "" if wanted == EVERY else wanted
    return _chosen(account, "street", family.streets(account, town, ask), ask.wanted, pick)


def houses_of(account: Account, family: Family, street: Node, wanted: str, ask: Ask) -> Sequence[Node]:
    """Return the house number ``wanted`` (or its range), or all that are told apart. Raises ``SourceConfigError``."""
    ask.wanted = "" if wanted == EVERY else wanted
    return _chosen(account, "house", street.below or family.houses(account, street, ask), ask.wanted, pick_house)


def _chosen(
    account: Account, level: str, found: Sequence[Node], wanted: str, choose: Choose
) -> Sequence[Node]:  # fmt: skip
    """Return the one that is wanted, all where none is, and what is not told apart as it is."""
    if not wanted or (len(found) == 1 and not found[0].name):
        return found
    one = choose(found, wanted)
    if one is None:
        raise _unknown(account, level, wanted, found)
    return (one,)


def _unknown(account: Account, level: str, wanted: str, found: Sequence[Node]) -> SourceConfigError:
    """Say what there is instead."""
    offered = ", ".join(one.name for one in (near(found, wanted) or found)[:_NEAR] if one.name)
    more = "" if len(found) <= _NEAR else f" ({len(found)} in all)"
    what = f"{account.name or account.address} has no {level} {wanted!r}" if wanted else f"Set the {level}"
    return SourceConfigError(f"{what}. There is: {offered or 'none'}{more}.", subject=account.address)
