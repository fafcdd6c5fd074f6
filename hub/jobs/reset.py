"""Reset: a new password by mail, a new password by the old one, another address. Links work once (A-09)."""

from __future__ import annotations

from sqlalchemy import RowMapping
from sqlalchemy.orm import Session

from hub import hashing
from hub.core.errors import SubscribeError
from hub.jobs.correspond import LINK_LIVES, write
from hub.jobs.house import House
from hub.jobs.people import checked_address
from hub.jobs.record import by_account, record
from hub.jobs.sign_in import Caller, SignedIn
from hub.store import accounts, letters, signins


def ask(house: House, address: str, language: str, caller: Caller) -> None:
    """Write a letter to an address that asks for a new password.

    Whether there is an account is looked up when the letter is about to be sent: for whoever asks, all addresses are
    the same work and the same answer. Too many asks are silently left out.
    """
    try:
        checked = checked_address(house, address)
    except SubscribeError:
        return
    key = house.links.key
    names = [
        f"letter:{hashing.hidden(key, 'reset', checked)}",
        f"network:{hashing.hidden(key, 'reset', caller.network)}",
    ]
    with house.store.begin() as session:
        if not signins.try_(session, names, house.now()):
            write(house, session, "reset", checked, language, lives=LINK_LIVES)


def send_reset(house: House, session: Session, account: RowMapping) -> str:
    """Write the letter for a known account, in the place of earlier ones; returns its link."""
    letters.void_resets(session, account["address"], house.now())
    letters.void(session, account["id"], ("address",), house.now())
    made = write(house, session, "reset", account["address"], account["language"], lives=LINK_LIVES)
    return house.links.letter("reset", made, house.now())


def asked(house: House, token: str) -> tuple[RowMapping, RowMapping] | None:
    """Return the letter that a reset link names, and its account; ``None`` if it does not work any more."""
    letter_id = house.links.lettered("reset", token)
    with house.store.read() as session:
        letter = letters.get(session, letter_id) if letter_id is not None else None
        account = accounts.by_address(session, letter["address"]) if letter is not None else None
    if letter is None or account is None or letter["used_at"] is not None or letter["until"] <= house.now():
        return None
    if house.links.letter("reset", letter["id"], letter["created_at"]).rpartition("/")[2] != token:
        return None  # a row of that number was forgotten, and another one has it now
    return letter, account


def reset(house: House, letter: RowMapping, account: RowMapping, password: str) -> bool:
    """Set the password that a reset link allows; every sign-in ends, the second factor stays."""
    hashed = hashing.hashed(password)
    with house.store.begin() as session:
        if letters.use(session, letter["id"], "reset", house.now()) is None:
            return False
        _put(house, session, account, hashed, by_account(account["id"]))
        signins.end_all(session, account["id"])
    return True


def change_password(house: House, who: SignedIn, password: str) -> None:
    """Set another password; all other sign-ins end (A-02). The caller has made sure that this one is fresh."""
    hashed = hashing.hashed(password)
    with house.store.begin() as session:
        _put(house, session, who.account, hashed, who.actor)
        signins.end_all(session, who.id, but=who.session["id"])


def _put(house: House, session: Session, account: RowMapping, hashed: str, actor: str) -> None:
    accounts.change(session, account["id"], password=hashed, password_at=house.now())
    letters.void(session, account["id"], ("address",), house.now())
    letters.void_resets(session, account["address"], house.now())
    record(house, session, actor, "password.changed", subject=by_account(account["id"]))
    write(house, session, "password-changed", account["address"], account["language"], account_id=account["id"])


def ask_address(house: House, who: SignedIn, typed: str) -> None:
    """Write to a new address that it is to be confirmed. Raises ``SubscribeError`` if it is none.

    Whether somebody else has it is told to nobody: it shows when it is confirmed.
    """
    checked = checked_address(house, typed)
    with house.store.begin() as session:
        letters.void(session, who.id, ("address",), house.now())
        write(house, session, "address", checked, who.account["language"], lives=LINK_LIVES, account_id=who.id)
        record(house, session, who.actor, "address.asked", subject=who.actor)


def confirm_address(house: House, who: SignedIn, token: str) -> bool:
    """Give the account its new address; ``False`` if the link does not work any more, or is somebody else's."""
    letter_id = house.links.lettered("address", token)
    with house.store.begin() as session:
        found = letters.get(session, letter_id) if letter_id is not None else None
        if found is None or found["account_id"] != who.id or accounts.by_address(session, found["address"]) is not None:
            return False
        if letters.use(session, found["id"], "address", house.now()) is None:
            return False
        old = who.account
        accounts.change(session, who.id, address=found["address"])
        record(house, session, who.actor, "address.changed", subject=who.actor)
        write(house, session, "address-changed", old["address"], old["language"], account_id=who.id)
    return True
