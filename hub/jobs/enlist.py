"""Enlist: add a source that somebody looked at, change its name and interval, strike it off; each is recorded."""

from __future__ import annotations

import secrets
from dataclasses import replace

from sqlalchemy import RowMapping

from hub.core.errors import SettingsError
from hub.core.source import Source
from hub.jobs.house import House
from hub.jobs.record import record
from hub.store import editors, sources


def enlist(house: House, actor: str, source: Source) -> str:
    """Store a source of its municipality and wake its first, silent poll; returns its id.

    Raises ``SettingsError`` if the municipality has this very source: everything would come twice.
    """
    made = replace(source, id=secrets.token_hex(8), name=source.name or source.url)
    with house.store.begin() as session:
        for row in sources.listed(session, made.municipality):
            if (row["kind"], row["url"], row["config"]) == (made.kind, made.url, dict(made.config)):
                raise SettingsError(f"This source is there already: {row['name']}.")
        sources.add(session, made.municipality, made, house.now())
        record(
            house, session, actor, "source.add", municipality=made.municipality, subject=f"source:{made.id}",
            kind=made.kind,
        )  # fmt: skip
        house.engine.defer(session, "gather", made.id)
    return made.id


def amend(house: House, actor: str, row: RowMapping, *, name: str, interval: int) -> None:
    """Change what a source is called and how often it is read, in seconds."""
    with house.store.begin() as session:
        sources.amend(session, row["id"], name=name, interval=interval, now=house.now())
        record(
            house, session, actor, "source.change", municipality=row["municipality_id"],
            subject=f"source:{row['id']}", interval=str(interval),
        )  # fmt: skip


def strike(house: House, actor: str, row: RowMapping, *, keep: bool) -> int:
    """Remove a source and, unless ``keep``, all it brought; nobody is told. Returns how many notices went."""
    with house.store.begin() as session:
        gone = editors.remove(session, row["id"], keep=keep)
        record(
            house, session, actor, "source.remove", municipality=row["municipality_id"],
            subject=f"source:{row['id']}", kind=row["kind"], notices="kept" if keep else str(gone),
        )  # fmt: skip
    return gone
