"""Canaries: our own recipients, one per municipality and channel, and what became of the last message to each."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import RowMapping, delete, func, literal, select, update
from sqlalchemy.orm import Session

from hub.core.desk import CANARY
from hub.store import footfall
from hub.store.schema import canary as table
from hub.store.schema import notice, subscriber


def listed(session: Session, municipality: str = "") -> Sequence[RowMapping]:
    """Return all canaries, or those of one municipality."""
    query = select(table).order_by(table.c.municipality_id, table.c.channel)
    return (
        session.execute(query.where(table.c.municipality_id == municipality) if municipality else query)
        .mappings()
        .all()
    )


def of_endpoint(session: Session, endpoint_id: int) -> RowMapping | None:
    """Return the canary that listens at an endpoint."""
    return session.execute(select(table).where(table.c.endpoint_id == endpoint_id)).mappings().one_or_none()


def person(session: Session, municipality: str) -> RowMapping | None:
    """Return the subscriber that a municipality's canaries are."""
    query = select(subscriber).where(subscriber.c.municipality_id == municipality, subscriber.c.canary)
    return session.execute(query.order_by(subscriber.c.id).limit(1)).mappings().one_or_none()


def add(session: Session, municipality: str, channel: str, endpoint_id: int) -> None:
    """Store a new canary."""
    session.execute(table.insert().values(municipality_id=municipality, channel=channel, endpoint_id=endpoint_id))


def remove(session: Session, municipality: str, channel: str) -> None:
    """Forget a canary."""
    session.execute(delete(table).where(table.c.municipality_id == municipality, table.c.channel == channel))


def set_out(session: Session, municipality: str, notice_id: str, now: datetime) -> None:
    """Write that a municipality's canaries set out; since when they do not arrive stays known."""
    footfall.add(
        session, municipality, now, {f"canary.{one['channel']}.sent": 1 for one in listed(session, municipality)}
    )
    since = func.coalesce(table.c.waits_since, literal(now, table.c.waits_since.type))
    session.execute(
        update(table)
        .where(table.c.municipality_id == municipality)
        .values(asked_at=now, notice_id=notice_id, waits_since=since)
    )


def proved(session: Session, endpoint_id: int, how: str, now: datetime) -> None:
    """Write that the message to an endpoint arrived, and ``how``; the first arrival of one counts."""
    row = of_endpoint(session, endpoint_id)
    if row is None or row["asked_at"] is None or (row["proved_at"] is not None and row["proved_at"] >= row["asked_at"]):
        return
    took = max(timedelta(), now - row["asked_at"])
    footfall.add(session, row["municipality_id"], now, {f"canary.{row['channel']}.arrived": 1})
    session.execute(
        update(table)
        .where(table.c.endpoint_id == endpoint_id)
        .values(proved_at=now, milliseconds=int(took.total_seconds() * 1000), how=how, fault="", waits_since=None)
    )


def failed(session: Session, endpoint_id: int, fault: str) -> None:
    """Write why a message did not arrive."""
    session.execute(update(table).where(table.c.endpoint_id == endpoint_id).values(fault=fault[:500]))


def overdue(session: Session, before: datetime) -> Sequence[RowMapping]:
    """Return the canaries of which none has arrived that set out since before ``before``."""
    return session.execute(select(table).where(table.c.waits_since < before)).mappings().all()


def forget_notices(session: Session, municipality: str, before: datetime) -> None:
    """Delete the messages of canaries that were made before ``before``, with their batches."""
    session.execute(
        delete(notice).where(
            notice.c.municipality_id == municipality, notice.c.topic == CANARY, notice.c.first_seen_at < before
        )
    )
