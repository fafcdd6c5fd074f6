"""What follows from an outcome: done, again later, never, or the endpoint is gone (promises 7, 15)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from hub.core.message import Outcome, Result

MOST_ATTEMPTS = 12
_FIRST_WAIT = 15.0  # seconds
_LONGEST_WAIT = 3600.0


class Verdict(StrEnum):
    """Where a delivery stands after one attempt."""

    SENT = "sent"
    RETRY = "retry"
    FAILED = "failed"
    GONE = "gone"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Settled:
    """The verdict; ``retry_at`` only with ``RETRY``."""

    verdict: Verdict
    retry_at: datetime | None = None
    detail: str = ""


def backoff(attempts: int, jitter: float) -> float:
    """Return seconds to wait after ``attempts`` tries; ``jitter`` in [0, 1) spreads the herd over half the wait."""
    wait = min(_LONGEST_WAIT, _FIRST_WAIT * 2.0 ** min(attempts - 1, 16))
    return wait * (0.5 + jitter / 2)


def settle(
    outcome: Outcome,
    attempts: int,
    now: datetime,
    until: datetime,
    *,
    jitter: float = 0.5,
) -> Settled:
    """Decide what ``outcome`` of try number ``attempts`` (from 1) means for a delivery of use until ``until``."""
    if outcome.result is Result.SENT:
        return Settled(Verdict.SENT)
    if outcome.result is Result.GONE:
        return Settled(Verdict.GONE, detail=outcome.detail)
    if outcome.result is Result.FAILED:
        return Settled(Verdict.FAILED, detail=outcome.detail)
    if attempts >= MOST_ATTEMPTS:
        return Settled(Verdict.FAILED, detail=f"given up after {attempts} tries: {outcome.detail}")
    wait = max(outcome.retry_after or 0.0, backoff(attempts, jitter))
    at = now + timedelta(seconds=wait)
    if at >= until:
        return Settled(
            Verdict.EXPIRED,
            detail=f"no longer of use at the next try: {outcome.detail}",
        )
    return Settled(Verdict.RETRY, at, outcome.detail)
