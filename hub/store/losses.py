"""What the watch looks at: recent and open rows only, each question one statement with a bound."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import RowMapping, Select, and_, exists, func, or_, select
from sqlalchemy.orm import Session

from hub.core.losses import LONGEST_LEASE
from hub.core.message import Change
from hub.core.settle import MARKED
from hub.store.ledger import settled
from hub.store.schema import (
    batch,
    digest_entry,
    notice_revision,
    problem,
    publication,
    reminder,
    service,
    source,
    subscriber,
)  # fmt: skip
from hub.store.schema import municipality as town
from hub.store.tally import UNTALLIED

MOST = 200


def _rows(session: Session, query: Select[Any]) -> Sequence[RowMapping]:
    return session.execute(query).mappings().all()


def _unheld(now: datetime) -> Any:
    return or_(batch.c.lease_until.is_(None), batch.c.lease_until < now)


def _paused(now: datetime) -> Any:
    """Whether the service of a batch asked for a pause that lasts, or has just ended."""
    return exists().where(
        service.c.channel == batch.c.channel, service.c.name == batch.c.service,
        service.c.paused_until > now - timedelta(minutes=2),
    )  # fmt: skip


def _slowed(now: datetime) -> Any:
    """Whether the service of a batch paused us or lets us send slowly only: then batches are put off with a reason."""
    limits = or_(service.c.paused_until > now - timedelta(minutes=2), service.c.rate > 0, service.c.failures > 0)
    return exists().where(service.c.channel == batch.c.channel, service.c.name == batch.c.service, limits)


def _waiting() -> Any:
    """How many recipients of a batch wait for a retry."""
    query = select(func.count()).where(problem.c.batch_id == batch.c.id, problem.c.retry_at.is_not(None))
    return query.scalar_subquery()


def publications(session: Session, before: datetime) -> Sequence[RowMapping]:
    """Return publications that were made before ``before`` and are not carried out."""
    query = select(publication).where(publication.c.stage != "done", publication.c.created_at < before)
    return _rows(session, query.order_by(publication.c.id).limit(MOST))


def orphans(session: Session, since: datetime) -> Sequence[RowMapping]:
    """Return (notice_id, revision) of revisions without a publication and of publications without a revision."""
    same = and_(
        publication.c.notice_id == notice_revision.c.notice_id, publication.c.revision == notice_revision.c.revision
    )
    unsaid = (
        select(notice_revision.c.notice_id, notice_revision.c.revision)
        .outerjoin(publication, same)
        .where(notice_revision.c.at >= since, publication.c.id.is_(None))
    )
    unheard = (
        select(publication.c.notice_id, publication.c.revision)
        .outerjoin(notice_revision, same)
        .where(publication.c.created_at >= since, notice_revision.c.notice_id.is_(None))
    )
    return [*_rows(session, unsaid.limit(MOST)), *_rows(session, unheard.limit(MOST))]


_SEEN = (
    batch.c.id, batch.c.lane, batch.c.state, batch.c.size, batch.c.cursor, batch.c.due_at, batch.c.wanted_at,
    batch.c.valid_until, batch.c.lease_until, batch.c.runs, batch.c.channel, batch.c.service,
)  # fmt: skip


def stuck(session: Session, before: datetime, now: datetime) -> Sequence[RowMapping]:
    """Return open batches that were due before ``before`` and that nobody holds."""
    query = select(*_SEEN).where(batch.c.state == "open", batch.c.due_at < before, _unheld(before), ~_paused(now))
    return _rows(session, query.order_by(batch.c.due_at).limit(MOST))


def unknown_states(session: Session) -> Sequence[RowMapping]:
    """Return batches whose state is neither open nor done."""
    state = batch.c.state
    strange = or_(state < "done", and_(state > "done", state < "open"), state > "open")
    return _rows(session, select(*_SEEN).where(strange).limit(MOST))


def seized(session: Session, now: datetime) -> Sequence[RowMapping]:
    """Return open batches whose lease is longer than any worker takes."""
    query = select(*_SEEN).where(batch.c.state == "open", batch.c.lease_until > now + LONGEST_LEASE)
    return _rows(session, query.limit(MOST))


def postponed(session: Session, now: datetime) -> Sequence[RowMapping]:
    """Return batches nobody began that were put off beyond their time, though their service asked for no pause."""
    off = or_(batch.c.due_at > batch.c.wanted_at, batch.c.due_at > batch.c.valid_until)
    query = select(*_SEEN).where(
        batch.c.state == "open", batch.c.due_at > now, batch.c.cursor == 0, off, _unheld(now), ~_slowed(now),
        ~exists().where(problem.c.batch_id == batch.c.id, problem.c.retry_at.is_not(None)),
    )  # fmt: skip
    return _rows(session, query.limit(MOST))


def begun(session: Session, now: datetime) -> Sequence[RowMapping]:
    """Return open batches that nobody holds and whose cursor does not stand behind those accounted for."""
    waiting = _waiting()
    query = select(*_SEEN, settled().label("settled"), waiting.label("waiting")).where(
        batch.c.state == "open", _unheld(now), settled() + waiting != batch.c.cursor
    )
    return _rows(session, query.limit(MOST))


def unsettled(session: Session, since: datetime) -> Sequence[RowMapping]:
    """Return closed batches, made since ``since`` or not tallied yet, whose counts do not sum to their size."""
    query = select(*_SEEN, settled().label("settled"), _waiting().label("waiting")).where(settled() != batch.c.size)
    # Coalesced, so that SQLite goes by the time and not through every batch that was ever done.
    fresh = query.where(func.coalesce(batch.c.state, "") == "done", batch.c.created_at >= since).limit(MOST)
    found = {row["id"]: row for one in (fresh, query.where(UNTALLIED).limit(MOST)) for row in _rows(session, one)}
    return list(found.values())


def shrunken(session: Session, since: datetime) -> Sequence[RowMapping]:
    """Return batches made since ``since`` that do not hold as many recipients as they say."""
    held = func.length(batch.c.ids)
    query = select(*_SEEN, held.label("bytes")).where(batch.c.created_at >= since, held != 4 * batch.c.size)
    return _rows(session, query.limit(MOST))


def retries(session: Session, before: datetime, now: datetime) -> Sequence[RowMapping]:
    """Return batches with recipients whose retry is due since before ``before``, but which are put off until later."""
    due = func.min(problem.c.retry_at)
    query = (
        select(batch.c.id, batch.c.lane, func.count().label("waiting"), due.label("since"))
        .join(problem, problem.c.batch_id == batch.c.id)
        .where(
            problem.c.retry_at < before, batch.c.state == "open", batch.c.due_at > now, _unheld(now), ~_slowed(now)
        )
        .group_by(batch.c.id, batch.c.lane)
        .limit(MOST)
    )  # fmt: skip
    return _rows(session, query)


def overdue_reminders(session: Session, before: datetime) -> tuple[int, datetime | None]:
    """Return how many reminders are due since before ``before``, and since when the oldest is."""
    query = select(func.count(), func.min(reminder.c.due_at)).where(
        reminder.c.state == "planned", reminder.c.due_at < before
    )
    count, oldest = session.execute(query).one()
    return int(count), oldest


def overdue_digests(session: Session, before: datetime) -> tuple[int, datetime | None]:
    """Return how many people wait for a digest since before ``before``, and the longest since when."""
    query = select(func.count(), func.min(subscriber.c.next_digest_at)).where(subscriber.c.next_digest_at < before)
    count, oldest = session.execute(query).one()
    return int(count), oldest


def far_digests(session: Session, after: datetime) -> Sequence[RowMapping]:
    """Return people whose next digest is more than a day away, with their municipality's zone."""
    query = (
        select(subscriber.c.id, subscriber.c.digest_at, subscriber.c.next_digest_at, town.c.zone)
        .join(town, town.c.id == subscriber.c.municipality_id)
        .where(subscriber.c.next_digest_at > after)
    )
    return _rows(session, query.limit(MOST))


