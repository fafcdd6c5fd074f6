"""Accounts of editors and operators, with their second factors."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, delete, exists, func, insert, or_, select, update
from sqlalchemy.orm import Session

from hub.store.schema import login_session, passkey, recovery_code, role_grant
from hub.store.schema import user_account as table


def add(session: Session, address: str, name: str, language: str, *, handle: str, now: datetime) -> int:
    """Store an account without any way to sign in; returns its id."""
    values = {
        "address": address, "name": name, "language": language, "handle": handle, "created_at": now, "password": "",
        "totp": "", "totp_used": 0, "issuer": "", "subject": "",
    }  # fmt: skip
    return int(session.execute(insert(table).values(**values).returning(table.c.id)).scalar_one())


def get(session: Session, account_id: int) -> RowMapping | None:
    """Return a living account's row."""
    query = select(table).where(table.c.id == account_id, table.c.ended_at.is_(None))
    return session.execute(query).mappings().one_or_none()


def held(session: Session, account_id: int) -> RowMapping | None:
    """Return a living account's row; nobody else changes it until this transaction ends."""
    query = select(table).where(table.c.id == account_id, table.c.ended_at.is_(None)).with_for_update()
    return session.execute(query).mappings().one_or_none()


def by_address(session: Session, address: str) -> RowMapping | None:
    """Return the living account with this address (in any case)."""
    query = select(table).where(table.c.address == address.lower(), table.c.ended_at.is_(None))
    return session.execute(query).mappings().one_or_none()


def by_subject(session: Session, issuer: str, subject: str) -> RowMapping | None:
    """Return the living account that a directory (OIDC ``iss``) knows as ``subject``."""
    query = select(table).where(table.c.issuer == issuer, table.c.subject == subject, table.c.ended_at.is_(None))
    return session.execute(query).mappings().first()


def change(session: Session, account_id: int, **values: Any) -> None:
    """Write columns of an account."""
    session.execute(update(table).where(table.c.id == account_id).values(**values))


def listed(session: Session, ids: Iterable[int] | None = None) -> Sequence[RowMapping]:
    """Return living accounts by name; ``ids``: only these."""
    query = select(table).where(table.c.ended_at.is_(None)).order_by(table.c.name, table.c.id)
    return session.execute(query if ids is None else query.where(table.c.id.in_(list(ids)))).mappings().all()


def names(session: Session, ids: Iterable[int]) -> dict[int, str]:
    """Return the names of accounts, ended ones too."""
    query = select(table.c.id, table.c.name).where(table.c.id.in_(list(ids)))
    return {row.id: row.name for row in session.execute(query)}


def end(session: Session, account_id: int, now: datetime) -> None:
    """End an account: all ways to sign in and all roles are gone; for the audit log the name stays, the address not."""
    for one in (passkey, recovery_code, login_session, role_grant):
        session.execute(delete(one).where(one.c.account_id == account_id))
    change(
        session, account_id, address=f"ended-{account_id}", password="", totp="", issuer="", subject="", ended_at=now
    )  # fmt: skip


def disarm(session: Session, account_id: int) -> None:
    """Take every way to sign in away from an account, its connection with a directory too; its roles stay."""
    for one in (passkey, recovery_code, login_session):
        session.execute(delete(one).where(one.c.account_id == account_id))
    change(session, account_id, password="", totp="", issuer="", subject="")


def is_equipped(session: Session, account_id: int) -> bool:
    """Whether a second factor is set up: codes of an app, or a passkey."""
    keyed = exists().where(passkey.c.account_id == table.c.id)
    query = select(table.c.id).where(table.c.id == account_id, or_(table.c.totp != "", keyed))
    return session.execute(query).first() is not None


def use_step(session: Session, account_id: int, step: int) -> bool:
    """Note that the code of a time step was used; ``False`` if it, or a later one, was used before (RFC 6238, 5.2)."""
    query = (
        update(table)
        .where(table.c.id == account_id, table.c.totp != "", table.c.totp_used < step)
        .values(totp_used=step)
        .returning(table.c.id)
    )
    return session.execute(query).one_or_none() is not None


def passkeys(session: Session, account_id: int) -> Sequence[RowMapping]:
    """Return an account's passkeys, the oldest first."""
    query = select(passkey).where(passkey.c.account_id == account_id).order_by(passkey.c.id)
    return session.execute(query).mappings().all()


def passkey_of(session: Session, credential: str) -> RowMapping | None:
    """Return the passkey with this credential id (base64url)."""
    return session.execute(select(passkey).where(passkey.c.credential == credential)).mappings().one_or_none()


def add_passkey(
    session: Session, account_id: int, credential: str, key: bytes, count: int, *, name: str, now: datetime
) -> int:  # fmt: skip
    """Store a passkey; returns its id."""
    values = {
        "account_id": account_id, "credential": credential, "public_key": key, "count": count, "name": name,
        "created_at": now,
    }  # fmt: skip
    return int(session.execute(insert(passkey).values(**values).returning(passkey.c.id)).scalar_one())


def used_passkey(session: Session, passkey_id: int, count: int, now: datetime) -> None:
    """Note that a passkey signed in."""
    session.execute(update(passkey).where(passkey.c.id == passkey_id).values(count=count, used_at=now))


def remove_passkey(session: Session, account_id: int, passkey_id: int) -> bool:
    """Delete a passkey of an account; ``False`` if it has none of that id."""
    query = delete(passkey).where(passkey.c.id == passkey_id, passkey.c.account_id == account_id)
    return session.execute(query.returning(passkey.c.id)).one_or_none() is not None


def put_codes(session: Session, account_id: int, hashes: Sequence[str]) -> None:
    """Replace an account's recovery codes."""
    session.execute(delete(recovery_code).where(recovery_code.c.account_id == account_id))
    if hashes:
        session.execute(insert(recovery_code), [{"account_id": account_id, "hash": one} for one in hashes])


def codes_left(session: Session, account_id: int) -> int:
    """Return how many recovery codes are unused."""
    query = select(func.count()).where(recovery_code.c.account_id == account_id, recovery_code.c.used_at.is_(None))
    return int(session.scalar(query) or 0)


def use_code(session: Session, account_id: int, hashed: str, now: datetime) -> bool:
    """Use a recovery code up; ``False`` if there is none such, or it was used."""
    query = (
        update(recovery_code)
        .where(
            recovery_code.c.account_id == account_id, recovery_code.c.hash == hashed, recovery_code.c.used_at.is_(None)
        )
        .values(used_at=now)
        .returning(recovery_code.c.id)
    )
    return session.execute(query).one_or_none() is not None
