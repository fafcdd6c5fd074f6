"""Answers given once: a form or a call that is sent again gets the same answer, and nothing is done twice (A-10)."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from hub.store.database import insert_for
from hub.store.schema import answered as table

LIVES = timedelta(hours=24)


def given(session: Session, key: str, location: str, now: datetime) -> str | None:
    """Note that what is asked under ``key`` is done in this transaction and answered by ``location``.

    Returns ``None`` to whoever asks first; to all others, who wait here until that transaction is over, what it was
    answered. If the transaction of the first comes to nothing, the next one is the first.
    """
    values = {"key": key, "location": location, "at": now}
    insert = insert_for(session)(table).values(**values).on_conflict_do_nothing(index_elements=["key"])
    if session.execute(insert.returning(table.c.key)).first() is not None:
        return None
    return session.scalar(select(table.c.location).where(table.c.key == key)) or location


def correct(session: Session, key: str, location: str) -> None:
    """Change the answer in the transaction that gave it: where it leads is known only now."""
    session.execute(update(table).where(table.c.key == key).values(location=location))


def forget(session: Session, now: datetime) -> None:
    """Delete the keys that no form is sent with any more."""
    session.execute(delete(table).where(table.c.at < now - LIVES))
