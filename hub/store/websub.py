"""Subscriptions at WebSub hubs: one per source, and which sources they make due."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, delete, or_, select, update
from sqlalchemy.orm import Session

from hub.store.database import insert_for
from hub.store.schema import source
from hub.store.schema import websub as table


def get(session: Session, source_id: str) -> RowMapping | None:
    """Return a source's subscription."""
    return session.execute(select(table).where(table.c.source_id == source_id)).mappings().one_or_none()


def add(session: Session, source_id: str, **values: Any) -> None:
    """Store a subscription; one that is there already stays."""
    session.execute(insert_for(session)(table).values(source_id=source_id, **values).on_conflict_do_nothing())


def change(session: Session, source_id: str, **values: Any) -> None:
    """Change these values of a subscription, if it is still there."""
    session.execute(update(table).where(table.c.source_id == source_id).values(**values))


def drop(session: Session, source_id: str) -> None:
    """Forget a subscription."""
    session.execute(delete(table).where(table.c.source_id == source_id))


def offering(session: Session, since: datetime) -> Sequence[RowMapping]:
    """Return sources polled since ``since`` that offer a hub and have no subscription: ``id`` and ``state``."""
    query = (
        select(source.c.id, source.c.state)
        .outerjoin(table, table.c.source_id == source.c.id)
        .where(source.c.succeeded_at >= since, source.c.enabled, table.c.source_id.is_(None))
        .where(source.c.state["hub"][0].as_string() != "")
    )
    return session.execute(query).mappings().all()


def listed(session: Session) -> Sequence[RowMapping]:
    """Return all subscriptions, each with its source's ``state`` (as ``source_state``) and ``enabled``."""
    query = select(table, source.c.state.label("source_state"), source.c.enabled).join(
        source, source.c.id == table.c.source_id
    )
    return session.execute(query).mappings().all()


def pressing(session: Session, now: datetime, rested: datetime) -> Sequence[str]:
    """Return the sources whose hub delivered after their last poll began, if that was before ``rested``.

    A source that fails keeps its own pace: it may have asked us to stay away.
    """
    query = (
        select(table.c.source_id)
        .join(source, source.c.id == table.c.source_id)
        .where(table.c.state == "verified", table.c.delivered_at >= source.c.polled_at, source.c.failures == 0)
        .where(source.c.enabled, source.c.polled_at <= rested, source.c.next_poll_at > now)
        .where(or_(source.c.lease_until.is_(None), source.c.lease_until < now))
    )
    return session.scalars(query).all()
