"""Erasing people (GDPR Art. 17, T-02): at once what is theirs alone, then their ids out of what was delivered.

Batches keep how many were meant and told; whom, they keep only as long as the person is there. Lists of ids are cleaned
by a job (``jobs.erase``), because a town of a million has many of them; until then the ids stand in ``erased``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import RowMapping, delete, exists, func, or_, select, update
from sqlalchemy.orm import Session

from hub.store import feeds, footfall
from hub.store.database import insert_for
from hub.store.recipients import among
from hub.store.schema import batch, bundle, endpoint, erased, interest, problem, subscriber, subscription
from hub.store.subscribers import address_hash

NOBODY = 0  # stands in a list of ids for who is gone: counts and cursors stay what they were
PAGE = 200  # batches looked through in one transaction
_SETTLES = timedelta(hours=1)  # a fan-out that was reading when somebody went may still name them


def erase(session: Session, subscriber_ids: Iterable[int], now: datetime) -> set[str]:
    """Delete people with everything known of them, and the interests that were theirs alone.

    Returns the municipalities whose deliveries name them; :func:`clean` those.
    """
    ids = sorted(set(subscriber_ids))
    footfall.leave(session, ids, now)
    theirs = select(endpoint.c.id, endpoint.c.municipality_id).where(among(session, endpoint.c.subscriber_id, ids))
    rows = session.execute(theirs).all()
    if rows:
        gone = [{"endpoint_id": row.id, "at": now} for row in rows]
        session.execute(insert_for(session)(erased).on_conflict_do_nothing(), gone)
    chosen = select(subscription.c.interest_id).where(among(session, subscription.c.subscriber_id, ids))
    towns = set(session.scalars(select(interest.c.municipality_id).where(interest.c.id.in_(chosen)).distinct()))
    alone = _only_of(session, ids)
    session.execute(delete(subscriber).where(among(session, subscriber.c.id, ids)))
    _drop_unwanted(session, alone)
    feeds.touch(session, subscribers=ids)
    return towns | {row.municipality_id for row in rows}


def people_at(session: Session, municipality: str, address: str) -> Sequence[RowMapping]:
    """Return the people of a municipality who have, or had, a mail address; our own canaries are nobody."""
    theirs = select(endpoint.c.subscriber_id).where(
        endpoint.c.municipality_id == municipality, endpoint.c.channel == "mail",
        endpoint.c.address_hash == address_hash(address),
    )  # fmt: skip
    query = select(subscriber).where(
        subscriber.c.id.in_(theirs), subscriber.c.municipality_id == municipality, ~subscriber.c.canary
    )
    return session.execute(query.order_by(subscriber.c.id)).mappings().all()


def erase_again(session: Session, people: Iterable[tuple[int, datetime]], now: datetime) -> int:
    """Delete those of these people (id, when they had signed up) who are there again; returns how many."""
    wanted = dict(people)
    query = select(subscriber.c.id, subscriber.c.created_at).where(among(session, subscriber.c.id, wanted))
    back = [row.id for row in session.execute(query) if row.created_at == wanted[row.id]]
    if back:
        erase(session, back, now)
    return len(back)


def _only_of(session: Session, subscriber_ids: Sequence[int]) -> Sequence[int]:
    """Return the interests that nobody but these people has; popular ones are not even locked."""
    other = subscription.alias("other")
    shared = exists().where(
        other.c.interest_id == subscription.c.interest_id, ~among(session, other.c.subscriber_id, subscriber_ids)
    )
    query = select(subscription.c.interest_id).where(
        among(session, subscription.c.subscriber_id, subscriber_ids), ~shared
    )
    return session.scalars(query.distinct()).all()


def _drop_unwanted(session: Session, interest_ids: Sequence[int]) -> int:
    """Delete those of these interests that nobody wants; whoever is just choosing one is waited for."""
    locked = select(interest.c.id).where(among(session, interest.c.id, interest_ids)).order_by(interest.c.id)
    found = session.scalars(locked.with_for_update()).all()
    wanted = exists().where(subscription.c.interest_id == interest.c.id)
    query = delete(interest).where(among(session, interest.c.id, found), ~wanted)
    return len(session.scalars(query.returning(interest.c.id)).all())


def forget_interests(session: Session, after: int) -> int | None:
    """Delete a page of interests, behind id ``after``, that nobody has any more; returns where it ended."""
    wanted = exists().where(subscription.c.interest_id == interest.c.id)
    page = select(interest.c.id).where(interest.c.id > after, ~wanted).order_by(interest.c.id).limit(PAGE)
    ids = session.scalars(page).all()
    if ids:
        _drop_unwanted(session, ids)
    return ids[-1] if ids else None


def forget_unconfirmed(session: Session, before: datetime, now: datetime) -> int:
    """Delete people who never confirmed anything since ``before`` (48 hours, T-04); returns how many."""
    living = select(endpoint.c.subscriber_id).where(endpoint.c.state == "active")
    old = select(endpoint.c.subscriber_id).where(endpoint.c.state == "pending", endpoint.c.created_at < before)
    ids = session.scalars(select(subscriber.c.id).where(subscriber.c.id.in_(old), subscriber.c.id.not_in(living))).all()
    if ids:
        erase(session, ids, now)
    return len(ids)


def clean(session: Session, municipality: str, after: int) -> int | None:
    """Take who is gone out of one page of deliveries that are done, behind id ``after``; returns where it ended.

    ``municipality``: only its deliveries; empty: all.
    """
    gone = set(session.scalars(select(erased.c.endpoint_id)))
    query = select(batch.c.id, batch.c.ids).where(
        batch.c.id > after, batch.c.state == "done", batch.c.owner.is_(None),
        *((batch.c.municipality_id == municipality,) if municipality else ()),
    )  # fmt: skip
    rows = session.execute(query.order_by(batch.c.id).limit(PAGE)).all() if gone else []
    for row in rows:
        if not gone.isdisjoint(row.ids):
            session.execute(update(batch).where(batch.c.id == row.id).values(ids=_without(row.ids, gone)))
    pages = [row.id for row in rows]
    bundled = select(bundle).where(bundle.c.batch_id.in_(pages))
    for one in session.execute(bundled).all() if pages else ():
        if not gone.isdisjoint(one.ids):
            mine = (bundle.c.batch_id == one.batch_id, bundle.c.notice_id == one.notice_id)
            session.execute(update(bundle).where(*mine).values(ids=_without(one.ids, gone)))
    session.execute(delete(problem).where(problem.c.batch_id.in_(pages), among(session, problem.c.endpoint_id, gone)))
    return rows[-1].id if rows else None


def _without(ids: Sequence[int], gone: set[int]) -> list[int]:
    return [NOBODY if one in gone else one for one in ids]


def settled(session: Session, now: datetime) -> datetime:
    """Return until when people may have gone whom no delivery under way can still name."""
    oldest = select(func.min(batch.c.created_at)).where(or_(batch.c.state != "done", batch.c.owner.is_not(None)))
    under_way = session.scalar(oldest)
    return (min(now, under_way) if under_way is not None else now) - _SETTLES


def cleaned(session: Session, until: datetime) -> None:
    """Forget who was gone by ``until``: what was :func:`settled` before all deliveries were cleaned."""
    session.execute(delete(erased).where(erased.c.at <= until))
