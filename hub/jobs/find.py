"""Find: the places that somebody may mean by what they typed, in one municipality or in all of the installation.

The names of municipalities, and of what lies in those that were asked for lately, are kept in memory for a minute;
streets of all municipalities together are asked of the database's index, so that eleven thousand towns answer too.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import RowMapping

from hub import reference
from hub.core.placenames import MISSPELT, Names, Typed, beginnings, likeness, misspellings, named, typed
from hub.store import finding, towns
from hub.store.database import Store

MOST = 8  # places offered
_KEPT = timedelta(minutes=1)
_MOST_TOWNS = 64  # whose streets are kept
_READ = 300  # rows of one question to the database
_NEAR = 3  # towns of a like name that are looked into
_DISTRICT = 5  # digits of its key


class Hit(NamedTuple):
    """One place that may be meant. ``kind``: municipality, district, street, zone; ``path`` in the place tree.

    ``town`` is the id of its municipality, empty if that is none of this installation; ``number`` a house number.
    """

    kind: str
    name: str
    town: str
    town_name: str
    path: str
    number: str = ""


class _Places:
    """Places with their names prepared, and towns by id."""

    def __init__(self, hits: list[Hit]) -> None:
        self.all = hits
        self.names = Names((named(one.name), one) for one in hits)
        self.by_id = {one.town: one for one in hits}


@dataclass
class Finder:
    """Finds places; one for each process, used by all its threads."""

    store: Store
    now: Callable[[], datetime]
    _kept: OrderedDict[str, tuple[datetime, _Places]] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def find(self, text: str, *, within: str = "", most: int = MOST) -> list[Hit]:
        """Return the places that ``text`` may mean, the likeliest first; ``within``: only of that municipality."""
        asked = typed(text)
        if asked.empty:
            return []
        ours = self._towns()
        if within or len(ours.all) == 1:
            among = [one for one in ours.all if not within or one.town == within]
            return _best((pair for one in among for pair in self._in_town(asked, one)), most)
        if asked.postcode:
            among = [one for one in ours.all if _has_postcode(one.path, asked.postcode)]
            found = [(0, one) for one in among] if not asked.words else []
            found += [pair for one in among[:_MOST_TOWNS] if asked.words for pair in self._in_town(asked, one)]
            return _best(found, most)
        return _best(self._everywhere(asked, ours), most)

    def elsewhere(self, text: str, *, most: int = 3) -> list[str]:
        """Return the municipalities of Germany that ``text`` may mean and that are none of this installation."""
        asked = typed(text)
        ours = {one.path for one in self._towns().all}
        words = " ".join([asked.postcode, *asked.words]).strip()
        found = reference.find_municipality(words, most) if words else []
        return [one.name for one in found if one.path not in ours]

    def _in_town(self, asked: Typed, town: Hit) -> list[tuple[int, Hit]]:
        """Look in one municipality only; its own name and postcode may stand beside the street."""
        streets, name = self._streets(town.town), named(town.name)
        ranked = _ranked(asked, streets)
        for street, other in asked.splits():
            if likeness(other, name) is not None:
                ranked += _ranked(Typed(street, number=asked.number), streets)
        own = likeness(asked.words, name) if asked.words else 0
        if own is not None and (not asked.postcode or _has_postcode(town.path, asked.postcode)):
            ranked.append((own, town))
        return ranked

    def _everywhere(self, asked: Typed, ours: _Places) -> list[tuple[int, Hit]]:
        """Look for a town, for a street in a town that is named beside it, and else for a street in all of them."""
        found = ours.names.like(asked.words)
        for spelt in (True, False):
            for street, other in asked.splits():
                found += self._beside(Typed(street, number=asked.number), ours.names.like(other, spelt=spelt))
            if any(rank < MISSPELT for rank, _ in found):
                return found
        return found + self._of_all(asked, ours)

    def _beside(self, street: Typed, near: list[tuple[int, Hit]]) -> list[tuple[int, Hit]]:
        """Look for a street in the few towns that are named best."""
        return [
            (max(rank, own), hit)
            for rank, town in sorted(near)[:_NEAR]
            for own, hit in _ranked(street, self._streets(town.town))
        ]

    def _of_all(self, asked: Typed, ours: _Places) -> list[tuple[int, Hit]]:
        """Ask the database for streets of whatever town that begin so, or that one typing error made of it."""
        with self.store.read() as session:
            rows = finding.beginning(session, beginnings(asked.words), most=_READ)
            found = _ranked(asked, _places(rows, ours))
            folded = "-".join(asked.words)
            if not found and len(folded) > 3:  # noqa: PLR2004 - of shorter ones too much is a misspelling
                rows = finding.called(session, misspellings(folded), most=_READ)
                found = _ranked(asked, _places(rows, ours))
        return found

    def towns(self) -> list[Hit]:
        """Return the municipalities of this installation."""
        return self._towns().all

    def _towns(self) -> _Places:
        return self._fresh("", self._read_towns)

    def _read_towns(self) -> _Places:
        with self.store.read() as session:
            rows = towns.listed(session)
        return _Places([Hit("municipality", one["name"], one["id"], one["name"], one["path"]) for one in rows])

    def _streets(self, town: str) -> _Places:
        return self._fresh(f"/{town}", lambda: self._read_streets(town))

    def _read_streets(self, town: str) -> _Places:
        with self.store.read() as session:
            return _places(finding.below(session, town), self._towns())

    def _fresh(self, key: str, read: Callable[[], _Places]) -> _Places:
        """Return what was read within a minute, else read it anew."""
        now = self.now()
        with self._lock:
            known = self._kept.get(key)
            if known is not None and now - known[0] < _KEPT:
                self._kept.move_to_end(key)
                return known[1]
        found = read()
        with self._lock:
            self._kept[key] = (now, found)
            while len(self._kept) > _MOST_TOWNS:
                self._kept.popitem(last=False)
        return found


def _places(rows: Iterable[RowMapping], ours: _Places) -> _Places:
    """Return rows of the place table as places of their towns."""
    owners = ((row, ours.by_id.get(row["municipality_id"])) for row in rows)
    return _Places([Hit(row["kind"], row["name"], one.town, one.town_name, row["path"]) for row, one in owners if one])


def _ranked(asked: Typed, places: _Places) -> list[tuple[int, Hit]]:
    """Return how well places fit; a number is that of the house in a street, else part of a name (``Bezirk 3``)."""
    found = places.names.like(asked.words)
    numbered = [(rank, hit._replace(number=asked.number) if hit.kind == "street" else hit) for rank, hit in found]
    return numbered + (places.names.like(asked.whole) if asked.number else [])


def _best(found: Iterable[tuple[int, Hit]], most: int) -> list[Hit]:
    """Return each place once; those with typing errors only where nothing fits without."""
    ranks: dict[str, tuple[int, Hit]] = {}
    for rank, hit in found:
        key = f"{hit.town}|{hit.path}"
        if key not in ranks or rank < ranks[key][0]:
            ranks[key] = (rank, hit)
    best = min((rank for rank, _ in ranks.values()), default=0)
    kept = [(rank, hit) for rank, hit in ranks.values() if best >= MISSPELT or rank < MISSPELT]
    order = {"municipality": 0, "district": 1, "street": 2, "zone": 3}
    kept.sort(key=lambda one: (one[0], order.get(one[1].kind, 9), one[1].name, one[1].town_name))
    return [hit for _, hit in kept[:most]]


def _has_postcode(path: str, digits: str) -> bool:
    """Whether the municipality at ``path``, or its district where no more is known, has such a postcode."""
    return not {path, path[:_DISTRICT]}.isdisjoint(reference.with_postcode(digits))
