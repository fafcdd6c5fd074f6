"""Contact: who is told when a source of a municipality breaks, and by which secret link they see its desk."""

from __future__ import annotations

from datetime import time

from sqlalchemy import RowMapping
from sqlalchemy.orm import Session

import push
from hub.core.desk import TOPIC
from hub.core.errors import SettingsError
from hub.core.schedule import next_wall
from hub.core.subscription import Action, Criteria
from hub.jobs.house import House
from hub.jobs.record import COMMAND, record
from hub.store import editors, interests, subscribers, towns

_DIGEST_AT = "07:00"


def set_contact(house: House, municipality: str, address: str) -> RowMapping:
    """Let ``address`` hear of the municipality's sources from now on; the one before does no longer, nor its link.

    An empty address ends the mails and keeps the desk. Returns the editor's row. Raises ``SettingsError`` for an
    unknown municipality, ``SubscribeError`` for an address that is none.
    """
    with house.store.begin() as session:
        return put_contact(house, session, COMMAND, municipality, address)


def put_contact(house: House, session: Session, actor: str, municipality: str, address: str) -> RowMapping:
    """Do the same in the caller's transaction."""
    kind = push.load("mail")
    checked = kind.check(address, {}, house.outlet("mail").settings)[0] if address else ""
    town = known_town(session, municipality)
    row = _editor(house, session, town)
    ways = subscribers.endpoints_of(session, row["id"])
    if [one["address"] for one in ways] == ([checked] if checked else []) and town["contact"] == checked:
        return row
    subscribers.end_endpoints(session, [one["id"] for one in ways], house.now(), state="ended")
    editors.set_contact(session, municipality, checked)
    told = "set" if checked else "none"  # whose address it is is nobody's business in a year
    record(house, session, actor, "municipality.changed", municipality=municipality, contact=told)
    if checked:
        made = subscribers.add_endpoint(
            session, municipality, row["id"], channel="mail", address=checked, service=kind.service(checked),
            keys={}, active=True, now=house.now(),
        )  # fmt: skip
        editors.set_apart(session, made, checked)
    return _renewed(session, row) if ways else row


def contact_of(house: House, municipality: str) -> tuple[str, bool]:
    """Return the editor's address, empty if there is none, and whether mails still reach it."""
    with house.store.read() as session:
        town = known_town(session, municipality)
        row = editors.editor(session, municipality)
        ways = subscribers.endpoints_of(session, row["id"]) if row is not None else ()
    return str(town["contact"]), any(one["address"] == town["contact"] for one in ways)


def desk_link(house: House, municipality: str, *, renew: bool = False) -> str:
    """Return the secret link of a municipality's desk; ``renew`` makes a new one and revokes the old."""
    with house.store.begin() as session:
        town = known_town(session, municipality)
        row = _editor(house, session, town)
        if renew:
            row = _renewed(session, row)
    return house.links_of(town).desk(row["id"], row["generation"])


def editor_of(house: House, token: str) -> RowMapping | None:
    """Return the editor that a desk link names; ``None`` if it is not ours or was revoked."""
    parts = house.links.parts("desk", token)
    if parts is None or len(parts) != 2:  # noqa: PLR2004 - id and generation
        return None
    with house.store.read() as session:
        row = subscribers.get(session, parts[0])
        alive = row is not None and row["generation"] == parts[1] and editors.is_editor(session, row["id"])
    return row if alive else None


def known_town(session: Session, municipality: str) -> RowMapping:
    """Return a municipality's row. Raises ``SettingsError`` naming those there are."""
    town = towns.get(session, municipality)
    if town is None:
        known = ", ".join(row["id"] for row in towns.listed(session)) or "none yet"
        raise SettingsError(f"There is no municipality called {municipality}; known: {known}.")
    return town


def _editor(house: House, session: Session, town: RowMapping) -> RowMapping:
    """Return the editor's row; made when there is none."""
    found = editors.editor(session, town["id"])
    if found is not None:
        return found
    now = house.now()
    at = next_wall(now, time.fromisoformat(_DIGEST_AT), town["zone"])
    person = subscribers.add(
        session, town["id"], language=town["language"], digest_at=_DIGEST_AT, next_digest_at=at, now=now
    )
    interest_id, _fresh = interests.ensure(session, town["id"], Criteria(topics=(TOPIC,), places=(town["path"],)))
    interests.filled(session, interest_id)  # no incident was ever written for it before
    subscribers.subscribe(session, person, interest_id, [("mail", Action.NOW, "")])
    row = subscribers.get(session, person)
    assert row is not None  # noqa: S101 - made in this very transaction
    return row


def _renewed(session: Session, row: RowMapping) -> RowMapping:
    """Revoke every link of the editor by a new generation."""
    subscribers.change(session, row["id"], generation=row["generation"] + 1)
    found = subscribers.get(session, row["id"])
    return found if found is not None else row
