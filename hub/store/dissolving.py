"""Deleting a municipality with all that is its own; who is a guest elsewhere stays there, guests of it lose it only."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, Table, delete, func, literal, select, update
from sqlalchemy.orm import Session

from hub.core.desk import TOPIC
from hub.store import copying, feeds, guests, pushkeys, routes, samples
from hub.store.database import insert_for
from hub.store.schema import (
    batch,
    digest_entry,
    endpoint,
    erased,
    guest,
    interest_key,
    invitation,
    municipality,
    notice,
    place,
    role_grant,
    source,
    subscriber,
    subscription,
)


def owned(session: Session, town: str) -> dict[str, int]:
    """Return what a municipality has: residents, those of them who are also elsewhere, guests, and rows by their sort.

    Our own canaries and its editor are no residents.
    """
    editor = (
        select(subscription.c.subscriber_id)
        .join(interest_key, interest_key.c.interest_id == subscription.c.interest_id)
        .where(interest_key.c.topic == TOPIC)
    )
    home = (subscriber.c.municipality_id == town, ~subscriber.c.canary, subscriber.c.id.not_in(editor))
    away = select(guest.c.subscriber_id)

    def count(table: Table, *which: ColumnElement[bool]) -> int:
        return int(session.scalar(select(func.count()).select_from(table).where(*which)) or 0)

    return {
        "sources": count(source, source.c.municipality_id == town),
        "messages": count(notice, notice.c.municipality_id == town),
        "streets": count(place, place.c.municipality_id == town, place.c.kind == "street"),
        "residents": count(subscriber, *home),
        "residents elsewhere": count(subscriber, *home, subscriber.c.id.in_(away)),
        "guests": count(guest, guest.c.municipality_id == town),
        "roles": count(role_grant, role_grant.c.municipality_id == town),
        "invitations": count(invitation, invitation.c.municipality_id == town),
    }


def left(session: Session, town: str) -> dict[str, int]:
    """Return how many rows of which tables belong to a municipality, those with none left out."""
    people = [(table, table.c.municipality_id == town) for table in (role_grant, invitation)]
    counts = {
        table.name: session.scalar(select(func.count()).select_from(table).where(condition)) or 0
        for table, condition in (*copying.parts(town), *people) if condition is not None
    }  # fmt: skip
    return {name: count for name, count in counts.items() if count}


def dissolve(session: Session, town: str, now: datetime) -> None:
    """Delete a municipality, in the caller's transaction.

    Its residents who are subscribed elsewhere, too, move there with what they have chosen there.
    """
    people = guests.straddling(session, town)
    guests.leave_home(session, town)
    # A digest that was just being told may hold other municipalities' messages: these wait for the next one.
    going = select(batch.c.id).where(batch.c.municipality_id == town, batch.c.state != "done")
    session.execute(update(digest_entry).where(digest_entry.c.batch_id.in_(going)).values(batch_id=None))
    gone = select(endpoint.c.id, literal(now, erased.c.at.type)).where(endpoint.c.municipality_id == town)
    session.execute(insert_for(session)(erased).from_select(["endpoint_id", "at"], gone).on_conflict_do_nothing())
    pushkeys.leave(session, town)
    session.execute(delete(municipality).where(municipality.c.id == town))
    samples.drop_town(session, town)
    routes.rebuild(session, people)
    feeds.touch_town(session, town)
    feeds.touch_town(session, town, private=True)
