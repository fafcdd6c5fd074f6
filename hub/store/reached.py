"""How many people stand behind interests: counted in the database, nobody is read."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hub.core.reach import Count
from hub.store.recipients import among
from hub.store.schema import route


def people(session: Session, interests: Sequence[int]) -> int:
    """Return how many people have a living way for any of these interests."""
    query = select(func.count(route.c.subscriber_id.distinct())).where(among(session, route.c.interest_id, interests))
    return int(session.scalar(query) or 0)


def ways(session: Session, interests: Sequence[int]) -> dict[tuple[str, str], Count]:
    """Return, per channel and what happens there, how many people have how many ways."""
    query = (
        select(
            route.c.channel, route.c.action, func.count(route.c.subscriber_id.distinct()).label("people"),
            func.count(route.c.endpoint_id.distinct()).label("ways"),
        )
        .where(among(session, route.c.interest_id, interests))
        .group_by(route.c.channel, route.c.action)
        .order_by(route.c.channel, route.c.action)
    )  # fmt: skip
    return {(row.channel, row.action): Count(row.people, row.ways) for row in session.execute(query)}
