"""Months of municipalities: what is counted for their report, and the months that are over."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, func, select
from sqlalchemy.orm import Session

from hub.store.database import insert_for
from hub.store.polls import PollOutcome
from hub.store.schema import budget, interest, poll, route, source, subscriber
from hub.store.schema import impact as table


def reached(session: Session, town: str) -> tuple[dict[str, int], int]:
    """Return how many people a municipality reaches on each channel, and in all; our own canaries are none."""
    of_town = (
        select(route.c.channel, route.c.subscriber_id)
        .join(interest, interest.c.id == route.c.interest_id)
        .join(subscriber, subscriber.c.id == route.c.subscriber_id)
        .where(interest.c.municipality_id == town, ~subscriber.c.canary)
        .distinct()
        .subquery()
    )
    ways = select(of_town.c.channel, func.count()).group_by(of_town.c.channel)
    everybody = select(func.count(of_town.c.subscriber_id.distinct()))
    return {row[0]: int(row[1]) for row in session.execute(ways)}, int(session.scalar(everybody) or 0)


def spent(session: Session, town: str, month: str) -> dict[str, tuple[int, int, int]]:
    """Return (kept, late, lost) deliveries of a municipality's month (UTC) by channel."""
    sums = [func.coalesce(func.sum(budget.c[name]), 0) for name in ("kept", "late", "lost")]
    mine = (budget.c.municipality_id == town, budget.c.day >= f"{month}-01", budget.c.day <= f"{month}-31")
    query = select(budget.c.channel, *sums).where(*mine).group_by(budget.c.channel)
    return {row[0]: (int(row[1]), int(row[2]), int(row[3])) for row in session.execute(query)}


def polls(session: Session, town: str, end: datetime) -> list[tuple[RowMapping, list[tuple[datetime, bool]]]]:
    """Return the sources of a municipality that are read, each with its polls until ``end``: when, and failed."""
    sources = session.execute(
        select(source).where(source.c.municipality_id == town, source.c.enabled).order_by(source.c.name, source.c.id)
    ).mappings().all()  # fmt: skip
    query = (
        select(poll.c.source_id, poll.c.at, poll.c.outcome)
        .where(poll.c.source_id.in_([one["id"] for one in sources]), poll.c.at < end)
        .order_by(poll.c.at, poll.c.id)
    )
    found: dict[str, list[tuple[datetime, bool]]] = defaultdict(list)
    for row in session.execute(query):
        found[row.source_id].append((row.at, row.outcome == PollOutcome.FAILED))
    return [(one, found[one["id"]]) for one in sources]


def closed(session: Session, town: str) -> Sequence[str]:
    """Return the months of a municipality that are closed, the newest first."""
    query = select(table.c.month).where(table.c.municipality_id == town).order_by(table.c.month.desc())
    return session.scalars(query).all()


def get(session: Session, town: str, month: str) -> Mapping[str, Any] | None:
    """Return a closed month, ``None`` if it is not closed."""
    found: Mapping[str, Any] | None = session.scalar(
        select(table.c.content).where(table.c.municipality_id == town, table.c.month == month)
    )
    return found


def close(session: Session, town: str, month: str, content: Mapping[str, Any], now: datetime) -> None:
    """Keep a month as it is; one that is closed stays as it was."""
    insert = insert_for(session)(table).values(municipality_id=town, month=month, content=dict(content), closed_at=now)
    session.execute(insert.on_conflict_do_nothing())
