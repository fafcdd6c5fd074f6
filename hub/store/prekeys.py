"""Prekeys: what encrypts one push to one endpoint, made before it is known what to say; used once.

Whoever deletes the row has it, and nobody else: :func:`take` deletes and returns in one statement, and its caller
commits before anything leaves. A process that dies takes what it had with it. They are never copied to another
database (``store.copying``), and a restored one forgets them (``jobs.hold``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, exists, func, select
from sqlalchemy.orm import Session

from hub.core.subscription import Action
from hub.store.database import insert_for
from hub.store.schema import endpoint, interest_key, route
from hub.store.schema import prekey as table

CHANNEL = "webpush"
_TOPICS = ("warnings", "")  # and who wants every topic


def take(session: Session, endpoint_ids: Sequence[int]) -> dict[int, bytes]:
    """Remove and return what these endpoints have (at most 500); nothing may be sent with it before the commit."""
    query = delete(table).where(table.c.endpoint_id.in_(list(endpoint_ids)))
    return {row.endpoint_id: row.material for row in session.execute(query.returning(table))}


def count(session: Session) -> int:
    """Return how many there are."""
    return int(session.scalar(select(func.count()).select_from(table)) or 0)


def oldest(session: Session) -> datetime | None:
    """Return when the oldest was made; ``None`` if there is none."""
    found: datetime | None = session.scalar(select(func.min(table.c.made_at)))
    return found


def wanting(session: Session, most: int, *, after: int = 0) -> Sequence[Row[Any, Any]]:
    """Return ``id`` and ``known`` (its keys) of devices that hear of warnings at once and have no prekey, by id."""
    interests = select(interest_key.c.interest_id).where(interest_key.c.topic.in_(_TOPICS))
    ids = (
        select(route.c.endpoint_id)
        .where(route.c.interest_id.in_(interests), route.c.action == Action.NOW, route.c.channel == CHANNEL)
        .where(route.c.endpoint_id > after, ~exists().where(table.c.endpoint_id == route.c.endpoint_id))
        .distinct()
        .order_by(route.c.endpoint_id)
        .limit(most)
    )
    query = select(endpoint.c.id, endpoint.c["keys"].label("known")).where(endpoint.c.id.in_(ids.scalar_subquery()))
    return session.execute(query.order_by(endpoint.c.id)).all()


def put(session: Session, made: Mapping[int, bytes], now: datetime) -> int:
    """Keep what was made for these endpoints, of those that still live and have none; returns for how many."""
    living = session.scalars(
        select(endpoint.c.id).where(endpoint.c.id.in_(list(made)), endpoint.c.state == "active").with_for_update()
    )
    rows = [{"endpoint_id": one, "material": made[one], "made_at": now} for one in living]
    if rows:
        session.execute(insert_for(session)(table).on_conflict_do_nothing(), rows)
    return len(rows)


def drop(session: Session, endpoint_ids: Sequence[int]) -> None:
    """Forget those of endpoints that end or have other keys now."""
    session.execute(delete(table).where(table.c.endpoint_id.in_(list(endpoint_ids))))


def forget(session: Session, before: datetime | None = None) -> None:
    """Forget those made before ``before``, or all."""
    session.execute(delete(table).where(table.c.made_at < before) if before is not None else delete(table))
