"""Notices with their revisions, places and dates, and the publications that carry them to people."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, case, delete, func, literal, or_, select, update
from sqlalchemy.orm import Session

from hub.core.changes import Decision, Known, KnownDate, Moved
from hub.core.codec import from_json, occurrence_from_json, plain, to_json
from hub.core.draft import REHEARSAL
from hub.core.message import Change
from hub.core.notice import Status
from hub.core.schedule import ends, starts
from hub.core.selection import begins, is_over_at
from hub.core.sought import sought
from hub.store import feeds, publications
from hub.store.database import insert_for
from hub.store.schema import notice as table
from hub.store.schema import (
    notice_alias,
    notice_place,
    notice_revision,
    occurrence,
)


def known(session: Session, municipality: str, source_id: str, names: Iterable[str]) -> Known | None:
    """Return the notice that the source ever called by one of ``names``, the own name first, with its dates."""
    found = called(session, source_id, names)
    return known_by_id(session, municipality, found[0]) if found else None


def called(session: Session, source_id: str, names: Iterable[str]) -> list[str]:
    """Return the ids of all notices that the source ever called by one of ``names``, in the order of the names."""
    asked = list(dict.fromkeys(names))
    rows = session.execute(
        select(notice_alias.c.key, notice_alias.c.notice_id).where(
            notice_alias.c.source_id == source_id, notice_alias.c.key.in_(asked)
        )
    )
    ids = {row.key: row.notice_id for row in rows}
    return list(dict.fromkeys(ids[name] for name in asked if name in ids))


def known_by_id(session: Session, municipality: str, notice_id: str) -> Known | None:
    """Return a notice as it stands, or ``None`` if this municipality has none of that id."""
    row = get(session, municipality, notice_id)
    if row is None:
        return None
    dated = tuple(date for date, _ in dates(session, notice_id))
    return Known(notice=from_json(row["content"]), revision=row["revision"], dates=dated, withdrawn=row["withdrawn"])


def dates(session: Session, notice_id: str) -> list[tuple[KnownDate, datetime]]:
    """Return the dates of a notice and when each last changed, by slot."""
    rows = session.execute(
        select(occurrence).where(occurrence.c.notice_id == notice_id).order_by(occurrence.c.slot)
    ).mappings()
    return [(_date(row), row["changed_at"]) for row in rows]


def _date(row: RowMapping) -> KnownDate:
    return KnownDate(
        row["slot"],
        occurrence_from_json(row["content"]),
        row["sequence"],
        row["missed"],
    )


def get(session: Session, municipality: str, notice_id: str) -> RowMapping | None:
    """Return one notice's row."""
    query = select(table).where(table.c.id == notice_id, table.c.municipality_id == municipality)
    return session.execute(query).mappings().one_or_none()


def revision(session: Session, notice_id: str, number: int) -> RowMapping | None:
    """Return one revision's row: ``change``, ``content``, ``moved``, ``at``."""
    query = select(notice_revision).where(
        notice_revision.c.notice_id == notice_id, notice_revision.c.revision == number
    )
    return session.execute(query).mappings().one_or_none()


def _moved_to_json(one: Moved) -> dict[str, Any]:
    return {"slot": one.slot, "before": plain(one.before), "after": plain(one.after)}


def moved_from_json(data: Sequence[dict[str, Any]]) -> tuple[Moved, ...]:
    """Read the moved dates of a revision."""
    return tuple(
        Moved(
            one["slot"],
            occurrence_from_json(one["before"]),
            occurrence_from_json(one["after"]),
        )
        for one in data
    )


