"""Whom a draft would reach, told so that no single person can be made out (I13). Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

LEAST = 5  # people; of fewer nothing is said but that they are fewer
_STEPS = ((50, 5), (500, 10), (5_000, 50))  # below the first, in steps of the second
_WIDEST = 100


@dataclass(frozen=True, slots=True)
class Count:
    """How many ``people`` are reached, on how many ways (devices, addresses, calendars)."""

    people: int
    ways: int


@dataclass(frozen=True, slots=True)
class Way:
    """What happens on a channel (``hub.core.subscription.Action``); ``about`` 0: fewer than five people."""

    channel: str
    action: str
    about: int


@dataclass(frozen=True, slots=True)
class Part:
    """How many people a place brings; 0: fewer than five."""

    name: str
    about: int


@dataclass(frozen=True, slots=True)
class Reach:
    """Whom a draft reaches; all numbers are coarse, 0 stands for fewer than five people."""

    people: int
    ways: tuple[Way, ...] = ()
    parts: tuple[Part, ...] = ()
    shared: int = 0  # municipalities that are told


def coarse(number: int) -> int:
    """Return a number that one person more or less rarely changes: 0 below five, else rounded down to a step."""
    if number < LEAST:
        return 0
    step = next((step for below, step in _STEPS if number < below), _WIDEST)
    return number // step * step


def way(channel: str, action: str, count: Count) -> Way:
    """Return a way of which fewer than five people are never told, however many devices they have."""
    return Way(channel, action, coarse(count.ways) if count.people >= LEAST else 0)


def reach(people: int, ways: Sequence[Way], parts: Sequence[Part], towns: int) -> Reach:
    """Put a reach together; below five people nothing is broken down, or the parts would say who they are."""
    if people < LEAST:
        return Reach(0, shared=towns)
    return Reach(coarse(people), tuple(ways), tuple(parts), towns)
