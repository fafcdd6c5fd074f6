"""What the store knows of a source's future: what is live, which dates lie ahead, what polls missed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime

from sqlalchemy import ColumnElement, RowMapping, and_, or_, select, update
from sqlalchemy.orm import Session

from hub.core.changes import INSISTED, KnownDate, day_of
from hub.core.codec import occurrence_from_json
from hub.core.notice import Status
from hub.store.schema import notice, notice_alias, occurrence, publication

_PAGE = 500


def ids_by_name(session: Session, source_id: str, names: Iterable[str]) -> dict[str, str]:
    """Return the notice id of each of these names that the source ever used."""
    found: dict[str, str] = {}
    for page in _pages(list(dict.fromkeys(names))):
        query = select(notice_alias.c.key, notice_alias.c.notice_id).where(
            notice_alias.c.source_id == source_id, notice_alias.c.key.in_(page)
        )
        found |= {row.key: row.notice_id for row in session.execute(query)}
    return found


def ahead(session: Session, source_id: str, now: datetime) -> dict[str, list[KnownDate]]:
    """Return the dates of a source that still stand and are not over, by notice id."""
    query = (
        select(occurrence)
        .join(notice, notice.c.id == occurrence.c.notice_id)
        .where(notice.c.source_id == source_id, ~notice.c.withdrawn, occurrence.c.end_at > now)
        .order_by(occurrence.c.notice_id, occurrence.c.slot)
    )
    found: dict[str, list[KnownDate]] = defaultdict(list)
    for row in session.execute(query).mappings():
        one = KnownDate(row["slot"], occurrence_from_json(row["content"]), row["sequence"], row["missed"])
        if one.occurrence.status is Status.ACTIVE:
            found[row["notice_id"]].append(one)
    return dict(found)


def _live(source_id: str, now: datetime) -> ColumnElement[bool]:
    """A notice that stands and is not over: one that has an end or dates has them ahead."""
    dated = select(occurrence.c.notice_id).where(occurrence.c.notice_id == notice.c.id).exists()
    coming = select(occurrence.c.notice_id).where(occurrence.c.notice_id == notice.c.id, occurrence.c.end_at > now)
    timeless = and_(notice.c.expires.is_(None), ~dated)
    return and_(
        notice.c.source_id == source_id, ~notice.c.withdrawn, or_(timeless, notice.c.expires > now, coming.exists())
    )


def any_live(session: Session, source_id: str, now: datetime) -> bool:
    """Whether a source has anything that an empty answer would contradict."""
    return session.execute(select(notice.c.id).where(_live(source_id, now)).limit(1)).first() is not None


def live(session: Session, source_id: str, now: datetime) -> Sequence[RowMapping]:
    """Return ``id`` and ``missed`` of every notice of a source that holds now."""
    query = select(notice.c.id, notice.c.missed).where(_live(source_id, now)).order_by(notice.c.id)
    return session.execute(query).mappings().all()


def set_missed(session: Session, ids: Sequence[str], missed: int) -> None:
    """Write how many snapshots in a row did not have these notices."""
    for page in _pages(ids):
        session.execute(update(notice).where(notice.c.id.in_(page), notice.c.missed != missed).values(missed=missed))


def expect_no_more(session: Session, ids: Sequence[str]) -> None:
    """Note that an accepted answer lacks these notices with all their dates, so that they are not expected again."""
    for page in _pages(ids):
        query = update(occurrence).where(occurrence.c.notice_id.in_(page), occurrence.c.missed == 0)
        session.execute(query.values(missed=1))


def insist(session: Session, notice_id: str) -> None:
    """Write the editor's word that what polls missed of a notice (itself, its dates) stands until it is seen again."""
    query = update(notice).where(notice.c.id == notice_id, notice.c.missed > 0).values(missed=INSISTED)
    session.execute(query)
    dates = update(occurrence).where(occurrence.c.notice_id == notice_id, occurrence.c.missed > 0)
    session.execute(dates.values(missed=INSISTED))


def last_date(session: Session, source_id: str) -> date | None:
    """Return the last standing date of a source's timetables; ``None`` if it has no timetable."""
    query = (
        select(occurrence.c.content)
        .join(notice, notice.c.id == occurrence.c.notice_id)
        .where(
            notice.c.source_id == source_id, ~notice.c.withdrawn, notice.c.content["series"].as_boolean(),
            occurrence.c.content["status"].as_string() == Status.ACTIVE.value,
        )
        .order_by(occurrence.c.start_at.desc())
        .limit(1)
    )  # fmt: skip
    content = session.scalar(query)
    return day_of(occurrence_from_json(content).start) if content else None


def hush(session: Session, publications: Sequence[int]) -> None:
    """Let these publications be stored without a word."""
    session.execute(update(publication).where(publication.c.id.in_(list(publications))).values(announce=False))


def _pages(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(ids), _PAGE):
        yield ids[start : start + _PAGE]
