"""Dropping what became too old while an installation was on hold: counted, never sent, nothing half-told."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.orm import Session

from hub.store import drafts, months
from hub.store.schema import batch, digest_entry, endpoint, letter, problem, publication, reminder, source, subscriber

_PAGE = 500
_REST = batch.c.size - batch.c.sent - batch.c.failed - batch.c.gone - batch.c.expired


def older_than(session: Session, before: datetime, now: datetime) -> int:
    """Close batches, reminders, digests, monthly mails, letters and publications from before ``before``.

    Returns how many messages that drops.

    Calendars and lists still get what the publications bring; only nobody is told of it. What editors had released
    and was due then is a draft again, with a note.
    """
    return _drop(session, batch.c.created_at < before, before, now)


def due_until(session: Session, now: datetime) -> int:
    """Close what was due until ``now``, as :func:`older_than` does: another copy of this database may have told it."""
    return _drop(session, batch.c.due_at <= now, now, now)


def _drop(session: Session, which: ColumnElement[bool], before: datetime, now: datetime) -> int:
    old = select(batch.c.id).where(batch.c.state == "open", which)
    session.execute(update(problem).where(problem.c.batch_id.in_(old)).values(retry_at=None))
    closed = (
        update(batch)
        .where(batch.c.id.in_(old))
        .values(state="done", suppressed=_REST, done_at=now, lease_until=None, owner=None)
        .returning(batch.c.suppressed)
    )
    count = sum(session.scalars(closed))
    missed = (
        update(reminder)
        .where(reminder.c.state == "planned", reminder.c.due_at < before)
        .values(state="missed")
        .returning(reminder.c.id)
    )
    count += len(session.execute(missed).all())
    late = (
        select(endpoint.c.id)
        .join(subscriber, subscriber.c.id == endpoint.c.subscriber_id)
        .where(subscriber.c.next_digest_at < before)
    )
    told = delete(digest_entry).where(digest_entry.c.batch_id.is_(None), digest_entry.c.endpoint_id.in_(late))
    count += len(session.execute(told.returning(digest_entry.c.endpoint_id)).all())
    count += _monthly(session, before, now)
    written = update(letter).where(letter.c.state == "open", letter.c.created_at < before)
    count += len(session.execute(written.values(state="failed", lease_until=None).returning(letter.c.id)).all())
    open_ = (publication.c.stage != "done", publication.c.created_at < before)
    session.execute(update(publication).where(*open_).values(announce=False, stage="match", position=0))
    return int(count) + drafts.fall_back(session, before, now)


def _monthly(session: Session, before: datetime, now: datetime) -> int:
    """Let monthly mails that were due pass; returns how many."""
    count = 0
    while page := months.due(session, before, most=_PAGE):
        awake = [one["id"] for one in page if one["paused_until"] is None or one["paused_until"] <= now]
        count += sum(map(len, months.mailboxes(session, awake).values()))
        months.pass_on(session, page, now)
    return count


def silence_sources(session: Session) -> None:
    """Let the next poll of every source tell nobody of what is new to us, as its first import did."""
    session.execute(update(source).values(imported=False))
