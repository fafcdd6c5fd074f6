"""The dates that calendars show: of one subscriber, or of a topic and place."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import RowMapping, Select, and_, or_, select
from sqlalchemy.orm import Session

from hub.core.desk import HIDDEN
from hub.core.place import ancestors
from hub.core.subscription import Action
from hub.store.schema import match, notice, notice_place, occurrence, subscription, way


def _dates(begin: datetime, end: datetime) -> Select[tuple[object, ...]]:
    return (
        select(
            notice.c.id, notice.c.content.label("notice"), notice.c.revision, notice.c.withdrawn,
            occurrence.c.slot, occurrence.c.content.label("occurrence"), occurrence.c.sequence,
            occurrence.c.changed_at, occurrence.c.start_at,
        )
        .join(occurrence, occurrence.c.notice_id == notice.c.id)
        .where(occurrence.c.end_at >= begin, occurrence.c.start_at <= end)
        .order_by(occurrence.c.start_at, notice.c.id, occurrence.c.slot)
    )  # fmt: skip


def of_subscriber(session: Session, subscriber_id: int, begin: datetime, end: datetime) -> Sequence[RowMapping]:
    """Return the dates in a subscriber's private calendar, each with the match's ``reason`` and ``interest_id``."""
    query = (
        _dates(begin, end)
        .add_columns(match.c.reason, match.c.interest_id)
        .join(match, match.c.notice_id == notice.c.id)
        .join(subscription, subscription.c.interest_id == match.c.interest_id)
        .join(way, way.c.subscription_id == subscription.c.id)
        .where(subscription.c.subscriber_id == subscriber_id, way.c.action == Action.CALENDAR)
    )
    return session.execute(query).mappings().all()


def of_place(
    session: Session, municipality: str, *, topic: str | None, path: str, begin: datetime, end: datetime
) -> Sequence[RowMapping]:
    """Return the public dates of a topic (or all) at a place: what lies in it, above it and below it."""
    here = select(notice_place.c.notice_id).where(
        or_(
            notice_place.c.path.in_(list(ancestors(path))),
            notice_place.c.path.like(path.replace("_", "\\_") + ("/%" if "/" in path else "%"), escape="\\"),
        )
    )
    query = _dates(begin, end).where(
        and_(notice.c.municipality_id == municipality, notice.c.id.in_(here), notice.c.topic.not_in(HIDDEN))
    )
    if topic is not None:
        query = query.where(notice.c.topic == topic)
    return session.execute(query).mappings().all()
