"""How endpoints fare: trouble and recovery, and people whose last push endpoint has died (W-06, F38)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import RowMapping, and_, exists, literal_column, select, update
from sqlalchemy.orm import Session

from hub.core.subscription import Action
from hub.store.schema import endpoint, match, problem, subscription, way

PUSH, MAIL = "webpush", "mail"
DIED = ("gone", "dead")  # ``ended_why`` of an endpoint that ended without its person's will


def trouble(session: Session, ids: Sequence[int], now: datetime) -> None:
    """Mark endpoints whose first failure since their last success this is."""
    if ids:
        query = update(endpoint).where(endpoint.c.id.in_(list(ids)), endpoint.c.troubled_since.is_(None))
        session.execute(query.values(troubled_since=now))


def heal(session: Session, ids: Sequence[int]) -> None:
    """Take the mark off endpoints that were reached again."""
    if ids:
        session.execute(update(endpoint).where(endpoint.c.id.in_(list(ids))).values(troubled_since=None))


def failing(session: Session, batch_id: int, before: datetime) -> Sequence[int]:
    """Return who still waits for a retry in a batch and has only failed since ``before`` or longer."""
    query = select(endpoint.c.id).join(problem, problem.c.endpoint_id == endpoint.c.id)
    waiting = (problem.c.batch_id == batch_id, problem.c.retry_at.is_not(None))
    return session.scalars(query.where(*waiting, endpoint.c.troubled_since <= before)).all()


def ever(session: Session, subscriber_id: int) -> dict[int, RowMapping]:
    """Return all endpoints that a person has or had, as far as they are known, by id."""
    rows = session.execute(select(endpoint).where(endpoint.c.subscriber_id == subscriber_id)).mappings()
    return {row["id"]: row for row in rows}


def cut_off(session: Session, subscriber_id: int) -> bool:
    """Whether a push endpoint of this person has died and none lives."""
    mine = select(endpoint.c.id).where(endpoint.c.subscriber_id == subscriber_id, endpoint.c.channel == PUSH)
    if session.scalar(mine.where(endpoint.c.state.in_(["active", "pending"])).limit(1)) is not None:
        return False
    return session.scalar(mine.where(endpoint.c.ended_why.in_(DIED)).limit(1)) is not None


def to_rescue(session: Session, ids: Sequence[int]) -> Sequence[RowMapping]:
    """Return the dead push endpoints of ``ids`` whose person has no living one but a mailbox, not told of it yet.

    ``id``, and the mail endpoint's ``mail_id``, ``service`` and ``municipality_id``.
    """
    mail, living = endpoint.alias("mail"), endpoint.alias("living")
    query = (
        select(endpoint.c.id, mail.c.id.label("mail_id"), mail.c.service, mail.c.municipality_id)
        .join(mail, and_(mail.c.subscriber_id == endpoint.c.subscriber_id, mail.c.channel == MAIL))
        .where(
            endpoint.c.id.in_(list(ids)), endpoint.c.channel == PUSH, endpoint.c.ended_why.in_(DIED),
            endpoint.c.rescued_at.is_(None), mail.c.state == "active",
            ~exists().where(
                living.c.subscriber_id == endpoint.c.subscriber_id, living.c.channel == PUSH, living.c.state == "active"
            ),
        )
        .order_by(endpoint.c.id)
    )  # fmt: skip
    return session.execute(query).mappings().all()


def rescued(session: Session, ids: Sequence[int], now: datetime) -> None:
    """Remember that the people of these endpoints were told."""
    session.execute(update(endpoint).where(endpoint.c.id.in_(list(ids))).values(rescued_at=now))


def stand_ins(session: Session, notice_id: str, *, after: int, most: int) -> Sequence[RowMapping]:
    """Return a page of mail endpoints that take the place of a person's dead push for a notice they wanted as push.

    Who wants the notice by mail anyway is left out: they are meant already. ``id`` and ``service``.
    """
    push, asked, other = endpoint.alias("push"), way.alias("asked"), subscription.alias("other")
    met = match.alias("met")
    wanted = (
        select(subscription.c.subscriber_id)
        .join(way, and_(way.c.subscription_id == subscription.c.id, way.c.channel == PUSH, way.c.action == Action.NOW))
        .join(match, match.c.interest_id == subscription.c.interest_id)
        .where(match.c.notice_id == notice_id)
    )
    by_mail = exists().where(
        other.c.subscriber_id == endpoint.c.subscriber_id, asked.c.subscription_id == other.c.id,
        asked.c.channel == MAIL, asked.c.action == Action.NOW, met.c.interest_id == other.c.interest_id,
        met.c.notice_id == notice_id,
    )  # fmt: skip
    mine = push.c.subscriber_id == endpoint.c.subscriber_id
    died = select(push.c.subscriber_id).where(  # few: by the index of what has ended, for which this is the condition
        push.c.ended_why != literal_column("''"), push.c.channel == PUSH, push.c.ended_why.in_(DIED)
    )
    query = (
        select(endpoint.c.id, endpoint.c.service)
        .where(
            endpoint.c.id > after, endpoint.c.channel == MAIL, endpoint.c.state == "active",
            endpoint.c.subscriber_id.in_(died), endpoint.c.subscriber_id.in_(wanted), ~by_mail,
            ~exists().where(mine, push.c.channel == PUSH, push.c.state == "active"),
        )
        .order_by(endpoint.c.id)
        .limit(most)
    )  # fmt: skip
    return session.execute(query).mappings().all()
