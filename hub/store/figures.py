"""Figures of the moment for /metrics and /readyz: read through indexes, whatever waits."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Integer, RowMapping, case, cast, func, select
from sqlalchemy.orm import Session

from hub.core.fanout import Lane
from hub.store.schema import batch, problem, publication, reminder, service, source


def lanes(session: Session, now: datetime) -> Sequence[RowMapping]:
    """Return per lane with open batches: ``open``, those ``due``, and since when the ``oldest`` is due."""
    due = cast(func.coalesce(func.sum(case((batch.c.due_at <= now, 1), else_=0)), 0), Integer)
    query = (
        select(batch.c.lane, func.count().label("open"), due.label("due"), func.min(batch.c.due_at).label("oldest"))
        .where(batch.c.state == "open")
        .group_by(batch.c.lane)
    )
    return session.execute(query).mappings().all()


def oldest_due(session: Session, now: datetime) -> datetime | None:
    """Return since when the oldest batch is due that nobody holds; one look into the index per lane."""
    found = []
    for lane in Lane:
        query = select(func.min(batch.c.due_at)).where(batch.c.state == "open", batch.c.lane == lane)
        at = session.scalar(query)
        if at is not None and at <= now:
            found.append(at)
    return min(found, default=None)


def open_publications(session: Session) -> int:
    """Return how many publications are not carried out."""
    return int(session.scalar(select(func.count()).where(publication.c.stage != "done")) or 0)


def retries(session: Session) -> int:
    """Return how many recipients wait for another try."""
    return int(session.scalar(select(func.count()).where(problem.c.retry_at.is_not(None))) or 0)


def due_reminders(session: Session, now: datetime) -> int:
    """Return how many reminders are due and have not fired."""
    query = select(func.count()).where(reminder.c.state == "planned", reminder.c.due_at <= now)
    return int(session.scalar(query) or 0)


def paused(session: Session, now: datetime) -> dict[str, int]:
    """Return how many services have asked for a pause that lasts, by channel."""
    query = select(service.c.channel, func.count()).where(service.c.paused_until > now).group_by(service.c.channel)
    return {row[0]: int(row[1]) for row in session.execute(query)}


def sources(session: Session) -> Sequence[RowMapping]:
    """Return all sources."""
    return session.execute(select(source)).mappings().all()
