"""What is known of a provider's addresses between two polls: which there are, their dates, the zones they make.

It travels as JSON in ``FetchState.cursor``. Addresses that the provider gives one handle are one leaf; its dates per
fraction are kept as lists, each list once. All days are local.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, fields
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

from hub.core.errors import SourceRefused

MOST_LEAVES = 1_500  # addresses of one source; beyond them its polls would not come round in a season
_EPOCH = date(2020, 1, 1)
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_VERSION = 1
Address = tuple[str, str, str]  # scheme of the place ("street", "district" or ""), its name, house numbers


@dataclass(slots=True)
class Street:
    """One street of the directory: the provider's handle, the level that it gave along, how often it was missed.

    ``open`` until its house numbers have been asked for.
    """

    id: str
    scheme: str = "street"
    below: list[tuple[str, str]] = field(default_factory=list)
    open: bool = True
    missed: int = 0


@dataclass(slots=True)
class Leaf:
    """What one request answers for: its addresses, the poll that read it last, and per fraction its dates and zone.

    ``lists`` are keys of :attr:`Plan.lists`; ``detail`` stands for all else that the answer says.
    """

    id: str
    addresses: list[Address] = field(default_factory=list)
    read: int = 0
    tried: int = 0
    lists: dict[str, str] = field(default_factory=dict)
    zones: dict[str, str] = field(default_factory=dict)
    detail: str = ""

    @property
    def name(self) -> str:
        """How the leaf is told apart for people: its first address."""
        return min((f"{name} {house}".strip() for _, name, house in self.addresses), default="")


@dataclass(slots=True)
class Move:
    """Addresses whose dates of a fraction are others now, because they are collected with another zone."""

    title: str
    addresses: list[Address]
    days: list[str]


@dataclass(slots=True)
class Plan:
    """All of it.

    ``scope`` is what the settings ask for, a JSON list whose first is the provider's address; another scope begins
    another plan.
    """

    scope: str
    directory: str = ""  # day on which towns and streets were read
    poll: int = 0
    zoned: bool = False
    town: tuple[str, str] = ("", "")
    names: dict[str, str] = field(default_factory=dict)
    titles: dict[str, str] = field(default_factory=dict)
    streets: dict[str, Street] = field(default_factory=dict)
    leaves: dict[str, Leaf] = field(default_factory=dict)
    lists: dict[str, str] = field(default_factory=dict)
    changing: dict[str, int] = field(default_factory=dict)  # "fraction/zone" -> poll that saw it change
    horizon: str = ""  # last day up to which zones are known
    told: dict[str, str] = field(default_factory=dict)  # "fraction/zone" or leaf -> digest of what was handed on
    answered: list[str] = field(default_factory=list)  # leaves of this poll, in the order of its documents
    moves: list[Move] = field(default_factory=list)  # of this poll
    faults: list[str] = field(default_factory=list)  # of this poll

    @property
    def family(self) -> str:
        """The family of the provider that was asked."""
        return str(json.loads(self.scope)[0]).partition(":")[0]

    def days(self, leaf: Leaf, fraction: str) -> tuple[date, ...]:
        """Return the known dates of a fraction at a leaf."""
        return unpack(self.lists.get(leaf.lists.get(fraction, ""), ""))

    def keep(self, leaf: Leaf, fraction: str, days: Iterable[date]) -> None:
        """Remember the dates of a fraction at a leaf."""
        packed = pack(days)
        key = hashlib.sha256(packed.encode()).hexdigest()[:12]
        self.lists[key] = packed
        leaf.lists[fraction] = key

    def until(self, leaf: Leaf) -> date:
        """Return the end of the last year that has a date at a leaf."""
        last = max((days[-1] for fraction in leaf.lists if (days := self.days(leaf, fraction))), default=_EPOCH)
        return date(last.year, 12, 31)


def pack(days: Iterable[date]) -> str:
    """Write days as distances in base 36: a weekly year takes a hundred characters."""
    found, before = [], _EPOCH
    for day in sorted(set(days)):
        number, text = (day - before).days, ""
        sign = "-" if number < 0 else ""
        number = abs(number)
        while number or not text:
            number, digit = divmod(number, 36)
            text = _DIGITS[digit] + text
        found.append(sign + text)
        before = day
    return ".".join(found)


@lru_cache(maxsize=2_048)  # a town has few different lists, and they are looked at many times
def unpack(text: str) -> tuple[date, ...]:
    """Read what :func:`pack` wrote."""
    found, before = [], _EPOCH
    for one in filter(None, text.split(".")):
        before += timedelta(days=int(one, 36))
        found.append(before)
    return tuple(found)


def dump(plan: Plan) -> str:
    """Write a plan; lists that nobody has any more are dropped."""
    used = {key for leaf in plan.leaves.values() for key in leaf.lists.values()}
    plan.lists = {key: value for key, value in plan.lists.items() if key in used}
    data = {"version": _VERSION, **_fields(plan)}
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"), default=_fields)


def _fields(one: Any) -> dict[str, Any]:
    return {name.name: getattr(one, name.name) for name in fields(one)}


def load(text: str, scope: str) -> Plan:
    """Read a plan; a new one for another ``scope``, another version or anything that is none."""
    try:
        data = json.loads(text) if text else {}
    except ValueError:
        data = {}
    if not isinstance(data, dict) or data.pop("version", 0) != _VERSION or data.get("scope") != scope:
        return Plan(scope)
    return _plan(data)


def read(text: str) -> Plan | None:
    """Return the plan in a cursor, whatever its scope; ``None`` if there is none."""
    scope = json.loads(text).get("scope") if text.startswith("{") else None
    return load(text, scope) if isinstance(scope, str) else None


def _plan(data: dict[str, Any]) -> Plan:
    streets = {
        name: Street(**{**one, "below": [tuple(pair) for pair in one["below"]]})
        for name, one in data.pop("streets").items()
    }
    leaves = {
        key: Leaf(**{**one, "addresses": [tuple(address) for address in one["addresses"]]})
        for key, one in data.pop("leaves").items()
    }
    moves = [Move(one["title"], [tuple(address) for address in one["addresses"]], one["days"])
             for one in data.pop("moves")]  # fmt: skip
    town = tuple(data.pop("town"))
    return Plan(**data, town=town, streets=streets, leaves=leaves, moves=moves)


def attach(plan: Plan, pairs: Sequence[tuple[Address, str]]) -> None:
    """Put addresses under the provider's handles; one whose handle has changed keeps what is known of it.

    Raises ``SourceRefused`` for more addresses than can be read in turn.
    """
    at = {address: leaf for leaf in plan.leaves.values() for address in leaf.addresses}
    for address, handle in pairs:
        old = at.get(address)
        if old is not None and old.id == handle:
            continue
        if old is not None:
            old.addresses.remove(address)
        leaf = plan.leaves.get(handle)
        if leaf is None:
            leaf = Leaf(handle)
            if old is not None:
                leaf.lists, leaf.zones = dict(old.lists), dict(old.zones)
            plan.leaves[handle] = leaf
        leaf.addresses.append(address)
        at[address] = leaf
    drop_empty(plan)
    if len(plan.leaves) > MOST_LEAVES:
        raise SourceRefused(
            f"The provider tells more than {MOST_LEAVES:,} addresses apart here; set a street, or one source per part."
        )


def addresses_of(plan: Plan, today: date) -> dict[tuple[str, str], list[Address]]:
    """Return all addresses by fraction and zone, in order; those never read or behind their time left out."""
    found: dict[tuple[str, str], list[Address]] = {}
    for leaf in plan.leaves.values():
        if leaf.read and plan.until(leaf) >= today:
            for key in leaf.zones.items():
                found.setdefault(key, []).extend(leaf.addresses)
    return {key: sorted(addresses) for key, addresses in found.items()}


def drop_empty(plan: Plan) -> None:
    """Forget leaves without an address."""
    plan.leaves = {key: leaf for key, leaf in plan.leaves.items() if leaf.addresses}


def shuffled(name: str) -> str:
    """Return where a name stands in an order that is always the same and is not the alphabet's.

    So a first round meets streets of all kinds, not twenty alleys without a bin.
    """
    return hashlib.sha256(name.encode()).hexdigest()


def turn(plan: Plan) -> list[Leaf]:
    """Return all leaves in the order in which they should be read.

    Those never asked, then members of zones that seem to change, then one of each combination of zones (who was
    read longest ago), then the others in turn.
    """
    asked = sorted(plan.leaves.values(), key=lambda one: (max(one.read, one.tried), one.name, one.id))
    never = sorted((one for one in asked if not one.read and not one.tried), key=lambda one: shuffled(one.name))
    suspect = [
        one for one in asked
        if any(one.read < plan.changing.get(f"{fraction}/{zone}", 0) for fraction, zone in one.zones.items())
    ]  # fmt: skip
    kinds: dict[tuple[tuple[str, str], ...], Leaf] = {}
    for one in asked:
        kinds.setdefault(tuple(sorted(one.zones.items())), one)
    return list({one.id: one for one in (*never, *suspect, *kinds.values(), *asked)}.values())
