"""The audit log, a chain of events: one door to write, none to change."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, RowMapping, func, insert, select, text
from sqlalchemy.orm import Session

from hub.core.audit import BEGINNING, Event, Sealed, seal
from hub.store.schema import audit as table

_LOCK = 0x0A5D17  # any number, the same in all processes
_PAGE = 1000


def add(session: Session, event: Event) -> int:
    """Write an event behind the last one, in the transaction of what it tells; returns its number.

    Writers stand in line, so that no two events follow the same one: on SQLite they do anyway.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    last = session.scalar(select(table.c.hash).order_by(table.c.id.desc()).limit(1))
    previous = last or BEGINNING
    values = {
        "at": event.at, "actor": event.actor, "act": event.act, "town": event.municipality, "subject": event.subject,
        "detail": dict(event.detail), "previous": previous, "hash": seal(event, previous),
    }  # fmt: skip
    return int(session.execute(insert(table).values(**values).returning(table.c.id)).scalar_one())


def _sealed(row: RowMapping) -> Sealed:
    event = Event(row["at"], row["actor"], row["act"], row["town"], row["subject"], row["detail"])
    return Sealed(row["id"], event, row["previous"] or "", row["hash"])


def chain(session: Session) -> Iterator[Sealed]:
    """Yield all events from the first, a page at a time."""
    last = 0
    query = select(table).order_by(table.c.id).limit(_PAGE)
    while rows := session.execute(query.where(table.c.id > last)).mappings().all():
        yield from map(_sealed, rows)
        last = rows[-1]["id"]


@dataclass(frozen=True, slots=True)
class Asked:
    """Which events somebody asks for; empty: all. ``municipality`` ``None``: of all and of none."""

    municipality: str | None = None
    act: str = ""
    actor: str = ""
    begin: datetime | None = None
    end: datetime | None = None

    def where(self) -> list[ColumnElement[bool]]:
        """Return the conditions on the table."""
        wanted = (
            (table.c.town, self.municipality),
            (table.c.act, self.act or None),
            (table.c.actor, self.actor or None),
        )
        found = [column == value for column, value in wanted if value is not None]
        found += [table.c.at >= self.begin] if self.begin is not None else []
        return found + ([table.c.at < self.end] if self.end is not None else [])


def page(session: Session, asked: Asked, *, skip: int = 0, most: int = 50) -> Sequence[RowMapping]:
    """Return a page of events, the last one first."""
    query = select(table).where(*asked.where()).order_by(table.c.id.desc()).offset(skip).limit(most)
    return session.execute(query).mappings().all()


def count(session: Session, asked: Asked) -> int:
    """Return how many events there are."""
    return int(session.scalar(select(func.count()).select_from(table).where(*asked.where())) or 0)


def named(session: Session, asked: Asked) -> tuple[list[str], list[str]]:
    """Return the acts and the actors among events."""
    found = (
        session.scalars(select(one).distinct().where(*asked.where()).order_by(one))
        for one in (table.c.act, table.c.actor)
    )
    acts, actors = (list(one) for one in found)
    return acts, actors


def extract(session: Session, asked: Asked, *, until: int) -> Iterator[Sealed]:
    """Yield events from the first up to number ``until``, a page at a time."""
    last = 0
    query = select(table).where(*asked.where(), table.c.id <= until).order_by(table.c.id).limit(_PAGE)
    while rows := session.execute(query.where(table.c.id > last)).mappings().all():
        yield from map(_sealed, rows)
        last = rows[-1]["id"]


def how_often(
    session: Session, acts: Collection[str], since: datetime, *, municipality: str = "", actor: str = ""
) -> int:
    """Return how often something was done since then, in a municipality or by somebody."""
    query = select(func.count()).where(table.c.act.in_(list(acts)), table.c.at > since)
    query = query.where(table.c.town == municipality) if municipality else query
    return int(session.scalar(query.where(table.c.actor == actor) if actor else query) or 0)


def latest(
    session: Session, *, municipality: str | None = None, acts: Collection[str] = (), most: int = 50
) -> Sequence[RowMapping]:
    """Return the newest events, the last one first; of one municipality, or of all; only these ``acts`` if any."""
    query = select(table).order_by(table.c.id.desc()).limit(most)
    if municipality is not None:
        query = query.where(table.c.town == municipality)
    if acts:
        query = query.where(table.c.act.in_(list(acts)))
    return session.execute(query).mappings().all()