def stranded_entries(session: Session) -> Sequence[RowMapping]:
    """Return digest entries bound to a digest that is over or gone."""
    query = (
        select(digest_entry.c.endpoint_id, digest_entry.c.notice_id)
        .outerjoin(batch, batch.c.id == digest_entry.c.batch_id)
        .where(digest_entry.c.batch_id.is_not(None), func.coalesce(batch.c.state, "") != "open")
    )
    return _rows(session, query.limit(MOST * 10))


def unread_sources(session: Session, before: datetime, now: datetime) -> Sequence[RowMapping]:
    """Return sources that should have been read before ``before`` and that nobody reads now."""
    query = select(source.c.id, source.c.name, source.c.url, source.c.next_poll_at).where(
        source.c.enabled, source.c.next_poll_at < before,
        or_(source.c.lease_until.is_(None), source.c.lease_until < now),
    )  # fmt: skip
    return _rows(session, query.order_by(source.c.next_poll_at).limit(MOST))


def marked(session: Session, since: datetime) -> tuple[int, int]:
    """Return how many answers since ``since`` refused our identification, and how many deliveries there were."""
    refused = select(func.count()).where(problem.c.at >= since, problem.c.detail.startswith(MARKED, autoescape=True))
    tried = select(func.sum(batch.c.cursor)).where(batch.c.created_at >= since, batch.c.change != Change.CONFIRM)
    return int(session.scalar(refused) or 0), int(session.scalar(tried) or 0)
