"""What a municipality was told of in the past: revisions with all that decided whom they concerned."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime

from sqlalchemy import ColumnElement, RowMapping, func, or_, select
from sqlalchemy.orm import Session

from hub.core.changes import KnownDate
from hub.core.codec import from_json, occurrence_from_json
from hub.core.desk import HIDDEN
from hub.core.message import Change
from hub.core.notice import Position
from hub.core.past import Past
from hub.store.notices import moved_from_json
from hub.store.schema import municipality, notice, notice_place, notice_revision, occurrence, place


def known_since(session: Session, town: str) -> datetime | None:
    """Return from when on it is known what a municipality was told; ``None`` if there is none of that id."""
    joined = notice_revision.join(notice, notice.c.id == notice_revision.c.notice_id)
    unknown = (
        select(func.max(notice_revision.c.at)).select_from(joined)
        .where(notice.c.municipality_id == town, notice_revision.c.announce.is_(None))
    )  # fmt: skip
    times = [
        session.scalar(select(municipality.c.created_at).where(municipality.c.id == town)),
        session.scalar(unknown),
    ]
    return max((one for one in times if one is not None), default=None)


def topics_since(session: Session, town: str) -> dict[str, datetime]:
    """Return by topic when the first notice of it was seen."""
    query = select(notice.c.topic, func.min(notice.c.first_seen_at)).where(notice.c.municipality_id == town)
    return {row[0]: row[1] for row in session.execute(query.group_by(notice.c.topic))}


def newest(session: Session, town: str) -> tuple[int, datetime | None]:
    """Return what changes with every revision of a municipality's notices: how many notices, and the last change."""
    query = select(func.count(), func.max(notice.c.changed_at)).where(notice.c.municipality_id == town)
    count, at = session.execute(query).one()
    return int(count), at


def _looked_at(town: str, since: datetime) -> ColumnElement[bool]:
    """Whether a notice of a municipality changed, or had a date, since then: all its revisions are of use."""
    dated = select(occurrence.c.notice_id).where(occurrence.c.end_at >= since)
    return (
        (notice.c.municipality_id == town)
        & notice.c.topic.not_in(HIDDEN)
        & or_(notice.c.changed_at >= since, notice.c.id.in_(dated))
    )


def past(session: Session, town: str, since: datetime, *, most: int) -> list[Past]:
    """Return the newest ``most`` revisions, oldest first, of what a municipality was told of since ``since``."""
    joined = notice_revision.join(notice, notice.c.id == notice_revision.c.notice_id)
    query = select(notice_revision).select_from(joined).where(_looked_at(town, since))
    order = (notice_revision.c.at.desc(), notice_revision.c.notice_id.desc(), notice_revision.c.revision.desc())
    rows = session.execute(query.order_by(*order).limit(most)).mappings().all()
    places = _places(session, town, since)
    centres = _centres(session, {paths[0].partition("/")[0] for paths in places.values() if len(paths) == 1})
    return [_past(row, places, centres, town) for row in reversed(rows)]


def _past(
    row: RowMapping, places: dict[str, tuple[str, ...]], centres: dict[str, Position], town: str
) -> Past:  # fmt: skip
    paths = places.get(row["notice_id"], ())
    return Past(
        at=row["at"], notice=from_json(row["content"]), revision=row["revision"], change=Change(row["change"]),
        announce=bool(row["announce"]), places=paths, moved=moved_from_json(row["moved"]),
        centre=centres.get(paths[0].partition("/")[0]) if len(paths) == 1 else None, town=town, twin=row["twin"],
    )  # fmt: skip


def _places(session: Session, town: str, since: datetime) -> dict[str, tuple[str, ...]]:
    joined = notice_place.join(notice, notice.c.id == notice_place.c.notice_id)
    query = select(notice_place).select_from(joined).where(_looked_at(town, since))
    found: dict[str, list[str]] = defaultdict(list)
    for row in session.execute(query.order_by(notice_place.c.path)):
        found[row.notice_id].append(row.path)
    return {one: tuple(paths) for one, paths in found.items()}


def _centres(session: Session, paths: set[str]) -> dict[str, Position]:
    query = select(place.c.path, place.c.lon, place.c.lat).where(
        place.c.path.in_(sorted(paths)), place.c.lon.is_not(None)
    )
    return {row.path: (row.lon, row.lat) for row in session.execute(query)}


def dates(session: Session, town: str, since: datetime) -> dict[str, list[KnownDate]]:
    """Return by notice the dates as they stand now, of those that :func:`past` gives."""
    joined = occurrence.join(notice, notice.c.id == occurrence.c.notice_id)
    query = select(occurrence).select_from(joined).where(_looked_at(town, since))
    found: dict[str, list[KnownDate]] = defaultdict(list)
    for row in session.execute(query.order_by(occurrence.c.notice_id, occurrence.c.slot)):
        found[row.notice_id].append(KnownDate(row.slot, occurrence_from_json(row.content), row.sequence, row.missed))
    return dict(found)
