"""The past of a municipality as a rehearsal plays it, and the choice that it is played for. Pure."""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from functools import cached_property

from hub.core.changes import KnownDate, Moved
from hub.core.message import Change
from hub.core.notice import Notice, Position, Status
from hub.core.schedule import EVERY_DAY
from hub.core.subscription import Action, Criteria


@dataclass(frozen=True, slots=True)
class Past:
    """One revision as it was stored ``at`` a time; ``announce``: it had a word. ``centre``: where it is, if no more.

    ``town`` is the id of its municipality, and ``twin`` equal in all that say the same (``hub.core.twins``).
    """

    at: datetime
    notice: Notice
    revision: int
    change: Change
    announce: bool
    places: tuple[str, ...] = ()
    centre: Position | None = None
    moved: tuple[Moved, ...] = ()
    town: str = ""
    twin: str = ""


@dataclass(frozen=True, slots=True)
class Chosen:
    """A choice: criteria with what happens on which channel (channel, action, lead), and when digests come.

    ``towns`` are the municipalities that the wishes are for, one each; empty: all there is.
    """

    wishes: Sequence[tuple[Criteria, Sequence[tuple[str, Action, str]]]]
    zone: str
    digest_at: time = time(7)
    digest_days: str = EVERY_DAY
    burst: timedelta = timedelta(0)
    towns: Sequence[str] = ()


@dataclass(frozen=True)
class Script:
    """All that happened: revisions in the order of their times, and each notice's dates as they stand at its end."""

    past: Sequence[Past]
    dates: Mapping[str, Sequence[KnownDate]]

    @cached_property
    def moves(self) -> Mapping[str, Sequence[tuple[int, Moved]]]:
        """By notice the moves of its dates, each with its revision, in their order."""
        found: dict[str, list[tuple[int, Moved]]] = defaultdict(list)
        for one in self.past:
            found[one.notice.id] += [(one.revision, move) for move in one.moved]
        return dict(found)

    def standing(self, history: Sequence[Past]) -> Iterator[KnownDate]:
        """Yield the dates of a notice as they stood after its revisions in ``history``: later moves are taken back."""
        last = history[-1]
        known = {each.key for one in history for each in one.notice.occurrences}
        for one in self.dates.get(last.notice.id, ()):
            moves = [(number, move) for number, move in self.moves.get(last.notice.id, ()) if move.slot == one.slot]
            later = next((move.before for number, move in moves if number > last.revision), None)
            earlier = [move.after for number, move in moves if number <= last.revision]
            then = later or (earlier[-1] if earlier else replace(one.occurrence, status=Status.ACTIVE))
            if last.notice.status is Status.CANCELLED:
                then = replace(then, status=Status.CANCELLED)
            if one.slot in known or one.occurrence.key in known:
                yield replace(one, occurrence=then)


def together(scripts: Sequence[Script]) -> Script:
    """Return what happened in several municipalities, in the order of its times."""
    if len(scripts) == 1:
        return scripts[0]
    past = heapq.merge(*(one.past for one in scripts), key=lambda one: one.at)
    return Script(list(past), {notice: dates for one in scripts for notice, dates in one.dates.items()})
