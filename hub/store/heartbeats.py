"""Heartbeats: which processes work for this installation, and when each was last alive."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import RowMapping, delete, func, select
from sqlalchemy.orm import Session

from hub.store.database import insert_for
from hub.store.schema import heartbeat as table

EVERY = timedelta(seconds=10)
FRESH = timedelta(seconds=30)  # older: the process is dead, stopped or cut off
REMEMBERED = timedelta(days=1)


def beat(
    session: Session, name: str, *, role: str, lanes: str, started_at: datetime, now: datetime, detail: str = ""
) -> None:  # fmt: skip
    """Write that the process ``name`` is alive; forget those that have been silent for a day."""
    values = {"role": role, "lanes": lanes[:128], "started_at": started_at, "at": now, "detail": detail}
    insert = insert_for(session)(table).values(name=name, **values)
    session.execute(insert.on_conflict_do_update(index_elements=["name"], set_=values))
    session.execute(delete(table).where(table.c.at < now - REMEMBERED))


def remove(session: Session, name: str) -> None:
    """Forget a process that stopped in order."""
    session.execute(delete(table).where(table.c.name == name))


def listed(session: Session) -> Sequence[RowMapping]:
    """Return every process that is known, by role and name."""
    return session.execute(select(table).order_by(table.c.role, table.c.name)).mappings().all()


def alive(session: Session, now: datetime) -> Sequence[RowMapping]:
    """Return the processes that have been heard of within :data:`FRESH`."""
    return [row for row in listed(session) if row["at"] >= now - FRESH]


def newest(session: Session) -> datetime | None:
    """Return the latest time at which any process was alive."""
    found: datetime | None = session.scalar(select(func.max(table.c.at)))
    return found


def forget_future(session: Session, now: datetime) -> None:
    """Forget what was written by a clock that was ahead."""
    session.execute(delete(table).where(table.c.at > now))
