"""Sign in: password, then a second factor; or a passkey, which is both. Every way ends in a row that can be revoked.

Whether there is an account at an address shows neither in the answer nor in the work done for it (A-01).
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from datetime import timedelta

import pyotp
import structlog
from sqlalchemy import RowMapping
from sqlalchemy.orm import Session

from hub import hashing
from hub.core.permission import Visitor
from hub.core.sessions import SEEN, Stage
from hub.jobs.correspond import write
from hub.jobs.house import House
from hub.jobs.record import by_account, record
from hub.store import accounts, grants, signins
from hub.strongbox import Locked

log = structlog.get_logger(__name__)
DIRECTORY = "directory"
_WINDOW = 1  # time steps of 30 seconds before and after: clocks differ (RFC 6238, 5.2)


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: ``network`` is where from (an address's /24 or /64), ``device`` the token of one that signed in."""

    network: str = ""
    agent: str = ""
    device: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a try. ``token`` opens the sign-in if it went well; ``wait``: it was not looked at for now."""

    token: str = ""
    stage: Stage = Stage.HALF
    account_id: int = 0
    wait: timedelta = timedelta(0)

    @property
    def went_well(self) -> bool:
        """Whether there is a sign-in now."""
        return bool(self.token)


REFUSED = Outcome()


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Somebody who is signed in: the rows of the account and of the sign-in, and what they may do."""

    account: RowMapping
    session: RowMapping
    visitor: Visitor

    @property
    def id(self) -> int:
        """The account's id."""
        return int(self.account["id"])

    @property
    def actor(self) -> str:
        """What the audit log calls this person."""
        return by_account(self.id)


def of_token(house: House, token: str) -> SignedIn | None:
    """Return who is signed in with a token; ``None`` if nobody is, or is half way. Notes the sign of life."""
    now = house.now()
    with house.store.read() as session:
        row = signins.of_token(session, token, now) if token else None
        account = accounts.get(session, row["account_id"]) if row is not None else None
        if row is None or account is None or row["stage"] == Stage.HALF:
            return None
        # What a directory gave holds for whoever comes by it: it may have shut its door on them since.
        held = grants.of_account(session, account["id"], directory=row["how"] == DIRECTORY)
    if now - row["seen_at"] >= SEEN:
        with house.store.begin() as session:
            signins.change(session, row["id"], seen_at=now)
    return SignedIn(account, row, Visitor(held, row["stage"] == Stage.WHOLE, row["proved_at"]))


def half_way(house: House, token: str) -> RowMapping | None:
    """Return the sign-in whose second factor is due."""
    with house.store.read() as session:
        row = signins.of_token(session, token, house.now()) if token else None
    return row if row is not None and row["stage"] == Stage.HALF else None


def with_password(house: House, address: str, password: str, caller: Caller) -> Outcome:
    """Try a password; what goes well is half a sign-in, or a bare one where no second factor is set up yet."""
    address = address.strip().lower()[:254]
    with house.store.begin() as session:
        account = accounts.by_address(session, address)
        names = _counters(house, account, address, caller)
        wait = signins.try_(session, names, house.now())
    if wait:
        return replace(REFUSED, wait=wait)
    known = hashing.matches(account["password"] if account is not None else "", password[:1000])
    with house.store.begin() as session:
        if not known or account is None:
            subject = by_account(account["id"]) if account is not None else "unknown"
            record(house, session, "", "sign-in.refused", subject=subject)
            return REFUSED
        signins.went_well(session, names, house.now())
        if hashing.is_dated(account["password"]):
            accounts.change(session, account["id"], password=hashing.hashed(password))
        equipped = accounts.is_equipped(session, account["id"])
        return open_(
            house, session, account["id"], stage=Stage.HALF if equipped else Stage.BARE, how="password", caller=caller
        )


def _counters(house: House, account: RowMapping | None, address: str, caller: Caller) -> list[str]:
    """Return what a try of a password counts towards: the network, and the device if it is known, else the account."""
    key = house.links.key
    network = f"network:{hashing.hidden(key, 'network', caller.network)}"
    known = house.links.parts("device", caller.device) if caller.device else None
    if account is not None and known is not None and known[0] == account["id"]:
        return [network, f"device:{hashing.hidden(key, 'device', caller.device)}"]
    return [network, f"account:{hashing.hidden(key, 'account', address)}"]


def device_token(house: House, account_id: int) -> str:
    """Return a token by which a device is known that has signed in once."""
    return house.links.token("device", account_id, secrets.randbits(48))


def open_(
    house: House, session: Session, account_id: int, *, stage: Stage, how: str, caller: Caller
) -> Outcome:  # fmt: skip
    """Store a new sign-in with a token of its own."""
    now, token = house.now(), secrets.token_urlsafe(32)
    signins.open_(session, account_id, token, stage=stage, how=how, agent=caller.agent, now=now)
    if stage is not Stage.HALF:
        accounts.change(session, account_id, signed_in_at=now)
        record(house, session, by_account(account_id), "sign-in", subject=by_account(account_id), how=how)
    return Outcome(token, stage, account_id)


