"""Bursts: of many notices within minutes the first disturbs at once, the others come together a little later. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Told:
    """News that goes or went to ``ids`` at ``at``; ``waiting``: a bundle, by its batch, that can still be joined."""

    batch: int
    at: datetime
    ids: AbstractSet[int]
    waiting: bool = False


@dataclass(frozen=True, slots=True)
class Parting:
    """What becomes of recipients: told ``alone``, or by a waiting bundle that they ``join``, or by one that begins."""

    alone: AbstractSet[int]
    join: dict[int, AbstractSet[int]] = field(default_factory=dict)  # by batch
    begin: dict[datetime, AbstractSet[int]] = field(default_factory=dict)  # by the end of the window


def part(ids: AbstractSet[int], told: Sequence[Told], at: datetime, window: timedelta, until: datetime) -> Parting:
    """Decide for each of ``ids``, who may be told at ``at``, what their last news within ``window`` asks for.

    What would be over (``until``) before a bundle goes out is told alone.
    """
    rest = ids
    join: dict[int, AbstractSet[int]] = {}
    begin: dict[datetime, AbstractSet[int]] = {}
    for one in told:
        found = rest & one.ids if one.waiting and at < one.at <= at + window and one.at < until else set()
        if found:
            join[one.batch] = found
            rest = rest - found
    for one in sorted(told, key=lambda one: one.at, reverse=True):
        end = one.at + window
        found = rest & one.ids if at - window < one.at <= at and end < until else set()
        if found:
            begin[end] = begin.get(end, set()) | found
            rest = rest - found
    return Parting(rest, join, begin)
