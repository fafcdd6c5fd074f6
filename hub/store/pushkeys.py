"""Which push subscriptions were made with which server key (W-10)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, Select, func, or_, select, update
from sqlalchemy.orm import Session

from hub.store.schema import endpoint
from hub.store.schema import push_key as table

_PAGE = 1000
_KEYS = endpoint.c["keys"]


def made_with(session: Session) -> dict[str, int]:
    """Return how many living push subscriptions were made with each public key; empty: nobody wrote it down."""
    made = func.coalesce(_KEYS["vapid"].as_string(), "")
    query = select(made, func.count()).where(
        endpoint.c.channel == "webpush", endpoint.c.state.in_(["active", "pending"])
    )  # fmt: skip
    return {str(key): int(count) for key, count in session.execute(query.group_by(made))}


def bind(session: Session, public: str) -> int:
    """Write ``public`` down for the subscriptions that name no key: they were made with it. Returns how many."""
    unbound = select(endpoint.c.id, _KEYS.label("known")).where(
        endpoint.c.channel == "webpush",
        endpoint.c.state.in_(["active", "pending"]),
        func.coalesce(_KEYS["vapid"].as_string(), "") == "",
    )
    bound = 0
    while rows := session.execute(unbound.order_by(endpoint.c.id).limit(_PAGE)).all():
        for row in rows:
            keys = {**row.known, "vapid": public}
            session.execute(update(endpoint).where(endpoint.c.id == row.id).values(keys=keys))
        bound += len(rows)
    return bound


def add(session: Session, town: str, pair: tuple[str, str], subject: str, now: datetime) -> None:
    """Give a municipality a new current key (private, public); the present one becomes an earlier one."""
    session.execute(update(table).where(table.c.municipality_id == town).values(current=False))
    private, public = pair
    session.execute(
        table.insert().values(
            public=public, municipality_id=town, private=private, subject=subject, current=True, created_at=now
        )
    )


def current(session: Session, town: str) -> str:
    """Return the public key that browsers subscribe with in a municipality; empty: the installation's."""
    query = select(table.c.public).where(table.c.municipality_id == town, table.c.current)
    return str(session.scalar(query.limit(1)) or "")


def is_current(session: Session, public: str) -> bool:
    """Whether browsers still subscribe with this key in some municipality."""
    return session.scalar(select(table.c.public).where(table.c.public == public, table.c.current)) is not None


def of_town(session: Session, town: str) -> Sequence[RowMapping]:
    """Return the keys of a municipality, the current one first, then the latest."""
    query = select(table).where(table.c.municipality_id == town)
    return session.execute(query.order_by(table.c.current.desc(), table.c.created_at.desc())).mappings().all()


def of_towns(session: Session) -> Sequence[RowMapping]:
    """Return ``public``, ``private`` and ``subject`` of every municipality's keys."""
    return session.execute(select(table.c.public, table.c.private, table.c.subject)).mappings().all()


def claim(session: Session, town: str, rows: Sequence[RowMapping]) -> None:
    """Let the current key among ``rows`` be a municipality's that came before it, with the devices of its guests."""
    for row in rows:
        if row["current"]:
            values = {"municipality_id": town, "current": True}
            session.execute(update(table).where(table.c.public == row["public"]).values(**values))


def along(town: str, people: Select[Any]) -> ColumnElement[bool]:
    """Return which keys go along with a municipality: its own, and those that its people's devices were made with."""
    made = select(_KEYS["vapid"].as_string()).where(endpoint.c.subscriber_id.in_(people))
    return or_(table.c.municipality_id == town, table.c.public.in_(made))


def earlier(town: str, rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return keys that go along: another municipality's is none that anybody subscribes with."""
    return [row | {"current": row["current"] and row["municipality_id"] == town} for row in rows]


def leave(session: Session, town: str) -> int:
    """Leave a municipality's keys, before it goes, with those whose devices were subscribed with them and who stay.

    Each becomes an earlier key of a municipality where one of them is at home; returns how many.
    """
    stayed = 0
    for public in session.scalars(select(table.c.public).where(table.c.municipality_id == town)).all():
        made = (_KEYS["vapid"].as_string() == public, endpoint.c.state.in_(["active", "pending"]))
        heir = session.scalar(
            select(endpoint.c.municipality_id).where(endpoint.c.municipality_id != town, *made).order_by(endpoint.c.id)
        )
        if heir is not None:
            values = {"municipality_id": heir, "current": False}
            session.execute(update(table).where(table.c.public == public).values(**values))
            stayed += 1
    return stayed
