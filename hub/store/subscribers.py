"""Subscribers, their endpoints and subscriptions. Addresses are found by hash, never listed."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, case, delete, select, update
from sqlalchemy.orm import Session

from hub.core.schedule import EVERY_DAY
from hub.core.subscription import Action
from hub.store import feeds, prekeys, routes
from hub.store.database import insert_for
from hub.store.schema import endpoint, interest, subscription, way
from hub.store.schema import municipality as town
from hub.store.schema import subscriber as table
from hub.store.shadow import newest_publication

_HABITS = {"quiet_from", "quiet_to", "paused_until"}  # of what a route knows
_SHOWN = {"language", "generation"}  # of what a calendar shows, or is found by


def address_hash(address: str) -> str:
    """Return the hash under which an address is found again."""
    return hashlib.sha256(address.encode()).hexdigest()


def add(
    session: Session, municipality: str, *, language: str, digest_at: str, next_digest_at: datetime, now: datetime,
    digest_days: str = EVERY_DAY,
) -> int:  # fmt: skip
    """Store a new subscriber; ``digest_at`` is local wall time ``HH:MM``, on ``digest_days``. Returns the id."""
    made = session.execute(
        table.insert()
        .values(
            municipality_id=municipality, language=language, digest_at=digest_at, digest_days=digest_days,
            next_digest_at=next_digest_at, generation=1, created_at=now,
        )
        .returning(table.c.id)
    )  # fmt: skip
    return int(made.scalar_one())


def get(session: Session, subscriber_id: int) -> RowMapping | None:
    """Return one subscriber's row."""
    return session.execute(select(table).where(table.c.id == subscriber_id)).mappings().one_or_none()


def change(session: Session, subscriber_id: int, **values: Any) -> None:
    """Change habits by column: ``language``, ``digest_at``, ``quiet_from``, ``paused_until`` and so on."""
    session.execute(update(table).where(table.c.id == subscriber_id).values(**values))
    if _HABITS & values.keys():
        routes.rebuild(session, [subscriber_id])
    if _SHOWN & values.keys():
        feeds.touch(session, subscribers=[subscriber_id])


def add_endpoint(  # noqa: PLR0913 - the columns of a row, by name
    session: Session, municipality: str, subscriber_id: int, *, channel: str, address: str, service: str,
    keys: Mapping[str, str], active: bool, now: datetime,
) -> int:  # fmt: skip
    """Store a way to reach a subscriber; not ``active`` means it must be confirmed first. Returns the id."""
    made = session.execute(
        endpoint.insert()
        .values(
            municipality_id=municipality, subscriber_id=subscriber_id, channel=channel, address=address,
            address_hash=address_hash(address), service=service, keys=dict(keys),
            state="active" if active else "pending", created_at=now, confirmed_at=now if active else None,
        )
        .returning(endpoint.c.id)
    )  # fmt: skip
    endpoint_id = int(made.scalar_one())
    if active:
        routes.rebuild(session, [subscriber_id])
    return endpoint_id


def find_endpoint(session: Session, municipality: str, channel: str, address: str) -> RowMapping | None:
    """Return the living (pending or active) endpoint at ``address``, the active one first."""
    query = (
        select(endpoint)
        .where(
            endpoint.c.municipality_id == municipality,
            endpoint.c.channel == channel,
            endpoint.c.address_hash == address_hash(address),
            endpoint.c.state.in_(["active", "pending"]),
        )
        .order_by(endpoint.c.state, endpoint.c.id)
        .limit(1)
    )
    return session.execute(query).mappings().one_or_none()


def endpoint_row(session: Session, endpoint_id: int) -> RowMapping | None:
    """Return one endpoint's row."""
    return session.execute(select(endpoint).where(endpoint.c.id == endpoint_id)).mappings().one_or_none()


def endpoints(session: Session, ids: Sequence[int]) -> list[RowMapping]:
    """Return endpoints with their subscriber's habits, for sending; in the order of ``ids``, missing ones left out."""
    query = select(
        endpoint,
        table.c.language,
        table.c.generation,
        table.c.quiet_from,
        table.c.quiet_to,
        table.c.paused_until,
    ).join(table, table.c.id == endpoint.c.subscriber_id)
    rows = {row["id"]: row for row in session.execute(query.where(endpoint.c.id.in_(list(ids)))).mappings()}
    return [rows[one] for one in ids if one in rows]


