"""Interests: one row per distinct criteria, candidates by topic and place, matches with their reason."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import asdict

from sqlalchemy import ColumnElement, RowMapping, Text, and_, cast, delete, or_, select, update
from sqlalchemy.orm import Session

from hub.core.message import Reason
from hub.core.place import ancestors, box_around, cells, reach
from hub.core.subscription import Criteria, criteria_from_json
from hub.store.database import insert_for
from hub.store.schema import interest as table
from hub.store.schema import interest_key, match, subscription

Box = tuple[float, float, float, float]  # west, south, east, north in degrees
_ANYWHERE = "@"  # a radius too wide for squares
_LAST = "\U0010ffff"  # sorts behind whatever may follow
_PAGE = 500
_PARSED: dict[str, Criteria] = {}  # by key; one object of about 1 kB
_MOST_PARSED = 50_000
_PLACES = 200  # of one query: SQLite bounds the depth of an expression, and a waste zone may have a thousand streets


def ensure(session: Session, municipality: str, criteria: Criteria) -> tuple[int, bool]:
    """Return the id of the interest with these criteria, and whether it still has to be laid over old notices."""
    insert = insert_for(session)(table).values(
        municipality_id=municipality,
        key=criteria.key(),
        criteria=criteria.canonical(),
        filled=False,
    )
    # Locked against whoever deletes it because nobody wanted it until now (``store.erasing``); then it is made anew.
    query = select(table.c.id, table.c.filled).where(
        table.c.municipality_id == municipality, table.c.key == criteria.key()
    )
    row = None
    while row is None:
        session.execute(insert.on_conflict_do_nothing())
        row = session.execute(query.with_for_update(key_share=True, read=True)).one_or_none()
    if not row.filled:
        keys = [
            {
                "municipality_id": municipality,
                "topic": topic,
                "path": path,
                "interest_id": row.id,
            }
            for topic in criteria.topics or ("",)
            for path in _paths(criteria)
        ]
        session.execute(insert_for(session)(interest_key).values(keys).on_conflict_do_nothing())  # one statement
    return row.id, not row.filled


def get(session: Session, interest_id: int) -> RowMapping | None:
    """Return one interest's row."""
    return session.execute(select(table).where(table.c.id == interest_id)).mappings().one_or_none()


def unfilled(session: Session) -> Sequence[int]:
    """Return interests that were not yet laid over the notices that were there before them."""
    return session.scalars(select(table.c.id).where(~table.c.filled)).all()


def filled(session: Session, interest_id: int) -> None:
    """Mark an interest as laid over the old notices."""
    session.execute(update(table).where(table.c.id == interest_id).values(filled=True))


def _paths(criteria: Criteria) -> Sequence[str]:
    """Return the keys by which an interest is found: its places, and the squares on the map that its radius touches."""
    if criteria.centre is None or criteria.radius_km is None:
        return criteria.places or ("",)
    squares = cells(box_around(criteria.centre, criteria.radius_km))
    return [*criteria.places, *([_ANYWHERE] if squares is None else squares)]


def _wanted(places: Sequence[str], area: Box | None, *, everywhere: bool) -> ColumnElement[bool]:
    """Return the condition on the keys of interests that may fit a notice at ``places`` or within ``area``."""
    above = {"", *(step for path in places for step in ancestors(path))}
    ranges = {reach(one) for one in places}
    squares = cells(area) if area is not None else []
    if everywhere or squares is None:
        ranges.add("@")
    elif squares:
        above |= {_ANYWHERE, *squares}
    path = interest_key.c.path
    below = [and_(path >= one, path < one + _LAST) for one in sorted(ranges)]
    return or_(path.in_(sorted(above)), *below)


