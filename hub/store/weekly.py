"""What is wanted once a week only: who wants anything so, and which entries wait for the week's digest."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, and_, exists, select
from sqlalchemy.orm import Session

from hub.core.subscription import WEEKLY, Action
from hub.store import recipients
from hub.store.schema import digest_entry, endpoint, match, subscription, way


def among(session: Session, subscriber_ids: Sequence[int]) -> set[int]:
    """Return those of these people who want anything once a week."""
    if not subscriber_ids:
        return set()
    query = (
        select(subscription.c.subscriber_id)
        .join(way, way.c.subscription_id == subscription.c.id)
        .where(
            recipients.among(session, subscription.c.subscriber_id, subscriber_ids), way.c.action == Action.DIGEST,
            way.c.lead == WEEKLY,
        )
    )  # fmt: skip
    return set(session.scalars(query))


def waits() -> ColumnElement[bool]:
    """Return the condition that an entry fits only what its person wants once a week."""
    return and_(_wanted(way.c.lead == WEEKLY), ~_wanted(way.c.lead != WEEKLY))


def _wanted(how: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether somebody wants a digest entry, on the channel of its endpoint, ``how``."""
    mine = endpoint.alias()
    return (
        exists()
        .where(
            mine.c.id == digest_entry.c.endpoint_id, subscription.c.subscriber_id == mine.c.subscriber_id,
            way.c.subscription_id == subscription.c.id, way.c.channel == mine.c.channel,
            way.c.action == Action.DIGEST, how, match.c.interest_id == subscription.c.interest_id,
            match.c.notice_id == digest_entry.c.notice_id,
        )
        .correlate(digest_entry)
    )  # fmt: skip
