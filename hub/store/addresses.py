"""One address has one set of choices in a municipality: who else is reached there, and how that ends."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import RowMapping, delete, or_, select
from sqlalchemy.orm import Session

from hub.store import feeds, guests, routes
from hub.store.schema import endpoint, guest, interest, subscription, way


def living_at(session: Session, municipality: str, channel: str, address_hash: str) -> Sequence[RowMapping]:
    """Return the living endpoints at an address whose people belong to a municipality, active ones first.

    Asked in two parts, each along an index: those at home there, and those who are guests.
    """
    there = (
        endpoint.c.channel == channel, endpoint.c.address_hash == address_hash,
        endpoint.c.state.in_(["active", "pending"]),
    )  # fmt: skip
    home = select(endpoint).where(endpoint.c.municipality_id == municipality, *there)
    away = (
        select(endpoint)
        .join(guest, guest.c.subscriber_id == endpoint.c.subscriber_id)
        .where(guest.c.municipality_id == municipality, *there)
    )
    found = [*session.execute(home).mappings(), *session.execute(away).mappings()]
    return sorted(found, key=lambda row: (row["state"], row["id"]))


def same_address(session: Session, row: Mapping[str, Any] | RowMapping) -> Sequence[RowMapping]:
    """Return the other living endpoints at the address of endpoint ``row`` whose people share a municipality with it.

    ``id``, ``subscriber_id`` and ``channel``.
    """
    mine = guests.towns_of(session, [row["subscriber_id"]]).get(row["subscriber_id"], {row["municipality_id"]})
    staying = select(guest.c.subscriber_id).where(guest.c.municipality_id.in_(sorted(mine)))
    columns = (endpoint.c.id, endpoint.c.subscriber_id, endpoint.c.channel)
    query = select(*columns).where(
        or_(endpoint.c.municipality_id.in_(sorted(mine)), endpoint.c.subscriber_id.in_(staying)),
        endpoint.c.channel == row["channel"],
        endpoint.c.address_hash == row["address_hash"],
        endpoint.c.id != row["id"],
        endpoint.c.state.in_(["active", "pending"]),
    )
    return session.execute(query.order_by(endpoint.c.id)).mappings().all()


def drop_ways(session: Session, subscriber_id: int, channel: str, municipalities: Collection[str]) -> None:
    """Let nothing of these municipalities reach a person on ``channel`` any more; a choice without a way goes."""
    theirs = (
        select(subscription.c.id)
        .join(interest, interest.c.id == subscription.c.interest_id)
        .where(subscription.c.subscriber_id == subscriber_id, interest.c.municipality_id.in_(sorted(municipalities)))
    )
    session.execute(delete(way).where(way.c.subscription_id.in_(theirs), way.c.channel == channel))
    left = select(way.c.subscription_id).where(way.c.subscription_id == subscription.c.id)
    session.execute(delete(subscription).where(subscription.c.id.in_(theirs), ~left.exists()))
    routes.rebuild(session, [subscriber_id])
    feeds.touch(session, subscribers=[subscriber_id])
