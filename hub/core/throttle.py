"""Growing delays between failed tries (A-01). Pure.

Nobody is ever locked out for good: the delay has an end, and it is counted by account and network, so a stranger
who tries an account's password from elsewhere does not keep a device waiting that the person has signed in with.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

FIRST, LONGEST = timedelta(seconds=2), timedelta(minutes=15)
FORGETS = timedelta(hours=24)  # without a try, after which nothing is counted any more
FREE: Mapping[str, int] = {"account": 4, "device": 6, "code": 4, "network": 30, "letter": 3}
_DOUBLINGS = 10  # beyond that the delay has its longest anyway


@dataclass(frozen=True, slots=True)
class Tries:
    """How many tries failed so far, when the last one was, and until when no other is looked at."""

    count: int
    last_at: datetime
    until: datetime


def sort_of(name: str) -> str:
    """Return what a counter counts: the part of its name before the colon."""
    return name.partition(":")[0]


def delay(sort: str, count: int) -> timedelta:
    """Return how long to wait after the ``count``-th failed try: nothing at first, then twice as long each time."""
    beyond = count - FREE[sort]
    return min(LONGEST, FIRST * 2 ** min(beyond - 1, _DOUBLINGS)) if beyond > 0 else timedelta(0)


def tried(sort: str, before: Tries | None, now: datetime) -> Tries:
    """Return the counter with one more try at ``now``."""
    count = 1 if before is None or now - before.last_at >= FORGETS else before.count + 1
    return Tries(count, now, now + delay(sort, count))


def waits(before: Tries | None, now: datetime) -> timedelta:
    """Return how long to wait until a try is looked at; nothing if it is now."""
    return max(timedelta(0), before.until - now) if before is not None else timedelta(0)
