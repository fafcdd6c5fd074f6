"""Rotate: a new server key for push, while the earlier ones go on serving the subscriptions made with them (W-10).

A municipality has a key of its own from its founding on; who subscribed before it had one keeps the installation's.

A browser binds a subscription to the key it was made with (RFC 8292, 4.2), so an earlier key is never thrown away as
long as a subscription needs it. Browsers renew when their owner next opens a page with the push button.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from hub.core.audit import Event
from hub.core.errors import SettingsError
from hub.jobs.found import check_push_contact
from hub.jobs.record import COMMAND
from hub.store import audit, pushkeys, towns
from hub.store.database import Store
from push.webpush.crypto import application_server_key, make_vapid_key

PRIVATE, PUBLIC = "vapid_private", "vapid_public"


@dataclass(frozen=True, slots=True)
class PushKey:
    """One server key: its public half (base64url), since when it is what it is, who was subscribed with it."""

    name: str
    public: str
    current: bool
    since: datetime
    subscriptions: int


def rotate(store: Store, now: datetime) -> PushKey:
    """Make a new current key and keep the present one as an earlier one. Raises ``SettingsError`` without a key."""
    private, public = make_vapid_key()
    with store.begin() as session:
        keys = towns.secrets(session)
        if PRIVATE not in keys:
            raise SettingsError("This database has no push key yet. Run `ortsruf init` first.")
        pushkeys.bind(session, application_server_key(keys[PRIVATE]))
        towns.put_secret(session, _free(keys, now), keys[PRIVATE], now)
        towns.put_secret(session, PRIVATE, private, now)
        towns.put_secret(session, PUBLIC, public, now)
        audit.add(session, Event(now, COMMAND, "push-key.rotated", "", public[:20], {}))
    return PushKey(PRIVATE, public, current=True, since=now, subscriptions=0)


def give_own(session: Session, municipality: str, now: datetime, *, actor: str, subject: str = "") -> str:
    """Give a municipality a new current key, in the caller's transaction; returns its public half.

    ``subject`` is whom push services may write to about it (``mailto:``); empty: as before, else the setting's.
    """
    private, public = make_vapid_key()
    before = pushkeys.of_town(session, municipality)
    contact = subject or (str(before[0]["subject"]) if before else "")
    pushkeys.add(session, municipality, (private, public), contact, now)
    act = "push-key.rotated" if before else "push-key.made"
    audit.add(session, Event(now, actor, act, municipality, public[:20], {}))
    return public


def rotate_own(store: Store, municipality: str, now: datetime, *, subject: str = "") -> str:
    """Do the same in a transaction of its own, for the command line. Raises ``SettingsError``."""
    if subject:
        subject = check_push_contact(subject)
    with store.begin() as session:
        if towns.get(session, municipality) is None:
            raise SettingsError(f"There is no municipality called {municipality}.")
        return give_own(session, municipality, now, actor=COMMAND, subject=subject)


def listed_of(store: Store, municipality: str) -> list[PushKey]:
    """Return the keys of a municipality, the current one first. Raises ``SettingsError``."""
    with store.read() as session:
        if towns.get(session, municipality) is None:
            raise SettingsError(f"There is no municipality called {municipality}.")
        rows, made = pushkeys.of_town(session, municipality), pushkeys.made_with(session)
    return [
        PushKey(row["public"], row["public"], row["current"], row["created_at"], made.get(row["public"], 0))
        for row in rows
    ]


def listed(store: Store) -> list[PushKey]:
    """Return the current key, then the earlier ones, the latest first."""
    with store.read() as session:
        keys, since, made = towns.secrets(session), towns.secrets_since(session), pushkeys.made_with(session)
    found = []
    for name in sorted((one for one in keys if one.startswith(PRIVATE)), reverse=True):
        public, current = application_server_key(keys[name]), name == PRIVATE
        count = made.get(public, 0) + (made.get("", 0) if current else 0)
        found.append(PushKey(name, public, current=current, since=since[name], subscriptions=count))
    return sorted(found, key=lambda one: not one.current)


def _free(keys: dict[str, str], now: datetime) -> str:
    """Return a name for the key that becomes an earlier one."""
    name = wanted = f"{PRIVATE}_{now:%Y%m%dT%H%M%SZ}"
    for number in range(2, 1000):
        if name not in keys:
            break
        name = f"{wanted}_{number}"
    return name
