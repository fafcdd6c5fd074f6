"""Held items: read but not believed, waiting for the editor's word."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import RowMapping, delete, func, select, update
from sqlalchemy.orm import Session

from hub.core.codec import to_json
from hub.core.notice import Notice
from hub.core.plausibility import Hold
from hub.store.database import insert_for
from hub.store.schema import held_item as table
from hub.store.schema import source

_PAGE = 500


class Ruling(StrEnum):
    """What became of a held item; one that waits has none."""

    RELEASED = "released"
    DROPPED = "dropped"
    OUTDATED = "outdated"  # the source brought it in a plausible form, called it off, or its time is over


def hold(session: Session, source_id: str, notice: Notice, reason: Hold, now: datetime) -> None:
    """Hold ``notice``; one that waits already gets the newest content and keeps its time."""
    values: dict[str, Any] = {"reason": reason, "content": to_json(notice), "verdict": "", "decided_at": None}
    insert = insert_for(session)(table).values(source_id=source_id, key=notice.key, held_at=now, **values)
    session.execute(insert.on_conflict_do_update(index_elements=["source_id", "key"], set_=values))


def of_keys(session: Session, source_id: str, keys: Iterable[str]) -> dict[str, RowMapping]:
    """Return the rows of a source by key, decided ones too."""
    found: dict[str, RowMapping] = {}
    for page in _pages(list(dict.fromkeys(keys))):
        query = select(table).where(table.c.source_id == source_id, table.c.key.in_(page))
        found |= {row["key"]: row for row in session.execute(query).mappings()}
    return found


def row(session: Session, held_id: int) -> RowMapping | None:
    """Return one row."""
    return session.execute(select(table).where(table.c.id == held_id)).mappings().one_or_none()


def waiting(session: Session, source_id: str, *, most: int = 500) -> Sequence[RowMapping]:
    """Return what waits for the editor, the oldest first."""
    query = select(table).where(table.c.source_id == source_id, table.c.verdict == "")
    return session.execute(query.order_by(table.c.held_at, table.c.id).limit(most)).mappings().all()


def count(session: Session, municipality: str) -> dict[str, int]:
    """Return how many items of each source of a municipality wait for the editor."""
    query = (
        select(table.c.source_id, func.count())
        .join(source, source.c.id == table.c.source_id)
        .where(source.c.municipality_id == municipality, table.c.verdict == "")
        .group_by(table.c.source_id)
    )
    return {row[0]: row[1] for row in session.execute(query)}


def rule(session: Session, held_id: int, ruling: Ruling, now: datetime) -> RowMapping | None:
    """Decide on an item that waits; ``None`` if somebody did already."""
    query = (
        update(table)
        .where(table.c.id == held_id, table.c.verdict == "")
        .values(verdict=ruling, decided_at=now)
        .returning(table)
    )
    return session.execute(query).mappings().one_or_none()


def outdate(session: Session, source_id: str, keys: Iterable[str], now: datetime) -> int:
    """Close what waits under these keys; returns how many there were."""
    closed = 0
    for page in _pages(list(dict.fromkeys(keys))):
        query = (
            update(table)
            .where(table.c.source_id == source_id, table.c.key.in_(page), table.c.verdict == "")
            .values(verdict=Ruling.OUTDATED, decided_at=now)
            .returning(table.c.id)
        )
        closed += len(session.execute(query).all())
    return closed


def forget(session: Session, before: datetime) -> None:
    """Delete what was outdated before ``before``; the editor's own words are kept, or the item would come again."""
    session.execute(delete(table).where(table.c.verdict == Ruling.OUTDATED, table.c.decided_at < before))


def _pages(keys: list[str]) -> Iterator[list[str]]:
    for start in range(0, len(keys), _PAGE):
        yield keys[start : start + _PAGE]
