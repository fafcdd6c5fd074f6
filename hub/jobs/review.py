"""Review: the editor's word on what was held. Each is one transaction, and harmless when repeated."""

from __future__ import annotations

from sqlalchemy import RowMapping
from sqlalchemy.orm import Session

from hub.core.changes import Absence
from hub.core.codec import from_json
from hub.core.plausibility import Hold
from hub.jobs.house import House
from hub.jobs.keep import Round, end, keep
from hub.store import held, outlook, sources, towns
from hub.store.held import Ruling


def release(house: House, held_id: int, *, announce: bool = True) -> bool:
    """Act on a held item as if it had been believed; ``False`` if it does not wait any more.

    It is told to those whom it concerns, unless ``announce`` is false: then it only appears on pages and calendars.
    What vanished is withdrawn, and those who were told of it hear so.
    """
    with house.store.begin() as session:
        return _release(house, session, held_id, announce=announce)


def release_all(house: House, source_id: str, *, announce: bool = False) -> int:
    """Act on all that waits of a source (a flood that was meant), by default without a word; returns how many."""
    with house.store.begin() as session:
        waiting = [row["id"] for row in held.waiting(session, source_id)]
    done = 0
    for held_id in waiting:
        done += release(house, held_id, announce=announce)
    return done


def _release(house: House, session: Session, held_id: int, *, announce: bool) -> bool:
    row = held.rule(session, held_id, Ruling.RELEASED, house.now())
    around = _round(house, session, row)
    if row is None or around is None:
        return False
    notice = from_json(row["content"])
    if row["reason"] == Hold.VANISHED and not notice.series:
        end(around, notice.id, announce=announce)
    else:
        keep(around, notice, announce=announce)
    house.engine.defer(session, "tend", row["source_id"])
    return True


def _round(house: House, session: Session, row: RowMapping | None) -> Round | None:
    """Return what a release works with: the source of the held item and its municipality."""
    source = sources.row(session, row["source_id"]) if row is not None else None
    town = towns.get(session, source["municipality_id"]) if source is not None else None
    if row is None or source is None or town is None:
        return None
    # The editor's word on vanished dates is that they are gone; of anything else nothing missing is concluded.
    absence = Absence.BELIEVED if row["reason"] == Hold.VANISHED else Absence.NOTHING
    return Round(house, session, source, town, sources.from_row(source), house.now(), absence=absence)


def drop(house: House, held_id: int) -> bool:
    """Never act on a held item; ``False`` if it does not wait any more. What vanished is kept as it was."""
    with house.store.begin() as session:
        row = held.rule(session, held_id, Ruling.DROPPED, house.now())
        if row is not None and row["reason"] == Hold.VANISHED:
            for notice_id in outlook.ids_by_name(session, row["source_id"], [row["key"]]).values():
                outlook.insist(session, notice_id)
        if row is not None:
            house.engine.defer(session, "tend", row["source_id"])
    return row is not None


def trust(house: House, source_id: str) -> bool:
    """Vouch for a source's doubted answer: the next poll, which is due now, acts on it, and what it lacks is gone.

    ``False`` if nothing of this source is doubted.
    """
    with house.store.begin() as session:
        doubted = sources.trust(session, source_id, house.now())
        if doubted:
            house.engine.defer(session, "gather", source_id)
    return doubted
