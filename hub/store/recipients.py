"""Recipients: who is meant by a notice, page by page, and who was told of it already."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, Select, and_, select
from sqlalchemy.orm import Session

from hub.core.message import Change
from hub.core.subscription import Action
from hub.store.batches import begun
from hub.store.database import insert_for
from hub.store.schema import batch as table
from hub.store.schema import digest_entry, endpoint, match, problem, subscriber, subscription, way


def _recipients(notice_id: str, action: Action) -> Select[Any]:
    """Who is meant: the join of matches, subscriptions and ways, one row per living endpoint."""
    return (
        select(
            endpoint.c.id, endpoint.c.channel, endpoint.c.service,
            subscriber.c.quiet_from, subscriber.c.quiet_to, subscriber.c.paused_until,
        )
        .distinct()
        .join(subscriber, subscriber.c.id == endpoint.c.subscriber_id)
        .join(subscription, subscription.c.subscriber_id == subscriber.c.id)
        .join(way, and_(way.c.subscription_id == subscription.c.id, way.c.channel == endpoint.c.channel))
        .join(match, match.c.interest_id == subscription.c.interest_id)
        .where(match.c.notice_id == notice_id, way.c.action == action, endpoint.c.state == "active")
        .order_by(endpoint.c.id)
    )  # fmt: skip


def recipients(
    session: Session, notice_id: str, *, after: int, most: int, action: Action = Action.NOW
) -> Sequence[RowMapping]:
    """Return a page of endpoints that a notice goes to (``action``), beginning after endpoint ``after``."""
    query = _recipients(notice_id, action).where(endpoint.c.id > after).limit(most)
    return session.execute(query).mappings().all()


def reminded(session: Session, interest_id: int, channel: str, lead: str) -> Sequence[RowMapping]:
    """Return the endpoints that want reminders of an interest on ``channel`` with ``lead``."""
    query = (
        select(
            endpoint.c.id, endpoint.c.channel, endpoint.c.service,
            subscriber.c.quiet_from, subscriber.c.quiet_to, subscriber.c.paused_until,
        )
        .distinct()
        .join(subscriber, subscriber.c.id == endpoint.c.subscriber_id)
        .join(subscription, subscription.c.subscriber_id == subscriber.c.id)
        .join(way, and_(way.c.subscription_id == subscription.c.id, way.c.channel == endpoint.c.channel))
        .where(
            subscription.c.interest_id == interest_id, way.c.action == Action.REMINDER, way.c.lead == lead,
            endpoint.c.channel == channel, endpoint.c.state == "active",
        )
        .order_by(endpoint.c.id)
    )  # fmt: skip
    return session.execute(query).mappings().all()


def reached(session: Session, notice_id: str, *, slot: str | None = None, changes: Sequence[str] = ()) -> set[int]:
    """Return the endpoints that hold what they were told of a notice (of its date ``slot``), or are being told now.

    Whoever was told that it is over, or no longer concerns them, holds nothing until told anew.
    """
    columns = (table.c.id, table.c.ids, table.c.cursor, table.c.runs, table.c.state, table.c.change)
    query = select(*columns).where(table.c.notice_id == notice_id).order_by(table.c.id)
    if slot is not None:
        query = query.where(table.c.slot == slot)
    if changes:
        query = query.where(table.c.change.in_(list(changes)))
    found: set[int] = set()
    for row in session.execute(query):
        failed = select(problem.c.endpoint_id).where(problem.c.batch_id == row.id, problem.c.verdict != "sent")
        told = set(row.ids[: begun(row)]) - set(session.scalars(failed))
        found = found - told if row.change == Change.WITHDRAWN else found | told
    return found


def planned(
    session: Session, notice_id: str, *, change: str, slot: str, lead: str, valid_until: datetime
) -> set[int]:  # fmt: skip
    """Return the endpoints that already have a place in a batch of this kind for this date and lead time.

    A date that moved since ends at another time (``valid_until``): of that one nobody was reminded.
    """
    query = select(table.c.ids).where(
        table.c.notice_id == notice_id, table.c.change == change, table.c.slot == slot, table.c.lead == lead,
        table.c.valid_until == valid_until,
    )  # fmt: skip
    return {one for ids in session.scalars(query) for one in ids}


def of_revision(session: Session, notice_id: str, revision: int) -> set[int]:
    """Return the endpoints that have a place in any batch of this revision."""
    query = select(table.c.ids).where(table.c.notice_id == notice_id, table.c.revision == revision)
    return {one for ids in session.scalars(query) for one in ids}


def collect_digest(session: Session, notice_id: str, revision: int) -> None:
    """Put a notice into the next digest of everybody who wants it there; a newer revision replaces the older."""
    chosen = _recipients(notice_id, Action.DIGEST).order_by(None).subquery()
    rows = [
        {"endpoint_id": one, "notice_id": notice_id, "revision": revision, "batch_id": None}
        for one in session.scalars(select(chosen.c.id))
    ]
    for page in _pages(rows, 1000):
        insert = insert_for(session)(digest_entry)
        session.execute(
            insert.on_conflict_do_update(
                index_elements=["endpoint_id", "notice_id"],
                set_={"revision": insert.excluded.revision, "batch_id": None},
            ),
            page,
        )


def _pages(rows: list[dict[str, Any]], size: int) -> Iterator[list[dict[str, Any]]]:
    for start in range(0, len(rows), size):
        yield rows[start : start + size]


def all_recipients(session: Session, notice_id: str) -> set[int]:
    """Return every endpoint that a notice concerns now, on whichever way."""
    query = (
        select(endpoint.c.id)
        .join(subscription, subscription.c.subscriber_id == endpoint.c.subscriber_id)
        .join(match, match.c.interest_id == subscription.c.interest_id)
        .where(match.c.notice_id == notice_id)
    )
    return set(session.scalars(query))


def living(session: Session, ids: Sequence[int]) -> list[RowMapping]:
    """Return id, channel and service of those endpoints that are active."""
    found: list[RowMapping] = []
    for start in range(0, len(ids), 500):
        query = select(endpoint.c.id, endpoint.c.channel, endpoint.c.service).where(
            endpoint.c.id.in_(ids[start : start + 500]), endpoint.c.state == "active"
        )
        found += session.execute(query.order_by(endpoint.c.id)).mappings().all()
    return found
