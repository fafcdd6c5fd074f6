"""Switch: read a source now, pause it, let it go on, or remove it with what it brought."""

from __future__ import annotations

from sqlalchemy.orm import Session

from hub.jobs.house import House
from hub.jobs.record import COMMAND, record
from hub.store import editors, federation, sources


def note(house: House, session: Session, actor: str, act: str, source_id: str, **detail: str) -> None:
    """Write into the audit log what is done to a source, in the transaction that does it."""
    row = sources.row(session, source_id)
    town = row["municipality_id"] if row is not None else ""
    record(house, session, actor, f"source.{act}", municipality=town, subject=f"source:{source_id}", **detail)


def retry(house: House, source_id: str, *, actor: str = COMMAND) -> bool:
    """Make the source due and wake its poll; ``False`` if there is none of that id."""
    with house.store.begin() as session:
        found = _hurry(house, session, source_id)
        if found:
            note(house, session, actor, "retry", source_id)
    return found


def _hurry(house: House, session: Session, source_id: str) -> bool:
    found = sources.hurry(session, source_id, house.now())
    if found:
        house.engine.defer(session, "gather", source_id)
    return found


def pause(house: House, source_id: str, *, actor: str = COMMAND) -> bool:
    """Read the source no more; what is known stays. ``False`` if there is none of that id."""
    with house.store.begin() as session:
        found = editors.enable(session, source_id, enabled=False)
        if found:
            note(house, session, actor, "pause", source_id)
    return found


def resume(house: House, source_id: str, *, actor: str = COMMAND) -> bool:
    """Read a paused source again, beginning now. ``False`` if there is none of that id."""
    with house.store.begin() as session:
        found = editors.enable(session, source_id, enabled=True)
        if found:
            _hurry(house, session, source_id)
            note(house, session, actor, "resume", source_id)
    return found


def remove(house: House, source_id: str, *, keep: bool = False, actor: str = COMMAND) -> int | None:
    """Remove a source and, unless ``keep``, all notices it brought; nobody is told.

    Its open incidents end without a word. Returns how many notices went, ``None`` if there is no such source.
    """
    with house.store.begin() as session:
        row = sources.row(session, source_id)
        if row is None:
            return None
        note(house, session, actor, "remove", source_id)
        federation.note_change(session, row["municipality_id"], house.now())
        return editors.remove(session, source_id, keep=keep)
