"""When a push service or mail server may be spoken to: pauses, one probe after an outage, and how fast (F-05, W-05).

closed -> open after failures in a row, or when the other side asks for a pause -> half-open: one probe -> closed, at a
slow rate that rises. Shared by all workers through the table ``service``.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from hub.core.message import Outcome, Result

OPENS_AFTER = 10  # failures in a row
PATIENCE = timedelta(seconds=20)  # with a probe; then another may try
FULL_RATE = 10_000  # hand-overs a second from which on a service is not limited: FCM's documented 600,000 a minute
_SLOW_START = 50
_FIRST_PAUSE, _LONGEST_PAUSE = 15.0, 300.0  # seconds
_SERVER_FAULT = 500  # RFC 9110, 15.6
_SLOW_DOWN = frozenset({421, 429})  # RFC 5321, 3.8; RFC 6585, 4


class Gate(StrEnum):
    """What a worker may do with a service."""

    OPEN = "open"
    WAIT = "wait"
    PROBE = "probe"  # one recipient, and nobody else meanwhile


@dataclass(frozen=True, slots=True)
class Service:
    """How a service stands. ``failures`` in a row; ``rate`` hand-overs a second at most, 0: not limited.

    ``free_at``: until when its rate is promised to batches that are under way.
    """

    paused_until: datetime | None = None
    failures: int = 0
    rate: int = 0
    free_at: datetime | None = None


def gate(service: Service, now: datetime) -> Gate:
    """Return what may be done at ``now``."""
    if service.paused_until is not None and service.paused_until > now:
        return Gate.WAIT
    return Gate.PROBE if service.failures >= OPENS_AFTER else Gate.OPEN


def is_down(outcome: Outcome) -> bool:
    """Whether an outcome says that the service as a whole does not work: no answer, or a fault of its own."""
    return outcome.result is Result.RETRY and (
        outcome.status == 0 or outcome.status >= _SERVER_FAULT or outcome.status in _SLOW_DOWN
    )


def opened(service: Service, failures: int, now: datetime, jitter: float) -> Service:
    """Return the service after ``failures`` more failures in a row; from the tenth on its pause doubles each time.

    ``jitter`` in [0, 1) spreads the workers over half the pause.
    """
    if service.failures >= OPENS_AFTER:
        total = service.failures + 1  # the probe failed
    else:
        total = service.failures + failures
        if total < OPENS_AFTER:
            return replace(service, failures=total)
        total = OPENS_AFTER
    wait = min(_LONGEST_PAUSE, _FIRST_PAUSE * 2.0 ** min(total - OPENS_AFTER, 16)) * (0.5 + jitter / 2)
    return replace(service, failures=total, paused_until=_later(service, now + timedelta(seconds=wait)))


def asked(service: Service, seconds: float, seen: float, now: datetime, jitter: float) -> Service:
    """Return the service after it asked for a pause of ``seconds``; its rate, else ``seen``, halves.

    Never earlier than asked; ``jitter`` adds up to a tenth.
    """
    rate = max(1, int((service.rate or min(seen, FULL_RATE)) / 2))
    at = now + timedelta(seconds=seconds * (1 + jitter / 10))
    return replace(service, rate=rate, paused_until=_later(service, at))


def worked(service: Service) -> Service:
    """Return the service after a round without trouble: closed, and a tenth faster than before."""
    if service.failures >= OPENS_AFTER:
        return replace(service, failures=0, paused_until=None, rate=min(service.rate or _SLOW_START, _SLOW_START))
    rate = service.rate + max(1, service.rate // 10) if service.rate else 0
    return replace(service, failures=0, paused_until=None, rate=rate if rate < FULL_RATE else 0)


def pace(service: Service | None, most: int) -> int:
    """Return how many hand-overs a second are allowed, 0 for any number; ``most`` is the operator's limit, 0: none."""
    limits = [one for one in (service.rate if service else 0, most) if one]
    return min(limits, default=0)


def reserve(service: Service, count: int, rate: int, now: datetime) -> Service | None:
    """Promise ``rate`` to a batch of ``count`` from now on; ``None`` while others have it."""
    if service.free_at is not None and service.free_at > now:
        return None
    return replace(service, free_at=now + timedelta(seconds=count / rate))


def _later(service: Service, at: datetime) -> datetime:
    return max(at, service.paused_until) if service.paused_until is not None else at
