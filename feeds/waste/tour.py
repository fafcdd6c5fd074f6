"""One poll of a provider: a bounded round through its addresses, which goes on where the last one ended.

Towns and streets are read once a week (and when an address is not known any more: handles change at New Year, so
names are looked up again). A poll then reads the addresses whose turn it is, and :mod:`feeds.waste.zones` says who is
collected together. ``Fetched.partial`` is true while any address was not read in this poll.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from feeds.waste import providers
from feeds.waste.glance import context_of, glance
from feeds.waste.plan import Address, Leaf, Plan, Street, addresses_of, attach, drop_empty, dump, load, shuffled, turn
from feeds.waste.providers._ask import Ask, EnoughError
from feeds.waste.providers._types import Account, Family, Node
from feeds.waste.walk import EVERY, houses_of, streets_of, town_of
from feeds.waste.zones import settle
from hub.core.errors import SourceRefused, SourceUnreachable
from hub.core.ports import Http
from hub.core.source import Document, Fetched, FetchState, NotModified, Source

_WEEK = 7  # days for which a directory holds
_NEXT_YEAR_FROM = 11  # month from which the next year's dates are asked for
_RESERVE = 8  # further requests for zones that the round did not meet
_SHARE = 0.5  # streets gone at once beyond which the directory is not believed
_LEVELS = ("town", "street", "house")


def fetch_provider(source: Source, state: FetchState, http: Http, now: datetime) -> Fetched | NotModified:
    """Poll the provider at ``source.url``. Raises ``SourceError``."""
    account = providers.account(source.url)
    today = now.astimezone(ZoneInfo(source.zone)).date()
    ask = Ask(http, now)
    ask.years = (today.year, today.year + 1) if today.month >= _NEXT_YEAR_FROM else (today.year,)
    wishes = {level: " ".join(source.config.get(level, "").split()) for level in _LEVELS}
    plan = load(state.cursor, json.dumps([account.address, *wishes.values()], ensure_ascii=False))
    tour = _Tour(source, account, providers.family(account.family), wishes, ask, plan, today)
    documents = tour.run()
    news = tour.news()
    new = replace(state, cursor=dump(plan), at=now, validators={}, body_hash="")
    if not news:
        return NotModified(new)
    whole = len(set(plan.answered)) == len(plan.leaves) and not any(one.open for one in plan.streets.values())
    partial = not whole or bool(plan.changing)  # a zone that waits says nothing, which must not look like an end
    return Fetched(tuple(documents), now, new, source, partial=partial)


@dataclass(slots=True)
class _Tour:
    """What a round needs, and what it has gathered."""

    source: Source
    account: Account
    family: Family
    wishes: dict[str, str]
    ask: Ask
    plan: Plan
    today: date
    documents: list[Document] = field(default_factory=list)
    refusals: list[SourceRefused] = field(default_factory=list)

    def run(self) -> Sequence[Document]:
        """Make the round; returns its answers. Raises ``SourceError`` if not one address could be read."""
        plan = self.plan
        plan.poll += 1
        plan.answered, plan.moves, plan.faults = [], [], []
        if self._stale():
            self._directory()
        try:
            self._expand(least=self.ask.left // 2)
            self._read_all(new=True)
            self._expand(least=0)
            self._read_all()
        except EnoughError:
            pass
        except SourceUnreachable:
            if not plan.answered:
                raise
        if not plan.answered and self.refusals:
            raise self.refusals[0]
        plan.zoned = plan.zoned or len(plan.streets) > 1 or len(plan.leaves) > 1
        if plan.zoned:
            self._ask_also(settle(plan, self.today))
        return self.documents

    def _stale(self) -> bool:
        day = self.plan.directory
        return not day or (self.today - date.fromisoformat(day)).days >= _WEEK or day[:4] != str(self.today.year)

    def _directory(self) -> None:
        """Read town and streets by their names. Raises ``SourceError``."""
        plan, ask = self.plan, self.ask
        try:
            town = town_of(self.account, self.family, self.wishes["town"], ask)
            found = streets_of(self.account, self.family, town, self.wishes["street"], ask)
        except EnoughError as error:
            raise SourceRefused(
                "The provider's directory needs more requests than one poll may make; set town and street.",
                subject=self.source.id,
            ) from error
        if not found:
            raise SourceRefused(f"The provider lists no streets in {town.name}.", subject=self.source.id)
        plan.town = (town.name or self.wishes["town"] or self.account.name, town.id)
        self._take(found)
        plan.directory = self.today.isoformat()

    def _take(self, found: Sequence[Node]) -> None:
        """Lay a fresh list of streets over the known one; a street is forgotten when two lists in a row miss it."""
        plan = self.plan
        fresh = {one.name: one for one in found}
        gone = [name for name in plan.streets if name not in fresh]
        if len(gone) > max(3, _SHARE * len(plan.streets)):
            return
        for name in gone:
            plan.streets[name].missed += 1
        forgotten = {name for name in gone if plan.streets[name].missed > 1}
        for name in forgotten:
            del plan.streets[name]
        for leaf in plan.leaves.values():
            leaf.addresses = [one for one in leaf.addresses if one[1] not in forgotten]
        drop_empty(plan)
        for name, node in fresh.items():
            known = plan.streets.get(name)
            below = [(one.name, one.id) for one in node.below]
            if known is None or (known.id, known.below) != (node.id, below):
                plan.streets[name] = Street(node.id, node.scheme if name else "", below)
            else:
                known.missed = 0

    def _expand(self, *, least: int) -> None:
        """Ask for the house numbers of streets that have not been asked, while more than ``least`` requests are left.

        A street that may be asked as a whole is one leaf until its answer says that its numbers differ.
        """
        for name, street in sorted(self.plan.streets.items(), key=lambda one: shuffled(one[0])):
            if not street.open:
                continue
            whole = self.wishes["house"] in ("", EVERY)
            if self.family.STREET_FIRST and whole:
                self._put(name, street, [Node("", street.id)])
            elif street.below or self.ask.left > least:
                self._divide(name, street)

    def _divide(self, name: str, street: Street) -> None:
        below = tuple(Node(number, handle) for number, handle in street.below)
        node = Node(name, street.id, below, street.scheme)
        self._put(name, street, houses_of(self.account, self.family, node, self.wishes["house"], self.ask))

    def _put(self, name: str, street: Street, nodes: Sequence[Node]) -> None:
        kept = {(street.scheme, name, node.name) for node in nodes}
        for leaf in self.plan.leaves.values():
            leaf.addresses = [one for one in leaf.addresses if one[1] != name or one in kept or not kept]
        pairs: list[tuple[Address, str]] = [((street.scheme, name, node.name), node.id) for node in nodes]
        attach(self.plan, pairs)
        street.open = False

    def _read_all(self, *, new: bool = False) -> None:
        """Read the leaves in their turn, with ``new`` those never asked; none twice in one poll."""
        for leaf in turn(self.plan):
            if self.ask.left == 0:
                return
            done = max(leaf.read, leaf.tried) == self.plan.poll
            if leaf.id in self.plan.leaves and not done and not (new and (leaf.read or leaf.tried)):
                self._visit(leaf)

    def _visit(self, leaf: Leaf) -> None:
        """Read one leaf; a refusal is noted, and the directory is read again when it comes for the first time."""
        try:
            self._read(leaf)
        except SourceRefused as error:
            known = leaf.read > leaf.tried and self.plan.directory != self.today.isoformat()
            leaf.tried = self.plan.poll
            if not (known and self._found_again(leaf)):
                self.refusals.append(error)
                self.plan.faults.append(f"{leaf.name or self.plan.town[0]}: {error}"[:300])

    def _found_again(self, leaf: Leaf) -> bool:
        """Look the address up by its name and read it at its new handle; ``False`` if that does not help either."""
        address = min(leaf.addresses)
        self._directory()
        street = self.plan.streets.get(address[1])
        if street is None:
            return False
        street.open = True
        self._expand(least=0)
        now = next((one for one in self.plan.leaves.values() if address in one.addresses), None)
        if now is None or now.id == leaf.id:
            return False
        try:
            self._read(now)
        except SourceRefused:
            return False
        return True

    def _read(self, leaf: Leaf) -> None:
        """Ask for the dates of one leaf and keep them. Raises ``SourceError`` or ``EnoughError``."""
        plan, node = self.plan, Node("", leaf.id)
        if not plan.names:
            plan.names = dict(self.family.names(self.account, node, self.ask))
        self.ask.names = plan.names
        found = self.family.dates(self.account, node, self.ask)
        streets = {name for _, name, house in leaf.addresses if not house}
        if self.family.STREET_FIRST and self.wishes["house"] in ("", EVERY) and self.family.divided(found):
            before = set(plan.leaves)
            for name in streets & set(plan.streets):
                self._divide(name, plan.streets[name])
            if set(plan.leaves) != before:
                return  # its house numbers are read in their turn
        self._note(leaf, found)

    def _note(self, leaf: Leaf, found: Sequence[Document]) -> None:
        plan = self.plan
        seen = glance(found, self.family, context_of(self.source.zone, self.today, plan.names))
        if not seen.days:
            raise SourceRefused("The provider names no collection dates for this address.", subject=self.source.id)
        for fraction, days in seen.days.items():
            plan.keep(leaf, fraction, days)
        plan.titles |= seen.titles
        leaf.read, leaf.detail = plan.poll, seen.detail
        at = len(plan.answered)
        plan.answered.append(leaf.id)
        self.documents += [replace(one, url=f"{one.url.partition('#')[0]}#{at}") for one in found]

    def _ask_also(self, touched: set[tuple[str, str]]) -> None:
        """Read one member of each zone whose members are others now and of which nothing was read in this poll."""
        plan = self.plan
        read = {(key, zone) for one in plan.answered for key, zone in plan.leaves[one].zones.items()}
        self.ask.allow(_RESERVE)
        for key, zone in sorted(touched - read):
            member = next((one for one in turn(plan) if one.zones.get(key) == zone), None)
            if member is None or (key, zone) in read:
                continue
            try:
                self._visit(member)
            except (EnoughError, SourceUnreachable):
                return  # it says so when its turn comes
            read |= set(member.zones.items())

    def news(self) -> bool:
        """Whether anything is to be handed on that was not yet; remembers it as handed on."""
        plan, now = self.plan, dict[str, str]()
        members = addresses_of(plan, self.today)
        for leaf in (plan.leaves[one] for one in plan.answered if one in plan.leaves):
            if not plan.zoned:
                now[leaf.id] = _digest([leaf.addresses, leaf.lists, leaf.detail])
            for key, zone in leaf.zones.items() if plan.zoned else ():
                name = f"{key}/{zone}"
                if name not in plan.changing and name not in now:
                    now[name] = _digest([members.get((key, zone)), leaf.lists.get(key), plan.horizon])
        found = bool(now) and (bool(plan.moves) or any(plan.told.get(key) != value for key, value in now.items()))
        living = {f"{key}/{zone}" for leaf in plan.leaves.values() for key, zone in leaf.zones.items()}
        plan.told = {key: one for key, one in (plan.told | now).items() if key in living or key in plan.leaves}
        return found


def _digest(value: object) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:12]
