"""Retention: what nobody needs any more is deleted in short transactions, a page at a time (T-04).

Batches of a notice that still holds stay: a cancellation goes to exactly those who had it. What a batch counted is
added to its revision's account, and to what came of it on its channel, before it goes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, delete, exists, func, not_, or_, select
from sqlalchemy.orm import Session

from hub.core.ledger import SETTLED
from hub.store import foundings, reach
from hub.store.database import insert_for
from hub.store.schema import account, batch, bundle, match, notice, occurrence, publication, read_mark, reminder

PAGE = 500  # rows looked at in one transaction


def _holds(notice_id: Any, cut: datetime) -> ColumnElement[bool]:
    """Whether a notice still concerned somebody after ``cut``: valid, changed, or with a date ahead."""
    one = notice.alias()
    current = and_(
        one.c.id == notice_id, one.c.withdrawn.is_(False),
        or_(one.c.expires > cut, and_(one.c.expires.is_(None), one.c.changed_at > cut)),
    )  # fmt: skip
    ahead = and_(occurrence.c.notice_id == notice_id, occurrence.c.end_at > cut)
    return or_(exists().where(current), exists().where(ahead))


def _spent(cut: datetime) -> ColumnElement[bool]:
    """Whether a batch tells of what is over: its notice, all that it tells together, or the date that it reminds of."""
    date = and_(
        occurrence.c.notice_id == batch.c.notice_id, occurrence.c.slot == batch.c.slot, occurrence.c.end_at > cut
    )
    over = and_(batch.c.slot != "", not_(exists().where(date)))
    together = exists().where(bundle.c.batch_id == batch.c.id, _holds(bundle.c.notice_id, cut))
    alone = batch.c.notice_id.is_not(None)
    return or_(and_(~alone, not_(together)), over, and_(alone, not_(_holds(batch.c.notice_id, cut))))


def forget_batches(session: Session, cut: datetime, after: int) -> int | None:
    """Delete one page of batches done before ``cut``, behind id ``after``; returns where it ended, ``None`` at the end.

    Their problems go with them.
    """
    old = and_(batch.c.state == "done", func.coalesce(batch.c.done_at, batch.c.created_at) < cut)
    page = (
        select(batch.c.id, (and_(old, _spent(cut))).label("spent"))
        .where(batch.c.id > after, batch.c.created_at < cut)
        .order_by(batch.c.id)
        .limit(PAGE)
    )
    rows = session.execute(page).all()
    spent = [row.id for row in rows if row.spent]
    if spent:
        _count(session, spent)
        reach.count_batches(session, spent)
        session.execute(delete(batch).where(batch.c.id.in_(spent)))
    return rows[-1].id if rows else None


def _count(session: Session, ids: Sequence[int]) -> None:
    """Add what these batches counted to the accounts of their revisions, in one statement."""
    key, names = (batch.c.notice_id, batch.c.revision), ("meant", *SETTLED)
    sums = (
        select(*key, func.sum(batch.c.size), *(func.sum(batch.c[name]) for name in SETTLED))
        .where(batch.c.id.in_(list(ids)), batch.c.notice_id.is_not(None))
        .group_by(*key)
        .order_by(*key)
    )
    insert = insert_for(session)(account).from_select(["notice_id", "revision", *names], sums)
    more = {name: account.c[name] + insert.excluded[name] for name in names}
    session.execute(insert.on_conflict_do_update(index_elements=["notice_id", "revision"], set_=more))


def forget_publications(session: Session, cut: datetime) -> int:
    """Delete one page of publications carried out before ``cut`` of notices that hold no more; returns how many."""
    old = (
        select(publication.c.id)
        .where(
            publication.c.stage == "done", publication.c.created_at < cut, not_(_holds(publication.c.notice_id, cut))
        )
        .limit(PAGE)
    )
    return _gone(session, delete(publication).where(publication.c.id.in_(old)).returning(publication.c.id))


def forget_reminders(session: Session, cut: datetime) -> int:
    """Delete one page of reminders that fired or were missed, of dates that ended before ``cut``; returns how many."""
    old = select(reminder.c.id).where(reminder.c.state != "planned", reminder.c.valid_until < cut).limit(PAGE)
    return _gone(session, delete(reminder).where(reminder.c.id.in_(old)).returning(reminder.c.id))


def forget_matches(session: Session, cut: datetime) -> int:
    """Delete the matches of a few notices that hold no more, and who has read them; returns how many matches."""
    matched = exists().where(match.c.notice_id == notice.c.id)
    over: Select[Any] = select(notice.c.id).where(notice.c.changed_at < cut, matched, not_(_holds(notice.c.id, cut)))
    ids = session.scalars(over.limit(PAGE // 10)).all()
    if not ids:
        return 0
    session.execute(delete(read_mark).where(read_mark.c.notice_id.in_(ids)))
    return _gone(session, delete(match).where(match.c.notice_id.in_(ids)).returning(match.c.interest_id))


def _gone(session: Session, query: Any) -> int:
    return len(session.execute(query).all())


PAGES: tuple[Callable[[Session, datetime], int], ...] = (
    forget_publications, forget_reminders, forget_matches, foundings.forget,
)  # fmt: skip
