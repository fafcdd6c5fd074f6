"""Samples: how figures stood every few minutes, for plots. House-wide ones and, each hour, those of municipalities."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import and_, delete, insert, or_, select
from sqlalchemy.orm import Session

from hub.core.samples import FINE, KEPT, OF_TOWNS
from hub.store.schema import sample as table

HOUSE = ""  # in the place of a municipality: the whole installation
_PAGE = 500


def write(session: Session, at: datetime, values: Mapping[tuple[str, str], float], *, hourly: bool) -> None:
    """Store figures by (name, municipality); ``hourly`` ones are kept longer."""
    rows = [
        {"name": name, "town": town, "at": at, "value": value, "hourly": hourly}
        for (name, town), value in sorted(values.items())
    ]
    for start in range(0, len(rows), _PAGE):
        session.execute(insert(table), rows[start : start + _PAGE])


def since(
    session: Session, names: Collection[str], begin: datetime, town: str = HOUSE
) -> dict[str, list[tuple[datetime, float]]]:
    """Return the samples of these names since ``begin``, the oldest first."""
    query = (
        select(table.c.name, table.c.at, table.c.value)
        .where(table.c.name.in_(list(names)), table.c.town == town, table.c.at >= begin)
        .order_by(table.c.at)
    )
    found: dict[str, list[tuple[datetime, float]]] = defaultdict(list)
    for name, at, value in session.execute(query):
        found[name].append((at, value))
    return found


def forget(session: Session, now: datetime) -> None:
    """Delete what is older than plots reach: fine ones after two days, those of municipalities after eight."""
    session.execute(
        delete(table).where(
            table.c.at < now - FINE,
            or_(~table.c.hourly, table.c.at < now - KEPT, and_(table.c.town != HOUSE, table.c.at < now - OF_TOWNS)),
        )
    )


def drop_town(session: Session, town: str) -> None:
    """Delete the samples of a municipality that is no more."""
    session.execute(delete(table).where(table.c.town == town))
