"""Mutes: what people do not want to hear of, and which endpoints a notice therefore does not reach."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, RowMapping, and_, delete, or_, select
from sqlalchemy.orm import Session

from hub.core.mutes import Matter, Mute, Sort, silent
from hub.core.notice import Severity
from hub.core.place import ancestors
from hub.store import guests
from hub.store.database import insert_for
from hub.store.schema import endpoint, subscriber
from hub.store.schema import mute as table

_PAGE = 500


def put(session: Session, subscriber_id: int, mute: Mute, now: datetime) -> None:
    """Mute something from now on; again: with another end."""
    values = {"until": mute.until, "created_at": now}
    insert = insert_for(session)(table).values(
        subscriber_id=subscriber_id, sort=mute.sort.value, value=mute.value, **values
    )
    session.execute(insert.on_conflict_do_update(index_elements=["subscriber_id", "sort", "value"], set_=values))


def take_back(session: Session, subscriber_id: int, sort: str, value: str) -> bool:
    """End one mute; ``False`` if there was none."""
    query = delete(table).where(
        table.c.subscriber_id == subscriber_id, table.c.sort == sort, table.c.value == value
    )  # fmt: skip
    return session.execute(query.returning(table.c.value)).one_or_none() is not None


def listed(session: Session, subscriber_id: int, now: datetime) -> Sequence[RowMapping]:
    """Return the mutes of a person that hold at ``now``, the newest first."""
    query = select(table).where(table.c.subscriber_id == subscriber_id, _living(now))
    return session.execute(query.order_by(table.c.created_at.desc(), table.c.value)).mappings().all()


def of(session: Session, subscriber_ids: Iterable[int]) -> dict[int, list[Mute]]:
    """Return the mutes of these people; whoever has none is left out."""
    found: dict[int, list[Mute]] = defaultdict(list)
    ids = sorted(set(subscriber_ids))
    for start in range(0, len(ids), _PAGE):
        for row in session.execute(select(table).where(table.c.subscriber_id.in_(ids[start : start + _PAGE]))):
            found[row.subscriber_id].append(Mute(Sort(row.sort), row.value, row.until))
    return dict(found)


def silenced(session: Session, municipality: str, matter: Matter, now: datetime) -> set[int]:
    """Return the endpoints of a municipality's people, and of its guests, who do not want to hear of ``matter``."""
    kinds = [and_(table.c.sort == Sort.NOTICE, table.c.value == matter.notice)]
    if matter.severity < Severity.SEVERE:
        above = {step for path in matter.places for step in ancestors(path)}
        kinds += [
            and_(table.c.sort == Sort.TOPIC, table.c.value == matter.topic),
            and_(table.c.sort == Sort.PLACE, table.c.value.in_(above)),
        ]
    query = (
        select(table, endpoint.c.id)
        .join(subscriber, subscriber.c.id == table.c.subscriber_id)
        .join(endpoint, endpoint.c.subscriber_id == subscriber.c.id)
        .where(guests.belongs(municipality, subscriber.c.municipality_id, subscriber.c.id), _living(now), or_(*kinds))
    )
    wishes: dict[int, list[Mute]] = defaultdict(list)
    for row in session.execute(query):
        wishes[row.id].append(Mute(Sort(row.sort), row.value, row.until))
    return {one for one, mutes in wishes.items() if silent(mutes, matter, now)}


def forget(session: Session, now: datetime) -> None:
    """Delete what is over."""
    session.execute(delete(table).where(table.c.until <= now))


def _living(now: datetime) -> ColumnElement[bool]:
    return or_(table.c.until.is_(None), table.c.until > now)