def told(session: Session, ids: Sequence[int], *, asked: bool = False) -> Sequence[Any]:
    """Return what is needed to tell these endpoints something, one row each; missing ones are left out.

    ``asked``: also ``asked_at`` and ``created_at``, from which the link of a confirmation counts.
    """
    columns: tuple[Any, ...] = (
        endpoint.c.id, endpoint.c.subscriber_id, endpoint.c.address, endpoint.c["keys"], endpoint.c.state,
        endpoint.c.troubled_since, table.c.language, table.c.generation, table.c.municipality_id.label("home"),
        town.c.host.label("home_host"),
        *((endpoint.c.asked_at, endpoint.c.created_at) if asked else ()),
    )  # fmt: skip
    query = select(*columns).join(table, table.c.id == endpoint.c.subscriber_id)
    query = query.join(town, town.c.id == table.c.municipality_id)
    return session.execute(query.where(endpoint.c.id.in_(list(ids)))).all()


def endpoints_of(session: Session, subscriber_id: int) -> Sequence[RowMapping]:
    """Return the living endpoints of a subscriber."""
    query = select(endpoint).where(
        endpoint.c.subscriber_id == subscriber_id, endpoint.c.state.in_(["active", "pending"])
    )
    return session.execute(query.order_by(endpoint.c.id)).mappings().all()


def confirm(session: Session, endpoint_id: int, now: datetime) -> bool:
    """Make a pending endpoint active; ``False`` if it was not pending."""
    query = (
        update(endpoint)
        .where(endpoint.c.id == endpoint_id, endpoint.c.state == "pending")
        .values(state="active", confirmed_at=now, since=newest_publication())
        .returning(endpoint.c.subscriber_id)
    )
    owner = session.execute(query).scalar_one_or_none()
    if owner is not None:
        routes.rebuild(session, [owner])
    return owner is not None


def asked(session: Session, endpoint_id: int, now: datetime) -> None:
    """Remember when a confirmation was last sent."""
    session.execute(update(endpoint).where(endpoint.c.id == endpoint_id).values(asked_at=now))


def renew_endpoint(session: Session, endpoint_id: int, *, address: str, service: str, keys: Mapping[str, str]) -> None:
    """Give an endpoint a new address and keys (a browser renewed its push subscription)."""
    query = (
        update(endpoint)
        .where(endpoint.c.id == endpoint_id)
        .values(
            address=address,
            address_hash=address_hash(address),
            service=service,
            keys=dict(keys),
            state="active",
            since=newest_publication(),
        )
        .returning(endpoint.c.subscriber_id)
    )
    prekeys.drop(session, [endpoint_id])
    routes.rebuild(session, session.scalars(query).all())


def end_endpoints(
    session: Session, ids: Sequence[int], now: datetime, *, state: str = "gone", why: str = ""
) -> None:  # fmt: skip
    """End endpoints: ``gone`` (the other side said so) or ``ended`` (the person did). The address is forgotten.

    ``why``: ``gone``, ``dead``, ``bounced``, ``complained``, ``left`` or ``replaced``; left out, it follows from the
    state, and a mailbox that is gone has bounced.
    """
    usual = case((endpoint.c.channel == "mail", "bounced"), else_="gone") if state == "gone" else "left"
    query = (
        update(endpoint)
        .where(endpoint.c.id.in_(list(ids)), endpoint.c.state.in_(["active", "pending"]))
        .values(state=state, ended_at=now, ended_why=why or usual, address="", address_hash="", keys={})
        .returning(endpoint.c.subscriber_id, endpoint.c.channel)
    )
    ended = session.execute(query).all()
    prekeys.drop(session, ids)
    routes.rebuild(session, [row.subscriber_id for row in ended])
    feeds.touch(session, subscribers=sorted({row.subscriber_id for row in ended if row.channel == "ical"}))


