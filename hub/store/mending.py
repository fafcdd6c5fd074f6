"""What the watch may repair without harm: open again, let go, put right. A repeat on the wire is the worst of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from hub.store.schema import batch, digest_entry, match, problem, subscriber


def reopen(session: Session, batch_id: int, now: datetime, **values: Any) -> None:
    """Let a batch that nobody holds be worked on again, now; ``values`` are further columns to put right."""
    session.execute(
        update(batch)
        .where(batch.c.id == batch_id)
        .values(state="open", due_at=now, lease_until=None, owner=None, tallied=False, done_at=None, **values)
    )


def close(session: Session, batch_id: int, now: datetime) -> None:
    """Close a batch all of whose recipients have an end."""
    session.execute(update(batch).where(batch.c.id == batch_id).values(state="done", done_at=now))


def due_now(session: Session, batch_id: int, now: datetime) -> None:
    """Let a batch be worked on now."""
    session.execute(update(batch).where(batch.c.id == batch_id, batch.c.state == "open").values(due_at=now))


def forget_retries(session: Session, batch_id: int) -> None:
    """Let the recipients of a batch wait for no retry: they have an end."""
    session.execute(update(problem).where(problem.c.batch_id == batch_id).values(retry_at=None))


def digest_at(session: Session, subscriber_id: int, at: datetime) -> None:
    """Put the time of a person's next digest right."""
    session.execute(update(subscriber).where(subscriber.c.id == subscriber_id).values(next_digest_at=at))


def unbind(session: Session, entries: Iterable[Any]) -> None:
    """Let digest entries, each with ``endpoint_id`` and ``notice_id``, wait for the next digest."""
    for one in entries:
        session.execute(
            update(digest_entry)
            .where(digest_entry.c.endpoint_id == one.endpoint_id, digest_entry.c.notice_id == one.notice_id)
            .values(batch_id=None)
        )


def add_entries(session: Session, notice_id: str, revision: int, endpoint_ids: Sequence[int]) -> None:
    """Put a notice into the next digest of these endpoints, which do not have it yet."""
    rows = [
        {"endpoint_id": one, "notice_id": notice_id, "revision": revision, "batch_id": None} for one in endpoint_ids
    ]
    if rows:
        session.execute(insert(digest_entry), rows)


def matched(session: Session, notice_id: str) -> set[int]:
    """Return the interests that a notice is known to fit."""
    return set(session.scalars(select(match.c.interest_id).where(match.c.notice_id == notice_id)))
