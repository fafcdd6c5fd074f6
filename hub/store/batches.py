"""Batches: claims with leases, checkpoints with fencing, problems, digests (engine.md)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    RowMapping,
    and_,
    bindparam,
    case,
    delete,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Session

from hub.core.fanout import Lane
from hub.core.ledger import SETTLED
from hub.core.message import Change
from hub.core.settle import Settled, Verdict
from hub.core.turns import NEVER
from hub.store.database import insert_for
from hub.store.lines import first_turn, foremost, free
from hub.store.schema import batch as table
from hub.store.schema import digest_entry, notice, problem

_FORWARD = (  # built once: it is executed for every few recipients
    update(table)
    .where(table.c.id == bindparam("at"), table.c.owner == bindparam("by"), table.c.state == "open")
    .values({name: table.c[name] + bindparam(f"to_{name}") for name in SETTLED})
    .values(
        cursor=bindparam("to_cursor"), lease_until=bindparam("until"),
        first_at=func.coalesce(table.c.first_at, bindparam("since", type_=table.c.first_at.type)),
    )
    .returning(table.c.id)
)  # fmt: skip
_URGENCY = case({lane.value: place for place, lane in enumerate(Lane)}, value=table.c.lane)


def add(session: Session, municipality: str, values: Mapping[str, Any], ids: Sequence[int], now: datetime) -> int:
    """Store one open batch for ``ids``; ``values`` are the other columns. Returns its id."""
    return add_many(session, municipality, [{**values, "ids": ids}], now)[0]


def add_many(session: Session, municipality: str, rows: Sequence[Mapping[str, Any]], now: datetime) -> list[int]:
    """Store open batches in one statement, each with its ``ids`` and other columns; returns their ids in this order.

    Those that are due stand in line, one turn after the other; others enter it when their time comes.
    """
    turns: dict[str, int] = {}
    stored = []
    for row in rows:
        turn = NEVER
        if row["due_at"] <= now:
            lane = str(row["lane"])
            turn = turns[lane] + 1 if lane in turns else first_turn(session, municipality, lane)
            turns[lane] = turn
        stored.append({
            "municipality_id": municipality, "state": "open", "cursor": 0, "runs": 0, "created_at": now, "slot": "",
            "lead": "", "seen_at": None, "wanted_at": row["due_at"], **dict.fromkeys(SETTLED, 0), **row,
            "ids": row["ids"], "size": len(row["ids"]), "turn": turn,
        })  # fmt: skip
    if not stored:
        return []
    made = session.scalars(insert(table).returning(table.c.id, sort_by_parameter_order=True), stored)
    return [int(one) for one in made]


def claim(
    session: Session, lane: str, owner: str, now: datetime, lease: timedelta, *, most: int | None = None
) -> RowMapping | None:
    """Take the batch of ``lane`` whose turn it is, by turn ``most``, for ``lease``; ``None`` if there is none."""
    query = (
        update(table)
        .where(table.c.id == foremost(lane, now, most))
        .values(lease_until=now + lease, owner=owner, runs=table.c.runs + 1)
        .returning(table)
    )
    return session.execute(query).mappings().one_or_none()


def may_reach(session: Session, batch_id: int, owner: str, ahead: int) -> None:
    """Remember how many recipients beyond the cursor ``owner`` may tell before its checkpoint says so."""
    session.execute(update(table).where(table.c.id == batch_id, table.c.owner == owner).values(ahead=ahead))


def checkpoint(
    session: Session,
    batch_id: int,
    owner: str,
    *,
    cursor: int,
    counts: Mapping[str, int],
    lease_until: datetime,
    first_at: datetime | None = None,
) -> bool:
    """Move the cursor and the counts forward; ``False`` means that the lease went to somebody else: stop."""
    values = {f"to_{name}": counts.get(name, 0) for name in SETTLED}
    found = session.execute(
        _FORWARD,
        {"at": batch_id, "by": owner, "to_cursor": cursor, "until": lease_until, "since": first_at, **values},
    )
    return found.one_or_none() is not None


def afterwards(session: Session, batch_id: int, owner: str, *, cursor: int, counts: Mapping[str, int]) -> bool:
    """Count what was under way when a newer revision closed the batch; ``False`` if it was not closed in our hands."""
    values: dict[str, Any] = {name: table.c[name] + counts.get(name, 0) for name in SETTLED}
    values["suppressed"] = table.c.suppressed + counts.get("suppressed", 0) - sum(counts.values())
    query = (
        update(table)
        .where(table.c.id == batch_id, table.c.owner == owner, table.c.state == "done")
        .values(cursor=cursor, **values)
        .returning(table.c.id)
    )
    return session.execute(query).one_or_none() is not None


def release(
    session: Session, batch_id: int, owner: str, *, due_at: datetime | None, now: datetime | None = None
) -> bool:  # fmt: skip
    """Give a batch back: done, or open again at ``due_at``; at its old ``due_at`` it keeps its turn."""
    values: dict[str, Any] = {"lease_until": None, "owner": None, "runs": 0}
    if due_at is None:
        values |= {"state": "done", "done_at": now}
    else:
        values |= {"due_at": due_at, "turn": case((table.c.due_at == due_at, table.c.turn), else_=NEVER)}
    query = (
        update(table)
        .where(table.c.id == batch_id, table.c.owner == owner, table.c.state == "open")
        .values(**values)
        .returning(table.c.id)
    )
    return session.execute(query).one_or_none() is not None


def let_go(session: Session, batch_id: int, owner: str) -> None:
    """Say that ``owner`` tells nobody more of a batch that was closed meanwhile."""
    session.execute(
        update(table).where(table.c.id == batch_id, table.c.owner == owner).values(owner=None, lease_until=None)
    )


def close(session: Session, batch_id: int, owner: str, verdict: Verdict, now: datetime) -> bool:
    """End a batch before everybody was told: the rest, and who waited for a retry, counts as ``verdict``."""
    left = table.c.size - sum((table.c[name] for name in SETTLED), start=literal(0))
    query = (
        update(table)
        .where(table.c.id == batch_id, table.c.owner == owner, table.c.state == "open")
        .values({verdict.value: table.c[verdict.value] + left})
        .values(state="done", done_at=now, owner=None, lease_until=None, runs=0)
        .returning(table.c.id)
    )
    closed = session.scalars(query).all()
    _give_up(session, closed, verdict)
    return bool(closed)


def _give_up(session: Session, closed: Sequence[int], verdict: Verdict) -> None:
    """Try nobody of these batches again."""
    session.execute(
        update(problem)
        .where(problem.c.batch_id.in_(list(closed)), problem.c.retry_at.is_not(None))
        .values(retry_at=None, verdict=verdict)
    )


def hold(session: Session, batch_id: int, until: datetime) -> Any:
    """Let a batch that nobody has wait, untried, until ``until`` or its end; returns its ``lane`` and ``due_at``."""
    at = case((table.c.valid_until < until, table.c.valid_until), else_=until)
    query = (
        update(table)
        .where(table.c.id == batch_id, table.c.state == "open", table.c.owner.is_(None))
        .values(due_at=at, turn=NEVER)
        .returning(table.c.lane, table.c.due_at)
    )
    return session.execute(query).one_or_none()


def due(session: Session, now: datetime, *, most: int = 500) -> Sequence[tuple[int, str]]:
    """Return (id, lane) of open batches that are due and that nobody holds, urgent lanes first."""
    query = (
        select(table.c.id, table.c.lane)
        .where(table.c.state == "open", table.c.due_at <= now, free(now))
        .order_by(_URGENCY, table.c.due_at)
        .limit(most)
    )
    return [(row.id, row.lane) for row in session.execute(query)]


def begun(row: Any) -> int:
    """Return how many of a batch's ``ids`` may have been told: up to its ``cursor``, and what a worker had in hand.

    ``row`` needs ``cursor``, ``ahead``, ``runs``, ``state`` and ``owner``.
    """
    in_hand = row.runs > 0 and (row.state == "open" or row.owner is not None)
    return int(row.cursor) + (int(row.ahead) if in_hand else 0)


def digest_to(session: Session, old: int, new: int) -> None:
    """Let what waits for the next digest of one endpoint wait for that of another; what both have stays as it is."""
    both = select(digest_entry.c.notice_id).where(digest_entry.c.endpoint_id == new)
    query = update(digest_entry).where(
        digest_entry.c.endpoint_id == old, digest_entry.c.batch_id.is_(None), digest_entry.c.notice_id.not_in(both)
    )
    session.execute(query.values(endpoint_id=new))


def hand_over(session: Session, notice_id: str, into: str) -> None:
    """Count whoever was told of ``notice_id`` as told of ``into``, which continues it; what waits is void."""
    session.execute(update(table).where(table.c.notice_id == notice_id).values(notice_id=into, revision=0))


def drop_waiting(session: Session, notice_id: str, revision: int, now: datetime | None = None) -> None:
    """Close batches of older revisions: the newer one says what holds now. Whom they did not reach counts suppressed.

    A batch that is being told stops at its next checkpoint; its worker lets go of it when nothing is on the wire. A
    reminder or correction that has begun goes on: no newer revision brings it again.
    """
    unbegun = and_(table.c.cursor == 0, table.c.owner.is_(None))
    left = table.c.size - sum((table.c[name] for name in SETTLED), start=literal(0))
    closed = session.scalars(
        update(table)
        .where(
            table.c.notice_id == notice_id, table.c.revision < revision, table.c.state == "open",
            or_(unbegun, table.c.change.in_([Change.NEW, Change.REVISED, Change.WITHDRAWN])),
        )
        .values(state="done", suppressed=table.c.suppressed + left, done_at=now)
        .returning(table.c.id)
    ).all()  # fmt: skip
    _give_up(session, closed, Verdict.SUPPRESSED)


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
    fresh = insert_for(session)(problem).values(batch_id=batch_id, endpoint_id=endpoint_id, **values)
    session.execute(fresh.on_conflict_do_update(index_elements=["batch_id", "endpoint_id"], set_=values))


def digest_assign(
    session: Session, endpoint_ids: Sequence[int], batch_id: int, *, without: ColumnElement[bool] | None = None
) -> None:
    """Bind what waits for these endpoints to the digest that now goes out, but for the entries of ``without``."""
    waiting = (digest_entry.c.endpoint_id.in_(list(endpoint_ids)), digest_entry.c.batch_id.is_(None))
    query = update(digest_entry).where(*waiting, *(() if without is None else (~without,)))
    session.execute(query.values(batch_id=batch_id))


def digest_pages(session: Session, batch_id: int, endpoint_ids: Sequence[int]) -> dict[int, list[RowMapping]]:
    """Return the entries of these people's digests, by endpoint, each with its notice's ``municipality_id``."""
    query = (
        select(digest_entry, notice.c.municipality_id)
        .join(notice, notice.c.id == digest_entry.c.notice_id)
        .where(digest_entry.c.batch_id == batch_id, digest_entry.c.endpoint_id.in_(list(endpoint_ids)))
    )
    found: dict[int, list[RowMapping]] = {}
    for row in session.execute(query.order_by(digest_entry.c.endpoint_id, digest_entry.c.notice_id)).mappings():
        found.setdefault(row["endpoint_id"], []).append(row)
    return found


def digest_done(session: Session, batch_id: int, endpoint_ids: Sequence[int]) -> None:
    """Forget what was told."""
    session.execute(
        delete(digest_entry).where(
            digest_entry.c.batch_id == batch_id, digest_entry.c.endpoint_id.in_(list(endpoint_ids))
        )
    )