def let_replace(session: Session, endpoint_id: int, old_id: int) -> None:
    """Let a pending endpoint take the place of another once it is confirmed."""
    session.execute(update(endpoint).where(endpoint.c.id == endpoint_id).values(replaces=old_id))


def revive(session: Session, endpoint_id: int, *, address: str, service: str, keys: Mapping[str, str]) -> None:
    """Let an endpoint that its person ended live again, as if it had never ended."""
    query = (
        update(endpoint)
        .where(endpoint.c.id == endpoint_id)
        .values(
            address=address, address_hash=address_hash(address), service=service, keys=dict(keys), state="active",
            ended_at=None, ended_why="", since=newest_publication(),
        )
        .returning(endpoint.c.subscriber_id)
    )  # fmt: skip
    owners = session.scalars(query).all()
    routes.rebuild(session, owners)
    feeds.touch(session, subscribers=owners)


def subscribe(session: Session, subscriber_id: int, interest_id: int, ways: Sequence[tuple[str, Action, str]]) -> int:
    """Subscribe to an interest, with (channel, action, lead) for each way; replaces the ways it had."""
    found = select(subscription.c.id).where(
        subscription.c.subscriber_id == subscriber_id, subscription.c.interest_id == interest_id
    )
    insert = insert_for(session)(subscription).values(subscriber_id=subscriber_id, interest_id=interest_id)
    session.execute(insert.on_conflict_do_nothing())
    subscription_id = int(session.execute(found).scalar_one())
    session.execute(delete(way).where(way.c.subscription_id == subscription_id))
    rows = [
        {"subscription_id": subscription_id, "channel": channel, "action": action, "lead": lead}
        for channel, action, lead in dict.fromkeys(ways)
    ]
    if rows:
        session.execute(way.insert(), rows)
    routes.rebuild(session, [subscriber_id])
    feeds.touch(session, subscribers=[subscriber_id])
    return subscription_id


def unsubscribe(session: Session, subscriber_id: int, subscription_id: int) -> bool:
    """End one subscription; ``False`` if it is not this subscriber's."""
    feeds.touch(session, subscribers=[subscriber_id])
    query = (
        delete(subscription)
        .where(subscription.c.id == subscription_id, subscription.c.subscriber_id == subscriber_id)
        .returning(subscription.c.id)
    )
    gone = session.execute(query).one_or_none() is not None
    if gone:
        routes.rebuild(session, [subscriber_id])
    return gone


def subscriptions(session: Session, subscriber_id: int) -> list[dict[str, Any]]:
    """Return subscriptions: ``id``, ``interest_id``, ``criteria``, ``town``, ``ways`` [(channel, action, lead)]."""
    rows = session.execute(
        select(
            subscription.c.id, subscription.c.interest_id, interest.c.criteria, interest.c.municipality_id.label("town")
        )
        .join(interest, interest.c.id == subscription.c.interest_id)
        .where(subscription.c.subscriber_id == subscriber_id)
        .order_by(subscription.c.id)
    ).mappings()
    found = {row["id"]: {**row, "ways": []} for row in rows}
    ways = session.execute(
        select(way).where(way.c.subscription_id.in_(list(found))).order_by(way.c.channel, way.c.action, way.c.lead)
    )
    for one in ways:
        found[one.subscription_id]["ways"].append((one.channel, Action(one.action), one.lead))
    return list(found.values())


def digest_due(session: Session, now: datetime, *, most: int = 500) -> Sequence[RowMapping]:
    """Return subscribers whose digest hour has come, with their municipality's ``zone``."""
    query = (
        select(table, town.c.zone)
        .join(town, town.c.id == table.c.municipality_id)
        .where(table.c.next_digest_at <= now)
        .order_by(table.c.next_digest_at, table.c.id)
        .limit(most)
    )
    return session.execute(query).mappings().all()


def digest_again(session: Session, subscriber_ids: Sequence[int], at: datetime) -> None:
    """Let the next digest of these people be at ``at``."""
    session.execute(update(table).where(table.c.id.in_(subscriber_ids)).values(next_digest_at=at))
