"""A town's editor: one subscriber who follows the hidden topic of the desk, and the incidents told of sources."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import RowMapping, delete, func, or_, select, update
from sqlalchemy.orm import Session

from hub.core.changes import Known
from hub.core.desk import TOPIC
from hub.store import notices
from hub.store.schema import endpoint, held_item, interest_key, notice_alias, occurrence, subscriber, subscription
from hub.store.schema import municipality as town
from hub.store.schema import notice as notice_table
from hub.store.schema import source as source_table


def editor(session: Session, municipality: str) -> RowMapping | None:
    """Return the subscriber's row of the municipality's editor."""
    query = (
        select(subscriber)
        .join(subscription, subscription.c.subscriber_id == subscriber.c.id)
        .join(interest_key, interest_key.c.interest_id == subscription.c.interest_id)
        .where(interest_key.c.municipality_id == municipality, interest_key.c.topic == TOPIC)
        .order_by(subscriber.c.id)
        .limit(1)
    )
    return session.execute(query).mappings().one_or_none()


def reached(session: Session) -> set[str]:
    """Return the municipalities whose editor can be told: they have a living address."""
    query = (
        select(interest_key.c.municipality_id)
        .distinct()
        .join(subscription, subscription.c.interest_id == interest_key.c.interest_id)
        .join(endpoint, endpoint.c.subscriber_id == subscription.c.subscriber_id)
        .where(interest_key.c.topic == TOPIC, endpoint.c.state == "active")
    )
    return set(session.scalars(query))


def is_editor(session: Session, subscriber_id: int) -> bool:
    """Whether a subscriber is the editor of their municipality."""
    query = (
        select(subscription.c.id)
        .join(interest_key, interest_key.c.interest_id == subscription.c.interest_id)
        .where(subscription.c.subscriber_id == subscriber_id, interest_key.c.topic == TOPIC)
    )
    return session.execute(query.limit(1)).first() is not None


def set_contact(session: Session, municipality: str, address: str) -> None:
    """Write the editor's address into the municipality's row."""
    session.execute(update(town).where(town.c.id == municipality).values(contact=address))


def set_apart(session: Session, endpoint_id: int, address: str) -> None:
    """Hash an editor's address differently, so that signing up as a resident with it never ends the desk's mail."""
    hashed = hashlib.sha256(f"{TOPIC}\0{address}".encode()).hexdigest()
    session.execute(update(endpoint).where(endpoint.c.id == endpoint_id).values(address_hash=hashed))


def locked_source(session: Session, source_id: str) -> RowMapping | None:
    """Return a source's row and hold it until the transaction ends, so that two cannot tell the same incident."""
    query = select(source_table).where(source_table.c.id == source_id).with_for_update()
    return session.execute(query).mappings().one_or_none()


def open_incidents(session: Session, municipality: str, source_id: str) -> Mapping[str, Known]:
    """Return the incidents of a source that were told and are not over, by key."""
    query = (
        select(notice_alias.c.key, notice_alias.c.notice_id)
        .join(notice_table, notice_table.c.id == notice_alias.c.notice_id)
        .where(
            notice_alias.c.source_id == "",
            notice_alias.c.key.startswith(f"source:{source_id}:", autoescape=True),
            ~notice_table.c.withdrawn,
        )
        .order_by(notice_alias.c.key)
    )
    found = {row.key: notices.known_by_id(session, municipality, row.notice_id) for row in session.execute(query)}
    return {key: known for key, known in found.items() if known is not None}


def open_keys(session: Session) -> dict[str, list[str]]:
    """Return the keys of all open incidents by source id."""
    query = (
        select(notice_alias.c.key)
        .join(notice_table, notice_table.c.id == notice_alias.c.notice_id)
        .where(
            notice_alias.c.source_id == "", notice_alias.c.key.startswith("source:"), ~notice_table.c.withdrawn
        )
    )  # fmt: skip
    found: dict[str, list[str]] = {}
    for key in session.scalars(query):
        found.setdefault(key.split(":")[1], []).append(key)
    return found


def troubled(session: Session, also: Collection[str]) -> Sequence[RowMapping]:
    """Return the rows of enabled sources that fail or are doubted, and of those in ``also``."""
    trouble = or_(source_table.c.failures > 0, source_table.c.doubt != "", source_table.c.id.in_(list(also)))
    return session.execute(select(source_table).where(source_table.c.enabled, trouble)).mappings().all()


def waiting(session: Session) -> dict[str, int]:
    """Return how many held items wait for a word, by source id."""
    query = select(held_item.c.source_id, func.count()).where(held_item.c.verdict == "")
    return {row[0]: row[1] for row in session.execute(query.group_by(held_item.c.source_id))}


def forget_reports(session: Session, cut: datetime) -> int:
    """Delete what readers reported before ``cut``, with the addresses they gave; returns how many."""
    old = (
        select(notice_alias.c.notice_id)
        .join(notice_table, notice_table.c.id == notice_alias.c.notice_id)
        .where(
            notice_alias.c.source_id == "", notice_alias.c.key.startswith("report:"), notice_table.c.changed_at < cut
        )
    )
    found = delete(notice_table).where(notice_table.c.id.in_(old)).returning(notice_table.c.id)
    return len(session.execute(found).all())


def perhaps_ending(session: Session, before: datetime) -> set[str]:
    """Return ids of sources that have a timetable, but no date in it that begins after ``before``."""
    query = (
        select(notice_table.c.source_id)
        .join(occurrence, occurrence.c.notice_id == notice_table.c.id)
        .where(
            ~notice_table.c.withdrawn,
            notice_table.c.source_id.is_not(None),
            notice_table.c.content["series"].as_boolean(),
        )
        .group_by(notice_table.c.source_id)
        .having(func.max(occurrence.c.start_at) <= before)
    )
    return set(session.scalars(query))


def count_notices(session: Session, source_id: str) -> int:
    """Return how many notices of a source are known."""
    query = select(func.count()).select_from(notice_table).where(notice_table.c.source_id == source_id)
    return int(session.execute(query).scalar_one())


def enable(session: Session, source_id: str, *, enabled: bool) -> bool:
    """Switch a source on or off; ``False`` if there is none of that id."""
    query = update(source_table).where(source_table.c.id == source_id).values(enabled=enabled)
    return session.execute(query.returning(source_table.c.id)).one_or_none() is not None


def remove(session: Session, source_id: str, *, keep: bool) -> int:
    """Delete a source, what was told of itself and, unless ``keep``, all its notices; returns how many of these."""
    incidents = select(notice_alias.c.notice_id).where(
        notice_alias.c.source_id == "", notice_alias.c.key.startswith(f"source:{source_id}:", autoescape=True)
    )
    session.execute(delete(notice_table).where(notice_table.c.id.in_(incidents)))
    gone = 0
    if not keep:
        query = delete(notice_table).where(notice_table.c.source_id == source_id).returning(notice_table.c.id)
        gone = len(session.execute(query).all())
    session.execute(delete(source_table).where(source_table.c.id == source_id))
    return gone
