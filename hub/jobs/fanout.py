"""Fan-out: a page of the people a notice means, as whole groups, into batches; nothing is done per recipient."""

from __future__ import annotations

from array import array
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, time
from operator import itemgetter
from typing import Any

from sqlalchemy import RowMapping
from sqlalchemy.orm import Session

from hub.core.bursts import part
from hub.core.fanout import NEWS_LIVES, Habits, Lane, due, lane, slices, valid_until
from hub.core.message import Change
from hub.core.mutes import Matter
from hub.core.notice import Notice, Severity
from hub.failpoints import reached
from hub.jobs.doubles import Doubles
from hub.jobs.house import House
from hub.store import batches, bundles, mutes
from hub.store.recipients import Group, Meant

PAGE = 100_000  # recipients planned in one transaction
FIRST = 5_000  # the first page is short: its messages leave while the others are planned
Groups = dict[tuple[str, str, datetime], Collection[int]]  # channel, service and due time -> endpoints


def habits(quiet: str, paused_until: datetime | None, zone: str) -> Habits:
    """Return when people of a group may be disturbed."""
    begin, _, end = quiet.partition("-")
    hours = (time.fromisoformat(begin), time.fromisoformat(end)) if begin and end else None
    return Habits(zone, hours, paused_until)


def by_pause(ids: set[int], paused: Mapping[int, datetime]) -> dict[datetime | None, set[int]]:
    """Sort endpoints by the end of their pause; under ``None`` are those who do not pause."""
    found: dict[datetime | None, set[int]] = defaultdict(set)
    for one in ids & paused.keys():
        found[paused[one]].add(one)
    return {**found, None: ids - paused.keys()}


def matter(notice: Notice, places: Collection[str]) -> Matter:
    """Return what of a notice decides whether it is muted."""
    return Matter(notice.id, notice.topic, places, notice.severity)


