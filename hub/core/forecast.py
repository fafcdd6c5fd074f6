"""Forecast: how many messages a choice would have brought, as a figure that people can weigh. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from hub.core.past import Chosen, Script
from hub.core.rehearsal import rehearse

LOOKS_BACK = timedelta(days=365)
_MONTH = timedelta(days=365) / 12
_SHORT = timedelta(days=60)  # of less history no rate is made
_SELDOM = 0.75  # messages a month below which they are counted by the year


class Sort(StrEnum):
    """How a figure is told."""

    NONE = "none"  # nothing came in the time looked at
    MONTHLY = "monthly"  # about ``count`` a month
    YEARLY = "yearly"  # about ``count`` a year
    SINCE = "since"  # too little is known for a rate: ``count`` in all


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure: ``count`` messages in the words of ``sort``; ``total`` came from ``since`` on."""

    sort: Sort
    count: int
    total: int
    since: datetime


def begins(known_since: datetime, now: datetime) -> datetime:
    """Return from when on messages are counted: twelve months back, or as far as is known."""
    return max(known_since, now - LOOKS_BACK)


def forecast(chosen: Chosen, script: Script, since: datetime, now: datetime) -> dict[str, int]:
    """Return by channel how many messages ``chosen`` would have brought between ``since`` and ``now``."""
    sent = rehearse(chosen, script, now)
    return {name: count for name, times in sent.items() if (count := sum(since <= one for one in times))}


def figure(total: int, since: datetime, now: datetime) -> Figure:
    """Return what to say of ``total`` messages since ``since``."""
    span = now - since
    if not total:
        return Figure(Sort.NONE, 0, 0, since)
    if span < _SHORT:
        return Figure(Sort.SINCE, total, total, since)
    monthly = total * (_MONTH / span)
    if monthly >= _SELDOM:
        return Figure(Sort.MONTHLY, round(monthly) or 1, total, since)
    return Figure(Sort.YEARLY, round(monthly * 12) or 1, total, since)


def is_whole(since: datetime, now: datetime) -> bool:
    """Whether twelve months are known (a few days of a new installation do not matter)."""
    return now - since >= LOOKS_BACK - timedelta(days=3)


def added(counts: Sequence[Mapping[str, int]]) -> dict[str, int]:
    """Return the sum of several counts by channel: of places in different municipalities."""
    return {name: sum(one.get(name, 0) for one in counts) for name in sorted({each for one in counts for each in one})}
