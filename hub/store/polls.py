"""Polls: the history of what a source's polls brought; one that changed nothing leaves no row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum

from sqlalchemy import RowMapping, delete, select
from sqlalchemy.orm import Session

from hub.store.schema import poll as table

COUNTS = ("fresh", "revised", "withdrawn", "held", "refused")
_LONGEST_DETAIL = 2000


class PollOutcome(StrEnum):
    """What one poll meant."""

    CHANGED = "changed"
    HELD = "held"
    FAILED = "failed"
    HEALED = "healed"


def add(
    session: Session, source_id: str, now: datetime, outcome: PollOutcome, *,
    counts: Mapping[str, int] | None = None, label: str = "", detail: str = "",
) -> bool:  # fmt: skip
    """Write one row of history; ``False`` if it only repeats the row before (the same failure, the same doubt).

    The row that stays says when it began; the source's own row says that it still lasts.
    """
    values: dict[str, object] = {name: (counts or {}).get(name, 0) for name in COUNTS}
    values |= {"outcome": outcome, "label": label, "detail": detail[:_LONGEST_DETAIL]}
    last = next(iter(history(session, source_id, most=1)), None)
    repeats = last is not None and all(last[name] == value for name, value in values.items())
    if repeats and outcome in (PollOutcome.FAILED, PollOutcome.HELD):
        return False
    session.execute(table.insert().values(source_id=source_id, at=now, **values))
    return True


def history(session: Session, source_id: str, *, most: int = 50) -> Sequence[RowMapping]:
    """Return the newest rows of a source, newest first."""
    query = select(table).where(table.c.source_id == source_id).order_by(table.c.at.desc(), table.c.id.desc())
    return session.execute(query.limit(most)).mappings().all()


def forget(session: Session, before: datetime) -> None:
    """Delete what is older than ``before``."""
    session.execute(delete(table).where(table.c.at < before))
