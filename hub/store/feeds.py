"""What changed in calendars, noted in the transaction that changes it; web processes forget the feeds concerned.

A touch names what a feed is made of: a subscriber, an interest, a municipality's public dates, or everything private
in a municipality. It carries no content, so a touch too many costs a rendering and nothing else.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import delete, exists, func, or_, select, update
from sqlalchemy.orm import Session

from hub.store.schema import feed_touch as table
from hub.store.schema import match, occurrence

MANY = 500  # interests touched one by one; beyond it is cheaper to touch all private feeds of the municipality
_ALL = 0  # no interest has this id


class Touch(NamedTuple):
    """One row: ``about`` is what was touched: a kind and an id."""

    id: int
    about: tuple[str, int | str]


def touch(session: Session, *, subscribers: Iterable[int] = (), interests: Iterable[int] = ()) -> None:
    """Note that the private feeds of these subscribers, and those that show these interests, changed."""
    found = [{"subscriber_id": one} for one in subscribers]
    if found:
        session.execute(table.insert().values(at=func.now()), found)
    chosen = [{"interest_id": one} for one in interests]
    if chosen:
        session.execute(table.insert().values(at=func.now()), chosen)


def touch_town(session: Session, municipality: str, *, private: bool = False) -> None:
    """Note that the public feeds of a municipality changed; ``private``: all its private ones instead."""
    values = {"municipality_id": municipality, "interest_id": _ALL if private else None}
    session.execute(table.insert().values(at=func.now(), **values))


def touch_notice(session: Session, municipality: str, notice_id: str) -> None:
    """Note that a notice changed: in its municipality, and for the interests that it fits as of now."""
    touch_town(session, municipality)
    touch_matched(session, municipality, notice_id)


def touch_matched(session: Session, municipality: str, notice_id: str) -> None:
    """Note that a notice with dates joins or leaves the interests that it fits: to be called before and after."""
    dated = exists(select(occurrence.c.slot).where(occurrence.c.notice_id == notice_id))
    query = select(match.c.interest_id).where(match.c.notice_id == notice_id, dated).limit(MANY + 1)
    found = session.scalars(query).all()
    if len(found) > MANY:
        touch_town(session, municipality, private=True)
    else:
        touch(session, interests=found)


def newest(session: Session) -> int:
    """Return the id of the last touch; 0 if there never was one."""
    return int(session.scalar(select(func.max(table.c.id))) or 0)


def last_ids(session: Session, most: int) -> list[int]:
    """Return the ids of the last touches, newest first."""
    return list(session.scalars(select(table.c.id).order_by(table.c.id.desc()).limit(most)))


def beyond(session: Session, last: int, also: Collection[int]) -> list[Touch]:
    """Return the touches after ``last``, and those of ``also`` that are there by now."""
    query = select(table.c.id, table.c.interest_id, table.c.subscriber_id, table.c.municipality_id)
    rows = session.execute(query.where(or_(table.c.id > last, table.c.id.in_(list(also)))).order_by(table.c.id))
    return [Touch(row.id, _about(*row[1:])) for row in rows]


def _about(interest_id: int | None, subscriber_id: int | None, municipality: str | None) -> tuple[str, int | str]:
    if subscriber_id is not None:
        return ("subscriber", subscriber_id)
    if municipality is not None:
        return ("public" if interest_id is None else "private", municipality)
    return ("interest", interest_id or _ALL)


def forget(session: Session, before: datetime) -> None:
    """Delete touches older than ``before``; the newest is only emptied: SQLite would count its id again."""
    last = select(func.max(table.c.id)).scalar_subquery()
    session.execute(delete(table).where(table.c.at < before, table.c.id < last))
    emptied = update(table).where(table.c.at < before, table.c.subscriber_id.is_not(None))
    session.execute(emptied.values(subscriber_id=None, interest_id=_ALL))
