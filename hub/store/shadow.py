"""The shadow of publish: who is meant, found again from subscriptions themselves, to compare with the batches.

Who subscribed, or whose way out changed, after a publication was stored need not be in it: ``way.since`` and
``endpoint.since`` hold the newest publication of that moment, so no clock is needed to tell.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import RowMapping, and_, exists, func, or_, select, update
from sqlalchemy.orm import Session

from hub.core.message import Change
from hub.core.subscription import Action
from hub.store import guests
from hub.store.schema import (
    batch,
    bundle,
    digest_entry,
    endpoint,
    interest,
    match,
    mute,
    notice,
    occurrence,
    publication,
    reminder,
    subscriber,
    subscription,
    way,
)  # fmt: skip

PAGE = 5000  # endpoint ids in one page
_MOST = 200  # publications
_DIGESTED = timedelta(hours=22)  # a next digest sooner than this after a publication: none has gone out since


def newest_publication() -> Any:
    """Ask for the newest publication: what ``since`` of an endpoint holds from the moment it becomes active."""
    return select(func.coalesce(func.max(publication.c.id), 0)).scalar_subquery()


def done(session: Session, since: datetime) -> Sequence[RowMapping]:
    """Return publications since ``since`` that were carried out, had a word, and hold still; the gravest first."""
    later = publication.alias()
    newer = exists().where(
        later.c.notice_id == publication.c.notice_id, later.c.revision > publication.c.revision,
        or_(later.c.announce, later.c.change == Change.WITHDRAWN),
    )  # fmt: skip
    query = (
        select(publication, notice.c.severity, notice.c.content, notice.c.revision.label("newest"))
        .join(notice, notice.c.id == publication.c.notice_id)
        .where(
            publication.c.created_at >= since, publication.c.stage == "done", publication.c.announce,
            publication.c.change != Change.WITHDRAWN, ~newer,
        )
        .order_by(notice.c.severity.desc(), publication.c.id.desc())
        .limit(_MOST)
    )  # fmt: skip
    return session.execute(query).mappings().all()


def last_endpoint(session: Session) -> int:
    """Return the highest endpoint id."""
    return int(session.scalar(select(func.max(endpoint.c.id))) or 0)


def _fits(row: RowMapping, action: Action) -> Any:
    return exists().where(
        subscription.c.subscriber_id == endpoint.c.subscriber_id, way.c.subscription_id == subscription.c.id,
        way.c.channel == endpoint.c.channel, way.c.action == action, way.c.since < row["id"],
        match.c.interest_id == subscription.c.interest_id, match.c.notice_id == row["notice_id"],
    )  # fmt: skip


def meant(session: Session, row: RowMapping, action: Action, after: int) -> Sequence[RowMapping]:
    """Return the endpoints with ids from ``after`` to a page further whom publication ``row`` meant with ``action``.

    Each with ``subscriber_id`` and habits; ``muted``: they have silenced something.
    """
    silent = exists().where(mute.c.subscriber_id == endpoint.c.subscriber_id)
    query = (
        select(
            endpoint.c.id, endpoint.c.channel, endpoint.c.service, endpoint.c.subscriber_id,
            subscriber.c.quiet_from, subscriber.c.quiet_to, subscriber.c.paused_until, subscriber.c.next_digest_at,
            silent.label("muted"),
        )
        .join(subscriber, subscriber.c.id == endpoint.c.subscriber_id)
        .where(
            endpoint.c.id > after, endpoint.c.id <= after + PAGE, endpoint.c.state == "active",
            guests.belongs(row["municipality_id"], endpoint.c.municipality_id, endpoint.c.subscriber_id),
            endpoint.c.since < row["id"], _fits(row, action),
        )
        .order_by(endpoint.c.id)
    )  # fmt: skip
    return session.execute(query).mappings().all()


def placed(session: Session, notice_id: str, revision: int) -> set[int]:
    """Return the endpoints that have a place in a batch of this revision, or hear of it together with other news."""
    alone = select(batch.c.ids).where(batch.c.notice_id == notice_id, batch.c.revision == revision)
    together = select(bundle.c.ids).where(bundle.c.notice_id == notice_id, bundle.c.revision == revision)
    return {one for query in (alone, together) for ids in session.scalars(query) for one in ids}


def people(session: Session, ids: Iterable[int]) -> set[int]:
    """Return whose these endpoints are."""
    wanted, found = sorted(ids), set()
    for start in range(0, len(wanted), 500):
        query = select(endpoint.c.subscriber_id).where(endpoint.c.id.in_(wanted[start : start + 500]))
        found |= set(session.scalars(query))
    return found


def undigested(session: Session, row: RowMapping, found: Sequence[RowMapping]) -> list[int]:
    """Return who of ``found`` should have publication ``row`` in their next digest, and has it not.

    Whom it reached at once need not have it there, and who has muted anything may have muted this.
    """
    soon = row["created_at"] + _DIGESTED
    waiting = {one["id"]: one["subscriber_id"] for one in found if one["next_digest_at"] < soon and not one["muted"]}
    if not waiting:
        return []
    query = select(digest_entry.c.endpoint_id).where(digest_entry.c.notice_id == row["notice_id"])
    for one in session.scalars(query):
        waiting.pop(one, None)
    told = _of_people(session, waiting.values()) if waiting else {}
    at_once = {told[one] for one in placed(session, row["notice_id"], row["revision"]) & told.keys()} if told else set()
    return sorted(one for one, person in waiting.items() if person not in at_once)


def _of_people(session: Session, people_: Iterable[int]) -> dict[int, int]:
    """Return the endpoints of these people, each with its person."""
    wanted, found = sorted(set(people_)), dict[int, int]()
    for start in range(0, len(wanted), 500):
        query = select(endpoint.c.id, endpoint.c.subscriber_id).where(
            endpoint.c.subscriber_id.in_(wanted[start : start + 500])
        )
        found |= {row.id: row.subscriber_id for row in session.execute(query)}
    return found


def filled(session: Session, ids: Iterable[int], before: int) -> set[int]:
    """Return those interests that were laid over all notices and had a subscriber before publication ``before``."""
    query = (
        select(interest.c.id)
        .distinct()
        .join(subscription, subscription.c.interest_id == interest.c.id)
        .join(way, way.c.subscription_id == subscription.c.id)
        .where(interest.c.id.in_(sorted(ids)), interest.c.filled, way.c.since < before)
    )
    return set(session.scalars(query))


def add_to_meant(session: Session, publication_id: int, count: int) -> None:
    """Count ``count`` recipients as meant whom publish had forgotten to count."""
    session.execute(
        update(publication)
        .where(publication.c.id == publication_id)
        .values(meant=publication.c.meant + count)
    )  # fmt: skip


def dated(session: Session, now: datetime, until: datetime) -> Sequence[RowMapping]:
    """Return (notice_id, slot, municipality_id) of the dates that begin between ``now`` and ``until``."""
    query = (
        select(occurrence.c.notice_id, occurrence.c.slot, notice.c.municipality_id)
        .join(notice, notice.c.id == occurrence.c.notice_id)
        .where(occurrence.c.start_at > now, occurrence.c.start_at <= until, ~notice.c.withdrawn)
        .order_by(occurrence.c.start_at)
        .limit(_MOST)
    )
    return session.execute(query).mappings().all()


def wanted_reminders(session: Session, notice_id: str) -> set[tuple[int, str, str]]:
    """Return the (interest, channel, lead) that want reminders of a notice and were laid over it."""
    query = (
        select(match.c.interest_id, way.c.channel, way.c.lead)
        .distinct()
        .join(interest, and_(interest.c.id == match.c.interest_id, interest.c.filled))
        .join(subscription, subscription.c.interest_id == match.c.interest_id)
        .join(way, way.c.subscription_id == subscription.c.id)
        .where(match.c.notice_id == notice_id, way.c.action == Action.REMINDER)
    )
    return {(one.interest_id, one.channel, one.lead) for one in session.execute(query)}


def planned_reminders(session: Session, notice_id: str) -> dict[str, set[tuple[int, str, str]]]:
    """Return the (interest, channel, lead) of a notice's reminders, by date, in whatever state."""
    query = select(reminder).where(reminder.c.notice_id == notice_id)
    found: dict[str, set[tuple[int, str, str]]] = {}
    for one in session.execute(query):
        found.setdefault(one.slot, set()).add((one.interest_id, one.channel, one.lead))
    return found


