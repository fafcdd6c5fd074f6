"""What came of a revision on each channel, kept as counts when its batches are forgotten (F81): nobody is named."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import RowMapping, and_, exists, func, or_, select, update
from sqlalchemy.orm import Session

from hub.core.delays import Delays
from hub.core.desk import HIDDEN
from hub.core.ledger import SETTLED, SPARED
from hub.core.message import Change
from hub.store.batches import begun
from hub.store.database import insert_for
from hub.store.erasing import NOBODY
from hub.store.ledger import NEWS, settled, summed
from hub.store.schema import batch, endpoint, match, notice, notice_revision, occurrence, publication, route
from hub.store.schema import reach as table
from hub.store.tally import CANARY, TIMES

KEY = ("notice_id", "revision", "channel")
COUNTED = ("meant", *SPARED)
FORGOTTEN = ("size", "own", *SETTLED)
_LEAVING = ("left", "complained")  # why somebody's way ended that they did not want any more
_REPLIES = timedelta(hours=48)


def add(session: Session, notice_id: str, revision: int, counts: Mapping[tuple[str, str], int]) -> None:
    """Add to what is counted of a revision; ``counts`` by channel and by name (:data:`COUNTED`, :data:`FORGOTTEN`)."""
    names: dict[str, dict[str, int]] = {}
    for (channel, name), count in counts.items():
        if count:
            names.setdefault(channel, {})[name] = count
    for channel, values in sorted(names.items()):
        key = dict(zip(KEY, (notice_id, revision, channel), strict=True))
        insert = insert_for(session)(table).values(**key, **values)
        more = {name: table.c[name] + count for name, count in values.items()}
        session.execute(insert.on_conflict_do_update(index_elements=KEY, set_=more))


def count_batches(session: Session, ids: Sequence[int]) -> None:
    """Add what these batches counted, which are about to be forgotten; reminders have no place here."""
    own = and_(batch.c.change == notice_revision.c.change, batch.c.change.in_(NEWS))
    query = (
        select(
            batch.c.notice_id, batch.c.revision, batch.c.channel, func.sum(batch.c.size).label("size"),
            summed(batch.c.size, own).label("own"),
            *(func.sum(batch.c[name]).label(name) for name in SETTLED),
        )
        .outerjoin(
            notice_revision,
            and_(notice_revision.c.notice_id == batch.c.notice_id, notice_revision.c.revision == batch.c.revision),
        )
        .where(batch.c.id.in_(list(ids)), batch.c.notice_id.is_not(None), batch.c.change != Change.REMINDER)
        .group_by(batch.c.notice_id, batch.c.revision, batch.c.channel)
        .order_by(batch.c.notice_id, batch.c.revision, batch.c.channel)
    )  # fmt: skip
    for row in session.execute(query).mappings().all():
        add(session, row["notice_id"], row["revision"], {(row["channel"], name): int(row[name]) for name in FORGOTTEN})


def note(session: Session, found: Sequence[tuple[RowMapping, Delays]]) -> None:
    """Add how soon the recipients of tallied batches were told; each batch once. Others who add wait in line."""
    of: dict[tuple[str, int, str], Delays] = {}
    for row, delays in found:
        if row["notice_id"] is not None and row["change"] != Change.REMINDER and delays.count:
            key = (row["notice_id"], row["revision"], row["channel"])
            of[key] = of.get(key, Delays()) + delays
    for key, more in sorted(of.items(), key=lambda one: one[0]):
        named = dict(zip(KEY, key, strict=True))
        session.execute(insert_for(session)(table).values(**named).on_conflict_do_nothing())
        mine = and_(*(table.c[name] == value for name, value in named.items()))
        known = session.execute(select(table).where(mine).with_for_update()).mappings().one_or_none()
        if known is not None:
            session.execute(update(table).where(mine).values(**_stored(delays_of(known) + more)))


def delays_of(row: Mapping[Any, Any]) -> Delays:
    """Read how soon those were told whose batches are tallied."""

    def steps(name: str) -> dict[int, int]:
        return {int(end): count for end, count in row[name].items()}

    def span(name: str) -> timedelta | None:
        return timedelta(milliseconds=row[name]) if row[name] is not None else None

    return Delays(steps("prompt"), steps("wished"), span("first"), span("last"))


def _stored(one: Delays) -> dict[str, Any]:
    def milliseconds(span: timedelta | None) -> int | None:
        return round(span.total_seconds() * 1000) if span is not None else None

    return {
        "prompt": {str(end): count for end, count in one.prompt.items()},
        "wished": {str(end): count for end, count in one.wished.items()},
        "first": milliseconds(one.first), "last": milliseconds(one.last),
    }  # fmt: skip


def kept(session: Session, notice_ids: Sequence[str]) -> Sequence[RowMapping]:
    """Return all that is kept of these notices."""
    query = select(table).where(table.c.notice_id.in_(list(notice_ids))).order_by(*(table.c[name] for name in KEY))
    return session.execute(query).mappings().all()


def sums(session: Session, notice_ids: Sequence[str]) -> Sequence[RowMapping]:
    """Return what the batches that are there counted, by notice, revision and channel."""
    own = and_(batch.c.change == notice_revision.c.change, batch.c.change.in_(NEWS))
    query = (
        select(
            batch.c.notice_id, batch.c.revision, batch.c.channel,
            summed(batch.c.size).label("size"), summed(batch.c.size, own).label("own"),
            summed(batch.c.size - settled(), batch.c.state != "done").label("open"),
            *(summed(batch.c[name]).label(name) for name in SETTLED),
        )
        .outerjoin(
            notice_revision,
            and_(notice_revision.c.notice_id == batch.c.notice_id, notice_revision.c.revision == batch.c.revision),
        )
        .where(batch.c.notice_id.in_(list(notice_ids)), batch.c.change != Change.REMINDER)
        .group_by(batch.c.notice_id, batch.c.revision, batch.c.channel)
    )  # fmt: skip
    return session.execute(query).mappings().all()


def untallied(session: Session, notice_ids: Sequence[str]) -> Sequence[RowMapping]:
    """Return the batches that have told somebody and are not tallied yet, as :mod:`hub.store.tally` reads them."""
    query = select(*TIMES).where(
        batch.c.notice_id.in_(list(notice_ids)), batch.c.change != Change.REMINDER, ~batch.c.tallied, batch.c.sent > 0,
        batch.c.service != CANARY,
    )  # fmt: skip
    return session.execute(query).mappings().all()


def revisions(session: Session, notice_ids: Sequence[str]) -> Sequence[RowMapping]:
    """Return the revisions of notices, the newest first, each with what is there of its publication.

    ``handed``: its batches were handed to the notice that continues it.
    """
    same = and_(
        publication.c.notice_id == notice_revision.c.notice_id, publication.c.revision == notice_revision.c.revision
    )
    later = notice_revision.alias()
    handed = exists().where(
        later.c.notice_id == notice_revision.c.notice_id,
        later.c.change == Change.WITHDRAWN,
        later.c.announce.is_(False),
    )
    query = (
        select(
            notice_revision.c.notice_id, notice_revision.c.revision, notice_revision.c.change, notice_revision.c.at,
            notice_revision.c.announce, notice_revision.c.content, publication.c.stage, publication.c.created_at,
            handed.label("handed"),
        )
        .outerjoin(publication, same)
        .where(notice_revision.c.notice_id.in_(list(notice_ids)))
        .order_by(notice_revision.c.notice_id, notice_revision.c.revision.desc())
    )  # fmt: skip
    return session.execute(query).mappings().all()


def told(
    session: Session, municipality: str, *, begin: datetime | None = None, end: datetime | None = None, most: int = 0
) -> Sequence[RowMapping]:  # fmt: skip
    """Return the notices of a municipality that had a word for anybody, the newest word first.

    ``begin`` and ``end`` bound when the word was said; ``most``: so many. Each is a notice's row with ``said_at``.
    """
    said = [notice_revision.c.notice_id == notice.c.id, or_(
        notice_revision.c.announce.is_(True), notice_revision.c.change == Change.WITHDRAWN
    )]  # fmt: skip
    said += [notice_revision.c.at >= begin] if begin is not None else []
    said += [notice_revision.c.at < end] if end is not None else []
    at = func.max(notice_revision.c.at, type_=notice_revision.c.at.type).label("said_at")
    found = (
        select(notice_revision.c.notice_id, at)
        .join(notice, and_(*said))
        .where(notice.c.municipality_id == municipality, notice.c.topic.not_in(HIDDEN))
        .group_by(notice_revision.c.notice_id)
        .order_by(at.desc(), notice_revision.c.notice_id)
    )
    page = (found.limit(most) if most else found).subquery()
    query = select(notice, page.c.said_at).join(page, page.c.notice_id == notice.c.id)
    return session.execute(query.order_by(page.c.said_at.desc(), notice.c.id)).mappings().all()


def calendars(session: Session, notice_id: str) -> int | None:
    """Return how many private calendars hold a notice's dates; ``None`` if it has none, or that is forgotten."""
    dated = exists().where(occurrence.c.notice_id == notice_id)
    matched = exists().where(match.c.notice_id == notice_id)
    if not session.scalar(select(and_(dated, matched))):
        return None
    fitting = select(match.c.interest_id).where(match.c.notice_id == notice_id)
    query = select(func.count(route.c.endpoint_id.distinct()))
    return int(session.scalar(query.where(route.c.channel == "ical", route.c.interest_id.in_(fitting))) or 0)


