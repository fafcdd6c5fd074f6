"""How long a sign-in lasts (A-02). Pure; OWASP Session Management and NIST SP 800-63B-4, 2.2.3."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

IDLE = timedelta(minutes=30)
ABSOLUTE = timedelta(hours=12)
UNFINISHED = timedelta(minutes=10)  # between the password and the second factor
FRESH = timedelta(minutes=10)  # in which nobody is asked again who they are
SEEN = timedelta(minutes=1)  # no sign of life is written more often


class Stage(StrEnum):
    """How far a sign-in has come."""

    HALF = "half"  # the password was right, the second factor is due
    BARE = "bare"  # signed in, and no second factor is set up yet: nothing but setting one up is open
    WHOLE = "whole"


def is_alive(stage: Stage, created_at: datetime, seen_at: datetime, now: datetime) -> bool:
    """Whether a sign-in still holds."""
    if stage is Stage.HALF:
        return now - created_at < UNFINISHED
    return now - created_at < ABSOLUTE and now - seen_at < IDLE


def is_fresh(proved_at: datetime, now: datetime) -> bool:
    """Whether somebody proved who they are a moment ago: what is dangerous wants that."""
    return now - proved_at < FRESH
