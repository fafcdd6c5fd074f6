"""When a person's choices lapse, and when a device's push subscription is about to end (F39, I18). Pure."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

DORMANT = timedelta(days=365)  # without a sign of life: no delivery that succeeded, no calendar read, no visit
GRACE = timedelta(days=30)  # from the warning to the end
COARSE = timedelta(days=30)  # signs of life are kept no finer than this, so that most of them write nothing
OURS = timedelta(days=7)  # a longer silence of the hub itself is nobody's dormancy
ENDS_SOON = timedelta(days=7)  # so long before its end a device is told


class Turn(StrEnum):
    """What is due for a person."""

    NOTHING = "nothing"
    WARN = "warn"
    END = "end"


def turn(alive_at: datetime, warned_at: datetime | None, now: datetime) -> Turn:
    """Return what is due: warned once after :data:`DORMANT`, ended :data:`GRACE` later unless there was a sign of life.

    ``alive_at``: the last sign of life; ``warned_at``: when they were warned that everything will be deleted.
    """
    if now - alive_at < DORMANT:
        return Turn.NOTHING
    if warned_at is None or warned_at < alive_at:
        return Turn.WARN
    return Turn.END if now - warned_at >= GRACE else Turn.NOTHING


def ends_soon(expires_at: datetime | None, told_at: datetime | None, now: datetime) -> bool:
    """Whether a device must be told now that its push subscription ends at ``expires_at``; once."""
    return expires_at is not None and told_at is None and now < expires_at <= now + ENDS_SOON
