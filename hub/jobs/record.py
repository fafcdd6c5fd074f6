"""Record: the one door through which an audit event is written, in the transaction of what it tells (A-07)."""

from __future__ import annotations

from sqlalchemy.orm import Session

from hub.core.audit import Event
from hub.jobs.house import House
from hub.store import audit

COMMAND = "command"  # whoever may use the command line


def by_account(account_id: int) -> str:
    """Return the actor's name of somebody who is signed in."""
    return f"account:{account_id}"


def account_of(actor: str) -> int | None:
    """Return the account of an actor who is signed in; ``None`` for others."""
    kind, _, number = actor.partition(":")
    return int(number) if kind == "account" and number.isdecimal() else None


def by_link(municipality: str) -> str:
    """Return the actor's name of whoever holds the secret link of a municipality's desk."""
    return f"link:{municipality}"


def record(
    house: House, session: Session, actor: str, act: str, *, municipality: str = "", subject: str = "", **detail: str
) -> None:  # fmt: skip
    """Write who did what, where, to what; see :class:`hub.core.audit.Event`."""
    audit.add(session, Event(house.now(), actor, act, municipality, subject[:120], detail))
