"""What changed since a calendar was written: reads the touches (``hub.store.feeds``) at most once a second."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from hub.store import feeds
from hub.store.database import Store

About = tuple[str, int | str]
SECOND = timedelta(seconds=1)
MISSED = timedelta(minutes=55)  # touches are kept for an hour: who has not looked for so long may have missed some
_GAPS_LIVE = timedelta(minutes=15)  # no transaction of ours lasts as long
_MOST_GAPS, _START = 5_000, 1_000
_MOST_MARKS = 100_000
_NEVER = datetime.min.replace(tzinfo=UTC)


class Touched:
    """The touches that this process has read; each reading that found some is a new ``epoch``. Thread-safe.

    Between ``looked`` and ``due`` nobody needs to :meth:`look`.
    """

    def __init__(self, store: Store) -> None:
        """Read nothing yet."""
        self.epoch = 0
        self._store = store
        self._marks: dict[About, int] = {}
        self._floor = 0  # before this epoch everything counts as touched
        self._last = -1
        self._gaps: dict[int, datetime] = {}
        self.looked = self.due = _NEVER
        self._lock = threading.Lock()

    def look(self, now: datetime) -> int:
        """Read what is new unless that was done within the last second; returns the epoch. Raises ``StoreError``."""
        if self.looked <= now < self.due:
            return self.epoch
        with self._lock:
            if not self.looked <= now < self.due:
                self._read(now)
                self.looked, self.due = now, now + SECOND
        return self.epoch

    def since(self, about: Iterable[About], epoch: int) -> bool:
        """Return whether any of these was touched after ``epoch``."""
        marks = self._marks
        return epoch < self._floor or any(marks.get(one, 0) > epoch for one in about)

    def _read(self, now: datetime) -> None:
        with self._store.read() as session:
            newest = feeds.newest(session)
            if self._last < 0:
                self._begin(newest, feeds.last_ids(session, _START), now)
            elif newest < self._last or abs(now - self.looked) > MISSED:  # an older copy of it, or we were asleep
                self._begin(newest, feeds.last_ids(session, _START), now)
                self._forget_all()
            elif newest > self._last or self._gaps:
                self._note(feeds.beyond(session, self._last, self._gaps), now)

    def _begin(self, newest: int, ids: list[int], now: datetime) -> None:
        """Start behind the last touch; what a transaction that is still open wrote before it will appear in a gap."""
        self._last = newest
        self._gaps = dict.fromkeys(sorted(set(range(max(1, newest - _START), newest)).difference(ids)), now)

    def _note(self, found: list[feeds.Touch], now: datetime) -> None:
        ids = {one.id for one in found}
        newest = max(ids, default=self._last)
        # Ids are counted when a transaction writes and seen when it commits: a lower one may come later.
        opened = dict.fromkeys(range(max(self._last + 1, newest - _MOST_GAPS), newest), now)
        waiting = {**self._gaps, **opened}
        self._gaps = {one: since for one, since in waiting.items() if one not in ids and abs(now - since) < _GAPS_LIVE}
        self._last = max(self._last, newest)
        if len(self._gaps) > _MOST_GAPS:
            self._gaps = dict(list(self._gaps.items())[-_MOST_GAPS:])
        if len(self._marks) + len(found) > _MOST_MARKS:
            self._forget_all()
        elif found:
            self._marks.update((one.about, self.epoch + 1) for one in found)
            self.epoch += 1

    def _forget_all(self) -> None:
        self._marks = {}
        self._floor = self.epoch + 1
        self.epoch += 1
