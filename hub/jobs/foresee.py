"""Foresee: what a choice would have brought in the last twelve months, from the revisions that were stored.

What happened in a municipality is read once and kept in memory as long as nothing new is told there.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import RowMapping

from hub.core.forecast import LOOKS_BACK, begins, forecast
from hub.core.past import Chosen, Script, together
from hub.core.schedule import EVERY_DAY
from hub.jobs.subscribe import Wish
from hub.store import history
from hub.store.database import Store

_MOST = 20_000  # revisions; of a municipality that told more the last ones are counted
_KEPT = 8  # municipalities
_ANSWERS = 2_000
_FRESH = 10  # minutes


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a municipality's past: ``since`` when, and by topic since when anything of it came."""

    script: Script
    since: datetime
    topics: dict[str, datetime]

    def begin(self, wishes: Sequence[Wish]) -> datetime:
        """Return from when on messages of ``wishes`` can have been counted: since anything of their topics came."""
        topics = [topic for one in wishes for topic in one.criteria.topics or self.topics]
        first = [self.topics[one] for one in topics if one in self.topics]
        return max([self.since, *([min(first)] if first else [])])


@dataclass(frozen=True, slots=True)
class Outlook:
    """How many messages by channel, counted from ``since`` on."""

    counts: dict[str, int]
    since: datetime


@dataclass
class Foresight:
    """Answers from one process's memory; used by all its threads."""

    store: Store
    now: Callable[[], datetime]
    burst: timedelta = timedelta(0)
    _kept: OrderedDict[str, tuple[Any, Known]] = field(default_factory=OrderedDict)
    _answers: OrderedDict[Hashable, tuple[tuple[Known, ...], Outlook]] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def outlook(
        self, town: RowMapping, wishes: Sequence[Wish], *, digest_at: str = "07:00", digest_days: str = EVERY_DAY
    ) -> Outlook:
        """Return what ``wishes`` of one person would have brought together; those that name no other are of ``town``.

        Most people weigh the same choices: an answer holds for some minutes, or until something new is told.
        """
        slugs = dict.fromkeys(one.town or town["id"] for one in wishes) or {town["id"]: None}
        known, now = {slug: self.known(slug) for slug in slugs}, self.now()
        keys = frozenset((one.town, one.criteria.key(), frozenset(one.ways)) for one in wishes)
        asked = (town["id"], now.replace(minute=now.minute // _FRESH * _FRESH, second=0, microsecond=0), keys,
                 digest_at, digest_days)  # fmt: skip
        with self._lock:
            given = self._answers.get(asked)
        if given is None or [*map(id, given[0])] != [*map(id, known.values())]:
            given = (tuple(known.values()), self._play(known, town, wishes, now, (digest_at, digest_days)))
            with self._lock:
                self._answers[asked] = given
                while len(self._answers) > _ANSWERS:
                    self._answers.popitem(last=False)
        return given[1]

    def _play(
        self, known: Mapping[str, Known], town: RowMapping, wishes: Sequence[Wish], now: datetime,
        digest: tuple[str, str],
    ) -> Outlook:  # fmt: skip
        towns = [one.town or town["id"] for one in wishes]
        chosen = Chosen(
            [(one.criteria, one.ways) for one in wishes], town["zone"], time.fromisoformat(digest[0]), digest[1],
            self.burst, towns,
        )  # fmt: skip
        # Of several municipalities only the time that is known of all of them can be counted.
        mine = {slug: [one for one, where in zip(wishes, towns, strict=True) if where == slug] for slug in known}
        since = max(one.begin(mine[slug]) for slug, one in known.items())
        script = together([one.script for one in known.values()])
        return Outlook(forecast(chosen, script, since, now), since)

    def known(self, town: str) -> Known:
        """Return a municipality's past, read anew when something was told since."""
        with self.store.read() as session:
            stamp = (history.newest(session, town), self.now().date())
        with self._lock:
            kept = self._kept.get(town)
            if kept is not None and kept[0] == stamp:
                self._kept.move_to_end(town)
                return kept[1]
        found = self._read(town)
        with self._lock:
            self._kept[town] = (stamp, found)
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return found

    def _read(self, town: str) -> Known:
        now = self.now()
        with self.store.read() as session:
            since = begins(history.known_since(session, town) or now, now)
            past = history.past(session, town, now - LOOKS_BACK, most=_MOST)
            dates = history.dates(session, town, now - LOOKS_BACK)
            topics = history.topics_since(session, town)
        if len(past) == _MOST:  # what came before is cut off
            since = max(since, past[0].at)
        return Known(Script(past, dates), since, topics)
