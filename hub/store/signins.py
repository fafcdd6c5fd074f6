"""Sign-ins as rows, failed tries, and what may be used once. Tokens are stored as hashes only (A-02)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import RowMapping, delete, insert, select, update
from sqlalchemy.orm import Session

from hub.core import sessions, throttle
from hub.core.throttle import Tries
from hub.store.database import insert_for
from hub.store.schema import login_session as table
from hub.store.schema import spent
from hub.store.schema import tries as counted


def hashed(token: str) -> str:
    """Return a random token's hash; it needs no salt, for it cannot be guessed."""
    return hashlib.sha256(token.encode()).hexdigest()


def open_(
    session: Session, account_id: int, token: str, *, stage: sessions.Stage, how: str, agent: str, now: datetime
) -> int:  # fmt: skip
    """Store a sign-in under the hash of its ``token``; returns its id. A whole one began with a second factor."""
    values = {
        "account_id": account_id, "token_hash": hashed(token), "stage": stage.value, "how": how, "agent": agent[:80],
        "created_at": now, "seen_at": now, "proved_at": now,
        "factor_at": now if stage is sessions.Stage.WHOLE else None,
    }  # fmt: skip
    return int(session.execute(insert(table).values(**values).returning(table.c.id)).scalar_one())


def of_token(session: Session, token: str, now: datetime) -> RowMapping | None:
    """Return the living sign-in that a token opens."""
    row = session.execute(select(table).where(table.c.token_hash == hashed(token))).mappings().one_or_none()
    return row if row is not None and _lives(row, now) else None


def _lives(row: RowMapping, now: datetime) -> bool:
    return sessions.is_alive(sessions.Stage(row["stage"]), row["created_at"], row["seen_at"], now)


def change(session: Session, session_id: int, **values: Any) -> None:
    """Write columns of a sign-in."""
    session.execute(update(table).where(table.c.id == session_id).values(**values))


def living(session: Session, account_id: int, now: datetime) -> Sequence[RowMapping]:
    """Return an account's living sign-ins, the one seen last first; those of half way are none."""
    query = select(table).where(table.c.account_id == account_id, table.c.stage != sessions.Stage.HALF.value)
    rows = session.execute(query.order_by(table.c.seen_at.desc(), table.c.id)).mappings()
    return [row for row in rows if _lives(row, now)]


def end(session: Session, account_id: int, session_id: int) -> bool:
    """End one sign-in of an account; ``False`` if it has none of that id."""
    query = delete(table).where(table.c.id == session_id, table.c.account_id == account_id)
    return session.execute(query.returning(table.c.id)).one_or_none() is not None


def end_all(session: Session, account_id: int, *, but: int = 0) -> int:
    """End all sign-ins of an account except one; returns how many."""
    query = delete(table).where(table.c.account_id == account_id, table.c.id != but)
    return len(session.execute(query.returning(table.c.id)).all())


def end_unfinished(session: Session, account_id: int, *, but: int) -> None:
    """End the sign-ins of an account that have shown no second factor, except one."""
    query = delete(table).where(table.c.account_id == account_id, table.c.stage != sessions.Stage.WHOLE.value)
    session.execute(query.where(table.c.id != but))


def try_(session: Session, names: Sequence[str], now: datetime) -> timedelta:
    """Count one try on each of these counters before it is looked at; returns how long to wait instead.

    Whoever must wait is not counted. The counters are held until the transaction ends: of many tries at once each
    sees those before it.
    """
    for name in sorted(names):  # in one order: two processes must not wait for each other
        begun = insert_for(session)(counted).values(name=name, count=0, last_at=now, until=now)
        session.execute(begun.on_conflict_do_nothing())
    query = select(counted).where(counted.c.name.in_(list(names))).order_by(counted.c.name).with_for_update()
    rows = {row["name"]: row for row in session.execute(query).mappings()}
    longest = max((throttle.waits(_tries(row), now) for row in rows.values()), default=timedelta(0))
    if longest:
        return longest
    for name, row in rows.items():
        after = throttle.tried(throttle.sort_of(name), _tries(row), now)
        values = {"count": after.count, "last_at": after.last_at, "until": after.until}
        session.execute(update(counted).where(counted.c.name == name).values(**values))
    return timedelta(0)


def _tries(row: Mapping[Any, Any]) -> Tries:
    return Tries(row["count"], row["last_at"], row["until"])


def went_well(session: Session, names: Sequence[str], now: datetime) -> None:
    """Take back what a try counted that turned out right: a network's last one, everything of the others."""
    network = [name for name in names if throttle.sort_of(name) == "network"]
    session.execute(delete(counted).where(counted.c.name.in_([name for name in names if name not in network])))
    taken = update(counted).where(counted.c.name.in_(network), counted.c.count > 0)
    session.execute(taken.values(count=counted.c.count - 1, until=now))


def spend(session: Session, value: str, until: datetime) -> bool:
    """Use something up until it is over anyway; ``False`` if it was used before."""
    query = insert_for(session)(spent).values(hash=hashed(value), until=until).on_conflict_do_nothing()
    return session.execute(query.returning(spent.c.hash)).one_or_none() is not None


def forget(session: Session, now: datetime) -> None:
    """Delete sign-ins that are over, counters of yesterday, and what was used and is over (T-04)."""
    session.execute(delete(table).where(table.c.created_at < now - sessions.ABSOLUTE))
    session.execute(delete(table).where(table.c.stage != "half", table.c.seen_at < now - sessions.IDLE))
    session.execute(delete(counted).where(counted.c.last_at < now - throttle.FORGETS))
    session.execute(delete(spent).where(spent.c.until < now))
