"""Who gets what when: lanes, due times and how long a delivery is of use (promises 6, 7)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from itertools import pairwise

from hub.core.message import Change
from hub.core.notice import Notice, Severity
from hub.core.schedule import after_quiet

BATCH = 500  # recipients in one batch
OPENING = 25  # recipients in the first batch of an emergency: when towns take turns, each is heard soon (F-04)
NEWS_LIVES = timedelta(days=3)
WARNING_LIVES = timedelta(hours=24)  # a warning without an end (CAP 1.2: expires is optional)


class Lane(StrEnum):
    """Who overtakes whom. The order of the members is the order of service."""

    EMERGENCY = "emergency"
    TRANSACTIONAL = "transactional"
    NORMAL = "normal"
    DIGEST = "digest"
    GATHER = "gather"  # waits for strangers' servers, in threads of its own


@dataclass(frozen=True, slots=True)
class Habits:
    """When a subscriber may be disturbed. ``quiet`` is local wall time, ``paused_until`` UTC."""

    zone: str
    quiet: tuple[time, time] | None = None
    paused_until: datetime | None = None


def lane(change: Change, severity: Severity) -> Lane:
    """Return the lane of a message."""
    if change in (Change.CONFIRM, Change.TEST, Change.RESCUE, Change.EXPIRY, Change.LINK, Change.ADDRESS):
        return Lane.TRANSACTIONAL
    if change in (Change.DIGEST, Change.MONTHLY, Change.LAPSE):
        return Lane.DIGEST
    return Lane.EMERGENCY if severity >= Severity.SEVERE else Lane.NORMAL


def slices(count: int, of: Lane) -> list[slice]:
    """Return how ``count`` recipients are cut into batches; an emergency opens with a short one."""
    opening = min(count, OPENING) if of == Lane.EMERGENCY else 0
    cuts = [0, *range(opening, count, BATCH), count] if opening else [*range(0, count, BATCH), count]
    return [slice(start, end) for start, end in pairwise(cuts) if start < end]


def valid_until(notice: Notice, change: Change, now: datetime) -> datetime:
    """Return when telling ``notice`` is of no more use. A withdrawal is worth telling for a day at least."""
    lives = WARNING_LIVES if notice.severity > Severity.UNKNOWN else NEWS_LIVES
    if change is Change.WITHDRAWN:
        return max(notice.expires or now, now + WARNING_LIVES)
    if notice.series:
        return now + NEWS_LIVES
    return notice.expires or now + lives


def due(habits: Habits, severity: Severity, now: datetime, until: datetime) -> datetime | None:
    """Return when a message may reach this subscriber, or ``None`` if it would be over by then.

    Severe and extreme messages break quiet hours and pauses.
    """
    if severity >= Severity.SEVERE:
        return now
    at = max(now, habits.paused_until or now)
    at = after_quiet(at, habits.quiet, habits.zone)
    return at if at < until else None
