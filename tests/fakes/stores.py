"""Stores for tests, which need no disk that survives a power cut."""

from __future__ import annotations

from sqlalchemy import event

from hub.store.database import Store


def hastened(url: str) -> Store:
    """Open a store that does not wait for the disk: nobody cuts the power here, and D-03 has tests of its own."""
    made = Store(url)
    if made.sqlite:
        event.listen(made.engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous=OFF"))
    return made
