"""Leases: what a process holds, given back when it ends in order, and what is still under way."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session

from hub.store.schema import OPEN, batch, publication, source


def give_back(session: Session, owner: str) -> int:
    """Let go of every batch, publication and source that the process ``owner`` holds; returns how many.

    A thread of it that still works stops at its next checkpoint: the batch is not its own any more.
    """
    count = 0
    for table, free in (
        (batch, batch.c.state == "open"),
        (publication, OPEN),
        (source, source.c.lease_until.is_not(None)),
    ):
        mine = or_(table.c.owner == owner, table.c.owner.startswith(f"{owner[-40:]}/", autoescape=True))
        query = update(table).where(free, mine).values(lease_until=None, owner=None).returning(table.c.id)
        count += len(session.execute(query).all())
    return count


def under_way(session: Session, now: datetime) -> int:
    """Return how many batches, publications and sources somebody holds at this moment."""
    count = 0
    for table in (batch, publication, source):
        query = select(func.count()).select_from(table).where(table.c.lease_until > now)
        count += session.scalar(query) or 0
    return count
