"""Whose a calendar is, read for a hundred at once: a herd asks for all of them within minutes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import RowMapping

from hub.store import calendars, towns
from hub.store.database import Store
from hub.web.shelf import Shelf
from hub.web.touched import Touched

BESIDE = 100  # endpoints that are read together
_PAUSE = timedelta(minutes=1)  # so often at most
_HUNDREDS, _MARKS = 32, 20_000  # that are kept; of which it is known when they were read


@dataclass(frozen=True, slots=True)
class Owned:
    """Calendars as of an epoch of touches: their ``owners`` by endpoint, whose ``wishes``, and their ``towns``."""

    owners: Mapping[int, RowMapping]
    wishes: Mapping[int, calendars.Wishes]
    towns: Mapping[str, RowMapping]
    epoch: int


class Neighbours:
    """The owners that a web process has just read. Thread-safe."""

    def __init__(self, store: Store, touched: Touched) -> None:
        """Know nobody yet."""
        self._store, self._touched = store, touched
        self._kept, self._read_at = Shelf(_HUNDREDS), Shelf(_MARKS)

    def of(self, number: int, epoch: int, now: datetime, *, alarms_on: bool) -> tuple[Owned, bool]:
        """Return the owner of calendar ``number``, and whether its neighbours were read with it, now.

        A question for a hundred costs little more than one for one; it is asked once a minute at most.
        """
        key = (number // BESIDE, alarms_on)
        before: datetime | None = self._read_at.get(key)
        if before is None or abs(now - before) >= _PAUSE:
            first = number - number % BESIDE
            found = self.read(range(first, first + BESIDE), epoch)
            self._kept.put(key, found, 1)
            self._read_at.put(key, now, 1)
            return found, True
        kept: Owned | None = self._kept.get(key)
        if kept is not None and self._holds(kept, number):
            return kept, False
        return self.read([number], epoch), False

    def _holds(self, kept: Owned, number: int) -> bool:
        owner = kept.owners.get(number)
        if owner is None:
            return False  # it may be new
        return not self._touched.since((("subscriber", owner["id"]), ("private", owner["town"])), kept.epoch)

    def read(self, numbers: Sequence[int], epoch: int) -> Owned:
        """Read whose these calendars are; those that ended are left out."""
        with self._store.read() as session:
            owners = calendars.owners(session, numbers)
            wishes = calendars.wishes(session, [one["id"] for one in owners.values()])
            found = {slug: towns.get(session, slug) for slug in {one["town"] for one in owners.values()}}
        return Owned(owners, wishes, {slug: row for slug, row in found.items() if row is not None}, epoch)
