"""Counters of sign-ups per hour, shared by all processes; a day later they are gone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.orm import Session

from hub.core.flood import hour_of
from hub.store.database import insert_for
from hub.store.schema import flood as table

KEPT = timedelta(days=1)


def passes(session: Session, counters: Mapping[str, int], now: datetime) -> bool:
    """Count one sign-up towards each of ``counters``; ``False`` if one of them is over what it may be this hour."""
    session.execute(delete(table).where(table.c.hour < now - KEPT))
    fits = True
    for name, most in sorted(counters.items()):  # in one order: two processes must not wait for each other
        insert = insert_for(session)(table).values(name=name, hour=hour_of(now), count=1)
        upsert = insert.on_conflict_do_update(
            index_elements=[table.c.name, table.c.hour], set_={"count": table.c.count + 1}
        )
        fits = int(session.execute(upsert.returning(table.c.count)).scalar_one()) <= most and fits
    return fits
