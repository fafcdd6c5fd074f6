"""Bundles: news that waits a little to be told together, as batches whose content is listed here."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime

from sqlalchemy import ColumnElement, and_, delete, select
from sqlalchemy.orm import Session

from hub.core.bursts import Told
from hub.core.fanout import Lane
from hub.core.message import Change
from hub.store.database import insert_for
from hub.store.schema import batch, municipality
from hub.store.schema import bundle as table

_LANES = (Lane.NORMAL, Lane.EMERGENCY)


def recent(session: Session, town: str, way: tuple[str, str], since: datetime, now: datetime) -> list[Told]:
    """Return the news that went or will go out after ``since`` on a way (channel, service), and joinable bundles.

    Until the transaction ends no other plans news for this municipality, and nobody begins these bundles.
    """
    session.execute(select(municipality.c.id).where(municipality.c.id == town).with_for_update(key_share=True))
    query = select(batch).where(
        batch.c.state.in_(["open", "done"]), batch.c.lane.in_(_LANES), batch.c.due_at > since,
        batch.c.municipality_id == town, batch.c.channel == way[0], batch.c.service == way[1],
        batch.c.change.in_([Change.NEW, Change.BUNDLE]),
    )  # fmt: skip
    rows = session.execute(query.order_by(batch.c.id)).all()
    held = select(batch.c.id).where(
        batch.c.id.in_([row.id for row in rows if row.change == Change.BUNDLE]), _waits(now)
    )
    waiting = set(session.scalars(held.order_by(batch.c.id).with_for_update()))
    return [
        Told(row.id, row.due_at, frozenset(row.ids), row.id in waiting)
        for row in rows
        if row.state == "open" or row.cursor  # what was dropped before it began told nobody anything
    ]


def _waits(now: datetime) -> ColumnElement[bool]:
    """Whether nobody has begun a bundle and nobody may yet."""
    return and_(batch.c.state == "open", batch.c.cursor == 0, batch.c.owner.is_(None), batch.c.due_at > now)


def put(session: Session, batch_id: int, notice_id: str, revision: int, ids: AbstractSet[int]) -> None:
    """Let ``ids`` of a waiting bundle hear of a notice; who hears of it there already goes on doing so."""
    known = session.scalar(select(table.c.ids).where(table.c.batch_id == batch_id, table.c.notice_id == notice_id))
    values = {"revision": revision, "ids": sorted(ids | set(known or ()))}
    insert = insert_for(session)(table).values(batch_id=batch_id, notice_id=notice_id, **values)
    session.execute(insert.on_conflict_do_update(index_elements=["batch_id", "notice_id"], set_=values))


def waiting_for(session: Session, notice_id: str, now: datetime) -> set[int]:
    """Return who will hear of a notice from a bundle that nobody has begun."""
    query = select(table.c.ids).join(batch, batch.c.id == table.c.batch_id)
    query = query.where(table.c.notice_id == notice_id, _waits(now)).with_for_update(of=batch)
    return set().union(*session.scalars(query))


def take_out(session: Session, notice_id: str, now: datetime) -> None:
    """Take a notice out of the bundles that nobody has begun: it is over, or too urgent to wait."""
    query = select(table.c.batch_id).join(batch, batch.c.id == table.c.batch_id)
    held = session.scalars(query.where(table.c.notice_id == notice_id, _waits(now)).with_for_update(of=batch)).all()
    session.execute(delete(table).where(table.c.notice_id == notice_id, table.c.batch_id.in_(held)))


def of(session: Session, batch_id: int) -> dict[int, Sequence[str]]:
    """Return for each endpoint of a bundle the notices to tell, in the order in which they came."""
    query = select(table.c.notice_id, table.c.ids).where(table.c.batch_id == batch_id)
    found: dict[int, list[str]] = defaultdict(list)
    for notice_id, ids in session.execute(query.order_by(table.c.revision, table.c.notice_id)):
        for one in ids:
            found[one].append(notice_id)
    return dict(found)
