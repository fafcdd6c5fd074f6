"""Host names of municipalities."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import RowMapping, delete, select, update
from sqlalchemy.orm import Session

from hub.store.schema import municipality, town_host


def of(session: Session, host: str) -> RowMapping | None:
    """Return whose host name this is: ``town``, ``rank`` among its names (0: the first), and the ``first`` one."""
    query = (
        select(town_host.c.municipality_id.label("town"), town_host.c.rank, municipality.c.host.label("first"))
        .join(municipality, municipality.c.id == town_host.c.municipality_id)
        .where(town_host.c.host == host)
    )
    return session.execute(query).mappings().one_or_none()


def listed(session: Session, town: str) -> list[str]:
    """Return the host names of a municipality, the one that links lead to first."""
    query = select(town_host.c.host).where(town_host.c.municipality_id == town).order_by(town_host.c.rank)
    return list(session.scalars(query))


def put(session: Session, town: str, hosts: Sequence[str]) -> None:
    """Let a municipality have exactly these host names. Raises the database's ``IntegrityError`` for another's."""
    session.execute(delete(town_host).where(town_host.c.municipality_id == town))
    if hosts:
        rows = [{"host": one, "municipality_id": town, "rank": rank} for rank, one in enumerate(hosts)]
        session.execute(town_host.insert(), rows)
    first = hosts[0] if hosts else ""
    session.execute(update(municipality).where(municipality.c.id == town).values(host=first))