@dataclass
class Page:
    """Plans one page of a revision's recipients in the caller's transaction and counts what becomes of them."""

    house: House
    session: Session
    row: Mapping[str, Any]  # of the publication
    notice: Notice
    town: RowMapping
    meant: Meant
    muted: set[int]
    seen_at: datetime
    doubles: Doubles
    counts: Counter[str] = field(default_factory=Counter)
    channels: Counter[tuple[str, str]] = field(default_factory=Counter)  # the same by channel
    _at: Groups = field(default_factory=lambda: defaultdict(lambda: array("I")))
    _bundles: dict[tuple[str, str, datetime], set[int]] = field(default_factory=lambda: defaultdict(set))

    def __post_init__(self) -> None:
        """Take the time once; what waits in a bundle already is told there, in its newest form."""
        self.now = self.house.now()
        self.change = Change(self.row["change"])
        self.until = valid_until(self.notice, self.change, self.now)
        self.urgent = self.notice.severity >= Severity.SEVERE
        self._waiting: set[int] = set()
        if self.row["revision"] > 1:
            if self.urgent:
                bundles.take_out(self.session, self.notice.id, self.now)
            else:
                self._waiting = bundles.waiting_for(self.session, self.notice.id, self.now)

    def plan(self, groups: Iterable[Group]) -> None:
        """Put the endpoints of ``groups`` where they belong: a batch, a bundle, or nowhere."""
        for group in groups:
            if self.house.channels(group.channel).PULL:
                continue
            self._count(group.channel, "meant", len(group.ids))
            for paused_until, ids in self._by_pause(group).items():
                self._place(group, habits(group.quiet, paused_until, self.town["zone"]), ids)
        self._store()

    def _count(self, channel: str, name: str, count: int) -> None:
        self.counts[name] += count
        self.channels[channel, name] += count

    def _by_pause(self, group: Group) -> dict[datetime | None, Collection[int]]:
        """Take out who muted this, hears of it in a bundle or elsewhere; sort the others by the end of their pause."""
        if not (self.muted or self._waiting or self.meant.paused or self.doubles.told):
            return {None: group.ids}
        rest = set(group.ids)
        self._count(group.channel, "muted", len(rest & self.muted))
        rest -= self.muted
        self._count(group.channel, "bundled", len(rest & self._waiting))
        rest -= self._waiting
        self._count(group.channel, "doubled", len(rest & self.doubles.told))
        rest -= self.doubles.told
        return {**by_pause(rest, self.meant.paused)}

    def _place(self, group: Group, of_them: Habits, ids: Collection[int]) -> None:
        at = due(of_them, self.notice.severity, self.now, self.until)
        if at is None:
            self._count(group.channel, "lapsed", len(ids))
            return
        if ids and self.change is Change.NEW and not self.urgent and self.house.burst:
            ids = self._parted(group, of_them, ids, at)
        self._at[group.channel, group.service, at].extend(sorted(ids))  # type: ignore[attr-defined]

    def _parted(self, group: Group, of_them: Habits, ids: Collection[int], at: datetime) -> Collection[int]:
        """Let who heard news a moment ago wait for more; returns whom nothing keeps waiting."""
        window, key = self.house.burst, (group.channel, group.service)
        told = bundles.recent(self.session, self.town["id"], key, at - window, self.now)
        if not told:
            return ids
        parts = part(set(ids), told, at, window, self.until)
        alone = set(parts.alone)
        for batch_id, joining in parts.join.items():
            bundles.put(self.session, batch_id, self.notice.id, self.row["revision"], joining)
            self._count(group.channel, "bundled", len(joining))
        for end, beginning in parts.begin.items():
            later = due(of_them, self.notice.severity, end, self.until)  # the window may end in quiet hours
            if later is None:
                alone |= beginning
            else:
                self._bundles[*key, later] |= beginning
        return alone

    def _store(self) -> None:
        if self.doubles.twins:
            self.doubles.drop_entries({one for ids in (*self._at.values(), *self._bundles.values()) for one in ids})
        shared = {"notice_id": self.notice.id, "revision": self.row["revision"], "seen_at": self.seen_at}
        values = shared | {"change": self.change, "valid_until": self.until}
        enqueue(self.house, self.session, self.town["id"], self._at,
                values | {"lane": lane(self.change, self.notice.severity)})  # fmt: skip
        for (channel, service, at), ids in sorted(self._bundles.items()):
            later = {"notice_id": None, "revision": 0, "change": Change.BUNDLE, "valid_until": at + NEWS_LIVES,
                     "lane": Lane.NORMAL, "seen_at": self.seen_at}  # fmt: skip
            made = enqueue(self.house, self.session, self.town["id"], {(channel, service, at): sorted(ids)}, later)
            for batch_id, members in made:
                bundles.put(self.session, batch_id, self.notice.id, self.row["revision"], set(members))
            self._count(channel, "bundled", len(ids))


def silenced(session: Session, town: RowMapping, notice: Notice, places: Collection[str], now: datetime) -> set[int]:
    """Return the endpoints that muted this notice."""
    return mutes.silenced(session, town["id"], matter(notice, places), now)


def enqueue(
    house: House, session: Session, municipality: str, groups: Groups, values: Mapping[str, Any]
) -> list[tuple[int, Collection[int]]]:
    """Store batches of at most 500 per channel, service and due time in one statement, and wake a job for each.

    The first of each group go first. Returns the id and the endpoints of each.
    """
    now = house.now()
    cuts = sorted(
        ((cut.start, key, ids[cut]) for key, ids in groups.items() for cut in slices(len(ids), values["lane"])),  # type: ignore[index]
        key=itemgetter(0, 1),
    )
    rows = [
        {**values, "channel": channel, "service": service, "due_at": at, "ids": ids}
        for _start, (channel, service, at), ids in cuts
    ]
    made = batches.add_many(session, municipality, rows, now)
    reached("publish.batches-added")
    for batch_id, row in zip(made, rows, strict=True):
        later = row["due_at"] if row["due_at"] > now else None
        house.engine.defer(session, "deliver", str(batch_id), lane=values["lane"], at=later)
    return [(batch_id, row["ids"]) for batch_id, row in zip(made, rows, strict=True)]
