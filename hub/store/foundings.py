"""Municipalities that somebody is about to found in the browser, one for each account."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, delete, select
from sqlalchemy.orm import Session

from hub.store.database import insert_for
from hub.store.schema import founding as table


def get(session: Session, account_id: int) -> RowMapping | None:
    """Return what somebody has begun: ``given``, ``logo`` and ``streets`` (both base64)."""
    return session.execute(select(table).where(table.c.account_id == account_id)).mappings().one_or_none()


def put(session: Session, account_id: int, now: datetime, given: Mapping[str, Any], **files: bytes) -> None:
    """Keep what somebody has given so far; ``files`` (``logo``, ``streets``) that are left out stay."""
    packed = {name: base64.b64encode(content).decode() for name, content in files.items()}
    values = {"given": dict(given), "changed_at": now, **packed}
    insert = insert_for(session)(table).values(account_id=account_id, **{"logo": "", "streets": "", **values})
    session.execute(insert.on_conflict_do_update(index_elements=[table.c.account_id], set_=values))


def take(session: Session, account_id: int) -> RowMapping | None:
    """Take away and return what somebody has begun: of two who ask at once, one gets it."""
    query = delete(table).where(table.c.account_id == account_id).returning(*table.c)
    return session.execute(query).mappings().one_or_none()


def forget(session: Session, cut: datetime) -> int:
    """Forget what nobody has gone on with since ``cut``; returns how many."""
    return len(session.execute(delete(table).where(table.c.changed_at < cut).returning(table.c.account_id)).all())


def unpacked(text: str) -> bytes:
    """Return the bytes of a stored file."""
    return base64.b64decode(text)
