"""Monthly mails: whose are due, and what a person's month was like."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import RowMapping, func, select, update
from sqlalchemy.orm import Session

from hub.core.message import WITHOUT_NOTICE
from hub.core.monthly import LOOKS_BACK
from hub.core.notice import Status
from hub.core.schedule import next_monthly
from hub.store.batches import begun
from hub.store.recipients import among
from hub.store.schema import (
    batch,
    endpoint,
    interest,
    match,
    municipality,
    notice,
    occurrence,
    problem,
    subscriber,
    subscription,
)

_PAGE, _COMING = 500, 12


def due(session: Session, now: datetime, *, most: int) -> Sequence[RowMapping]:
    """Return people whose monthly mail is due, with their municipality's ``zone``."""
    query = (
        select(
            subscriber.c.id, subscriber.c.monthly_day, subscriber.c.digest_at, subscriber.c.paused_until,
            municipality.c.zone,
        )
        .join(municipality, municipality.c.id == subscriber.c.municipality_id)
        .where(subscriber.c.next_monthly_at <= now)
        .order_by(subscriber.c.next_monthly_at, subscriber.c.id)
        .limit(most)
    )  # fmt: skip
    return session.execute(query).mappings().all()


def again(session: Session, subscriber_ids: Sequence[int], at: datetime) -> None:
    """Let the next monthly mail of these people be at ``at``."""
    session.execute(update(subscriber).where(subscriber.c.id.in_(list(subscriber_ids))).values(next_monthly_at=at))


def pass_on(session: Session, people: Sequence[RowMapping], now: datetime) -> None:
    """Let the next monthly mail of these people (rows of :func:`due`) be at their next day and hour."""
    together: dict[tuple[int, str, str], list[int]] = defaultdict(list)
    for person in people:
        together[person["monthly_day"], person["digest_at"], person["zone"]].append(person["id"])
    for (day, at, zone), ids in together.items():
        again(session, ids, next_monthly(now, day, time.fromisoformat(at), zone))


def mailboxes(session: Session, subscriber_ids: Sequence[int]) -> dict[tuple[str, str], list[int]]:
    """Return one living mailbox of each of these people who has any, by municipality and mail domain."""
    first = (
        select(func.min(endpoint.c.id))
        .where(
            endpoint.c.subscriber_id.in_(list(subscriber_ids)), endpoint.c.channel == "mail",
            endpoint.c.state == "active",
        )
        .group_by(endpoint.c.subscriber_id)
    )  # fmt: skip
    query = select(endpoint.c.municipality_id, endpoint.c.service, endpoint.c.id).where(endpoint.c.id.in_(first))
    found: dict[tuple[str, str], list[int]] = defaultdict(list)
    for town, service, endpoint_id in session.execute(query.order_by(endpoint.c.id)):
        found[town, service].append(endpoint_id)
    return dict(found)


def choices(session: Session, people: Collection[int]) -> dict[int, list[tuple[int, Mapping[str, Any], str]]]:
    """Return the interests of people, each with its criteria as JSON and its municipality, by subscriber."""
    query = (
        select(subscription.c.subscriber_id, interest.c.id, interest.c.criteria, interest.c.municipality_id)
        .join(interest, interest.c.id == subscription.c.interest_id)
        .where(subscription.c.subscriber_id.in_(list(people)))
        .order_by(subscription.c.id)
    )
    found: dict[int, list[tuple[int, Mapping[str, Any], str]]] = defaultdict(list)
    for person, interest_id, criteria, town in session.execute(query):
        found[person].append((interest_id, criteria, town))
    return dict(found)


def last_news(session: Session, interest_ids: Collection[int]) -> dict[int, datetime]:
    """Return when something that fits each interest last came or changed."""
    query = (
        select(match.c.interest_id, func.max(notice.c.changed_at, type_=notice.c.changed_at.type).label("at"))
        .join(notice, notice.c.id == match.c.notice_id)
        .where(among(session, match.c.interest_id, interest_ids))
        .group_by(match.c.interest_id)
    )
    return {row.interest_id: row.at for row in session.execute(query)}


def coming(session: Session, interest_ids: Collection[int], now: datetime) -> Sequence[RowMapping]:
    """Return the next dates that fit any of these interests, each once: ``notice_id``, notice and date as JSON."""
    fitting = select(match.c.notice_id).where(match.c.interest_id.in_(list(interest_ids)))
    query = (
        select(occurrence.c.notice_id, notice.c.content.label("notice"), occurrence.c.content.label("occurrence"))
        .join(notice, notice.c.id == occurrence.c.notice_id)
        .where(
            occurrence.c.notice_id.in_(fitting), occurrence.c.start_at > now, ~notice.c.withdrawn,
            occurrence.c.content["status"].as_string() == Status.ACTIVE.value,
        )
        .order_by(occurrence.c.start_at, occurrence.c.notice_id, occurrence.c.slot)
        .limit(_COMING)
    )  # fmt: skip
    return session.execute(query).mappings().all()


def ways(session: Session, people: Collection[int]) -> Sequence[RowMapping]:
    """Return all endpoints that these people have or had, oldest first."""
    query = select(
        endpoint.c.id, endpoint.c.subscriber_id, endpoint.c.channel, endpoint.c.state, endpoint.c.created_at,
        endpoint.c.troubled_since,
    ).where(endpoint.c.subscriber_id.in_(list(people)))  # fmt: skip
    return session.execute(query.order_by(endpoint.c.id)).mappings().all()


def received(
    session: Session, towns: Collection[str], endpoint_ids: Collection[int], now: datetime, *,
    span: timedelta = LOOKS_BACK,
) -> dict[int, tuple[int, datetime]]:  # fmt: skip
    """Return how many messages of ``towns`` each of these endpoints got within ``span``, and when it got the last.

    Read from the batches, which keep no row per recipient: each that was told anything is looked through once.
    """
    since, wanted = now - span, set(endpoint_ids)
    failed: dict[int, set[int]] = defaultdict(set)
    query = select(problem.c.batch_id, problem.c.endpoint_id).where(
        problem.c.verdict != "sent", problem.c.at >= since, among(session, problem.c.endpoint_id, sorted(wanted))
    )
    for batch_id, endpoint_id in session.execute(query):
        failed[batch_id].add(endpoint_id)
    columns = (batch.c[name] for name in ("id", "ids", "cursor", "ahead", "runs", "state", "owner", "first_at"))
    told = select(*columns, batch.c.done_at).where(
        batch.c.municipality_id.in_(sorted(towns)), batch.c.sent > 0, batch.c.first_at >= since,
        batch.c.created_at >= since,
        batch.c.change.not_in(WITHOUT_NOTICE),  # what somebody was told, not what we had to ask or try
    )  # fmt: skip
    found: dict[int, tuple[int, datetime]] = {}
    for row in session.execute(told.execution_options(yield_per=_PAGE)):
        at = row.done_at or row.first_at
        for one in wanted.intersection(row.ids[: begun(row)]) - failed[row.id]:
            count, last = found.get(one, (0, at))
            found[one] = (count + 1, max(last, at))
    return found
