"""Equip: set up and take down second factors and recovery codes. The person is told of each change by mail."""

from __future__ import annotations

import base64
import hmac

import pyotp
from sqlalchemy.orm import Session

from hub import hashing
from hub.core.sessions import Stage
from hub.jobs.correspond import write
from hub.jobs.house import House
from hub.jobs.record import record
from hub.jobs.sign_in import SignedIn, keep_secret, step_of
from hub.passkeys import Made, PasskeyRefused
from hub.store import accounts, signins

CODES = 10
ISSUER = "Ortsruf"


def totp_secret(house: House, who: SignedIn) -> str:
    """Return the secret that this sign-in would set up (base32, 160 bits): the same until it is, stored nowhere."""
    said = f"totp\0{who.session['token_hash']}\0{who.account['totp_used']}\0{who.account['totp']}"
    return base64.b32encode(hmac.digest(house.links.key.encode(), said.encode(), "sha256")[:20]).decode("ascii")


def totp_address(house: House, who: SignedIn) -> str:
    """Return what an app reads from the QR code (``otpauth://…``)."""
    return pyotp.TOTP(totp_secret(house, who)).provisioning_uri(name=who.account["address"], issuer_name=ISSUER)


def set_up_totp(house: House, who: SignedIn, code: str) -> list[str] | None:
    """Set up codes of an app once one of them was typed rightly; ``None`` if it was not, or a factor is there already.

    Returns new recovery codes if there were none, to be shown once.
    """
    secret = totp_secret(house, who)
    step = step_of(secret, "".join(code.split()), house)
    if step is None:
        return None
    with house.store.begin() as session:
        if not _may_add(session, who):
            return None
        keep_secret(house, session, who.id, secret, step)
        return _equipped(house, session, who, "totp")


def add_passkey(house: House, who: SignedIn, found: Made, name: str) -> list[str]:
    """Add a passkey; returns new recovery codes if there were none, to be shown once.

    Raises ``PasskeyRefused`` if this sign-in has shown no second factor, and there is one by now.
    """
    with house.store.begin() as session:
        if not _may_add(session, who):
            raise PasskeyRefused
        accounts.add_passkey(
            session, who.id, found.credential, found.public_key, found.count, name=name[:80], now=house.now()
        )
        return _equipped(house, session, who, "passkey")


def _may_add(session: Session, who: SignedIn) -> bool:
    """Whether a sign-in may add a factor: one by a password alone only while there is none (A-06)."""
    accounts.held(session, who.id)
    return who.visitor.equipped or not accounts.is_equipped(session, who.id)


def _equipped(house: House, session: Session, who: SignedIn, what: str) -> list[str]:
    """Make a bare sign-in whole, tell the person, and make recovery codes where there are none.

    Others that began by a password alone end.
    """
    signins.change(session, who.session["id"], stage=Stage.WHOLE.value)
    signins.end_unfinished(session, who.id, but=who.session["id"])
    _told(house, session, who, what)
    return [] if accounts.codes_left(session, who.id) else _codes(session, who.id)


def _codes(session: Session, account_id: int) -> list[str]:
    made = [hashing.recovery_code() for _ in range(CODES)]
    accounts.put_codes(session, account_id, [hashing.hashed_code(one) for one in made])
    return made


def new_codes(house: House, who: SignedIn) -> list[str]:
    """Replace the recovery codes; the new ones are to be shown once."""
    with house.store.begin() as session:
        _told(house, session, who, "codes")
        return _codes(session, who.id)


def remove_totp(house: House, who: SignedIn) -> bool:
    """Take the codes of the app down; ``False`` if they are the only second factor, which stays."""
    with house.store.begin() as session:
        accounts.held(session, who.id)
        if not accounts.passkeys(session, who.id):
            return False
        accounts.change(session, who.id, totp="")
        _told(house, session, who, "totp-removed")
    return True


def remove_passkey(house: House, who: SignedIn, passkey_id: int) -> bool:
    """Delete a passkey; ``False`` if there is none of that id, or it is the only second factor, which stays."""
    with house.store.begin() as session:
        account = accounts.held(session, who.id)  # as it is now: two factors at once must not both go
        last = account is None or (not account["totp"] and len(accounts.passkeys(session, who.id)) == 1)
        if last or not accounts.remove_passkey(session, who.id, passkey_id):
            return False
        _told(house, session, who, "passkey-removed")
    return True


def _told(house: House, session: Session, who: SignedIn, what: str) -> None:
    record(house, session, who.actor, f"factors.{what}", subject=who.actor)
    account = who.account
    write(house, session, "factors-changed", account["address"], account["language"], account_id=who.id, what=what)
