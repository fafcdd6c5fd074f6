"""A municipality's own templates; those that come with the program are files (``hub.blanks``)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import RowMapping, delete, insert, select, update
from sqlalchemy.orm import Session

from hub.core.draft import Draft, to_json
from hub.store.schema import template as table

MOST = 100  # of one municipality


def listed(session: Session, town: str) -> Sequence[RowMapping]:
    """Return the templates of a municipality by name."""
    query = select(table).where(table.c.municipality_id == town).order_by(table.c.name, table.c.id).limit(MOST)
    return session.execute(query).mappings().all()


def get(session: Session, town: str, number: int) -> RowMapping | None:
    """Return one of a municipality's templates."""
    query = select(table).where(table.c.id == number, table.c.municipality_id == town)
    return session.execute(query).mappings().one_or_none()


def keep(session: Session, town: str, name: str, draft: Draft, *, by: int, now: datetime) -> int:
    """Keep a template; one of the same name is replaced. Returns its number."""
    values = {"content": to_json(draft), "by": by, "changed_at": now}
    same = update(table).where(table.c.municipality_id == town, table.c.name == name).values(**values)
    found = session.execute(same.returning(table.c.id)).scalar()
    if found is None:
        made = insert(table).values(municipality_id=town, name=name, **values).returning(table.c.id)
        found = session.execute(made).scalar_one()
    return int(found)


def rename(session: Session, town: str, number: int, name: str) -> bool:
    """Call a template something else; ``False`` if it is not there."""
    changed = update(table).where(table.c.id == number, table.c.municipality_id == town).values(name=name)
    return session.execute(changed.returning(table.c.id)).first() is not None


def drop(session: Session, town: str, number: int) -> bool:
    """Delete a template; ``False`` if it is not there."""
    gone = delete(table).where(table.c.id == number, table.c.municipality_id == town)
    return session.execute(gone.returning(table.c.id)).first() is not None
