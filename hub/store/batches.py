"""Batches: claims with leases, checkpoints with fencing, problems, digests (engine.md)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import RowMapping, case, delete, insert, or_, select, update
from sqlalchemy.orm import Session

from hub.core.fanout import Lane
from hub.core.settle import Settled
from hub.store.database import insert_for
from hub.store.schema import batch as table
from hub.store.schema import digest_entry, problem

_IN_FLIGHT = 50  # recipients that a worker may have told before its checkpoint
_COUNTS = ("sent", "failed", "gone", "expired", "suppressed")
_URGENCY = case({lane.value: place for place, lane in enumerate(Lane)}, value=table.c.lane)


def add(session: Session, municipality: str, values: Mapping[str, Any], ids: Sequence[int], now: datetime) -> int:
    """Store one open batch for ``ids``; ``values`` are the other columns. Returns its id."""
    return add_many(session, municipality, [{**values, "ids": ids}], now)[0]


def add_many(session: Session, municipality: str, rows: Sequence[Mapping[str, Any]], now: datetime) -> list[int]:
    """Store open batches in one statement, each with its ``ids`` and other columns; returns their ids in this order."""
    stored = [
        {
            "municipality_id": municipality, "state": "open", "cursor": 0, "runs": 0, "created_at": now, "slot": "",
            "lead": "", "seen_at": None, "wanted_at": row["due_at"], **dict.fromkeys(_COUNTS, 0), **row,
            "size": len(row["ids"]),
        }
        for row in rows
    ]  # fmt: skip
    if not stored:
        return []
    made = session.scalars(insert(table).returning(table.c.id, sort_by_parameter_order=True), stored)
    return [int(one) for one in made]


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


def hand_over(session: Session, notice_id: str, into: str) -> None:
    """Count whoever was told of ``notice_id`` as told of ``into``, which continues it; what waits is void."""
    session.execute(update(table).where(table.c.notice_id == notice_id).values(notice_id=into, revision=0))


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
    query = insert_for(session)(problem).values(batch_id=batch_id, endpoint_id=endpoint_id, **values)
    session.execute(query.on_conflict_do_update(index_elements=["batch_id", "endpoint_id"], set_=values))


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
