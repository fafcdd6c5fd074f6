"""Move: a person shows a code on one device and takes over their own page on another (U23)."""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from sqlalchemy import RowMapping

from hub.core.move import ARRIVES, LENGTH, LIVES, SIGNS
from hub.jobs.house import House
from hub.store import moves, subscribers


def begin(house: House, person: RowMapping) -> str:
    """Return a new code that holds ten minutes, once. Only its keyed hash is kept."""
    code = "".join(secrets.choice(SIGNS) for _ in range(LENGTH))
    with house.store.begin() as session:
        moves.begin(session, person["id"], _hash(house, code), house.now() + LIVES)
    return code


def look(house: House, code: str) -> RowMapping | None:
    """Return whose code this is, as long as it holds; nothing is used up."""
    if not code:
        return None
    with house.store.read() as session:
        found = moves.whose(session, _hash(house, code), house.now())
        return subscribers.get(session, found) if found is not None else None


def take(house: House, code: str, ends: Sequence[int]) -> RowMapping | None:
    """Use a code up; returns whose it was, ``None`` if it no longer holds.

    ``ends``: push endpoints of the person that end as soon as another one gets messages; none before.
    """
    if not code:
        return None
    now = house.now()
    with house.store.begin() as session:
        found = moves.take(session, _hash(house, code), now, ends=ends, until=now + ARRIVES)
        if found is None:
            return None
        if not ends:
            moves.drop(session, found)
        return subscribers.get(session, found)


def _hash(house: House, code: str) -> str:
    return house.links.fingerprint("move", code)
