"""The line of each lane: whose turn it is among municipalities, and which batch may be taken next (F-03, F-08)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, Select, and_, exists, func, or_, select, update
from sqlalchemy.orm import Session

from hub.core.fanout import Lane
from hub.core.turns import NEVER, next_turn
from hub.store.schema import batch as table
from hub.store.schema import service

_EARLIER = table.alias("earlier")


def free(now: datetime) -> ColumnElement[bool]:
    """Whether nobody holds a batch, or its holder is silent for longer than its lease."""
    return or_(table.c.lease_until.is_(None), table.c.lease_until < now)


def first_turn(session: Session, municipality: str, lane: str) -> int:
    """Return the turn of the municipality's next batch in this lane."""
    line = (table.c.state == "open", table.c.lane == lane, table.c.turn < NEVER)
    own = session.scalar(select(func.max(table.c.turn)).where(*line, table.c.municipality_id == municipality))
    waiting = session.scalar(
        select(table.c.turn).where(*line, table.c.owner.is_(None)).order_by(table.c.turn, table.c.id).limit(1)
    )
    flying = None if waiting is not None else session.scalar(select(func.max(table.c.turn)).where(*line))
    return next_turn(own, waiting, flying)


def enter(session: Session, batch_id: int, now: datetime) -> str | None:
    """Give a batch that has become due its turn; returns its lane, ``None`` if there is no such batch."""
    columns = (table.c.lane, table.c.municipality_id, table.c.state, table.c.turn, table.c.due_at)
    row = session.execute(select(*columns).where(table.c.id == batch_id)).one_or_none()
    if row is None:
        return None
    if row.state == "open" and row.turn == NEVER and row.due_at <= now:
        turn = first_turn(session, row.municipality_id, row.lane)
        session.execute(update(table).where(table.c.id == batch_id, table.c.turn == NEVER).values(turn=turn))
    return str(row.lane)


def foremost(lane: str, now: datetime) -> ScalarSelect[Any]:
    """Return the query for the batch of ``lane`` that is to be taken next.

    A later word waits while somebody still tells an earlier revision of the notice on the same way: it must not
    overtake what it takes back. A service that asked for a pause gets nothing, except that what is past ends.
    """
    return _ready(lane, now).limit(1).with_for_update(skip_locked=True, of=table).scalar_subquery()


def _ready(lane: str, now: datetime) -> Select[Any]:
    ahead = exists().where(
        _EARLIER.c.notice_id == table.c.notice_id, _EARLIER.c.revision < table.c.revision,
        _EARLIER.c.owner.is_not(None), _EARLIER.c.lease_until >= now, _EARLIER.c.channel == table.c.channel,
        _EARLIER.c.service == table.c.service,
    )  # fmt: skip
    paused = exists().where(
        service.c.channel == table.c.channel, service.c.name == table.c.service, service.c.paused_until > now
    )
    return (
        select(table.c.id)
        .where(table.c.state == "open", table.c.lane == lane, table.c.turn < NEVER, table.c.due_at <= now, free(now))
        .where(~ahead, or_(~paused, table.c.valid_until <= now))
        .order_by(table.c.turn, table.c.id)
    )


def urgent_waits(session: Session, now: datetime) -> bool:
    """Whether an emergency batch could be taken at once: bulk gives way."""
    return session.scalar(_ready(Lane.EMERGENCY, now).limit(1)) is not None


def held_back(session: Session, batch_id: int, now: datetime) -> datetime | None:
    """Return until when the service of a waiting batch is paused; ``None`` if it is not, or the batch ends now."""
    query = (
        select(service.c.paused_until)
        .join(table, and_(service.c.channel == table.c.channel, service.c.name == table.c.service))
        .where(
            table.c.id == batch_id, table.c.state == "open", table.c.due_at <= now, table.c.valid_until > now,
            free(now), service.c.paused_until > now,
        )
    )  # fmt: skip
    return session.scalar(query)
