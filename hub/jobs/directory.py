"""Directory: sign in whom a county's directory knows; its groups give roles by rule, and take them again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import RowMapping
from sqlalchemy.orm import Session

from hub.core.directory import granted, groups_in, has_second_factor, rule
from hub.core.permission import EVERYWHERE, Grant
from hub.core.sessions import Stage
from hub.jobs.correspond import write
from hub.jobs.house import House
from hub.jobs.people import new_account
from hub.jobs.record import by_account, record
from hub.jobs.sign_in import DIRECTORY, Caller, Outcome, SignedIn, open_, proved
from hub.settings import Settings
from hub.store import accounts, grants, towns


class Refusal(StrEnum):
    """Why somebody whom the directory knows is not let in."""

    NO_ROLE = "no-role"
    NO_ADDRESS = "no-address"
    TAKEN = "taken"  # an account with this address is not connected with the directory
    OTHER = "other"  # somebody else came back than went


@dataclass(frozen=True, slots=True)
class Person:
    """Whom the directory knows: ``issuer`` and ``subject`` name them for good, the rest may change."""

    issuer: str
    subject: str
    address: str
    name: str
    grants: frozenset[Grant]
    second_factor: bool


def person(settings: Settings, claims: Mapping[str, Any]) -> Person:
    """Read the claims by the rules of the settings. An address that the directory calls unverified is none."""
    rules = [rule(one) for one in settings.oidc_rules]
    verified = claims.get("email_verified", True) is True
    return Person(
        issuer=settings.oidc_issuer, subject=str(claims["sub"])[:255],
        address=str(claims.get("email", "")).strip().lower()[:254] if verified else "",
        name=str(claims.get("name") or claims.get("preferred_username") or "")[:80],
        grants=granted(rules, groups_in(claims, settings.oidc_groups)),
        second_factor=settings.oidc_second_factor or has_second_factor(claims),
    )  # fmt: skip


def sign_in(house: House, found: Person, language: str, caller: Caller) -> Outcome | Refusal:
    """Sign somebody in; an account is made for who has a role by the rules and none yet."""
    with house.store.begin() as session:
        account = accounts.by_subject(session, found.issuer, found.subject)
        if account is None:
            refused = _stranger(session, found)
            if refused is not None:
                return refused
            account_id = new_account(session, found.address, found.name or found.address, language, house)
            accounts.change(session, account_id, issuer=found.issuer, subject=found.subject)
            record(house, session, by_account(account_id), "account.made", subject=by_account(account_id), by=DIRECTORY)
        else:
            account_id = int(account["id"])
        _agree(house, session, account_id, found)
        if not grants.of_account(session, account_id):
            return Refusal.NO_ROLE
        equipped = accounts.is_equipped(session, account_id)
        stage = Stage.WHOLE if found.second_factor else Stage.HALF if equipped else Stage.BARE
        return open_(house, session, account_id, stage=stage, how=DIRECTORY, caller=caller)


def _stranger(session: Session, found: Person) -> Refusal | None:
    """Return why no account is made for somebody; an address alone never opens an account that is there (A-09)."""
    if not found.grants:
        return Refusal.NO_ROLE
    if not found.address:
        return Refusal.NO_ADDRESS
    return Refusal.TAKEN if accounts.by_address(session, found.address) is not None else None


def _agree(house: House, session: Session, account_id: int, found: Person) -> None:
    known = {row["id"] for row in towns.listed(session)}
    wanted = {one for one in found.grants if one.municipality == EVERYWHERE or one.municipality in known}
    for what, grant in grants.agree(session, account_id, wanted, house.now()):
        record(
            house, session, DIRECTORY, f"role.{what}", municipality=grant.municipality, subject=by_account(account_id),
            role=grant.role.value,
        )  # fmt: skip


def connect(house: House, who: SignedIn, found: Person) -> Refusal | None:
    """Connect an account with whom the directory knows, so that they can sign in there; ``None`` if it went well."""
    with house.store.begin() as session:
        taken: RowMapping | None = accounts.by_subject(session, found.issuer, found.subject)
        if taken is not None and taken["id"] != who.id:
            return Refusal.OTHER
        accounts.change(session, who.id, issuer=found.issuer, subject=found.subject)
        _agree(house, session, who.id, found)
        record(house, session, who.actor, "directory.connected", subject=who.actor)
        account = who.account
        write(
            house, session, "factors-changed", account["address"], account["language"], account_id=who.id,
            what=DIRECTORY,
        )  # fmt: skip
    return None


def prove(house: House, who: SignedIn, found: Person) -> Refusal | None:
    """Say once more who one is, at the directory; ``None`` if it was the same person."""
    if (who.account["issuer"], who.account["subject"]) != (found.issuer, found.subject):
        return Refusal.OTHER
    proved(house, who, factor=found.second_factor)
    return None
