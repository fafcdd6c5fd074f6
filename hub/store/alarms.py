"""Alarms: what the watch found and nobody has mended; and the marks of what runs regularly."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import RowMapping, and_, delete, or_, select, update
from sqlalchemy.orm import Session

from hub.core.losses import EVENTS, GAP, LINGERS, Loss, Sort
from hub.store.database import insert_for
from hub.store.schema import alarm as table
from hub.store.schema import mark

_ASKED = timedelta(minutes=2)  # so long one process tells an alarm before another may
REMEMBERED = timedelta(days=90)


def note(session: Session, losses: Iterable[Loss], examined: Collection[Sort], now: datetime) -> list[str]:
    """Begin alarms for ``losses``, keep those that go on, end those of ``examined`` that were not found again.

    Returns the sentences of those that begin.
    """
    found = {one.key: one for one in losses if not one.mended}
    known = {row["key"]: row for row in session.execute(select(table).where(table.c.over_at.is_(None))).mappings()}
    for key, one in found.items():
        values = {
            "kind": one.sort.value, "sentence": one.sentence, "given": json.dumps(dict(one.given)), "seen_at": now
        }  # fmt: skip
        if key in known:
            session.execute(update(table).where(table.c.key == key).values(**values))
            continue
        fresh = {**values, "begun_at": now, "over_at": None, "told_at": None, "told_over_at": None, "asked_at": None}
        insert = insert_for(session)(table).values(key=key, **fresh)
        session.execute(insert.on_conflict_do_update(index_elements=["key"], set_=fresh))
    ended = [
        key for key, row in known.items()
        if key not in found and Sort(row["kind"]) in examined
        and not (Sort(row["kind"]) in EVENTS and row["seen_at"] > now - LINGERS)
    ]  # fmt: skip
    session.execute(update(table).where(table.c.key.in_(ended)).values(over_at=now))
    session.execute(delete(table).where(table.c.over_at < now - REMEMBERED))
    return [one.sentence for key, one in found.items() if key not in known]


def current(session: Session) -> Sequence[RowMapping]:
    """Return the alarms that go on, the oldest first."""
    return session.execute(select(table).where(table.c.over_at.is_(None)).order_by(table.c.begun_at)).mappings().all()


def to_tell(session: Session, now: datetime) -> Sequence[RowMapping]:
    """Take the alarms whose beginning or end the operator has not been told; nobody else gets them meanwhile."""
    begun = and_(table.c.told_at.is_(None), table.c.over_at.is_(None))
    # Who tried in vain to tell the beginning (the mail server was the fault) tells at least of the end.
    heard = or_(table.c.told_at.is_not(None), table.c.asked_at.is_not(None))
    over = and_(heard, table.c.over_at.is_not(None), table.c.told_over_at.is_(None))
    free = or_(table.c.asked_at.is_(None), table.c.asked_at < now - _ASKED)
    query = update(table).where(or_(begun, over), free).values(asked_at=now).returning(table)
    return sorted(session.execute(query).mappings().all(), key=lambda row: row["begun_at"])


def told(session: Session, rows: Iterable[RowMapping], now: datetime) -> None:
    """Write that the operator was told of these."""
    for row in rows:
        column = "told_at" if row["over_at"] is None else "told_over_at"
        session.execute(update(table).where(table.c.key == row["key"]).values({column: now, "asked_at": None}))


def ran(session: Session, name: str, now: datetime, *, count: int = 0) -> datetime:
    """Mark that ``name`` runs now; returns since when it has, without a gap of two minutes. ``count`` is added up."""
    row = session.execute(select(mark).where(mark.c.name == name)).mappings().one_or_none()
    since = row["since"] if row is not None and timedelta() <= now - row["at"] <= GAP else now
    values = {"since": since, "at": now, "count": (row["count"] if row is not None else 0) + count}
    insert = insert_for(session)(mark).values(name=name, **values)
    session.execute(insert.on_conflict_do_update(index_elements=["name"], set_=values))
    return since


def marks(session: Session) -> dict[str, Mapping[Any, Any]]:
    """Return all marks by name."""
    return {str(row["name"]): row for row in session.execute(select(mark)).mappings()}
