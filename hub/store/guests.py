"""Guests: people who are subscribed in municipalities beside their own, kept in the transaction that changes it.

Nearly everybody is subscribed at home only, so this is a small table. It says who belongs to a municipality although
their row does not, and whether two municipalities share people at all.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import ColumnElement, CompoundSelect, Select, delete, or_, select, union, update
from sqlalchemy.orm import Session

from hub.store import feeds
from hub.store.schema import batch, digest_entry, endpoint, interest, subscriber, subscription
from hub.store.schema import guest as table

_PAGE = 500
_COLUMNS = ("municipality_id", "subscriber_id")


def joined(ids: Sequence[int] | None = None) -> Select[Any]:
    """Return who is a guest where (of these people), from the subscriptions: the table's rows must be equal to it."""
    query = (
        select(interest.c.municipality_id, subscription.c.subscriber_id)
        .distinct()
        .join(interest, interest.c.id == subscription.c.interest_id)
        .join(subscriber, subscriber.c.id == subscription.c.subscriber_id)
        .where(interest.c.municipality_id != subscriber.c.municipality_id)
    )
    return query.where(subscription.c.subscriber_id.in_(ids)) if ids is not None else query


def rebuild(session: Session, ids: Sequence[int]) -> None:
    """Write anew where these people are guests; ``store.routes`` calls it with their rows locked."""
    session.execute(delete(table).where(table.c.subscriber_id.in_(ids)))
    session.execute(table.insert().from_select(_COLUMNS, joined(ids)))


def rebuild_all(session: Session) -> None:
    """Write all of it anew."""
    session.execute(delete(table))
    session.execute(table.insert().from_select(_COLUMNS, joined()))


def belongs(municipality: str, home: ColumnElement[str], person: ColumnElement[int]) -> ColumnElement[bool]:
    """Return the condition that somebody is at ``home`` in a municipality, or their guest."""
    return or_(
        home == municipality, person.in_(select(table.c.subscriber_id).where(table.c.municipality_id == municipality))
    )


def towns_of(session: Session, subscriber_ids: Collection[int]) -> dict[int, set[str]]:
    """Return, by person, all municipalities that they belong to, their own among them."""
    found: dict[int, set[str]] = {}
    asked = sorted(set(subscriber_ids))
    for start in range(0, len(asked), _PAGE):
        page = asked[start : start + _PAGE]
        home = select(subscriber.c.id, subscriber.c.municipality_id).where(subscriber.c.id.in_(page))
        away = select(table.c.subscriber_id, table.c.municipality_id).where(table.c.subscriber_id.in_(page))
        for person, town in [*session.execute(home), *session.execute(away)]:
            found.setdefault(person, set()).add(town)
    return found


def between(municipality: str, others: Collection[str]) -> CompoundSelect[Any]:
    """Ask for the people who belong to a municipality and to one of ``others``, each with that one."""
    also, home = table.alias(), subscriber.c.municipality_id
    theirs = select(table.c.subscriber_id, table.c.municipality_id).join(
        subscriber, subscriber.c.id == table.c.subscriber_id
    )
    ours = select(table.c.subscriber_id, home).join(subscriber, subscriber.c.id == table.c.subscriber_id)
    both = select(also.c.subscriber_id, also.c.municipality_id).join(
        table, table.c.subscriber_id == also.c.subscriber_id
    )
    here = table.c.municipality_id == municipality
    return union(
        theirs.where(table.c.municipality_id.in_(sorted(others)), home == municipality),
        ours.where(here, home.in_(sorted(others))),
        both.where(here, also.c.municipality_id.in_(sorted(others))),
    )


def shared(session: Session, municipality: str, others: Collection[str]) -> set[str]:
    """Return which of ``others`` share people with a municipality."""
    people = between(municipality, others).subquery()
    return set(session.scalars(select(people.c.municipality_id).distinct())) if others else set()


def move_home(session: Session, subscriber_id: int, municipality: str) -> None:
    """Let somebody be at home in another municipality; ``store.routes`` must be told afterwards."""
    session.execute(update(subscriber).where(subscriber.c.id == subscriber_id).values(municipality_id=municipality))
    session.execute(
        update(endpoint).where(endpoint.c.subscriber_id == subscriber_id).values(municipality_id=municipality)
    )
    feeds.touch(session, subscribers=[subscriber_id])


def leave_home(session: Session, municipality: str) -> Sequence[int]:
    """Move those who are at home here and guests elsewhere to one of these places; returns them.

    What else belongs to the municipality may then be deleted: it takes nobody's other choices with it.
    """
    query = (
        select(table.c.subscriber_id, table.c.municipality_id)
        .join(subscriber, subscriber.c.id == table.c.subscriber_id)
        .where(subscriber.c.municipality_id == municipality)
        .order_by(table.c.subscriber_id, table.c.municipality_id.desc())
    )
    homes: dict[int, str] = {row.subscriber_id: row.municipality_id for row in session.execute(query)}
    for person, town in homes.items():
        move_home(session, person, town)
    return sorted(homes)


def straddling(session: Session, municipality: str) -> Sequence[int]:
    """Return the people who belong to a municipality and to another one."""
    home = select(table.c.subscriber_id).join(subscriber, subscriber.c.id == table.c.subscriber_id)
    here = select(table.c.subscriber_id).where(table.c.municipality_id == municipality)
    found = union(home.where(subscriber.c.municipality_id == municipality), here)
    return sorted(session.scalars(found))


def subscribed(session: Session, municipality: str) -> Sequence[int]:
    """Return who should be a guest of a municipality, whatever the table says."""
    found = joined().subquery()
    return session.scalars(select(found.c.subscriber_id).where(found.c.municipality_id == municipality)).all()


def wait_anew(session: Session) -> None:
    """Let what was bound to a digest of a municipality that is not here wait for its people's next one."""
    here = select(batch.c.id).where(batch.c.id == digest_entry.c.batch_id)
    lost = (digest_entry.c.batch_id.is_not(None), ~here.exists())
    session.execute(update(digest_entry).where(*lost).values(batch_id=None))


def bring_home(session: Session, ids: Sequence[int]) -> None:
    """Let the ways of these people be where they are at home."""
    for start in range(0, len(ids), _PAGE):
        home = select(subscriber.c.municipality_id).where(subscriber.c.id == endpoint.c.subscriber_id).scalar_subquery()
        mine = endpoint.c.subscriber_id.in_(ids[start : start + _PAGE])
        session.execute(update(endpoint).where(mine).values(municipality_id=home))
