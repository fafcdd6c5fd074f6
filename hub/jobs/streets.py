"""Streets: a municipality's list becomes places that residents find; what is there stays, so a repeat does no harm."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from hub.core.streets import Reading, Street, places, spots
from hub.jobs.contact import known_town
from hub.jobs.house import House
from hub.jobs.record import record
from hub.store import towns


@dataclass(frozen=True, slots=True)
class Counts:
    """How many places of each kind (street, house, zone, district) a list brought, and how many were there."""

    fresh: Mapping[str, int]
    known: Mapping[str, int]
    placed: int  # streets whose place on the map is new or another

    @property
    def words(self) -> str:
        """What is new, in words: ``12 streets, 3 houses``; empty if nothing is."""
        return ", ".join(f"{count} {kind}s" for kind, count in self.fresh.items() if count)


def import_streets(
    house: House, session: Session, actor: str, municipality: str, streets: Sequence[Street]
) -> Counts:  # fmt: skip
    """Keep the places that ``streets`` name, in the caller's transaction. Raises ``SettingsError``."""
    town = known_town(session, municipality)
    counts = counted(session, town["path"], streets)
    towns.add_places(session, municipality, places(streets, town["path"]))
    placed = towns.put_spots(session, municipality, spots(streets, town["path"]))
    found = Counts(counts.fresh, counts.known, placed)
    if found.words or placed:
        told = {f"{kind}s": str(count) for kind, count in found.fresh.items() if count}
        record(house, session, actor, "streets.imported", municipality=municipality, **told)
    return found


def counted(session: Session, parent: str, streets: Sequence[Street]) -> Counts:
    """Return what a list would bring below ``parent``."""
    offered = places(streets, parent)
    there = towns.place_rows(session, [path for path, _kind, _name in offered])
    kinds = ("street", "house", "zone", "district")
    fresh = Counter(kind for path, kind, _name in offered if path not in there)
    known = Counter(kind for path, kind, _name in offered if path in there)
    return Counts({kind: fresh[kind] for kind in kinds}, {kind: known[kind] for kind in kinds}, 0)


def imported(house: House, actor: str, municipality: str, found: Reading) -> Counts:
    """Import the good lines of a file in a transaction of its own; the others are the caller's to tell."""
    with house.store.begin() as session:
        return import_streets(house, session, actor, municipality, found.streets)
