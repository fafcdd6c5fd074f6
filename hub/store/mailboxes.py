"""Mail addresses: whether one may be asked for a confirmation, and what bounces have taught of it."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from hub.store.database import insert_for
from hub.store.schema import endpoint, mail_ask


def troubled(session: Session, endpoint_id: int, *, since: datetime | None, bounces: int) -> None:
    """Remember a run of soft bounces."""
    values = {"troubled_since": since, "soft_bounces": bounces}
    session.execute(update(endpoint).where(endpoint.c.id == endpoint_id).values(**values))


def mail_lost(session: Session, subscriber_id: int) -> str:
    """Return why a person's last way by mail was ended by others (``bounced``, ``complained``), empty if it lives."""
    query = (
        select(endpoint.c.state, endpoint.c.ended_why)
        .where(endpoint.c.subscriber_id == subscriber_id, endpoint.c.channel == "mail")
        .order_by(endpoint.c.id.desc())
    )
    row = session.execute(query.limit(1)).one_or_none()
    return str(row.ended_why) if row is not None and row.ended_why in {"bounced", "complained"} else ""


def may_ask(session: Session, asked: str, now: datetime, *, within: timedelta) -> bool:
    """Whether an address may get a mail that anybody can order now, and note that it does: one in that time.

    ``asked`` is the keyed hash of the address and of what is sent: who reads the table learns no address.
    """
    query = insert_for(session)(mail_ask).values(address_hash=asked, at=now)
    query = query.on_conflict_do_update(
        index_elements=["address_hash"], set_={"at": now}, where=mail_ask.c.at <= now - within
    ).returning(mail_ask.c.at)
    return session.execute(query).one_or_none() is not None


def asked_at(session: Session, asked: str) -> datetime | None:
    """Return when such a mail was last ordered for an address, if that is still known."""
    found: datetime | None = session.scalar(select(mail_ask.c.at).where(mail_ask.c.address_hash == asked))
    return found


def forget_asks(session: Session, before: datetime) -> None:
    """Delete who was asked before that time."""
    session.execute(delete(mail_ask).where(mail_ask.c.at < before))
