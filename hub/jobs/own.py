"""Own: what a municipality has of its own beside its look: host names, languages, the sender of its mails."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import RowMapping
from sqlalchemy.orm import Session

import push
from hub.core import hosts
from hub.core.errors import SettingsError, SubscribeError
from hub.core.tongues import TONGUES
from hub.jobs.contact import known_town
from hub.jobs.house import House
from hub.jobs.record import record
from hub.store import feeds, looks
from hub.store import hosts as store_hosts

_MOST_NAME = 80


def check_hosts(text: str) -> str:
    """Return host names as they are kept, with blanks between, each once. Raises ``SettingsError``."""
    try:
        found = dict.fromkeys(hosts.written(one) for one in re.split(r"[\s,;]+", text) if one)
    except ValueError as error:
        raise SettingsError(str(error)) from error
    if len(found) > hosts.MOST:
        raise SettingsError(f"A municipality may have {hosts.MOST} host names; these are {len(found)}.")
    return " ".join(found)


def check_languages(text: str) -> str:
    """Return tags of languages in the house's own order, with blanks between. Raises ``SettingsError``."""
    asked = [one for one in re.split(r"[\s,;]+", text) if one]
    unknown = [one for one in asked if one not in TONGUES]
    if unknown:
        raise SettingsError(f"The house does not speak {', '.join(unknown)}; it speaks {', '.join(TONGUES)}.")
    return " ".join(one for one in TONGUES if one in asked)


def check_address(text: str) -> str:
    """Return one bare mail address. Raises ``SettingsError``."""
    kind = push.load("mail")
    try:
        return str(kind.check(text.strip(), {}, kind.Settings())[0])
    except SubscribeError as error:
        raise SettingsError(f"{text!r} is no mail address. {error}") from error


def check_sender_name(text: str) -> str:
    """Return what stands before the sender's address. Raises ``SettingsError``."""
    found = " ".join(text.split())
    if len(found) > _MOST_NAME or not found.isprintable():
        raise SettingsError(f"The sender's name may have {_MOST_NAME} letters, and nothing that cannot be printed.")
    return found


def check_domain(text: str) -> str:
    """Return a mail domain. Raises ``SettingsError``."""
    try:
        return hosts.written(text)
    except ValueError as error:
        raise SettingsError(str(error)) from error


CHECKS: Mapping[str, Callable[[str], str]] = {
    "hosts": check_hosts, "languages": check_languages, "sender": check_address, "sender_name": check_sender_name,
    "reply_to": check_address, "dkim_domain": check_domain,
}  # fmt: skip


def settle(house: House, session: Session, actor: str, municipality: str, given: Mapping[str, str]) -> dict[str, str]:
    """Change what is ``given`` (names of :data:`CHECKS`, and ``language``; empty takes it away); returns what changed.

    Raises ``SettingsError`` for what cannot be; the caller's transaction must then end.
    """
    town = known_town(session, municipality)
    values = {
        name: CHECKS[name](text) if text.strip() and name in CHECKS else text.strip() for name, text in given.items()
    }
    whole: dict[str, Any] = {**town, **values}
    check_together(whole)
    if whole["dkim_domain"] and not getattr(house.outlet("mail").settings, "dkim_domain", ""):
        raise SettingsError("Mails are not signed here: the settings mail.dkim_… name no key.")
    named = values.pop("hosts", None)
    changed = {name: value for name, value in values.items() if town[name] != value}
    if changed:
        looks.change(session, municipality, **changed)
    if named is not None and named.split() != store_hosts.listed(session, municipality):
        _hosts(house, session, municipality, named.split())
        changed["hosts"] = named
    if changed:
        feeds.touch_town(session, municipality)  # calendars carry links and names
        feeds.touch_town(session, municipality, private=True)
        record(house, session, actor, "municipality.changed", municipality=municipality, **changed)
    return changed


def change(house: House, actor: str, municipality: str, given: Mapping[str, str]) -> tuple[RowMapping, list[str]]:
    """Do the same in a transaction of its own; returns the municipality's row and its host names."""
    with house.store.begin() as session:
        settle(house, session, actor, municipality, given)
        return known_town(session, municipality), store_hosts.listed(session, municipality)


def check_together(town: Mapping[str, Any]) -> None:
    """Raise ``SettingsError`` where two things do not go together."""
    if town["languages"] and town["language"] not in town["languages"].split():
        raise SettingsError(f"Its own language, {town['language']}, must be among those that its pages offer.")
    domain = town["dkim_domain"]
    if domain and not hosts.within(str(town["sender"]).rpartition("@")[2].lower(), domain):
        raise SettingsError(f"A signature of {domain} is worth nothing unless the sender's address lies in it.")


def _hosts(house: House, session: Session, municipality: str, wanted: list[str]) -> None:
    ours = hosts.named(urlsplit(house.links.base_url).netloc)
    for one in wanted:
        if one == ours:
            raise SettingsError(f"{one} is the host of the installation itself.")
        known = store_hosts.of(session, one)
        if known is not None and known["town"] != municipality:
            raise SettingsError(f"{one} is the host of {known['town']} already.")
    store_hosts.put(session, municipality, wanted)
