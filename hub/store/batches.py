"""Batches: who is meant, page by page; claims with leases; checkpoints with fencing (engine.md)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import RowMapping, Select, and_, case, delete, or_, select, update
from sqlalchemy.orm import Session

from hub.core.fanout import Lane
from hub.core.message import Change
from hub.core.settle import Settled
from hub.core.subscription import Action
from hub.store.database import insert_for
from hub.store.schema import batch as table
from hub.store.schema import digest_entry, endpoint, match, problem, subscriber, subscription, way

_IN_FLIGHT = 50  # recipients that a worker may have told before its checkpoint
_COUNTS = ("sent", "failed", "gone", "expired", "suppressed")
_URGENCY = case({lane.value: place for place, lane in enumerate(Lane)}, value=table.c.lane)


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


def add(session: Session, municipality: str, values: Mapping[str, Any], ids: Sequence[int], now: datetime) -> int:
    """Store one open batch for ``ids``; ``values`` are the other columns. Returns its id."""
    made = session.execute(
        table.insert()
        .values(
            municipality_id=municipality, state="open", ids=list(ids), size=len(ids), cursor=0, runs=0, created_at=now,
            **dict.fromkeys(_COUNTS, 0), **{"slot": "", "lead": "", "wanted_at": values["due_at"], **values},
        )
        .returning(table.c.id)
    )  # fmt: skip
    return int(made.scalar_one())


def claim(session: Session, batch_id: int, owner: str, now: datetime, lease: timedelta) -> RowMapping | None:
    """Take an open, due batch for ``lease``; ``None`` if it is done, not due, or somebody else has it."""
    free = or_(table.c.lease_until.is_(None), table.c.lease_until < now)
    query = (
        update(table)
        .where(table.c.id == batch_id, table.c.state == "open", table.c.due_at <= now, free)
        .values(lease_until=now + lease, owner=owner, runs=table.c.runs + 1)
        .returning(table)
    )
    return session.execute(query).mappings().one_or_none()


def checkpoint(
    session: Session,
    batch_id: int,
    owner: str,
    *,
    cursor: int,
    counts: Mapping[str, int],
    lease_until: datetime,
) -> bool:
    """Move the cursor and the counts forward; ``False`` means that the lease went to somebody else: stop."""
    values: dict[str, Any] = {name: table.c[name] + counts.get(name, 0) for name in _COUNTS}
    query = (
        update(table)
        .where(table.c.id == batch_id, table.c.owner == owner, table.c.state == "open")
        .values(cursor=cursor, lease_until=lease_until, **values)
        .returning(table.c.id)
    )
    return session.execute(query).one_or_none() is not None


def release(session: Session, batch_id: int, owner: str, *, due_at: datetime | None) -> bool:
    """Give a batch back: done, or open again at ``due_at`` for its retries."""
    values: dict[str, Any] = {
        "lease_until": None,
        "owner": None,
        "state": "done" if due_at is None else "open",
    }
    if due_at is not None:
        values["due_at"] = due_at
    query = update(table).where(table.c.id == batch_id, table.c.owner == owner).values(**values).returning(table.c.id)
    return session.execute(query).one_or_none() is not None


def due(session: Session, now: datetime, *, most: int = 500) -> Sequence[tuple[int, str]]:
    """Return (id, lane) of open batches that are due and that nobody holds, urgent lanes first."""
    free = or_(table.c.lease_until.is_(None), table.c.lease_until < now)
    query = (
        select(table.c.id, table.c.lane)
        .where(table.c.state == "open", table.c.due_at <= now, free)
        .order_by(_URGENCY, table.c.due_at)
        .limit(most)
    )
    return [(row.id, row.lane) for row in session.execute(query)]


def begun(row: Any) -> int:
    """Return how many of a batch's ``ids`` may have been told: up to its ``cursor``, and what a worker had in hand."""
    return int(row.cursor) + (_IN_FLIGHT if row.runs and row.state == "open" else 0)


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


def hand_over(session: Session, notice_id: str, into: str) -> None:
    """Count whoever was told of ``notice_id`` as told of ``into``, which continues it; what waits is void."""
    session.execute(update(table).where(table.c.notice_id == notice_id).values(notice_id=into, revision=0))


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


def drop_waiting(session: Session, notice_id: str, revision: int) -> None:
    """Close batches of older revisions that nobody has begun: the newer one says what holds now."""
    session.execute(
        update(table)
        .where(
            table.c.notice_id == notice_id, table.c.revision < revision, table.c.state == "open",
            table.c.cursor == 0, table.c.owner.is_(None),
        )
        .values(state="done", suppressed=table.c.size)
    )  # fmt: skip


def problems(session: Session, batch_id: int) -> Sequence[RowMapping]:
    """Return the problem rows of a batch that wait for a retry."""
    query = select(problem).where(problem.c.batch_id == batch_id, problem.c.retry_at.is_not(None))
    return session.execute(query.order_by(problem.c.retry_at)).mappings().all()


def note_problem(
    session: Session, batch_id: int, endpoint_id: int, settled: Settled, *, attempts: int, now: datetime
) -> None:
    """Write how a difficult delivery stands."""
    values = {
        "attempts": attempts, "retry_at": settled.retry_at, "verdict": settled.verdict,
        "detail": settled.detail[:500], "at": now,
    }  # fmt: skip
    insert = insert_for(session)(problem).values(batch_id=batch_id, endpoint_id=endpoint_id, **values)
    session.execute(insert.on_conflict_do_update(index_elements=["batch_id", "endpoint_id"], set_=values))


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


def digest_waiting(session: Session, endpoint_ids: Sequence[int]) -> Sequence[int]:
    """Return which of these endpoints have something in their next digest."""
    query = (
        select(digest_entry.c.endpoint_id)
        .distinct()
        .where(digest_entry.c.endpoint_id.in_(list(endpoint_ids)), digest_entry.c.batch_id.is_(None))
    )
    return session.scalars(query.order_by(digest_entry.c.endpoint_id)).all()


def digest_assign(session: Session, endpoint_ids: Sequence[int], batch_id: int) -> None:
    """Bind what waits for these endpoints to the digest that now goes out."""
    session.execute(
        update(digest_entry)
        .where(digest_entry.c.endpoint_id.in_(list(endpoint_ids)), digest_entry.c.batch_id.is_(None))
        .values(batch_id=batch_id)
    )


def digest_entries(session: Session, batch_id: int, endpoint_id: int) -> Sequence[RowMapping]:
    """Return the entries of one person's digest."""
    query = select(digest_entry).where(digest_entry.c.batch_id == batch_id, digest_entry.c.endpoint_id == endpoint_id)
    return session.execute(query.order_by(digest_entry.c.notice_id)).mappings().all()


def digest_done(session: Session, batch_id: int, endpoint_ids: Sequence[int]) -> None:
    """Forget what was told."""
    session.execute(
        delete(digest_entry).where(
            digest_entry.c.batch_id == batch_id, digest_entry.c.endpoint_id.in_(list(endpoint_ids))
        )
    )


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
