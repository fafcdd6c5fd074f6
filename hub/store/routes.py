"""Routes: the join of subscriptions, ways and living endpoints, kept beside them; who is meant is a range of its key.

Every function of ``hub.store.subscribers`` that changes what the join is made of rebuilds the person's rows in the
same transaction, and with them where they are guests (``store.guests``).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Select, and_, case, delete, select, true
from sqlalchemy.orm import Session

from hub.store import guests
from hub.store.schema import endpoint, subscriber, subscription, way
from hub.store.schema import route as table

_PAGE = 500  # people in one statement
_COLUMNS = (
    "interest_id", "action", "lead", "channel", "service", "quiet", "endpoint_id", "subscriber_id", "paused_until",
)  # fmt: skip


def joined(ids: Sequence[int] | None = None) -> Select[Any]:
    """Return the join itself (of these people), in the columns of ``route``: its rows must be equal to it at any time.

    PostgreSQL is told to join subscriptions and ways first: in tables that were just filled it takes "the same channel"
    for a rare thing, and lays every way beside every endpoint of everybody.
    """
    quiet = case(
        (subscriber.c.quiet_from.is_(None) | subscriber.c.quiet_to.is_(None), ""),
        else_=subscriber.c.quiet_from + "-" + subscriber.c.quiet_to,
    )
    asked = (
        select(
            subscription.c.interest_id, way.c.action, way.c.lead, way.c.channel, quiet.label("quiet"),
            subscriber.c.id.label("subscriber_id"), subscriber.c.paused_until,
        )
        .join(way, way.c.subscription_id == subscription.c.id)
        .join(subscriber, subscriber.c.id == subscription.c.subscriber_id)
        .where(subscriber.c.id.in_(ids) if ids is not None else true())
        .cte("asked").prefix_with("MATERIALIZED", dialect="postgresql")
    )  # fmt: skip
    return (
        select(
            asked.c.interest_id, asked.c.action, asked.c.lead, asked.c.channel, endpoint.c.service, asked.c.quiet,
            endpoint.c.id.label("endpoint_id"), asked.c.subscriber_id, asked.c.paused_until,
        )
        .join(endpoint, and_(endpoint.c.subscriber_id == asked.c.subscriber_id, endpoint.c.channel == asked.c.channel))
        .where(endpoint.c.state == "active", endpoint.c.subscriber_id.in_(ids) if ids is not None else true())
    )  # fmt: skip


def rebuild(session: Session, subscriber_ids: Iterable[int]) -> None:
    """Write the routes of these people anew, as they follow from what the transaction has changed so far.

    Their rows are locked first: of two transactions that change one person, the second to come here sees both.
    """
    ids = sorted(set(subscriber_ids))
    for start in range(0, len(ids), _PAGE):
        page = ids[start : start + _PAGE]
        session.execute(
            select(subscriber.c.id).where(subscriber.c.id.in_(page)).order_by(subscriber.c.id)
            .with_for_update(key_share=True)
        )  # fmt: skip
        session.execute(delete(table).where(table.c.subscriber_id.in_(page)))
        session.execute(table.insert().from_select(_COLUMNS, joined(page)))
        guests.rebuild(session, page)


def rebuild_all(session: Session) -> None:
    """Write every route anew (rows that were written past ``hub.store.subscribers``: a restored or seeded database)."""
    session.execute(delete(table))
    session.execute(table.insert().from_select(_COLUMNS, joined()))
    guests.rebuild_all(session)
