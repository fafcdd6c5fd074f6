"""The dates that calendars show: of interests, or of a topic and place; light rows, and whole what must be written."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, RowMapping, Select, Text, and_, cast, or_, select
from sqlalchemy.orm import Session

from hub.core.desk import HIDDEN
from hub.core.place import ancestors
from hub.core.subscription import Action
from hub.store.schema import endpoint, match, municipality, notice, notice_place, occurrence, subscription, way
from hub.store.schema import subscriber as person

_PAGE = 500  # ids in one question


def _dates(begin: datetime, end: datetime) -> Select[Any]:
    """Select what tells one revision of a date from another, and so whether it must be written anew."""
    return (
        select(
            notice.c.id, notice.c.revision, notice.c.withdrawn,
            occurrence.c.slot, occurrence.c.sequence, occurrence.c.changed_at,
            cast(occurrence.c.content, Text).label("occurrence"),
        )
        .join(occurrence, occurrence.c.notice_id == notice.c.id)
        .where(occurrence.c.end_at >= begin, occurrence.c.start_at <= end)
        .order_by(occurrence.c.start_at, notice.c.id, occurrence.c.slot)
    )  # fmt: skip


def owner(session: Session, endpoint_id: int) -> RowMapping | None:
    """Return whose calendar an endpoint is: ``id``, ``language``, ``generation``, ``municipality_id`` and ``state``."""
    query = (
        select(person.c.id, person.c.language, person.c.generation, person.c.municipality_id, endpoint.c.state)
        .join(endpoint, endpoint.c.subscriber_id == person.c.id)
        .where(endpoint.c.id == endpoint_id)
    )
    return session.execute(query).mappings().one_or_none()


def town_row(session: Session, slug: str) -> RowMapping | None:
    """Return a municipality's row."""
    return session.execute(select(municipality).where(municipality.c.id == slug)).mappings().one_or_none()


def wishes(session: Session, subscriber_id: int) -> tuple[tuple[int, tuple[str, ...]], ...]:
    """Return the interests that a subscriber's calendar shows, each with the lead times of its reminders."""
    query = (
        select(subscription.c.interest_id, way.c.action, way.c.lead)
        .join(way, way.c.subscription_id == subscription.c.id)
        .where(
            subscription.c.subscriber_id == subscriber_id,
            way.c.action.in_([Action.CALENDAR, Action.REMINDER]),
        )
        .order_by(subscription.c.interest_id, way.c.lead)
    )
    rows = session.execute(query).all()
    leads: dict[int, dict[str, None]] = {row.interest_id: {} for row in rows if row.action == Action.CALENDAR}
    for row in rows:
        if row.action == Action.REMINDER and row.interest_id in leads:
            leads[row.interest_id][row.lead] = None
    return tuple((interest_id, tuple(found)) for interest_id, found in sorted(leads.items()))


def of_interests(session: Session, ids: Sequence[int], begin: datetime, end: datetime) -> list[Row[Any]]:
    """Return the dates that fit interests, each with the match's ``reason`` (JSON text) and ``interest_id``."""
    found: list[Row[Any]] = []
    for start in range(0, len(ids), _PAGE):
        query = (
            _dates(begin, end)
            .add_columns(cast(match.c.reason, Text).label("reason"), match.c.interest_id)
            .join(match, match.c.notice_id == notice.c.id)
            .where(match.c.interest_id.in_(ids[start : start + _PAGE]))
            .order_by(match.c.interest_id)
        )
        found += session.execute(query).all()
    return found


def contents(session: Session, ids: Collection[str]) -> dict[str, tuple[int, Any]]:
    """Return revision and content (JSON) of notices by id."""
    asked = sorted(ids)
    found: dict[str, tuple[int, Any]] = {}
    for start in range(0, len(asked), _PAGE):
        page = asked[start : start + _PAGE]
        query = select(notice.c.id, notice.c.revision, notice.c.content).where(notice.c.id.in_(page))
        found.update((row.id, (row.revision, row.content)) for row in session.execute(query))
    return found


def of_place(
    session: Session, municipality: str, *, topic: str | None, path: str, begin: datetime, end: datetime
) -> Sequence[Row[Any]]:
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
    return session.execute(query).all()