def uncounted(session: Session, begin: datetime, end: datetime, *, most: int = 200) -> Sequence[RowMapping]:
    """Return the revisions of between ``begin`` and ``end`` of which it is not counted who signed off after them."""
    query = (
        select(table.c.notice_id, table.c.revision, notice_revision.c.at)
        .distinct()
        .join(
            notice_revision,
            and_(notice_revision.c.notice_id == table.c.notice_id, notice_revision.c.revision == table.c.revision),
        )
        .where(table.c.left.is_(None), notice_revision.c.at >= begin, notice_revision.c.at < end)
        .limit(most)
    )
    return session.execute(query).mappings().all()


def left(session: Session, notice_id: str, revision: int, at: datetime) -> Counter[str]:
    """Return by channel how many ways were signed off within two days after ``at`` that a revision had told.

    Who deleted everything has no id any more: they stand in its batches as nobody.
    """
    went = select(endpoint.c.id).where(
        endpoint.c.ended_why != "", endpoint.c.ended_why.in_(_LEAVING), endpoint.c.ended_at >= at,
        endpoint.c.ended_at < at + _REPLIES,
    )  # fmt: skip
    gone = {*session.scalars(went), NOBODY}
    query = select(
        batch.c.channel, batch.c.ids, batch.c.cursor, batch.c.ahead, batch.c.runs, batch.c.state, batch.c.owner
    ).where(batch.c.notice_id == notice_id, batch.c.revision == revision, batch.c.change != Change.REMINDER)
    found: Counter[str] = Counter()
    for row in session.execute(query):
        found[row.channel] += sum(one in gone for one in row.ids[: begun(row)])
    return found


def signed_off(session: Session, notice_id: str, revision: int, counts: Mapping[str, int]) -> None:
    """Keep by channel how many ways were signed off after a revision; channels that are not named: none."""
    mine = and_(table.c.notice_id == notice_id, table.c.revision == revision)
    session.execute(update(table).where(mine, table.c.left.is_(None)).values(left=0))
    for channel, count in counts.items():
        session.execute(update(table).where(mine, table.c.channel == channel).values(left=count))
