"""Tenders that close soon, and for whom: what a digest begins with."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import RowMapping, exists, select
from sqlalchemy.orm import Session

from hub.core.subscription import Action
from hub.store.schema import match, municipality, notice, occurrence, subscription, way


def within(
    session: Session, people: Sequence[int], channel: str, begin: datetime, end: datetime
) -> dict[int, list[RowMapping]]:
    """Return, by subscriber, the open tenders of their digest on ``channel`` with a date between ``begin`` and ``end``.

    Each is its notice's ``id``, ``revision``, ``content``, ``municipality_id`` and its ``host``, with the match's
    ``reason``, once per person.
    """
    soon = exists().where(
        occurrence.c.notice_id == notice.c.id, occurrence.c.start_at > begin, occurrence.c.start_at <= end
    )
    query = (
        select(
            subscription.c.subscriber_id, notice.c.id, notice.c.revision, notice.c.content, notice.c.municipality_id,
            municipality.c.host, match.c.reason,
        )
        .join(match, match.c.interest_id == subscription.c.interest_id)
        .join(notice, notice.c.id == match.c.notice_id)
        .join(municipality, municipality.c.id == notice.c.municipality_id)
        .join(way, way.c.subscription_id == subscription.c.id)
        .where(
            subscription.c.subscriber_id.in_(people), way.c.action == Action.DIGEST, way.c.channel == channel,
            notice.c.topic == "tenders", ~notice.c.withdrawn, notice.c.over_at > begin, soon.correlate(notice),
        )
        .order_by(subscription.c.subscriber_id, notice.c.over_at, notice.c.id, match.c.interest_id)
    )  # fmt: skip
    found: dict[int, dict[str, RowMapping]] = {}
    for row in session.execute(query).mappings():
        found.setdefault(row["subscriber_id"], {}).setdefault(row["id"], row)
    return {person: list(rows.values()) for person, rows in found.items()}