def candidates(
    session: Session, municipality: str, topic: str, places: Sequence[str], *, area: Box | None = None,
    everywhere: bool = False,
) -> list[tuple[int, Criteria]]:  # fmt: skip
    """Return the interests that may fit a notice of ``topic``: a superset of those that do.

    ``places`` are its paths, ``area`` the box (west, south, east, north) around where it is; ``everywhere``: a radius
    does not narrow.
    """
    keys: dict[int, str] = {}
    for start in range(0, max(1, len(places)), _PLACES):
        wanted = _wanted(places[start : start + _PLACES], area, everywhere=everywhere)
        query = (
            select(table.c.id, table.c.key)
            .join(interest_key, interest_key.c.interest_id == table.c.id)
            .where(interest_key.c.municipality_id == municipality, interest_key.c.topic.in_(["", topic]), wanted)
        )
        keys |= {row.id: row.key for row in session.execute(query)}
    known = {one: parsed for one, key in keys.items() if (parsed := _PARSED.get(key)) is not None}
    return sorted((known | _parsed(session, keys.keys() - known.keys())).items())


def _parsed(session: Session, ids: AbstractSet[int]) -> dict[int, Criteria]:
    """Read and parse criteria, and keep them by their key: equal ones are one object, in all municipalities."""
    found, asked = {}, sorted(ids)
    if len(_PARSED) > _MOST_PARSED:
        _PARSED.clear()
    for start in range(0, len(asked), _PAGE):
        query = select(table.c.id, table.c.key, table.c.criteria).where(table.c.id.in_(asked[start : start + _PAGE]))
        for row in session.execute(query):
            found[row.id] = _PARSED.setdefault(row.key, criteria_from_json(row.criteria))
    return found


def save_matches(
    session: Session,
    notice_id: str,
    revision: int,
    found: Iterable[tuple[int, Reason]],
    *,
    clear: bool,
) -> None:
    """Store that ``revision`` of a notice fits these interests; ``clear`` drops the ones that no longer fit."""
    rows = [
        {
            "notice_id": notice_id,
            "interest_id": interest_id,
            "revision": revision,
            "reason": asdict(reason),
        }
        for interest_id, reason in found
    ]
    if rows:
        insert = insert_for(session)(match)
        session.execute(
            insert.on_conflict_do_update(
                index_elements=["notice_id", "interest_id"],
                set_={
                    "revision": insert.excluded.revision,
                    "reason": insert.excluded.reason,
                },
            ),
            rows,
        )
    if clear:
        session.execute(delete(match).where(match.c.notice_id == notice_id, match.c.revision < revision))


def reason_from_json(data: dict[str, object] | None) -> Reason | None:
    """Read a match's reason."""
    if not data:
        return None
    return Reason(
        topic=str(data.get("topic", "")),
        place=str(data.get("place", "")),
        words=tuple(data.get("words") or ()),  # type: ignore[arg-type]
        cpv=tuple(data.get("cpv") or ()),  # type: ignore[arg-type]
        km=data.get("km"),  # type: ignore[arg-type]
    )


def carry_over(session: Session, notice_id: str, revision: int) -> None:
    """Let a withdrawal concern whom the notice concerned."""
    session.execute(update(match).where(match.c.notice_id == notice_id).values(revision=revision))


def matched(session: Session, interest_id: int) -> Sequence[str]:
    """Return the notices that fit an interest."""
    return session.scalars(select(match.c.notice_id).where(match.c.interest_id == interest_id)).all()


def reasons(session: Session, notice_id: str | None, subscriber_ids: Sequence[int]) -> dict[int, Reason]:
    """Return, per subscriber, why a notice concerns them (the first of several reasons)."""
    if notice_id is None or not subscriber_ids:
        return {}
    query = (
        select(subscription.c.subscriber_id, cast(match.c.reason, Text).label("reason"))
        .join(match, match.c.interest_id == subscription.c.interest_id)
        .where(match.c.notice_id == notice_id, subscription.c.subscriber_id.in_(list(subscriber_ids)))
        .order_by(match.c.interest_id.desc())
    )
    whose = {row.subscriber_id: row.reason for row in session.execute(query)}
    read = {one: reason_from_json(json.loads(one)) for one in set(whose.values())}  # far fewer than people
    return {subscriber_id: reason for subscriber_id, one in whose.items() if (reason := read[one]) is not None}


def refill(session: Session, interest_id: int) -> None:
    """Have an interest laid over the known notices again (a new lead time needs its reminders planned)."""
    session.execute(update(table).where(table.c.id == interest_id).values(filled=False))