def save(  # noqa: PLR0913 - what a row is made of, by name
    session: Session, municipality: str, source_id: str | None, decision: Decision, *,
    places: Sequence[str], zone: str, now: datetime, names: Sequence[str], twin: str = "",
) -> int | None:  # fmt: skip
    """Store what a poll decided, in the caller's transaction.

    Returns the id of the publication that now waits to be carried out, or ``None`` when nothing changed.
    ``places`` are resolved paths; ``names`` are the source's names for the notice; ``twin`` is what it shares with
    those of other municipalities that say the same (``hub.core.twins``).
    """
    notice = decision.notice
    if notice.kind == REHEARSAL:
        raise ValueError("a test is told to nobody but who asked for it")
    if decision.change is None:
        if decision.counted:
            _save_dates(session, notice.id, decision.dates, zone=zone, now=now)
            feeds.touch_notice(session, municipality, notice.id)
        _save_names(session, source_id, notice.id, names)
        return None
    values = {
        "topic": notice.topic,
        "revision": decision.revision,
        "content": to_json(notice),
        "severity": int(notice.severity),
        "expires": notice.expires,
        # What is called off before we ever told it is over too; it is only kept to know its name.
        "withdrawn": notice.status is Status.CANCELLED,
        "missed": 0,
        "changed_at": now,
        "sought": sought(notice),
        "begins_at": begins(notice, [one.occurrence for one in decision.dates], zone),
        "over_at": is_over_at(notice, [one.occurrence for one in decision.dates], zone),
        "origin": notice.origin.installation if notice.origin is not None else "",
    }
    fresh = {
        "id": notice.id,
        "municipality_id": municipality,
        "source_id": source_id,
        "first_seen_at": now,
    }
    insert = insert_for(session)(table).values(**values, **fresh)
    session.execute(insert.on_conflict_do_update(index_elements=["id"], set_=values))
    _save_names(session, source_id, notice.id, names)
    _save_places(session, notice.id, places, keep=decision.change is Change.WITHDRAWN)
    _save_dates(session, notice.id, decision.dates, zone=zone, now=now)
    feeds.touch_notice(session, municipality, notice.id)
    session.execute(
        notice_revision.insert().values(
            notice_id=notice.id, revision=decision.revision, change=decision.change, content=to_json(notice),
            moved=[_moved_to_json(one) for one in decision.moved],
            at=now, announce=decision.announce, twin=twin,
        )
    )  # fmt: skip
    return publications.add(session, municipality, notice, decision, now)


def news(session: Session, notice_id: str, now: datetime) -> None:
    """Note that a notice tells something new to whom it concerns; in the transaction that says whom (``match``)."""
    session.execute(update(table).where(table.c.id == notice_id).values(news_at=now, told=True))


def _save_names(session: Session, source_id: str | None, notice_id: str, names: Sequence[str]) -> None:
    rows = [{"source_id": source_id or "", "key": name, "notice_id": notice_id} for name in dict.fromkeys(names)]
    if rows:
        session.execute(insert_for(session)(notice_alias).on_conflict_do_nothing(), rows)


def rename(session: Session, notice_id: str, into: str) -> None:
    """Let all that the source ever called ``notice_id`` mean the notice ``into``, which continues it."""
    session.execute(update(notice_alias).where(notice_alias.c.notice_id == notice_id).values(notice_id=into))


def _save_places(session: Session, notice_id: str, places: Sequence[str], *, keep: bool) -> None:
    if not keep:
        session.execute(delete(notice_place).where(notice_place.c.notice_id == notice_id))
    rows = [{"notice_id": notice_id, "path": path} for path in dict.fromkeys(places)]
    if rows:
        session.execute(insert_for(session)(notice_place).on_conflict_do_nothing(), rows)


def _save_dates(
    session: Session,
    notice_id: str,
    dated: Sequence[KnownDate],
    *,
    zone: str,
    now: datetime,
) -> None:
    """Write the dates; one whose SEQUENCE did not rise keeps the time of its last change."""
    for one in dated:
        values = {
            "start_at": starts(one.occurrence, zone),
            "end_at": ends(one.occurrence, zone),
            "content": plain(one.occurrence),
            "sequence": one.sequence,
            "missed": one.missed,
        }
        insert = insert_for(session)(occurrence).values(notice_id=notice_id, slot=one.slot, changed_at=now, **values)
        kept = func.coalesce(occurrence.c.sequence, 0) == one.sequence
        update_ = {**values, "changed_at": _case(kept, occurrence.c.changed_at, now)}
        session.execute(insert.on_conflict_do_update(index_elements=["notice_id", "slot"], set_=update_))


def _case(condition: Any, yes: Any, no: datetime) -> Any:
    return case((condition, yes), else_=literal(no, yes.type))


def places_of(session: Session, notice_id: str) -> Sequence[str]:
    """Return the resolved place paths of a notice."""
    query = select(notice_place.c.path).where(notice_place.c.notice_id == notice_id).order_by(notice_place.c.path)
    return session.scalars(query).all()


def current(session: Session, municipality: str, now: datetime) -> Sequence[RowMapping]:
    """Return the rows of all notices that are still of use: not expired, or with a date ahead."""
    ahead = select(occurrence.c.notice_id).where(occurrence.c.end_at > now)
    query = select(table).where(
        table.c.municipality_id == municipality,
        or_(table.c.expires.is_(None), table.c.expires > now, table.c.id.in_(ahead)),
    )
    return session.execute(query).mappings().all()
