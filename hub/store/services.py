"""How push services and mail servers stand, for all workers: pauses, failures in a row, rates (table ``service``)."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

from sqlalchemy import RowMapping, select, update
from sqlalchemy.orm import Session

from hub.core.circuit import Service
from hub.store.database import insert_for
from hub.store.schema import service as table


def get(session: Session, channel: str, name: str, *, locked: bool = False) -> Service | None:
    """Return how a service stands, ``None`` if there was never anything to note; ``locked`` until the commit."""
    query = select(table.c.paused_until, table.c.failures, table.c.rate, table.c.free_at).where(
        table.c.channel == channel, table.c.name == name
    )
    row = session.execute(query.with_for_update() if locked else query).mappings().one_or_none()
    return Service(**row) if row is not None else None


def put(session: Session, channel: str, name: str, stands: Service, now: datetime) -> None:
    """Write how a service stands from now on."""
    values = {**asdict(stands), "changed_at": now}
    fresh = insert_for(session)(table).values(channel=channel, name=name, **values)
    session.execute(fresh.on_conflict_do_update(index_elements=["channel", "name"], set_=values))


def take_probe(session: Session, channel: str, name: str, seen: Service, until: datetime) -> bool:
    """Become the only one who tries a service that was down, until ``until``; ``False`` if another is."""
    same = table.c.paused_until.is_(None) if seen.paused_until is None else table.c.paused_until == seen.paused_until
    query = (
        update(table)
        .where(table.c.channel == channel, table.c.name == name, same)
        .values(paused_until=until)
        .returning(table.c.name)
    )
    return session.execute(query).one_or_none() is not None


def listed(session: Session) -> list[RowMapping]:
    """Return all services of which anything was noted, by channel and name."""
    return list(session.execute(select(table).order_by(table.c.channel, table.c.name)).mappings())
