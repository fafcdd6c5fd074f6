"""The dates that calendars show: of interests, or of a topic and place; light rows, and whole what must be written."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, RowMapping, Select, Text, and_, cast, select
from sqlalchemy.orm import Session

from hub.core.desk import HIDDEN
from hub.core.subscription import Action
from hub.store.schema import endpoint, interest, match, notice, occurrence, subscription, way
from hub.store.schema import subscriber as person
from hub.store.views import at_place

_PAGE = 500  # ids in one question
Wishes = tuple[tuple[int, tuple[str, ...]], ...]


def _dates(begin: datetime, end: datetime) -> Select[Any]:
    """Select what tells one revision of a date from another, and so whether it must be written anew; last its town."""
    return (
        select(
            notice.c.id, notice.c.revision, notice.c.withdrawn,
            occurrence.c.slot, occurrence.c.sequence, occurrence.c.changed_at,
            cast(occurrence.c.content, Text).label("occurrence"), notice.c.municipality_id.label("town"),
        )
        .join(occurrence, occurrence.c.notice_id == notice.c.id)
        .where(occurrence.c.end_at >= begin, occurrence.c.start_at <= end)
        .order_by(occurrence.c.start_at, notice.c.id, occurrence.c.slot)
    )  # fmt: skip


def owners(session: Session, endpoint_ids: Sequence[int]) -> dict[int, RowMapping]:
    """Return whose calendars these endpoints are, those that live.

    ``id``, ``language``, ``generation``, ``town``, ``alive_at``.
    """
    query = (
        select(
            endpoint.c.id.label("endpoint"), person.c.id, person.c.language, person.c.generation,
            person.c.municipality_id.label("town"), person.c.alive_at,
        )
        .join(person, person.c.id == endpoint.c.subscriber_id)
        .where(endpoint.c.id.in_(endpoint_ids), endpoint.c.channel == "ical", endpoint.c.state == "active")
    )  # fmt: skip
    return {row["endpoint"]: row for row in session.execute(query).mappings()}


def wishes(session: Session, subscriber_ids: Sequence[int]) -> dict[int, Wishes]:
    """Return, by subscriber, the interests that their calendar shows, each with the lead times of its reminders."""
    query = (
        select(subscription.c.subscriber_id, subscription.c.interest_id, way.c.action, way.c.lead)
        .join(way, way.c.subscription_id == subscription.c.id)
        .where(
            subscription.c.subscriber_id.in_(subscriber_ids), way.c.action.in_([Action.CALENDAR, Action.REMINDER])
        )
        .order_by(subscription.c.interest_id, way.c.lead)
    )  # fmt: skip
    rows = session.execute(query).all()
    leads: dict[int, dict[int, dict[str, None]]] = {one: {} for one in subscriber_ids}
    for one, interest_id, action, _ in rows:
        if action == Action.CALENDAR:
            leads[one][interest_id] = {}
    for one, interest_id, action, lead in rows:
        if action == Action.REMINDER and interest_id in leads[one]:
            leads[one][interest_id][lead] = None
    return {one: tuple((each, tuple(lead)) for each, lead in found.items()) for one, found in leads.items()}


def towns_of(session: Session, interest_ids: Sequence[int]) -> set[str]:
    """Return the municipalities of interests."""
    found: set[str] = set()
    for start in range(0, len(interest_ids), _PAGE):
        page = interest_ids[start : start + _PAGE]
        found |= set(session.scalars(select(interest.c.municipality_id).where(interest.c.id.in_(page)).distinct()))
    return found


def of_interests(
    session: Session, ids: Sequence[int], begin: datetime, end: datetime, *, topic: str = ""
) -> list[Row[Any]]:
    """Return the dates (of ``topic``) that fit interests, with the match's ``reason`` (JSON text), ``interest_id``."""
    found: list[Row[Any]] = []
    for start in range(0, len(ids), _PAGE):
        query = (
            _dates(begin, end)
            .add_columns(cast(match.c.reason, Text).label("reason"), match.c.interest_id)
            .join(match, match.c.notice_id == notice.c.id)
            .where(match.c.interest_id.in_(ids[start : start + _PAGE]))
            .order_by(match.c.interest_id)
        )
        if topic:
            query = query.where(notice.c.topic == topic)
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
    query = _dates(begin, end).where(
        and_(notice.c.municipality_id == municipality, at_place(path), notice.c.topic.not_in(HIDDEN))
    )
    if topic is not None:
        query = query.where(notice.c.topic == topic)
    return session.execute(query).all()


def of_notices(
    session: Session, municipality: str, wanted: ColumnElement[bool], begin: datetime, end: datetime
) -> Sequence[Row[Any]]:
    """Return the public dates of the notices of a municipality for which the condition ``wanted`` holds."""
    return session.execute(_dates(begin, end).where(notice.c.municipality_id == municipality, wanted)).all()
