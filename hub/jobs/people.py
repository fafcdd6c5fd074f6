"""People: invite somebody, accept, give and take roles, end an account (who may: hub.core.permission)."""

from __future__ import annotations

import base64
import secrets
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import RowMapping
from sqlalchemy.orm import Session

import push
from hub import hashing
from hub.core.errors import SettingsError
from hub.core.permission import EVERYWHERE, Grant, Role, may_grant
from hub.core.sessions import Stage
from hub.jobs.correspond import write
from hub.jobs.house import House
from hub.jobs.record import account_of, by_account, record
from hub.jobs.sign_in import Caller, Outcome, open_
from hub.store import accounts, grants, towns

INVITATION_LIVES = timedelta(days=7)
_TWICE = timedelta(minutes=1)  # within which the same invitation is a double click


@dataclass(frozen=True, slots=True)
class Invited:
    """An invitation that was written: its number and the link that it carries."""

    id: int
    link: str


def checked_address(house: House, typed: str) -> str:
    """Return a mail address as it is stored. Raises ``SubscribeError`` if it is none."""
    kind = push.load("mail")
    return str(kind.check(typed.strip(), {}, house.outlet("mail").settings)[0]).lower()


def where(session: Session, municipality: str) -> str:
    """Return what a municipality is called. Raises ``SettingsError`` if there is none of that name."""
    if municipality == EVERYWHERE:
        return "Ortsruf"
    row = towns.get(session, municipality)
    if row is None:
        raise SettingsError(f"There is no municipality called {municipality}.")
    return str(row["name"])


def invite(house: House, actor: str, address: str, grant: Grant, language: str) -> Invited:
    """Invite an address to a role; an earlier open invitation to the same ends, but one of a moment ago is this one.

    Raises ``SubscribeError`` for an address that is none, ``SettingsError`` for an unknown municipality, and
    ``ValueError`` for a grant that cannot be.
    """
    if not grant.valid:
        raise ValueError(f"{grant.role} cannot be granted there")
    checked = checked_address(house, address)
    with house.store.begin() as session:
        return invite_in(house, session, actor, (checked, language), grant)


def invite_in(house: House, session: Session, actor: str, whom: tuple[str, str], grant: Grant) -> Invited:
    """Do the same in the caller's transaction; ``whom``: an address that was checked, and the language to write in."""
    (checked, language), now = whom, house.now()
    town = where(session, grant.municipality)
    twin = grants.just_invited(session, checked, grant, now - _TWICE)
    if twin is not None:
        return Invited(twin, house.links.invitation(twin))
    made = grants.invite(
        session, checked, grant, language, by=actor, now=now, until=now + INVITATION_LIVES
    )  # fmt: skip
    write(
        house, session, "invitation", checked, language, lives=INVITATION_LIVES, invitation_id=made,
        town=town, role=grant.role.value,
    )  # fmt: skip
    record(
        house, session, actor, "invited", municipality=grant.municipality, subject=f"invitation:{made}",
        role=grant.role.value,
    )  # fmt: skip
    return Invited(made, house.links.invitation(made))


def open_invitation(house: House, token: str) -> RowMapping | None:
    """Return the invitation that a link opens; ``None`` if it was used, revoked, is over, or stands no more."""
    parts = house.links.parts("invitation", token)
    with house.store.read() as session:
        row = grants.invited(session, parts[0]) if parts is not None and len(parts) == 1 else None
        if row is not None and not _stands(session, row):
            return None
    closed = row is None or row["used_at"] is not None or row["revoked_at"] is not None
    return None if closed or row is None or row["until"] <= house.now() else row


def _stands(session: Session, row: RowMapping) -> bool:
    """Whether whoever invited may still give that role: nobody who was shut out lets others in (A-05)."""
    inviter = account_of(row["by"])
    if inviter is None:
        return True  # the command line
    held = grants.of_account(session, inviter) if accounts.get(session, inviter) is not None else ()
    return may_grant(held, grants.to_grant(row), own=False)


def account_invited(house: House, row: RowMapping) -> RowMapping | None:
    """Return the account that an invitation's address has already."""
    with house.store.read() as session:
        return accounts.by_address(session, row["address"])


def join(house: House, invitation: RowMapping, name: str, password: str, caller: Caller) -> Outcome | None:
    """Make the account of somebody invited and sign them in; ``None`` if the invitation was used meanwhile."""
    hashed, now = hashing.hashed(password), house.now()
    with house.store.begin() as session:
        if not _stands(session, invitation) or accounts.by_address(session, invitation["address"]) is not None:
            return None
        row = grants.use(session, invitation["id"], now)
        if row is None:
            return None
        account_id = new_account(session, row["address"], name, row["language"], house)
        accounts.change(session, account_id, password=hashed, password_at=now)
        _accepted(house, session, account_id, row)
        return open_(house, session, account_id, stage=Stage.BARE, how="password", caller=caller)


