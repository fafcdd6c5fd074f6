"""Grants and invitations: who has which role where, and who is asked to have one."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, RowMapping, delete, insert, select, update
from sqlalchemy.orm import Session

from hub.core import clubs
from hub.core.permission import EVERYWHERE, Grant, Role
from hub.store.schema import invitation, user_account
from hub.store.schema import role_grant as table


def to_grant(row: RowMapping) -> Grant:
    """Return a row of grants or invitations as a grant."""
    bounds = clubs.from_json(row["bounds"]) if row["bounds"] else None
    return Grant(Role(row["role"]), row["municipality_id"] or EVERYWHERE, bounds)


def _where(grant: Grant) -> tuple[ColumnElement[bool], ...]:
    town = table.c.municipality_id
    return table.c.role == grant.role.value, town == grant.municipality if grant.municipality else town.is_(None)


def add(session: Session, account_id: int, grant: Grant, now: datetime, *, origin: str = "person") -> bool:
    """Give a role; ``False`` if the account has it. A club's bounds are replaced. Raises ``ValueError`` if invalid."""
    if not grant.valid:
        raise ValueError(f"{grant.role} cannot be granted for {grant.municipality or 'all municipalities'}")
    bounds = clubs.to_json(grant.bounds) if grant.bounds is not None else None
    held = update(table).where(table.c.account_id == account_id, *_where(grant)).values(bounds=bounds)
    if session.execute(held.returning(table.c.id)).first() is not None:
        return False
    values = {
        "account_id": account_id, "municipality_id": grant.municipality or None, "role": grant.role.value,
        "bounds": bounds, "origin": origin, "created_at": now,
    }  # fmt: skip
    session.execute(insert(table).values(**values))
    return True


def of_account(session: Session, account_id: int, *, directory: bool = True) -> tuple[Grant, ...]:
    """Return the grants of an account, with those that a directory gave or without."""
    query = select(table).where(table.c.account_id == account_id).order_by(table.c.id)
    if not directory:
        query = query.where(table.c.origin != "directory")
    return tuple(to_grant(row) for row in session.execute(query).mappings())


def rows_of(session: Session, account_id: int) -> Sequence[RowMapping]:
    """Return the rows of an account's grants."""
    query = select(table).where(table.c.account_id == account_id).order_by(table.c.id)
    return session.execute(query).mappings().all()


def row(session: Session, grant_id: int) -> RowMapping | None:
    """Return one grant's row."""
    return session.execute(select(table).where(table.c.id == grant_id)).mappings().one_or_none()


def rows_in(session: Session, municipality: str) -> Sequence[RowMapping]:
    """Return the grants for a municipality (:data:`EVERYWHERE`: for all of them), with ``name`` and ``address``."""
    town = table.c.municipality_id
    query = (
        select(table, user_account.c.name, user_account.c.address)
        .join(user_account, user_account.c.id == table.c.account_id)
        .where(town == municipality if municipality else town.is_(None))
        .order_by(user_account.c.name, user_account.c.id, table.c.id)
    )
    return session.execute(query).mappings().all()


def hold_everywhere(session: Session) -> None:
    """Let nobody else change the grants for all municipalities until this transaction ends."""
    query = select(table.c.id).where(table.c.municipality_id.is_(None)).order_by(table.c.id).with_for_update()
    session.execute(query).all()


def remove(session: Session, grant_id: int) -> None:
    """Take a role away."""
    session.execute(delete(table).where(table.c.id == grant_id))


def agree(session: Session, account_id: int, wanted: Collection[Grant], now: datetime) -> list[tuple[str, Grant]]:
    """Bring what a directory gives an account in line with ``wanted``; returns what was ``given`` and ``taken``."""
    query = select(table).where(table.c.account_id == account_id, table.c.origin == "directory")
    held = {to_grant(one): one["id"] for one in session.execute(query).mappings()}
    told = []
    for grant, grant_id in held.items():
        if grant not in wanted:
            remove(session, grant_id)
            told.append(("taken", grant))
    fresh = sorted(set(wanted) - set(held), key=lambda one: (one.municipality, one.role))
    told += [("given", grant) for grant in fresh if add(session, account_id, grant, now, origin="directory")]
    return told


def invite(
    session: Session, address: str, grant: Grant, language: str, *, by: str, now: datetime, until: datetime
) -> int:  # fmt: skip
    """Store an invitation, in the place of an open one to the same; returns its id."""
    town = invitation.c.municipality_id
    session.execute(
        update(invitation)
        .where(
            invitation.c.address == address,
            invitation.c.role == grant.role.value,
            invitation.c.used_at.is_(None),
            town == grant.municipality if grant.municipality else town.is_(None),
            invitation.c.revoked_at.is_(None),
        )
        .values(revoked_at=now)
    )
    values = {
        "address": address, "municipality_id": grant.municipality or None, "role": grant.role.value,
        "bounds": clubs.to_json(grant.bounds) if grant.bounds is not None else None, "language": language, "by": by,
        "created_at": now, "until": until,
    }  # fmt: skip
    return int(session.execute(insert(invitation).values(**values).returning(invitation.c.id)).scalar_one())


def invited(session: Session, invitation_id: int) -> RowMapping | None:
    """Return an invitation's row."""
    return session.execute(select(invitation).where(invitation.c.id == invitation_id)).mappings().one_or_none()


def addresses(session: Session, ids: Iterable[int]) -> dict[int, str]:
    """Return whom these invitations were sent to."""
    query = select(invitation.c.id, invitation.c.address).where(invitation.c.id.in_(list(ids)))
    return {row.id: row.address for row in session.execute(query)}


def use(session: Session, invitation_id: int, now: datetime) -> RowMapping | None:
    """Use an invitation up; ``None`` if it was used or revoked, or is over."""
    query = (
        update(invitation)
        .where(
            invitation.c.id == invitation_id, invitation.c.used_at.is_(None), invitation.c.revoked_at.is_(None),
            invitation.c.until > now,
        )
        .values(used_at=now)
        .returning(invitation)
    )  # fmt: skip
    return session.execute(query).mappings().one_or_none()


def just_invited(session: Session, address: str, grant: Grant, since: datetime) -> int | None:
    """Return the open invitation to the very same that was written after ``since`` (a double click)."""
    town = invitation.c.municipality_id
    query = select(invitation.c.id).where(
        invitation.c.address == address, invitation.c.role == grant.role.value, invitation.c.created_at > since,
        town == grant.municipality if grant.municipality else town.is_(None), invitation.c.used_at.is_(None),
        invitation.c.revoked_at.is_(None),
    )  # fmt: skip
    return session.scalar(query.order_by(invitation.c.id.desc()).limit(1))


def withdraw(session: Session, invitation_id: int, now: datetime) -> bool:
    """Revoke an open invitation; ``False`` if there is none."""
    query = (
        update(invitation)
        .where(invitation.c.id == invitation_id, invitation.c.used_at.is_(None), invitation.c.revoked_at.is_(None))
        .values(revoked_at=now)
    )
    return session.execute(query.returning(invitation.c.id)).one_or_none() is not None


def open_in(session: Session, municipality: str, now: datetime) -> Sequence[RowMapping]:
    """Return the invitations to a municipality (or to all of them) that can still be accepted."""
    town = invitation.c.municipality_id
    query = select(invitation).where(
        town == municipality if municipality else town.is_(None), invitation.c.used_at.is_(None),
        invitation.c.revoked_at.is_(None), invitation.c.until > now,
    )  # fmt: skip
    return session.execute(query.order_by(invitation.c.address, invitation.c.id)).mappings().all()
