"""Standing: what holds for the whole installation, as named rows (on hold, moved away, the mark of the tide)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import RowMapping, delete, select
from sqlalchemy.orm import Session

from hub.store.database import insert_for
from hub.store.schema import standing as table

HOLD = "hold"  # nothing is gathered, sent or forgotten; the value is the reason
MOVED = "moved"  # the installation lives elsewhere now; the value says where
MOVED_TOWN = "moved:"  # and the slug: so does this town
ARRIVED = "arrived"  # a transfer came in whole; the value says what
BACKUP = "backup"  # this is a backup ("ahead": its ids, too), or "restored" from one; since when says when it was made
TIDE = "tide"  # counts beats: a database that shows fewer than the data folder was restored


def get(session: Session, name: str) -> RowMapping | None:
    """Return the row called ``name``: ``value`` and since when (``at``)."""
    return session.execute(select(table).where(table.c.name == name)).mappings().one_or_none()


def put(session: Session, name: str, value: str, now: datetime) -> None:
    """Write a row, or write it anew."""
    insert = insert_for(session)(table).values(name=name, value=value, at=now)
    session.execute(insert.on_conflict_do_update(index_elements=["name"], set_={"value": value, "at": now}))


def hold(session: Session, reason: str, now: datetime) -> bool:
    """Put the installation on hold; ``False`` if it was already, for the reason that stays."""
    insert = insert_for(session)(table).values(name=HOLD, value=reason, at=now)
    query = insert.on_conflict_do_nothing(index_elements=["name"]).returning(table.c.name)
    return session.scalar(query) is not None


def drop(session: Session, name: str) -> bool:
    """Forget a row; ``False`` if there was none."""
    return session.scalar(delete(table).where(table.c.name == name).returning(table.c.name)) is not None
