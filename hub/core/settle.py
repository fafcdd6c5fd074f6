"""What follows from an outcome: done, again later, never, or the endpoint is gone (promises 7, 15)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from hub.core.message import Outcome, Result

MOST_ATTEMPTS = 12
DEAD_AFTER = timedelta(days=14)  # of nothing but failures (W-06)
MARKED = "marked: "  # how the detail of an answer begins that refuses our identification: the watch counts them (W-04)
_FIRST_WAIT = 15.0  # seconds
_LONGEST_WAIT = 3600.0


class Verdict(StrEnum):
    """Where a delivery stands after one attempt."""

    SENT = "sent"
    RETRY = "retry"
    MARKED = "marked"  # again later, but the fault is in our keys or clock: the operator is told
    FAILED = "failed"
    GONE = "gone"
    EXPIRED = "expired"
    SUPPRESSED = "suppressed"  # left meanwhile, or nothing left to say


WAITS = frozenset({Verdict.RETRY, Verdict.MARKED})


@dataclass(frozen=True, slots=True)
class Settled:
    """The verdict; ``retry_at`` only with those that wait. ``tried``: whether it counts as a try of this recipient."""

    verdict: Verdict
    retry_at: datetime | None = None
    detail: str = ""
    tried: bool = True


SENT = Settled(Verdict.SENT)


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
    """Decide what ``outcome`` of try number ``attempts`` (from 1) means for a delivery of use until ``until``.

    Where the service asked for a pause (``retry_after``), nothing was tried: such a recipient is never given up.
    """
    if outcome.result is Result.SENT:
        return SENT
    if outcome.result is Result.GONE:
        return Settled(Verdict.GONE, detail=outcome.detail)
    if outcome.result is Result.FAILED:
        return Settled(Verdict.FAILED, detail=outcome.detail)
    if outcome.result is Result.MARKED:
        outcome = replace(outcome, detail=MARKED + outcome.detail)
    asked = outcome.result is Result.RETRY and outcome.retry_after is not None
    if attempts >= MOST_ATTEMPTS and not asked:
        return Settled(Verdict.FAILED, detail=f"given up after {attempts} tries: {outcome.detail}")
    wait = max(outcome.retry_after or 0.0, backoff(attempts, jitter))
    at = now + timedelta(seconds=wait)
    if at >= until:
        return Settled(
            Verdict.EXPIRED,
            detail=f"no longer of use at the next try: {outcome.detail}",
        )
    verdict = Verdict.MARKED if outcome.result is Result.MARKED else Verdict.RETRY
    return Settled(verdict, at, outcome.detail, tried=not asked)


def is_trouble(outcome: Outcome) -> bool:
    """Whether ``outcome`` speaks against the endpoint itself, not against us (401, 403) or for a pause of all."""
    if outcome.result is Result.RETRY:
        return outcome.retry_after is None
    return outcome.result is Result.FAILED and outcome.status > 0


def is_dead(settled: Settled, troubled_since: datetime | None, now: datetime) -> bool:
    """Whether an endpoint that only failed for 14 days, and now fails for good once more, is to be ended (W-06)."""
    ended = settled.verdict in (Verdict.FAILED, Verdict.EXPIRED)
    return ended and troubled_since is not None and now - troubled_since >= DEAD_AFTER
