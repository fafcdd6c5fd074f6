"""Signs of life: who was reached, read their calendar or opened their page; and who has shown none for a year (I18)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import RowMapping, exists, or_, select, update
from sqlalchemy.orm import Session

from hub.core.desk import TOPIC
from hub.core.lapse import COARSE, DORMANT, ENDS_SOON
from hub.core.message import Change
from hub.store.batches import begun
from hub.store.recipients import among
from hub.store.schema import batch, endpoint, interest_key, problem, subscriber, subscription

PAGE = 200  # batches looked through in one transaction


def seen(session: Session, subscriber_ids: Iterable[int], now: datetime) -> None:
    """Note a sign of life, unless one was noted within a month and nobody was warned since."""
    query = update(subscriber).where(
        among(session, subscriber.c.id, subscriber_ids),
        or_(subscriber.c.alive_at < now - COARSE, subscriber.c.lapse_told_at.is_not(None)),
    )
    session.execute(query.values(alive_at=now, lapse_told_at=None))


def kept(session: Session, subscriber_id: int, now: datetime) -> None:
    """Write that a person wants to keep everything."""
    query = update(subscriber).where(subscriber.c.id == subscriber_id)
    session.execute(query.values(alive_at=now, lapse_told_at=None))


def all_seen(session: Session, now: datetime) -> None:
    """Blame nobody for a silence of our own."""
    session.execute(update(subscriber).values(alive_at=now, lapse_told_at=None))


def note_reached(session: Session, since: datetime, now: datetime, after: int) -> int | None:
    """Note as alive who was reached by a page of batches, done since or open, behind id ``after``; returns its end.

    A message that only asks whether somebody is still there is no sign that they are.
    """
    query = (
        select(*(batch.c[name] for name in ("id", "ids", "cursor", "ahead", "runs", "state", "owner")))
        .where(
            batch.c.id > after, or_(batch.c.done_at >= since, batch.c.state != "done"), batch.c.sent > 0,
            batch.c.change != Change.LAPSE,
        )
        .order_by(batch.c.id)
        .limit(PAGE)
    )  # fmt: skip
    rows = session.execute(query).all()
    if not rows:
        return None
    failed = select(problem.c.batch_id, problem.c.endpoint_id).where(
        problem.c.batch_id.in_([row.id for row in rows]), problem.c.verdict != "sent"
    )
    missed = {(row.batch_id, row.endpoint_id) for row in session.execute(failed)}
    ids = {one for row in rows for one in row.ids[: begun(row)] if (row.id, one) not in missed}
    people = select(endpoint.c.subscriber_id).where(among(session, endpoint.c.id, sorted(ids)))
    signs = update(subscriber).where(
        subscriber.c.id.in_(people), or_(subscriber.c.alive_at < now - COARSE, subscriber.c.lapse_told_at.is_not(None))
    )
    session.execute(signs.values(alive_at=now, lapse_told_at=None))
    return int(rows[-1].id)


def dormant(session: Session, now: datetime, *, after: int, most: int) -> Sequence[RowMapping]:
    """Return a page of people, behind id ``after``, without a sign of life for a year.

    Editors and our own canaries are no people whose choices could lapse.
    """
    own = exists().where(
        subscription.c.subscriber_id == subscriber.c.id, subscription.c.interest_id == interest_key.c.interest_id,
        interest_key.c.topic == TOPIC,
    )  # fmt: skip
    query = (
        select(
            subscriber.c.id, subscriber.c.municipality_id, subscriber.c.alive_at,
            subscriber.c.lapse_told_at,
        )
        .where(
            subscriber.c.id > after, ~subscriber.c.canary, ~own,
            subscriber.c.alive_at <= now - DORMANT,
        )
        .order_by(subscriber.c.id)
        .limit(most)
    )  # fmt: skip
    return session.execute(query).mappings().all()


def told(session: Session, subscriber_ids: Sequence[int], at: datetime) -> None:
    """Write when these people were warned."""
    session.execute(update(subscriber).where(subscriber.c.id.in_(list(subscriber_ids))).values(lapse_told_at=at))


def ways_out(session: Session, subscriber_ids: Sequence[int], *, channel: str = "") -> Sequence[RowMapping]:
    """Return the living endpoints of these people (on ``channel``), with what a batch needs to know of each."""
    query = select(
        endpoint.c.id, endpoint.c.subscriber_id, endpoint.c.channel, endpoint.c.service, endpoint.c.municipality_id
    ).where(endpoint.c.subscriber_id.in_(list(subscriber_ids)), endpoint.c.state == "active")
    if channel:
        query = query.where(endpoint.c.channel == channel)
    return session.execute(query.order_by(endpoint.c.id)).mappings().all()


def expires(session: Session, endpoint_id: int, at: datetime | None) -> None:
    """Write when a browser says that its push subscription ends (``None``: never); whoever was told is told anew."""
    query = update(endpoint).where(endpoint.c.id == endpoint_id, endpoint.c.expires_at.is_distinct_from(at))
    session.execute(query.values(expires_at=at, expiry_told_at=None))


def expiring(session: Session, now: datetime, *, most: int) -> Sequence[RowMapping]:
    """Return living endpoints that end within a week and whose people were not told yet."""
    query = (
        select(
            endpoint.c.id, endpoint.c.subscriber_id, endpoint.c.channel, endpoint.c.service,
            endpoint.c.municipality_id, endpoint.c.expires_at, endpoint.c.expiry_told_at,
        )
        .where(
            endpoint.c.state == "active", endpoint.c.expiry_told_at.is_(None), endpoint.c.expires_at > now,
            endpoint.c.expires_at <= now + ENDS_SOON,
        )
        .order_by(endpoint.c.id)
        .limit(most)
    )  # fmt: skip
    return session.execute(query).mappings().all()


def expiry_told(session: Session, endpoint_ids: Sequence[int], now: datetime) -> None:
    """Remember who was told."""
    session.execute(update(endpoint).where(endpoint.c.id.in_(list(endpoint_ids))).values(expiry_told_at=now))
