"""Letters: mails about accounts, rows before they are sent; a link in one names its row and works once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, and_, delete, insert, or_, select, update
from sqlalchemy.orm import Session

from hub.store.schema import letter as table

_MOST = 100  # woken at a time


def add(session: Session, values: Mapping[str, Any], now: datetime) -> int:
    """Store a letter (``sort``, ``address``, ``language``, ``until`` …) that is due now; returns its id."""
    stored = {"given": {}, "state": "open", "created_at": now, "due_at": now, "tries": 0, **values}
    return int(session.execute(insert(table).values(**stored).returning(table.c.id)).scalar_one())


def get(session: Session, letter_id: int) -> RowMapping | None:
    """Return one letter's row."""
    return session.execute(select(table).where(table.c.id == letter_id)).mappings().one_or_none()


def _is_due(now: datetime) -> ColumnElement[bool]:
    free = or_(table.c.lease_until.is_(None), table.c.lease_until <= now)
    return and_(table.c.state == "open", table.c.due_at <= now, free)


def due(session: Session, now: datetime) -> list[int]:
    """Return the ids of letters that wait to be sent, the oldest first."""
    return list(session.scalars(select(table.c.id).where(_is_due(now)).order_by(table.c.id).limit(_MOST)))


def claim(session: Session, letter_id: int, now: datetime, lease: timedelta) -> RowMapping | None:
    """Take a letter for a while; ``None`` if it is not due, or somebody has it."""
    query = update(table).where(table.c.id == letter_id, _is_due(now))
    taken = query.values(lease_until=now + lease, tries=table.c.tries + 1).returning(table)
    return session.execute(taken).mappings().one_or_none()


def settle(session: Session, letter_id: int, state: str, *, due_at: datetime | None = None) -> None:
    """Write what became of a letter: ``sent``, ``failed``, ``void``, or ``open`` until ``due_at``."""
    values: dict[str, Any] = {"state": state, "lease_until": None}
    if due_at is not None:
        values["due_at"] = due_at
    session.execute(update(table).where(table.c.id == letter_id).values(**values))


def use(session: Session, letter_id: int, sort: str, now: datetime) -> RowMapping | None:
    """Use a letter's link up; ``None`` if it was used before, is over, or is no such letter (A-09)."""
    query = (
        update(table)
        .where(table.c.id == letter_id, table.c.sort == sort, table.c.used_at.is_(None), table.c.until > now)
        .values(used_at=now)
        .returning(table)
    )
    return session.execute(query).mappings().one_or_none()


def void(session: Session, account_id: int, sorts: Sequence[str], now: datetime) -> None:
    """Let the links of an account's earlier letters open nothing any more."""
    query = update(table).where(table.c.account_id == account_id, table.c.sort.in_(list(sorts)))
    session.execute(query.where(table.c.used_at.is_(None)).values(used_at=now))


def void_resets(session: Session, address: str, now: datetime) -> None:
    """Let no earlier link for a new password open anything that was sent to this address."""
    query = update(table).where(table.c.sort == "reset", table.c.address == address, table.c.used_at.is_(None))
    session.execute(query.values(used_at=now))


def forget(session: Session, before: datetime) -> None:
    """Delete letters that were of no use any more before that time."""
    session.execute(delete(table).where(table.c.until < before))
