"""What the operators' overview asks for each municipality, in a few statements for all of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Integer, RowMapping, cast, func, select
from sqlalchemy.orm import Session

from hub.store.schema import batch, budget, held_item, poll, source
from hub.store.tally import CANARY


@dataclass(frozen=True, slots=True)
class Told:
    """What was handed over lately: when last, and how many recipients were told."""

    at: datetime | None
    sent: int


def queues(session: Session, now: datetime) -> dict[str, dict[str, datetime]]:
    """Return by municipality and lane since when its oldest batch is due."""
    query = (
        select(batch.c.municipality_id, batch.c.lane, func.min(batch.c.due_at))
        .where(batch.c.state == "open", batch.c.due_at <= now)
        .group_by(batch.c.municipality_id, batch.c.lane)
    )
    found: dict[str, dict[str, datetime]] = defaultdict(dict)
    for town, lane, at in session.execute(query):
        found[town][lane] = at
    return found


def told(session: Session, since: datetime) -> dict[str, Told]:
    """Return by municipality what was handed over of batches made after ``since``; our own canaries do not count."""
    query = (
        select(batch.c.municipality_id, func.max(batch.c.done_at), cast(func.sum(batch.c.sent), Integer))
        .where(batch.c.created_at >= since, batch.c.service != CANARY, batch.c.sent > 0)
        .group_by(batch.c.municipality_id)
    )
    return {town: Told(at, int(sent)) for town, at, sent in session.execute(query)}


def spent(session: Session, since: str) -> dict[str, tuple[int, int, int]]:
    """Return (kept, late, lost) by municipality since the day ``since`` (ISO 8601), all channels together."""
    sums = [func.coalesce(func.sum(budget.c[name]), 0) for name in ("kept", "late", "lost")]
    query = select(budget.c.municipality_id, *sums).where(budget.c.day >= since).group_by(budget.c.municipality_id)
    return {row[0]: (int(row[1]), int(row[2]), int(row[3])) for row in session.execute(query)}


def last_days(session: Session) -> dict[str, str]:
    """Return by municipality the last day (UTC, ISO 8601) on which anything was delivered."""
    query = select(budget.c.municipality_id, func.max(budget.c.day)).where(budget.c.kept + budget.c.late > 0)
    return {row[0]: str(row[1]) for row in session.execute(query.group_by(budget.c.municipality_id))}


def days(session: Session, since: str, municipality: str = "") -> Sequence[RowMapping]:
    """Return ``day``, ``channel``, ``kept``, ``late`` and ``lost`` since a day, of one municipality or all together."""
    sums = [func.sum(budget.c[name]).label(name) for name in ("kept", "late", "lost")]
    query = select(budget.c.day, budget.c.channel, *sums).where(budget.c.day >= since)
    if municipality:
        query = query.where(budget.c.municipality_id == municipality)
    return session.execute(query.group_by(budget.c.day, budget.c.channel).order_by(budget.c.day)).mappings().all()


def waiting(session: Session) -> dict[str, int]:
    """Return how many held items wait for the editor, by municipality."""
    query = (
        select(source.c.municipality_id, func.count())
        .join(held_item, held_item.c.source_id == source.c.id)
        .where(held_item.c.verdict == "")
        .group_by(source.c.municipality_id)
    )
    return {row[0]: int(row[1]) for row in session.execute(query)}


def failures(session: Session, since: datetime, municipality: str = "") -> list[tuple[datetime, str]]:
    """Return when sources began to fail or were doubted since ``since``: moment and outcome (``failed``, ``held``)."""
    query = (
        select(poll.c.at, poll.c.outcome)
        .join(source, source.c.id == poll.c.source_id)
        .where(poll.c.at >= since, poll.c.outcome.in_(("failed", "held")))
        .order_by(poll.c.at)
    )
    if municipality:
        query = query.where(source.c.municipality_id == municipality)
    return [(row[0], str(row[1])) for row in session.execute(query)]
