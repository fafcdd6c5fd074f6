"""Switch: read a source now, pause it, let it go on, or remove it with what it brought."""

from __future__ import annotations

from hub.jobs.house import House
from hub.store import editors, sources


def retry(house: House, source_id: str) -> bool:
    """Make the source due and wake its poll; ``False`` if there is none of that id."""
    with house.store.begin() as session:
        found = sources.hurry(session, source_id, house.now())
        if found:
            house.engine.defer(session, "gather", source_id)
    return found


def pause(house: House, source_id: str) -> bool:
    """Read the source no more; what is known stays. ``False`` if there is none of that id."""
    with house.store.begin() as session:
        return editors.enable(session, source_id, enabled=False)


def resume(house: House, source_id: str) -> bool:
    """Read a paused source again, beginning now. ``False`` if there is none of that id."""
    with house.store.begin() as session:
        found = editors.enable(session, source_id, enabled=True)
    return found and retry(house, source_id)


def remove(house: House, source_id: str, *, keep: bool = False) -> int | None:
    """Remove a source and, unless ``keep``, all notices it brought; nobody is told.

    Its open incidents end without a word. Returns how many notices went, ``None`` if there is no such source.
    """
    with house.store.begin() as session:
        row = sources.row(session, source_id)
        if row is None:
            return None
        return editors.remove(session, source_id, keep=keep)
