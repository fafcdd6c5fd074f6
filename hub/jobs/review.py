"""Review: the editor's word on what was held. Each is one transaction with its event, and harmless when repeated.

``actor`` is who gives the word, as the audit log names them.
"""

from __future__ import annotations

from sqlalchemy import RowMapping
from sqlalchemy.orm import Session

from hub.core.changes import Absence
from hub.core.codec import from_json
from hub.core.plausibility import Hold
from hub.jobs.arrive import arrive
from hub.jobs.house import House
from hub.jobs.keep import Round, end, keep
from hub.jobs.record import COMMAND
from hub.jobs.switch import note
from hub.store import held, outlook, sources, towns
from hub.store.held import Ruling


def release(house: House, held_id: int, *, announce: bool = True, actor: str = COMMAND) -> bool:
    """Act on a held item as if it had been believed; ``False`` if it does not wait any more.

    It is told to those whom it concerns, unless ``announce`` is false: then it only appears on pages and calendars.
    What vanished is withdrawn, and those who were told of it hear so.
    """
    with house.store.begin() as session:
        source_id = _release(house, session, held_id, announce=announce)
        if source_id:
            note(house, session, actor, "release", source_id, held=str(held_id))
    return bool(source_id)


def release_all(house: House, source_id: str, *, announce: bool = False, actor: str = COMMAND) -> int:
    """Act on all that waits of a source (a flood that was meant), by default without a word; returns how many."""
    with house.store.begin() as session:
        waiting = [row["id"] for row in held.waiting(session, source_id)]
    done = 0
    for held_id in waiting:
        with house.store.begin() as session:
            released = bool(_release(house, session, held_id, announce=announce))
            if released and not done:  # one event for all, with the first of them
                note(house, session, actor, "release-all", source_id, count=str(len(waiting)))
        done += released
    return done


def _release(house: House, session: Session, held_id: int, *, announce: bool) -> str:
    """Release in the caller's transaction; returns the source, empty if the item does not wait."""
    row = held.rule(session, held_id, Ruling.RELEASED, house.now())
    around = _round(house, session, row)
    if row is None or around is None:
        return ""
    notice = from_json(row["content"])
    if row["reason"] == Hold.VANISHED and not notice.series:
        end(around, notice.id, announce=announce)
    else:
        for one in arrive(around, [notice]):  # meanwhile it may have come another way
            keep(around, one, announce=announce)
    house.engine.defer(session, "tend", row["source_id"])
    return str(row["source_id"])


def _round(house: House, session: Session, row: RowMapping | None) -> Round | None:
    """Return what a release works with: the source of the held item and its municipality."""
    source = sources.row(session, row["source_id"]) if row is not None else None
    town = towns.get(session, source["municipality_id"]) if source is not None else None
    if row is None or source is None or town is None:
        return None
    # The editor's word on vanished dates is that they are gone; of anything else nothing missing is concluded.
    absence = Absence.BELIEVED if row["reason"] == Hold.VANISHED else Absence.NOTHING
    return Round(house, session, source, town, sources.from_row(source), house.now(), absence=absence)


def drop(house: House, held_id: int, *, actor: str = COMMAND) -> bool:
    """Never act on a held item; ``False`` if it does not wait any more. What vanished is kept as it was."""
    with house.store.begin() as session:
        row = held.rule(session, held_id, Ruling.DROPPED, house.now())
        if row is not None and row["reason"] == Hold.VANISHED:
            for notice_id in outlook.ids_by_name(session, row["source_id"], [row["key"]]).values():
                outlook.insist(session, notice_id)
        if row is not None:
            house.engine.defer(session, "tend", row["source_id"])
            note(house, session, actor, "drop", row["source_id"], held=str(held_id))
    return row is not None


def trust(house: House, source_id: str, *, actor: str = COMMAND) -> bool:
    """Vouch for a source's doubted answer: the next poll, which is due now, acts on it, and what it lacks is gone.

    ``False`` if nothing of this source is doubted.
    """
    with house.store.begin() as session:
        doubted = sources.trust(session, source_id, house.now())
        if doubted:
            house.engine.defer(session, "gather", source_id)
            note(house, session, actor, "trust", source_id)
    return doubted
