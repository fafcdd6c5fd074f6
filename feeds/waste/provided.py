"""A provider's answers as pickups, and its zones as places. Pure: runs in the parser's child process."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from zoneinfo import ZoneInfo

from feeds.waste import providers
from feeds.waste.categories import category
from feeds.waste.glance import context_of
from feeds.waste.pairs import setting_pairs
from feeds.waste.pickup import Found, Pickup
from feeds.waste.plan import Address, Leaf, Plan, addresses_of, read
from hub.core.errors import SourceRefused
from hub.core.place import slug
from hub.core.source import Document, Fetched, Item

_MOST_UNKNOWN = 20


def is_provided(fetched: Fetched) -> bool:
    """Whether these documents come from a family of providers."""
    return providers.is_address(fetched.source.url)


def read_provided(fetched: Fetched) -> list[Found]:
    """Return the pickups of all answers; those of a whole town carry the name of their zone. Raises ``SourceError``.

    Of the addresses of one zone that were read in this poll one speaks for all; what hangs at its own door (a location)
    is left out, but not where hazardous waste is taken.
    """
    plan = _plan(fetched)
    family = providers.family(plan.family)
    context = context_of(fetched.source.zone, _today(fetched), plan.names)
    parts: list[Found] = []
    spoken: set[tuple[str, str]] = set()
    for leaf, documents in sorted(_answers(fetched, plan), key=lambda pair: (pair[0].name, pair[0].id)):
        read_here = [family.read(one, context) for one in documents]
        if plan.zoned:
            read_here = [replace(one, pickups=tuple(_zoned(one.pickups, leaf, plan, spoken))) for one in read_here]
            spoken |= set(leaf.zones.items())
        parts += read_here
    return [*parts, Found((), tuple(plan.faults))]


def _answers(fetched: Fetched, plan: Plan) -> Iterator[tuple[Leaf, list[Document]]]:
    """Yield each leaf of this poll with its documents."""
    by_mark: dict[str, list[Document]] = {}
    for one in fetched.documents:
        by_mark.setdefault(one.url.rpartition("#")[2], []).append(one)
    for at, handle in enumerate(plan.answered):
        if str(at) in by_mark and handle in plan.leaves:
            yield plan.leaves[handle], by_mark[str(at)]


def _zoned(
    pickups: Sequence[Pickup], leaf: Leaf, plan: Plan, spoken: set[tuple[str, str]]
) -> Iterator[Pickup]:  # fmt: skip
    last = date.fromisoformat(plan.horizon) if plan.horizon else date.max
    for one in pickups:
        key = slug(one.title)
        zone = leaf.zones.get(key)
        if zone is None or (key, zone) in spoken or f"{key}/{zone}" in plan.changing or one.day > last:
            continue
        yield replace(one, zone=zone, location=one.location if category(one.title) == "hazardous" else "")


def with_places(items: Sequence[Item], fetched: Fetched) -> list[Item]:
    """Return ``items`` with the places that each is for, and what else this poll has to say."""
    plan = _plan(fetched)
    names = setting_pairs(fetched.source.config.get("fractions", ""), fetched.source.id)
    members = addresses_of(plan, _today(fetched))
    found = [_named(_placed(one, plan, members), names) for one in items]
    return [*found, *_moved(plan), *_notes(found, plan)]


def _placed(item: Item, plan: Plan, members: Mapping[tuple[str, str], Sequence[Address]]) -> Item:
    if item.fault or item.note or "title" not in item.data:
        return item
    if plan.zoned:
        addresses = members.get((_fraction(item), str(item.data["zone"])), ())
    else:
        addresses = [one for leaf in plan.leaves.values() for one in leaf.addresses]
    return replace(item, data={**item.data, "places": places_of(addresses)})


def _named(item: Item, names: Mapping[str, str]) -> Item:
    """Return the item with the clerk's own name for a kind of waste."""
    name = names.get(str(item.data.get("title", "")))
    return item if name is None else replace(item, data={**item.data, "title": name, "category": category(name)})


def _fraction(item: Item) -> str:
    """Return the folded title in the item's key, ``category:title:zone``."""
    return item.key.split(":")[1]


def places_of(addresses: Sequence[Address]) -> list[list[str]]:
    """Return (scheme, value, name) of each address; the whole town is no place of its own."""
    found = []
    for scheme, name, house in addresses:
        plain = name.replace("/", "-")
        if house:
            found.append(["house", f"{plain}/{house}", f"{name} {house}"])
        elif name:
            found.append([scheme, plain, name])
    return found


def _moved(plan: Plan) -> list[Item]:
    """Return one item for each group of addresses that left their zones together, with all kinds of waste that move."""
    together: dict[tuple[Address, ...], dict[str, list[str]]] = {}
    for one in plan.moves:
        together.setdefault(tuple(one.addresses), {})[one.title] = one.days
    items = []
    for addresses, kinds in together.items():
        digest = hashlib.sha256(repr((addresses, sorted(kinds.items()))).encode()).hexdigest()[:12]
        named = {category(title) for title in kinds}
        data = {"moved": True, "category": named.pop() if len(named) == 1 else "", "places": places_of(addresses),
                "kinds": [{"title": title, "days": kinds[title]} for title in sorted(kinds)]}  # fmt: skip
        items.append(Item(f"moved:{digest}", data))
    return items


def _notes(items: Sequence[Item], plan: Plan) -> list[Item]:
    notes = []
    unread = sum(not one.read for one in plan.leaves.values())
    waiting = sum(one.open for one in plan.streets.values())
    if unread or waiting:
        read_so_far = len(plan.leaves) - unread
        notes.append(f"partly-read: {read_so_far} addresses are read so far, {unread + waiting} follow with next polls")
    if plan.changing:
        notes.append(f"in-question: {len(plan.changing)} zones seem to change; told once all their streets are read")
    unknown = sorted({str(one.data["title"]) for one in items if one.data.get("category") == "other"})
    if unknown:
        notes.append(f"unknown-kind: shown as 'other': {', '.join(unknown[:_MOST_UNKNOWN])}")
    return [Item(key=f"note-{at}", note=note) for at, note in enumerate(notes, 1)]


def _plan(fetched: Fetched) -> Plan:
    found = read(fetched.state.cursor)
    if found is None:
        raise SourceRefused("The provider's plan of addresses is lost; the next poll makes a new one.")
    return found


def _today(fetched: Fetched) -> date:
    return fetched.at.astimezone(ZoneInfo(fetched.source.zone)).date()
