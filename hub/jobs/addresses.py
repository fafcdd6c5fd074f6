"""Addresses: change one, ask for a confirmation again, send a lost link, and take an end back (U18 to U21)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography.fernet import Fernet, InvalidToken
from sqlalchemy import RowMapping
from sqlalchemy.orm import Session

from hub.core.errors import SubscribeError
from hub.core.message import Change
from hub.jobs.house import House
from hub.jobs.subscribe import ASK_AGAIN, CONFIRM_LIVES, add_endpoint, send_alone
from hub.store import addresses, mailboxes, subscribers

MAIL = "mail"
UNDO_LIVES = timedelta(hours=24)
_LINK_AGAIN = timedelta(hours=1)  # at most one lost link per address and hour
_TELL_LIVES = timedelta(hours=48)
_SAME = "This is the address that we use already."


def change_address(
    house: House, session: Session, town: RowMapping, old: RowMapping, way: tuple[str, dict[str, str], str]
) -> None:
    """Let a new address take the place of ``old`` as soon as it is confirmed; until then the old one works.

    The old one is told at once, so that nobody's messages are led elsewhere without their knowing. An earlier change
    that waits ends. Raises ``SubscribeError`` if the person has the address already.
    """
    now = house.now()
    mine = subscribers.endpoints_of(session, old["subscriber_id"])
    if any(one["channel"] == MAIL and one["address"].lower() == way[0].lower() and not one["replaces"] for one in mine):
        raise SubscribeError(_SAME)
    waiting = [one["id"] for one in mine if one["replaces"] == old["id"]]
    subscribers.end_endpoints(session, waiting, now, state="ended", why="replaced")
    fresh = add_endpoint(house, session, town, old["subscriber_id"], channel=MAIL, way=way)
    subscribers.let_replace(session, fresh, old["id"])
    told = house.links.fingerprint("changed", old["address"].lower())
    if old["state"] == "active" and mailboxes.may_ask(session, told, now, within=ASK_AGAIN):
        send_alone(house, session, town["id"], old["id"], Change.ADDRESS, until=now + _TELL_LIVES)


def ask_again(house: House, session: Session, row: RowMapping) -> bool:
    """Send the confirmation of a pending address once more; ``False`` if it got one within a day (E-02)."""
    now = house.now()
    asked = house.links.fingerprint("ask", row["address"].lower())
    if row["state"] != "pending" or not mailboxes.may_ask(session, asked, now, within=ASK_AGAIN):
        return False
    subscribers.asked(session, row["id"], now)
    send_alone(house, session, row["municipality_id"], row["id"], Change.CONFIRM, until=now + CONFIRM_LIVES)
    return True


def send_link(house: House, municipality: str, address: str) -> None:
    """Mail the link of their own page to whoever has ``address`` and a place here; nobody learns whether anybody does.

    Each page once an hour, from whichever of its towns it is asked for. Who has not confirmed yet gets the confirmation
    again.
    """
    now = house.now()
    with house.store.begin() as session:
        row = _known(session, municipality, address)
        asked = f"{address.lower()} {row['id'] if row is not None else municipality}"
        may = mailboxes.may_ask(session, house.links.fingerprint("link", asked), now, within=_LINK_AGAIN)
        if row is None or not may:
            return
        if row["state"] == "pending":
            ask_again(house, session, row)
        else:
            send_alone(house, session, municipality, row["id"], Change.LINK, until=now + _TELL_LIVES)


def _known(session: Session, municipality: str, address: str) -> RowMapping | None:
    """Return who is reached at ``address`` as it was typed, or in small letters; who confirmed it goes first."""
    found = [
        row
        for one in dict.fromkeys((address, address.lower()))
        for row in addresses.living_at(session, municipality, MAIL, subscribers.address_hash(one))
    ]
    return min(found, key=lambda row: row["state"], default=None)


@dataclass(frozen=True, slots=True)
class Ended:
    """An endpoint that just ended, as an undo needs it: its address is forgotten everywhere else."""

    id: int
    address: str
    keys: dict[str, str]
    service: str


def sealed(house: House, row: RowMapping) -> str:
    """Return an endpoint as it was before it ended, encrypted for the page that offers to take that back."""
    plain = json.dumps([row["id"], row["address"], dict(row["keys"]), row["service"]])
    return _seal(house).encrypt_at_time(plain.encode(), int(house.now().timestamp())).decode()


def undo(house: House, token: str, seal: str) -> bool:
    """Take back the end of the endpoint that an unsubscribe link names, within a day; ``False`` if that cannot be.

    It cannot if the person is gone, if the address has signed up anew since in a municipality where it ended, or if
    another one took its place.
    """
    parts, ended = house.links.parts("unsubscribe", token), _opened(house, seal, house.now())
    if not parts or ended is None or ended.id != parts[0]:
        return False
    with house.store.begin() as session:
        row = subscribers.endpoint_row(session, ended.id)
        if row is None or row["state"] != "ended" or row["ended_why"] != "left":
            return False
        there = {**row, "address_hash": subscribers.address_hash(ended.address)}
        if ended.address and addresses.same_address(session, there):
            return False
        mine = subscribers.endpoints_of(session, row["subscriber_id"])
        if any(one["replaces"] == ended.id and one["state"] == "active" for one in mine):
            return False
        subscribers.revive(session, ended.id, address=ended.address, keys=ended.keys, service=ended.service)
    return True


def _opened(house: House, seal: str, now: datetime) -> Ended | None:
    try:
        lives = int(UNDO_LIVES.total_seconds())
        plain = _seal(house).decrypt_at_time(seal.encode(), lives, int(now.timestamp()))
    except (InvalidToken, ValueError):
        return None
    return Ended(*json.loads(plain))


def _seal(house: House) -> Fernet:
    key = hmac.digest(house.links.key.encode(), b"ortsruf-undo", hashlib.sha256)
    return Fernet(base64.urlsafe_b64encode(key))