def fired(session: Session, since: datetime, until: datetime) -> Sequence[RowMapping]:
    """Return the reminders that fired for a time between the two, with their municipality."""
    newest = select(func.max(publication.c.id)).where(publication.c.created_at <= reminder.c.due_at).scalar_subquery()
    query = (
        select(
            reminder, notice.c.municipality_id, notice.c.revision, notice.c.content, notice.c.withdrawn,
            func.coalesce(newest, 0).label("newest"),
        )
        .join(notice, notice.c.id == reminder.c.notice_id)
        .where(reminder.c.state == "fired", reminder.c.due_at >= since, reminder.c.due_at <= until)
        .order_by(reminder.c.due_at)
        .limit(_MOST)
    )  # fmt: skip
    return session.execute(query).mappings().all()


def reminded(session: Session, row: RowMapping, now: datetime) -> Sequence[RowMapping]:
    """Return whom reminder ``row`` meant when it fired, as far as they are the same since before."""
    query = (
        select(endpoint.c.id, endpoint.c.channel, endpoint.c.service)
        .distinct()
        .join(subscriber, subscriber.c.id == endpoint.c.subscriber_id)
        .join(subscription, subscription.c.subscriber_id == endpoint.c.subscriber_id)
        .join(way, and_(way.c.subscription_id == subscription.c.id, way.c.channel == endpoint.c.channel))
        .where(
            subscription.c.interest_id == row["interest_id"], way.c.action == Action.REMINDER,
            way.c.lead == row["lead"], endpoint.c.channel == row["channel"], endpoint.c.state == "active",
            way.c.since < row["newest"], endpoint.c.since < row["newest"],
            or_(subscriber.c.paused_until.is_(None), subscriber.c.paused_until < now - timedelta(hours=1)),
            ~exists().where(mute.c.subscriber_id == subscriber.c.id),
        )
        .order_by(endpoint.c.id)
        .limit(PAGE)
    )  # fmt: skip
    return session.execute(query).mappings().all()


def reminded_already(session: Session, row: RowMapping) -> set[int]:
    """Return who has a place in a batch of reminders for this date and lead time."""
    query = select(batch.c.ids).where(
        batch.c.notice_id == row["notice_id"], batch.c.change == Change.REMINDER, batch.c.slot == row["slot"],
        batch.c.lead == row["lead"],
    )  # fmt: skip
    return {one for ids in session.scalars(query) for one in ids}
