"""Moves to another device: one open code per person, and which devices end once the new one gets messages."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import RowMapping, delete, select, update
from sqlalchemy.orm import Session

from hub.store import subscribers
from hub.store.database import insert_for
from hub.store.schema import move as table

CHANNEL = "webpush"


def begin(session: Session, subscriber_id: int, code_hash: str, until: datetime) -> None:
    """Keep the hash of a new code; an earlier one of the same person holds no more."""
    values = {"code_hash": code_hash, "expires_at": until, "ends": []}
    insert = insert_for(session)(table).values(subscriber_id=subscriber_id, **values)
    session.execute(insert.on_conflict_do_update(index_elements=["subscriber_id"], set_=values))


def whose(session: Session, code_hash: str, now: datetime) -> int | None:
    """Return who made a code that holds at ``now``."""
    query = select(table.c.subscriber_id).where(table.c.code_hash == code_hash, table.c.expires_at > now)
    found: int | None = session.scalar(query)
    return found


def take(session: Session, code_hash: str, now: datetime, *, ends: Sequence[int], until: datetime) -> int | None:
    """Use a code up, once; returns whose it was. ``ends``: what ends if the new device gets messages by ``until``."""
    query = (
        update(table)
        .where(table.c.code_hash == code_hash, table.c.expires_at > now)
        .values(code_hash="", expires_at=until, ends=list(ends))
        .returning(table.c.subscriber_id)
    )
    found: int | None = session.scalar(query)
    return found


def arrived(session: Session, subscriber_id: int, endpoint_id: int, now: datetime) -> None:
    """End the devices that a new one takes the place of, now that it gets messages."""
    query = delete(table).where(
        table.c.subscriber_id == subscriber_id, table.c.code_hash == "", table.c.expires_at > now
    )
    row = session.execute(query.returning(table.c.ends)).one_or_none()
    if row is not None:
        mine = {one["id"] for one in devices(session, subscriber_id)} - {endpoint_id}
        subscribers.end_endpoints(session, sorted(mine.intersection(row.ends)), now, state="ended", why="replaced")


def devices(session: Session, subscriber_id: int) -> list[RowMapping]:
    """Return the living push endpoints of a person."""
    return [one for one in subscribers.endpoints_of(session, subscriber_id) if one["channel"] == CHANNEL]


def drop(session: Session, subscriber_id: int) -> None:
    """Take a move back."""
    session.execute(delete(table).where(table.c.subscriber_id == subscriber_id))


def forget(session: Session, now: datetime) -> None:
    """Delete what is over."""
    session.execute(delete(table).where(table.c.expires_at <= now))


def ending(session: Session, subscriber_id: int, now: datetime) -> int:
    """Return how many devices end as soon as the new one gets messages."""
    query = select(table.c.ends).where(
        table.c.subscriber_id == subscriber_id, table.c.code_hash == "", table.c.expires_at > now
    )
    return len(session.scalar(query) or ())
