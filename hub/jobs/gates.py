"""Gates: whether the service of a batch may be used now, and what our experience with it means to all workers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog
from sqlalchemy import RowMapping
from sqlalchemy.orm import Session

from hub.core import circuit
from hub.core.circuit import Gate, Service
from hub.core.fanout import Lane
from hub.jobs.house import House
from hub.store import services

_SPREAD = 10.0  # seconds over which those who waited for a pause come back

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Pass:
    """What a batch may do: ``pace`` recipients a second (0: any number), or wait ``until``; ``stands``: as read."""

    gate: Gate = Gate.OPEN
    pace: int = 0
    until: datetime | None = None
    stands: Service | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """What a round saw of its service: ``failures`` in a row, a pause ``asked`` for, hand-overs a second."""

    failures: int = 0
    asked: float | None = None
    rate: float = 0.0


def enter(house: House, session: Session, batch: RowMapping) -> Pass:
    """Return whether this claim may use the service; who gets a limited one has its rate for so long as it needs."""
    now, key = house.now(), (batch["channel"], batch["service"])
    stands = services.get(session, *key)
    if batch["valid_until"] <= now or (stands is None and not house.rate):
        return Pass(stands=stands)
    stands = stands or Service()
    way = circuit.gate(stands, now)
    if way is Gate.WAIT:
        return Pass(Gate.WAIT, until=spread(house, stands.paused_until or now, batch))
    if way is Gate.PROBE:
        until = now + circuit.PATIENCE
        if services.take_probe(session, *key, stands, until):
            return Pass(Gate.PROBE, stands=replace(stands, paused_until=until))
        return Pass(Gate.WAIT, until=spread(house, until, batch))
    return _paced(house, session, batch, stands)


def _paced(house: House, session: Session, batch: RowMapping, stands: Service) -> Pass:
    now, pace = house.now(), circuit.pace(stands, house.rate)
    if not pace:
        return Pass(stands=stands)
    stands = services.get(session, batch["channel"], batch["service"], locked=True) or stands
    left = max(1, batch["size"] - batch["cursor"])
    reserved = circuit.reserve(stands, left, pace, now)
    if reserved is None:
        return Pass(Gate.WAIT, until=spread(house, stands.free_at or now, batch))
    services.put(session, batch["channel"], batch["service"], reserved, now)
    return Pass(pace=pace, stands=reserved)


def spread(house: House, at: datetime, batch: RowMapping | None = None) -> datetime:
    """Return ``at`` and a little more, so that not all come back at once; an emergency comes at once."""
    if batch is not None and batch["lane"] == Lane.EMERGENCY:
        return at
    return at + timedelta(seconds=_SPREAD * house.jitter())


def worked(house: House, session: Session, batch: RowMapping, way: Pass) -> None:
    """Note that a service works; nothing is written where nothing was wrong."""
    if way.stands is None or not (way.stands.failures or way.stands.paused_until or way.stands.rate):
        return
    stands = services.get(session, batch["channel"], batch["service"], locked=True)
    if stands is not None:
        after = circuit.worked(stands)
        if after != stands:
            services.put(session, batch["channel"], batch["service"], after, house.now())
        if stands.failures >= circuit.OPENS_AFTER:
            log.info("service works again", channel=batch["channel"], service=batch["service"])


def shut(house: House, session: Session, batch: RowMapping, seen: Seen) -> Pass:
    """Pause a service that asked for it, or failed too often in a row; returns until when a batch of it waits."""
    now = house.now()
    stands = services.get(session, batch["channel"], batch["service"], locked=True) or Service()
    if seen.asked is not None:
        after = circuit.asked(stands, seen.asked, seen.rate, now, house.jitter())
    else:
        after = circuit.opened(stands, seen.failures, now, house.jitter())
    services.put(session, batch["channel"], batch["service"], after, now)
    log.warning(
        "service paused", channel=batch["channel"], service=batch["service"], until=after.paused_until,
        failures=after.failures, rate=after.rate,
    )  # fmt: skip
    return Pass(Gate.WAIT, until=spread(house, after.paused_until or now, batch), stands=after)