def new_account(session: Session, address: str, name: str, language: str, house: House) -> int:
    """Store an account with a handle of its own; returns its id."""
    handle = base64.urlsafe_b64encode(secrets.token_bytes(32)).rstrip(b"=").decode("ascii")
    return accounts.add(session, address, name.strip()[:80], language, handle=handle, now=house.now())


def accept(house: House, invitation: RowMapping, account: RowMapping) -> bool:
    """Give somebody who has an account what they were invited to; ``False`` if the invitation was used meanwhile."""
    if invitation["address"] != account["address"] or invitation["by"] == by_account(account["id"]):
        return False  # somebody else's, or one's own: nobody gives themselves a role
    with house.store.begin() as session:
        row = grants.use(session, invitation["id"], house.now()) if _stands(session, invitation) else None
        if row is None:
            return False
        _accepted(house, session, account["id"], row)
    return True


def _accepted(house: House, session: Session, account_id: int, row: RowMapping) -> None:
    grant, actor = grants.to_grant(row), by_account(account_id)
    grants.add(session, account_id, grant, house.now())
    record(
        house, session, actor, "invitation.accepted", municipality=grant.municipality,
        subject=f"invitation:{row['id']}", role=grant.role.value,
    )  # fmt: skip


def withdraw(house: House, actor: str, invitation: RowMapping) -> bool:
    """Revoke an open invitation; ``False`` if it was used or revoked already."""
    with house.store.begin() as session:
        found = grants.withdraw(session, invitation["id"], house.now())
        if found:
            town = invitation["municipality_id"] or EVERYWHERE
            record(
                house, session, actor, "invitation.revoked", municipality=town, subject=f"invitation:{invitation['id']}"
            )  # fmt: skip
    return found


def give(house: House, actor: str, account_id: int, grant: Grant) -> bool:
    """Give a role; ``False`` if the account has it."""
    with house.store.begin() as session:
        fresh = grants.add(session, account_id, grant, house.now())
        if fresh:
            _changed(house, session, actor, "role.given", account_id=account_id, grant=grant)
    return fresh


def take(house: House, actor: str, row: RowMapping) -> bool:
    """Take a role away (a row of grants); ``False`` if it is the last county operator's, which stays."""
    grant = grants.to_grant(row)
    with house.store.begin() as session:
        if grant.role is Role.COUNTY_OPERATOR:
            grants.hold_everywhere(session)  # two who take each other's role must not both succeed
            if not _others_operate(session, row["account_id"]):
                return False
        grants.remove(session, row["id"])
        _changed(house, session, actor, "role.taken", account_id=row["account_id"], grant=grant)
    return True


def _others_operate(session: Session, account_id: int) -> bool:
    rows = grants.rows_in(session, EVERYWHERE)
    return any(one["role"] == Role.COUNTY_OPERATOR and one["account_id"] != account_id for one in rows)


def _changed(house: House, session: Session, actor: str, act: str, *, account_id: int, grant: Grant) -> None:
    record(
        house, session, actor, act, municipality=grant.municipality, subject=by_account(account_id),
        role=grant.role.value,
    )  # fmt: skip


def end(house: House, actor: str, address: str) -> str:
    """End an account with everything that signs it in; returns the name. Raises ``SettingsError`` if there is none."""
    with house.store.begin() as session:
        row = _known(session, address)
        accounts.end(session, row["id"], house.now())
        record(house, session, actor, "account.ended", subject=by_account(row["id"]))
    return str(row["name"])


def disarm(house: House, actor: str, address: str) -> str:
    """Take down password, factors and sign-ins of somebody who lost them, and send a letter to begin anew.

    The account is no longer connected with a directory, and has lost the roles that came from there. Returns the
    link of that letter. Raises ``SettingsError`` if there is no such account.
    """
    from hub.jobs.reset import send_reset

    with house.store.begin() as session:
        row = _known(session, address)
        accounts.disarm(session, row["id"])
        for _taken, grant in grants.agree(session, row["id"], (), house.now()):
            _changed(house, session, actor, "role.taken", account_id=row["id"], grant=grant)
        record(house, session, actor, "account.disarmed", subject=by_account(row["id"]))
        write(
            house, session, "factors-changed", row["address"], row["language"], account_id=row["id"], what="reset"
        )  # fmt: skip
        return send_reset(house, session, row)


def _known(session: Session, address: str) -> RowMapping:
    row = accounts.by_address(session, address.strip())
    if row is None:
        raise SettingsError(f"There is no account with the address {address}. See `ortsruf account list`.")
    return row
