"""Passkey: sign in with one, or say by one who one is. Each challenge is answered once."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from hub import hashing
from hub.core.sessions import Stage
from hub.jobs.house import House
from hub.jobs.record import record
from hub.jobs.sign_in import REFUSED, Caller, Outcome, SignedIn, open_, proved
from hub.passkeys import Made, Party, PasskeyRefused, Question, credential_of, handle_of, made, signed, to_make
from hub.store import accounts, signins

LIVES = timedelta(minutes=5)  # of a challenge


def sign_in(house: House, challenge: str, answer: Any, caller: Caller) -> Outcome:
    """Sign in by a passkey of whatever account it belongs to."""
    counter = f"network:{hashing.hidden(house.links.key, 'network', caller.network)}"
    with house.store.begin() as session:
        wait = signins.try_(session, [counter], house.now())
    if wait:
        return replace(REFUSED, wait=wait)
    account_id = _owner(house, challenge, answer)
    with house.store.begin() as session:
        if not account_id:
            record(house, session, "", "sign-in.refused", subject="passkey")
            return REFUSED
        signins.went_well(session, [counter], house.now())
        return open_(house, session, account_id, stage=Stage.WHOLE, how="passkey", caller=caller)


def prove(house: House, who: SignedIn, challenge: str, answer: Any) -> bool:
    """Say once more who one is, by a passkey of one's own."""
    if _owner(house, challenge, answer, only=who.id) != who.id:
        return False
    proved(house, who, factor=True)
    return True


def _owner(house: House, challenge: str, answer: Any, *, only: int = 0) -> int:
    """Return whose account a passkey's answer opens, 0 if none; ``only``: no other's."""
    with house.store.read() as session:
        row = accounts.passkey_of(session, credential_of(answer))
        account = accounts.get(session, row["account_id"]) if row is not None else None
    if row is None or account is None or (only and account["id"] != only) or handle_of(answer) != account["handle"]:
        return 0
    try:
        count = signed(
            Party(house.links.base_url), challenge, answer, key=bytes(row["public_key"]), count=row["count"]
        )  # fmt: skip
    except PasskeyRefused:
        return 0
    with house.store.begin() as session:
        if not signins.spend(session, challenge, house.now() + LIVES):
            return 0
        accounts.used_passkey(session, row["id"], count, house.now())
    return int(account["id"])


def ask_to_make(house: House, who: SignedIn) -> Question:
    """Return the question to a browser for a new passkey."""
    with house.store.read() as session:
        known = [row["credential"] for row in accounts.passkeys(session, who.id)]
    party = Party(house.links.base_url)
    return to_make(party, who.account["handle"], who.account["address"], who.account["name"], known)


def read_made(house: House, challenge: str, answer: Any) -> Made:
    """Return the passkey that an answer brings. Raises ``PasskeyRefused``, also for a challenge answered before."""
    found = made(Party(house.links.base_url), challenge, answer)
    with house.store.begin() as session:
        if not signins.spend(session, challenge, house.now() + LIVES):
            raise PasskeyRefused
        if accounts.passkey_of(session, found.credential) is not None:
            raise PasskeyRefused
    return found
