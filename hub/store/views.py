"""Notices as readers of a municipality look at them: by topic, place, time and words, page by page."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, FromClause, RowMapping, and_, exists, func, or_, select
from sqlalchemy.orm import Session

from hub.core.codec import occurrence_from_json
from hub.core.desk import HIDDEN
from hub.core.notice import Occurrence
from hub.core.place import ancestors
from hub.core.selection import Selection, When, Window, window
from hub.store.schema import notice as table
from hub.store.schema import notice_place, occurrence

WARNINGS = "warnings"
COUNTED = 1_000
_MANY = 500  # ids in one question
Mark = tuple[datetime, str]  # where a page ends: what its last notice is ordered by, and that notice's id


def public(municipality: str) -> ColumnElement[bool]:
    """Return the condition of what everybody may see of a municipality."""
    return and_(table.c.municipality_id == municipality, visible())


def visible(one: FromClause = table) -> ColumnElement[bool]:
    """Return the condition of what everybody may see: not the end of a warning that never stood there.

    ``one`` is another name of the table of notices in the same question.
    """
    return and_(
        one.c.topic.not_in(HIDDEN), or_(one.c.withdrawn.is_(False), one.c.revision > 1, one.c.topic != WARNINGS)
    )


def at_place(path: str) -> ColumnElement[bool]:
    """Return the condition of notices at a place: in it, above it or below it."""
    below = path.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + ("/%" if "/" in path else "%")
    here = or_(notice_place.c.path.in_(list(ancestors(path))), notice_place.c.path.like(below, escape="\\"))
    return table.c.id.in_(select(notice_place.c.notice_id).where(here))


def dated(municipality: str, selection: Selection) -> ColumnElement[bool]:
    """Return the condition of the notices of a topic at a place, whenever they are; their dates are asked for."""
    return and_(public(municipality), table.c.topic == selection.topic, at_place(selection.place))


def chosen(municipality: str, selection: Selection, now: datetime, zone: str) -> ColumnElement[bool]:
    """Return the condition of the notices that ``selection`` shows at ``now``."""
    parts = [public(municipality)]
    if selection.topic:
        parts.append(table.c.topic == selection.topic)
    if selection.place:
        parts.append(at_place(selection.place))
    parts += [table.c.sought.contains(word, autoescape=True) for word in selection.words]
    span = window(selection.when, now, zone)
    if span is not None:
        parts.append(or_(_dated_within(span), _undated_within(span)))
    elif selection.when is When.PAST:
        parts.append(or_(table.c.withdrawn, table.c.over_at <= now))
    else:
        parts.append(and_(~table.c.withdrawn, or_(table.c.over_at.is_(None), table.c.over_at > now)))
    return and_(*parts)


def _ahead(span: Window) -> ColumnElement[bool]:
    """Return the condition of a date within ``span``, those of the days before today left out."""
    return and_(
        occurrence.c.notice_id == table.c.id,
        occurrence.c.start_at < span.end,
        or_(occurrence.c.end_at > span.today, occurrence.c.start_at >= span.today),
    )


def _dated_within(span: Window) -> ColumnElement[bool]:
    return exists().where(_ahead(span)).correlate(table)


def _undated_within(span: Window) -> ColumnElement[bool]:
    """Return the condition of what has no dates and holds, or was published, within ``span``."""
    begin = func.coalesce(table.c.begins_at, table.c.first_seen_at)
    no_dates = ~exists().where(occurrence.c.notice_id == table.c.id).correlate(table)
    return and_(no_dates, begin < span.end, func.coalesce(table.c.over_at, begin) >= span.begin)


def _order(selection: Selection, now: datetime, zone: str) -> tuple[Any, bool]:
    """Return what a view is ordered by and whether that rises: the next date, or when a notice came, newest first."""
    span = window(selection.when, now, zone)
    if span is None:
        return table.c.first_seen_at, False
    first = select(func.min(occurrence.c.start_at)).where(_ahead(span)).correlate(table).scalar_subquery()
    return func.coalesce(first, table.c.begins_at, table.c.first_seen_at), True


def one(session: Session, municipality: str, notice_id: str) -> RowMapping | None:
    """Return a notice that everybody may see."""
    return session.execute(select(table).where(public(municipality), table.c.id == notice_id)).mappings().one_or_none()


def dates_of(notice_id: str, slot: str = "") -> ColumnElement[bool]:
    """Return the condition of the dates of a notice, or of the one in ``slot``."""
    every = table.c.id == notice_id
    return and_(every, occurrence.c.slot == slot) if slot else every


def page(
    session: Session, municipality: str, selection: Selection, now: datetime, zone: str, *, after: Mark | None = None,
    most: int,
) -> Sequence[RowMapping]:  # fmt: skip
    """Return at most ``most`` notices behind ``after``, each with ``at``, what it is ordered by.

    The order never changes for a notice that stays, so following pages miss none whatever comes in between.
    """
    at, rises = _order(selection, now, zone)
    query = select(table, at.label("at")).where(chosen(municipality, selection, now, zone))
    if after is not None:
        beyond = at > after[0] if rises else at < after[0]
        beside = table.c.id > after[1] if rises else table.c.id < after[1]
        query = query.where(or_(beyond, and_(at == after[0], beside)))
    order = (at.asc(), table.c.id.asc()) if rises else (at.desc(), table.c.id.desc())
    return session.execute(query.order_by(*order).limit(most)).mappings().all()


def count(session: Session, municipality: str, selection: Selection, now: datetime, zone: str) -> int:
    """Return how many notices ``selection`` shows; ``COUNTED`` stands for as many and more, which nobody reads."""
    some = select(table.c.id).where(chosen(municipality, selection, now, zone)).limit(COUNTED).subquery()
    return int(session.scalar(select(func.count()).select_from(some)) or 0)


def latest(
    session: Session, municipality: str, selection: Selection, now: datetime, zone: str, *, most: int
) -> Sequence[RowMapping]:  # fmt: skip
    """Return the notices of ``selection`` that changed last, the newest change first: what feeds show."""
    query = select(table).where(chosen(municipality, selection, now, zone))
    return session.execute(query.order_by(table.c.changed_at.desc(), table.c.id).limit(most)).mappings().all()


def recent(session: Session, municipality: str, now: datetime, *, most: int = 50) -> Sequence[RowMapping]:
    """Return the notices for a public list, newest change first; what has expired is left out."""
    query = select(table).where(public(municipality), or_(table.c.expires.is_(None), table.c.expires > now))
    return session.execute(query.order_by(table.c.changed_at.desc(), table.c.id).limit(most)).mappings().all()


def warnings(
    session: Session, municipality: str, now: datetime, *, place: str = "", since: datetime | None = None
) -> Sequence[RowMapping]:  # fmt: skip
    """Return the warnings that hold at ``place``, the worst first; with ``since`` those that ended after it instead."""
    query = select(table).where(public(municipality), table.c.topic == WARNINGS)
    if place:
        query = query.where(at_place(place))
    if since is None:
        query = query.where(~table.c.withdrawn, or_(table.c.over_at.is_(None), table.c.over_at > now))
    else:
        ended = and_(~table.c.withdrawn, table.c.over_at > since, table.c.over_at <= now)
        query = query.where(or_(and_(table.c.withdrawn, table.c.changed_at > since), ended))
    return session.execute(query.order_by(table.c.severity.desc(), table.c.id)).mappings().all()


def tenders(
    session: Session, municipality: str, now: datetime, *, since: datetime, most: int
) -> Sequence[RowMapping]:  # fmt: skip
    """Return the tenders that came after ``since`` or are not over, the newest change first."""
    open_ = and_(~table.c.withdrawn, or_(table.c.over_at.is_(None), table.c.over_at > now))
    query = select(table).where(
        public(municipality), table.c.topic == "tenders", or_(table.c.first_seen_at > since, open_)
    )
    return session.execute(query.order_by(table.c.changed_at.desc(), table.c.id).limit(most)).mappings().all()


def places(session: Session, notice_ids: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Return the resolved place paths of notices."""
    found: dict[str, tuple[str, ...]] = {}
    for start in range(0, len(notice_ids), _MANY):
        query = select(notice_place.c.notice_id, notice_place.c.path).order_by(notice_place.c.path)
        for row in session.execute(query.where(notice_place.c.notice_id.in_(notice_ids[start : start + _MANY]))):
            found[row.notice_id] = (*found.get(row.notice_id, ()), row.path)
    return found


def among(notice_ids: Sequence[str]) -> ColumnElement[bool]:
    """Return the condition of being one of these notices."""
    return table.c.id.in_(notice_ids)


def dates_ahead(session: Session, notice_ids: Sequence[str], after: datetime) -> dict[str, Occurrence]:
    """Return the first date of each notice that is not over at ``after``, of those that have one."""
    query = (
        select(occurrence.c.notice_id, occurrence.c.content)
        .where(occurrence.c.notice_id.in_(notice_ids), occurrence.c.end_at > after)
        .order_by(occurrence.c.start_at.desc())
    )
    return {row.notice_id: occurrence_from_json(row.content) for row in session.execute(query)}
