"""The dates of the notices that fit a person's interests."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import RowMapping, or_, select
from sqlalchemy.orm import Session

from hub.core.agenda import Dated
from hub.core.codec import occurrence_from_json
from hub.store.inbox import Owner, listed
from hub.store.schema import notice, occurrence

_PAGE = 500  # ids in one question


def dates(
    session: Session, owner: Owner, begin: datetime, end: datetime | None, now: datetime, *, topic: str = "",
    most: int = 0,
) -> list[Dated]:  # fmt: skip
    """Return a person's dates that begin from ``begin`` to before ``end``, or began before and are not over at ``now``.

    The soonest first, at most ``most`` (0: all of them). What was called off as a whole is left out.
    """
    query = (
        select(occurrence.c.notice_id, occurrence.c.slot, occurrence.c.content, notice.c.topic)
        .join(notice, notice.c.id == occurrence.c.notice_id)
        .where(
            listed(owner), notice.c.withdrawn.is_(False),
            or_(occurrence.c.start_at >= begin, occurrence.c.end_at > now),
        )
        .order_by(occurrence.c.start_at, occurrence.c.notice_id, occurrence.c.slot)
    )  # fmt: skip
    if end is not None:
        query = query.where(occurrence.c.start_at < end)
    if topic:
        query = query.where(notice.c.topic == topic)
    rows = session.execute(query.limit(most) if most else query)
    return [Dated(row.notice_id, row.slot, row.topic, occurrence_from_json(row.content)) for row in rows]


def notices(session: Session, ids: Sequence[str]) -> dict[str, RowMapping]:
    """Return the rows of these notices by id."""
    found: dict[str, RowMapping] = {}
    for start in range(0, len(ids), _PAGE):
        query = select(notice).where(notice.c.id.in_(ids[start : start + _PAGE]))
        found |= {row["id"]: row for row in session.execute(query).mappings()}
    return found
