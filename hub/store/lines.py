"""The line of each lane: whose turn it is among municipalities, and what may be taken next (F-03, F-08)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, Select, Table, and_, exists, func, or_, select, update
from sqlalchemy.orm import Session

from hub.core.fanout import Lane
from hub.core.turns import NEVER, Kind, next_turn, order
from hub.store.schema import OPEN, publication, service
from hub.store.schema import batch as table

_EARLIER = table.alias("earlier")


def free(now: datetime, of: Table = table) -> ColumnElement[bool]:
    """Whether nobody holds a batch (or a publication), or its holder is silent for longer than its lease."""
    return or_(of.c.lease_until.is_(None), of.c.lease_until < now)


def _standing(of: Table, lane: str) -> tuple[ColumnElement[bool], ...]:
    """Say what stands in the line of ``lane``, taken or not."""
    if of is publication:
        return (OPEN, of.c.lane == lane)
    return (of.c.state == "open", of.c.lane == lane, of.c.turn < NEVER)


def first_turn(session: Session, municipality: str, lane: str, of: Table = table) -> int:
    """Return the turn of the municipality's next batch, or next page of a publication, in this lane."""
    own = session.scalar(select(func.max(of.c.turn)).where(*_standing(of, lane), of.c.municipality_id == municipality))
    waiting = [session.scalar(_first(one, lane)) for one in (table, publication)]
    if of is table:  # what a page plans keeps the turn that the page had waited for
        page = (*_standing(publication, lane), publication.c.municipality_id == municipality)
        waiting.append(session.scalar(select(func.min(publication.c.turn)).where(*page)))
    least = min((turn for turn in waiting if turn is not None), default=None)
    return next_turn(own, least, None if least is not None else _flying(session, lane))


def _first(of: Table, lane: str) -> Select[Any]:
    """Ask for the smallest turn that nobody works on."""
    line = (*_standing(of, lane), of.c.owner.is_(None))
    return select(of.c.turn).where(*line).order_by(of.c.turn, of.c.id).limit(1)


def _flying(session: Session, lane: str) -> int | None:
    """Return the largest turn that somebody works on."""
    tops = [session.scalar(select(func.max(of.c.turn)).where(*_standing(of, lane))) for of in (table, publication)]
    return max((turn for turn in tops if turn is not None), default=None)


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


def foremost(lane: str, now: datetime, most: int | None = None) -> ScalarSelect[Any]:
    """Return the query for the batch of ``lane`` that is to be taken next, if its turn is ``most`` at the latest.

    A later word waits while somebody still tells an earlier revision of the notice on the same way: it must not
    overtake what it takes back. A service that asked for a pause gets nothing, except that what is past ends.
    """
    query = _ready(lane, now).where(table.c.turn <= most) if most is not None else _ready(lane, now)
    return query.limit(1).with_for_update(skip_locked=True, of=table).scalar_subquery()


def foremost_page(lane: str, now: datetime, most: int | None = None) -> ScalarSelect[Any]:
    """Return the query for the publication of ``lane`` whose page is to be planned next, by turn ``most``."""
    query = _plannable(lane, now).where(publication.c.turn <= most) if most is not None else _plannable(lane, now)
    return query.limit(1).with_for_update(skip_locked=True).scalar_subquery()


def _ready(lane: str, now: datetime, column: ColumnElement[int] = table.c.id) -> Select[Any]:
    ahead = exists().where(
        _EARLIER.c.notice_id == table.c.notice_id, _EARLIER.c.revision < table.c.revision,
        _EARLIER.c.owner.is_not(None), _EARLIER.c.lease_until >= now, _EARLIER.c.channel == table.c.channel,
        _EARLIER.c.service == table.c.service,
    )  # fmt: skip
    paused = exists().where(
        service.c.channel == table.c.channel, service.c.name == table.c.service, service.c.paused_until > now
    )
    return (
        select(column)
        .where(*_standing(table, lane), table.c.due_at <= now, free(now))
        .where(~ahead, or_(~paused, table.c.valid_until <= now))
        .order_by(table.c.turn, table.c.id)
    )


def _plannable(lane: str, now: datetime, column: ColumnElement[int] = publication.c.id) -> Select[Any]:
    waits = (*_standing(publication, lane), free(now, publication))
    return select(column).where(*waits).order_by(publication.c.turn, publication.c.id)


def whose(session: Session, lane: str, now: datetime) -> list[tuple[Kind, int | None]]:
    """Return what of ``lane`` is served first, up to which turn, and what otherwise."""
    page = session.scalar(_plannable(lane, now, publication.c.turn).limit(1))
    if page is None:
        return [(Kind.BATCH, None)]
    return order(session.scalar(_ready(lane, now, table.c.turn).limit(1)), page)


def of_others(
    session: Session, municipality: str, lane: str, turn: int, now: datetime
) -> tuple[int | None, int | None]:  # fmt: skip
    """Return the smallest turns, up to ``turn``, of a batch and of a page of other municipalities that wait."""
    batch = _ready(lane, now, table.c.turn).where(table.c.municipality_id != municipality, table.c.turn <= turn)
    page = _plannable(lane, now, publication.c.turn).where(
        publication.c.municipality_id != municipality, publication.c.turn <= turn
    )
    return session.scalar(batch.limit(1)), session.scalar(page.limit(1))


def urgent_waits(session: Session, now: datetime) -> bool:
    """Whether an emergency could be planned or told at once: bulk gives way."""
    lane = Lane.EMERGENCY
    return any(session.scalar(query.limit(1)) is not None for query in (_plannable(lane, now), _ready(lane, now)))


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