def with_code(house: House, half: RowMapping, code: str, caller: Caller) -> Outcome:
    """Finish a sign-in by a code of the app, or a recovery code; the half one ends (A-02: another token)."""
    found = check_code(house, half["account_id"], code)
    if not found.went_well:
        return found
    with house.store.begin() as session:
        if not signins.end(session, half["account_id"], half["id"]):
            return REFUSED  # somebody was quicker
        return open_(house, session, half["account_id"], stage=Stage.WHOLE, how=half["how"], caller=caller)


def check_code(house: House, account_id: int, code: str) -> Outcome:
    """Use a code up. The outcome's token says only how: ``totp`` or ``recovery``; none is taken twice (A-06)."""
    name = f"code:{account_id}"
    with house.store.begin() as session:
        wait = signins.try_(session, [name], house.now())
        if wait:
            return replace(REFUSED, wait=wait)
        account = accounts.get(session, account_id)
        if account is None:
            return REFUSED
        by = _code_used(house, session, account, code)
        if by:
            signins.went_well(session, [name], house.now())
            return Outcome(by, account_id=account_id)
        record(house, session, "", "code.refused", subject=by_account(account_id))
        return REFUSED


def _code_used(house: House, session: Session, account: RowMapping, code: str) -> str:
    digits = "".join(code.split())
    if account["totp"] and digits.isascii() and digits.isdecimal():
        secret = kept_secret(house, account)
        step = step_of(secret, digits, house) if secret else None
        if step is None or not accounts.use_step(session, account["id"], step):
            return ""
        if house.strongbox.is_plain(account["totp"]):  # from before there was a key outside the database
            keep_secret(house, session, account["id"], secret, step)
        return "totp"
    if not accounts.use_code(session, account["id"], hashing.hashed_code(code), house.now()):
        return ""
    left = accounts.codes_left(session, account["id"])
    record(house, session, by_account(account["id"]), "recovery-code.used", subject=by_account(account["id"]))
    write(
        house, session, "code-used", account["address"], account["language"], account_id=account["id"], count=str(left)
    )
    return "recovery"


def kept_secret(house: House, account: RowMapping) -> str:
    """Return the secret of an account's app; empty if it was kept under another ``secret`` of the settings."""
    try:
        return house.strongbox.take(account["totp"], _about(account["id"]))
    except Locked:
        log.warning("the secret of an app cannot be opened: was the setting `secret` changed?", account=account["id"])
        return ""


def keep_secret(house: House, session: Session, account_id: int, secret: str, step: int) -> None:
    """Store the secret of an account's app, whose code of time step ``step`` was used."""
    accounts.change(session, account_id, totp=house.strongbox.put(secret, _about(account_id)), totp_used=step)


def _about(account_id: int) -> str:
    return f"totp:{account_id}"


def step_of(secret: str, digits: str, house: House) -> int | None:
    """Return the time step whose code ``digits`` is; ``None`` if it is no code of this time."""
    try:
        return pyotp.TOTP(secret).verify_and_get_timecode(digits, for_time=house.now(), valid_window=_WINDOW)
    except pyotp.OTPVerificationError:
        return None


def prove(house: House, who: SignedIn, password: str, code: str, caller: Caller) -> Outcome:
    """Say once more who one is, by password and code; what goes well makes the sign-in fresh."""
    if who.account["password"]:
        with house.store.begin() as session:
            names = _counters(house, who.account, who.account["address"], caller)
            wait = signins.try_(session, names, house.now())
        if wait:
            return replace(REFUSED, wait=wait)
        if not hashing.matches(who.account["password"], password[:1000]):
            return REFUSED
        with house.store.begin() as session:
            signins.went_well(session, names, house.now())
    elif not who.visitor.equipped:
        return REFUSED
    found = check_code(house, who.id, code) if who.visitor.equipped else Outcome("password", account_id=who.id)
    if found.went_well:
        proved(house, who, factor=who.visitor.equipped)
    return found


def renewed(house: House, who: SignedIn) -> Outcome:
    """Give a sign-in that has just become whole another token; the one that was worth less opens nothing (A-02)."""
    token = secrets.token_urlsafe(32)
    with house.store.begin() as session:
        signins.change(session, who.session["id"], token_hash=signins.hashed(token))
    return Outcome(token, Stage.WHOLE, who.id)


def proved(house: House, who: SignedIn, *, factor: bool) -> None:
    """Note that somebody has just proved who they are; ``factor``: a second factor was part of it (A-06)."""
    now = house.now()
    shown = {"factor_at": now} if factor else {}
    with house.store.begin() as session:
        signins.change(session, who.session["id"], proved_at=now, seen_at=now, **shown)


def leave(house: House, who: SignedIn) -> None:
    """Sign out."""
    with house.store.begin() as session:
        signins.end(session, who.id, who.session["id"])
        record(house, session, who.actor, "sign-out", subject=who.actor)


def revoke(house: House, who: SignedIn, session_id: int) -> bool:
    """End another sign-in of one's own; ``False`` if there is none of that id."""
    with house.store.begin() as session:
        found = signins.end(session, who.id, session_id)
        if found:
            record(house, session, who.actor, "session.revoked", subject=who.actor)
    return found
