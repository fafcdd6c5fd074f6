"""Dissolve: a municipality leaves the installation with everything that is its own; nobody is told."""

from __future__ import annotations

from hub.core.fanout import Lane
from hub.jobs.contact import known_town
from hub.jobs.house import House
from hub.jobs.record import record
from hub.store import dissolving


def owned(house: House, municipality: str) -> dict[str, int]:
    """Return what would go with a municipality. Raises ``SettingsError`` if there is none of that name."""
    with house.store.read() as session:
        known_town(session, municipality)
        return dissolving.owned(session, municipality)


def dissolve(house: House, actor: str, municipality: str) -> dict[str, int]:
    """Delete a municipality; returns what went with it. Raises ``SettingsError`` if there is none of that name.

    Accounts stay, they belong to the installation; so does the audit log, which says who did this.
    """
    with house.store.begin() as session:
        town = known_town(session, municipality)
        went = dissolving.owned(session, municipality)
        dissolving.dissolve(session, municipality, house.now())
        record(
            house, session, actor, "municipality.removed", municipality=municipality,
            **{name.replace(" ", "-"): str(count) for name, count in went.items()},
        )  # fmt: skip
        house.engine.defer(session, "erase", "", lane=Lane.DIGEST)
    house.removed(municipality, town["created_at"])
    return went
