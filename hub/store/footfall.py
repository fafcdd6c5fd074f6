"""Counts by month of what leaves no row: people who deleted everything, test messages. Never who (T-04)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import and_, case, func, or_, select
from sqlalchemy.orm import Session

from hub.core.impact import month_of
from hub.store.database import insert_for
from hub.store.schema import endpoint, municipality, subscriber
from hub.store.schema import footfall as table

BEGUN, ENDED = "begun", "ended"


def add(session: Session, town: str, at: datetime, counts: Mapping[str, int]) -> None:
    """Add counts by name to a municipality's month of ``at``."""
    zone = session.scalar(select(municipality.c.zone).where(municipality.c.id == town))
    if zone is None:
        return
    for name, count in sorted(counts.items()):
        values = {"municipality_id": town, "month": month_of(at, zone), "name": name}
        insert = insert_for(session)(table).values(**values, value=count)
        session.execute(
            insert.on_conflict_do_update(index_elements=list(values), set_={"value": table.c.value + count})
        )


def of(session: Session, town: str, month: str) -> dict[str, int]:
    """Return the counts of a month by name."""
    query = select(table.c.name, table.c.value).where(table.c.municipality_id == town, table.c.month == month)
    return {row.name: row.value for row in session.execute(query)}


def leave(session: Session, subscriber_ids: Iterable[int], now: datetime) -> None:
    """Count people who are about to be deleted: in the month when they came, and in that when they were lost.

    Who never confirmed anything, and our own canaries, are nobody.
    """
    living = func.sum(case((endpoint.c.state == "active", 1), else_=0))
    query = (
        select(
            subscriber.c.municipality_id, subscriber.c.created_at, living.label("living"),
            func.max(endpoint.c.ended_at, type_=endpoint.c.ended_at.type).label("ended_at"),
        )
        .join(endpoint, and_(endpoint.c.subscriber_id == subscriber.c.id, endpoint.c.confirmed_at.is_not(None)))
        .where(subscriber.c.id.in_(list(subscriber_ids)), ~subscriber.c.canary)
        .group_by(subscriber.c.id, subscriber.c.municipality_id, subscriber.c.created_at)
    )  # fmt: skip
    for row in session.execute(query).all():
        add(session, row.municipality_id, row.created_at, {BEGUN: 1})
        add(session, row.municipality_id, now if row.living or row.ended_at is None else row.ended_at, {ENDED: 1})


def people(session: Session, town: str, begin: datetime, end: datetime) -> Counter[str]:
    """Return how many of those who are still known came to a municipality in that time, and how many were lost."""
    ways = (
        select(
            endpoint.c.subscriber_id, func.min(endpoint.c.confirmed_at).label("confirmed"),
            func.sum(case((endpoint.c.state == "active", 1), else_=0)).label("living"),
            func.max(endpoint.c.ended_at).label("ended_at"),
        )
        .where(endpoint.c.confirmed_at.is_not(None))
        .group_by(endpoint.c.subscriber_id)
        .subquery()
    )  # fmt: skip
    came = and_(subscriber.c.created_at >= begin, subscriber.c.created_at < end)
    went = and_(ways.c.living == 0, ways.c.ended_at >= begin, ways.c.ended_at < end)
    query = (
        select(func.sum(case((came, 1), else_=0)), func.sum(case((went, 1), else_=0)))
        .join(ways, ways.c.subscriber_id == subscriber.c.id)
        .where(subscriber.c.municipality_id == town, ~subscriber.c.canary, or_(came, went))
    )
    begun, ended = session.execute(query).one()
    return Counter({BEGUN: int(begun or 0), ENDED: int(ended or 0)})
