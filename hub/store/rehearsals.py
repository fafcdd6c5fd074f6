"""Test endpoints: browsers that editors named for tests. No resident's endpoint can stand here (A-08)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import RowMapping, delete, select
from sqlalchemy.orm import Session

from hub.store.database import insert_for
from hub.store.schema import test_endpoint as table


def put(
    session: Session, account_id: int, address: str, keys: Mapping[str, str], *, name: str, now: datetime
) -> int:  # fmt: skip
    """Let a browser show an account's tests from now on, and nobody else's; returns the row's id."""
    values = {"account_id": account_id, "keys": dict(keys), "name": name, "created_at": now}
    insert = insert_for(session)(table).values(address=address, **values)
    query = insert.on_conflict_do_update(index_elements=["address"], set_=values).returning(table.c.id)
    return int(session.execute(query).scalar_one())


def of(session: Session, account_id: int) -> Sequence[RowMapping]:
    """Return the browsers that show an account's tests, the newest first."""
    query = select(table).where(table.c.account_id == account_id).order_by(table.c.id.desc())
    return session.execute(query).mappings().all()


def get(session: Session, account_id: int, endpoint_id: int) -> RowMapping | None:
    """Return one of an account's browsers."""
    query = select(table).where(table.c.id == endpoint_id, table.c.account_id == account_id)
    return session.execute(query).mappings().one_or_none()


def drop(session: Session, account_id: int, endpoint_id: int) -> None:
    """Let a browser show no tests any more."""
    session.execute(delete(table).where(table.c.id == endpoint_id, table.c.account_id == account_id))
