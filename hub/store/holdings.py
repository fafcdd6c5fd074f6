"""How much there is of each kind of data, and a municipality's public notices for its export: nothing of people."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import RowMapping, Table, func, select
from sqlalchemy.orm import Session

from hub.core.desk import HIDDEN
from hub.store import copying
from hub.store.schema import account, batch, metadata, notice

MOST = 100_000  # rows are counted no further: nobody should wait for it
_PAGE = 500


def count(session: Session, name: str, town: str = "") -> int | None:
    """Return how many rows a table has, of one municipality or all, up to :data:`MOST` + 1.

    ``None`` if its rows belong to no municipality and one is asked for.
    """
    table: Table = metadata.tables[name]
    condition = copying.of_town(table, town) if town else None
    if town and condition is None:
        return None
    rows = select(table.primary_key.columns[0])
    if condition is not None:
        rows = rows.where(condition)
    return int(session.scalar(select(func.count()).select_from(rows.limit(MOST + 1).subquery())) or 0)


def notices(session: Session, town: str) -> Iterator[tuple[RowMapping, int]]:
    """Yield all public notices of a municipality, the oldest first, each with how many were told of it."""
    last: tuple[Any, str] | None = None
    while True:
        query = select(notice).where(notice.c.municipality_id == town, notice.c.topic.not_in(HIDDEN))
        if last is not None:
            after = (notice.c.first_seen_at > last[0]) | ((notice.c.first_seen_at == last[0]) & (notice.c.id > last[1]))
            query = query.where(after)
        rows = session.execute(query.order_by(notice.c.first_seen_at, notice.c.id).limit(_PAGE)).mappings().all()
        if not rows:
            return
        told = _told(session, [row["id"] for row in rows])
        for row in rows:
            yield row, told.get(row["id"], 0)
        last = (rows[-1]["first_seen_at"], rows[-1]["id"])


def _told(session: Session, ids: Sequence[str]) -> dict[str, int]:
    """Return how many were told of notices, in batches that are there and in those that are forgotten."""
    found: dict[str, int] = {}
    for table in (batch, account):
        query = select(table.c.notice_id, func.sum(table.c.sent)).where(table.c.notice_id.in_(ids))
        for name, sent in session.execute(query.group_by(table.c.notice_id)):
            found[name] = found.get(name, 0) + int(sent or 0)
    return found
