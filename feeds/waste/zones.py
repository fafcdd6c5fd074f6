"""Which addresses are collected together: zones that keep their names while dates move and streets change sides.

A zone is all addresses with the same dates of one fraction. It is named after the address that founded it and keeps
that name: when all its members' dates move, the zone moves (one revision, told to all of them); when some of its
members differ from now on, the largest part keeps the name and the others leave for another zone, and are told so.
Nothing is concluded from addresses that were not read: while most of a zone's members read so far have changed, the
zone waits until all have been asked.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from feeds.waste.plan import Leaf, Move, Plan
from hub.core.place import slug

_LEAST_COMMON = 3  # dates that an address must share with a zone to join it


def settle(plan: Plan, today: date) -> set[tuple[str, str]]:
    """Give every leaf that is known for the time ahead its zones; notes who moved, and which zones wait.

    Returns the zones (with their fraction) whose members are others now.
    """
    # An address that the provider refuses must not keep the others from their next year.
    known = [one for one in plan.leaves.values() if one.read >= max(1, one.tried) and plan.until(one) >= today]
    if not known:
        return set()
    was = {(leaf.id, fraction): zone for leaf in known for fraction, zone in leaf.zones.items()}
    before = date.fromisoformat(plan.horizon) if plan.horizon else date.max
    horizon = min(plan.until(one) for one in known)
    plan.horizon, plan.moves = horizon.isoformat(), []
    for fraction in sorted({fraction for leaf in known for fraction in leaf.lists}):
        members = [one for one in known if fraction in one.lists]
        _Settling(plan, fraction, members, today, horizon, min(before, horizon)).run()
    plan.changing = {key: poll for key, poll in plan.changing.items() if _lives(plan, key)}
    now = {(leaf.id, fraction): zone for leaf in known for fraction, zone in leaf.zones.items()}
    return {
        (key[1], zone) for key in was.keys() | now.keys() if was.get(key) != now.get(key)
        for zone in (was.get(key, ""), now.get(key, "")) if zone
    }  # fmt: skip


def _lives(plan: Plan, key: str) -> bool:
    fraction, _, zone = key.partition("/")
    return any(one.zones.get(fraction) == zone for one in plan.leaves.values())


@dataclass(slots=True)
class _Settling:
    """The zones of one fraction."""

    plan: Plan
    fraction: str
    members: Sequence[Leaf]
    today: date
    horizon: date
    told: date  # last day of which people know from us
    zones: dict[str, list[Leaf]] = field(default_factory=dict)
    new: list[Leaf] = field(default_factory=list)
    taken: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        """Sort the members into zones."""
        for one in sorted(self.members, key=lambda leaf: (leaf.name, leaf.id)):
            zone = one.zones.get(self.fraction)
            (self.new if zone is None else self.zones.setdefault(zone, [])).append(one)
        # Names of zones whose members were all not read lately are taken as well.
        self.taken |= {one.zones[self.fraction] for one in self.plan.leaves.values() if self.fraction in one.zones}

    def run(self) -> None:
        leaving: list[tuple[Leaf, bool]] = []
        for zone in sorted(self.zones):
            leaving += self._part(zone)
        for leaf in self.new:
            self._join(leaf)
        moved: dict[tuple[date, ...], list[Leaf]] = defaultdict(list)
        for leaf, tell in leaving:
            self._join(leaf)
            if tell:
                moved[self._ahead(leaf, self.horizon)].append(leaf)
        for days, leaves in moved.items():
            addresses = sorted(address for leaf in leaves for address in leaf.addresses)
            title = self.plan.titles.get(self.fraction, self.fraction)
            self.plan.moves.append(Move(title, addresses, [day.isoformat() for day in days[:3]]))

    def _ahead(self, leaf: Leaf, until: date) -> tuple[date, ...]:
        return tuple(day for day in self.plan.days(leaf, self.fraction) if self.today <= day <= until)

    def _part(self, zone: str) -> list[tuple[Leaf, bool]]:
        """Return the members that leave ``zone``, and whether they must be told; a zone that waits loses nobody."""
        key, members = f"{self.fraction}/{zone}", self.zones[zone]
        parts: dict[tuple[date, ...], list[Leaf]] = defaultdict(list)
        for one in members:
            parts[self._ahead(one, self.horizon)].append(one)
        if len(parts) == 1:
            self.plan.changing.pop(key, None)
            return []
        since = self.plan.changing.setdefault(key, self.plan.poll)
        asked, not_asked = [one for one in members if one.read >= since], [one for one in members if one.read < since]
        old = self._ahead(not_asked[0], self.horizon) if not_asked else ()
        changed = [one for one in asked if self._ahead(one, self.horizon) != old]
        if not_asked and 2 * len(changed) >= len(asked):
            return []
        self.plan.changing.pop(key, None)
        stays = max(parts, key=lambda days: (len(parts[days]), [-ord(mark) for mark in parts[days][0].name]))
        leaving = []
        for days, leaves in parts.items():
            if days == stays:
                continue
            for leaf in leaves:
                del leaf.zones[self.fraction]
                leaving.append((leaf, self._ahead(leaf, self.told) != self._ahead(parts[stays][0], self.told)))
        self.zones[zone] = parts[stays]
        return leaving

    def _join(self, leaf: Leaf) -> None:
        """Give a leaf the zone that has all its dates, else a new one."""
        for zone, members in self.zones.items():
            if f"{self.fraction}/{zone}" not in self.plan.changing and members and self._same(leaf, members[0]):
                leaf.zones[self.fraction] = zone
                members.append(leaf)
                return
        name = slug(leaf.name)[:60] or "ort"
        zone, count = name, 2
        while zone in self.taken:
            zone, count = f"{name}-{count}", count + 1
        self.taken.add(zone)
        leaf.zones[self.fraction] = zone
        self.zones[zone] = [leaf]

    def _same(self, one: Leaf, other: Leaf) -> bool:
        """Whether two addresses have the same dates, as far back as both are known and up to the horizon."""
        first, second = (
            [day for day in self.plan.days(leaf, self.fraction) if day <= self.horizon] for leaf in (one, other)
        )
        if first == second:
            return True
        start = max(first[0], second[0]) if first and second else self.today
        common = [day for day in first if day >= start]
        return len(common) >= _LEAST_COMMON and common == [day for day in second if day >= start]
