"""The desk of a club: one topic, a level of trust, a daily limit, time for the town hall to say no. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from hub.core.notice import Severity

MOST_PER_DAY = 20
LONGEST_VETO = timedelta(days=7)


class Trust(StrEnum):
    """What becomes of what a club writes."""

    HELD = "held"  # waits for an editor's word
    DELAYED = "delayed"  # goes out when the time for a veto is over
    DIRECT = "direct"  # goes out at once


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a club desk may do: write in ``topic``, at most ``per_day`` notices in 24 hours; ``veto`` if delayed."""

    topic: str
    trust: Trust = Trust.HELD
    per_day: int = 2
    veto: timedelta = timedelta(hours=4)

    def __post_init__(self) -> None:
        """Refuse bounds that bound nothing."""
        if not self.topic or not 1 <= self.per_day <= MOST_PER_DAY:
            raise ValueError("a club desk has a topic and between 1 and 20 notices a day")
        if not timedelta(0) < self.veto <= LONGEST_VETO:
            raise ValueError("the time for a veto is at most seven days")


class Verdict(StrEnum):
    """What becomes of one notice."""

    REFUSED_TOPIC = "refused-topic"
    REFUSED_SEVERITY = "refused-severity"  # a club warns nobody
    REFUSED_LIMIT = "refused-limit"
    HELD = "held"
    LATER = "later"
    NOW = "now"


@dataclass(frozen=True, slots=True)
class Course:
    """The verdict, and when a notice goes out if nobody objects (only with ``LATER``)."""

    verdict: Verdict
    at: datetime | None = None


def course(bounds: Bounds, topic: str, severity: Severity, *, within_a_day: int, now: datetime) -> Course:
    """Return what becomes of a club's notice; ``within_a_day``: how many of its notices went out in 24 hours."""
    if topic != bounds.topic:
        return Course(Verdict.REFUSED_TOPIC)
    if severity > Severity.UNKNOWN:
        return Course(Verdict.REFUSED_SEVERITY)
    if within_a_day >= bounds.per_day:
        return Course(Verdict.REFUSED_LIMIT)
    if bounds.trust is Trust.DELAYED:
        return Course(Verdict.LATER, now + bounds.veto)
    return Course(Verdict.NOW if bounds.trust is Trust.DIRECT else Verdict.HELD)


def to_json(bounds: Bounds) -> dict[str, Any]:
    """Return bounds as they are stored."""
    hours = bounds.veto / timedelta(hours=1)
    return {"topic": bounds.topic, "trust": bounds.trust.value, "per_day": bounds.per_day, "veto_hours": hours}


def from_json(data: Mapping[str, Any]) -> Bounds:
    """Return bounds as they were stored."""
    veto = timedelta(hours=data["veto_hours"])
    return Bounds(str(data["topic"]), Trust(data["trust"]), int(data["per_day"]), veto)
