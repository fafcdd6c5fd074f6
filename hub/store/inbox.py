"""A person's inbox: the notices that fit their interests, newest first, and what they have read of them.

The way to them leads from the person over their subscriptions to the matches, which retention keeps few; it is the
same however many people and towns there are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Exists,
    FromClause,
    RowMapping,
    Select,
    and_,
    case,
    delete,
    exists,
    func,
    literal,
    literal_column,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Session

from hub.core.desk import KIND
from hub.core.inbox import SETTLED
from hub.core.message import Reason
from hub.core.mutes import Mute, Sort
from hub.core.notice import Severity
from hub.store.database import insert_for
from hub.store.interests import reason_from_json
from hub.store.schema import match, notice_place, notice_revision, read_mark, subscriber, subscription
from hub.store.schema import notice as table
from hub.store.views import Mark, visible


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose inbox it is: what decides which of their messages are unread. ``mutes`` are the living ones.

    ``home``: where they are at home, of those who have places in other municipalities, too; empty for all others.
    """

    id: int
    read_until: datetime
    mutes: tuple[Mute, ...] = ()
    home: str = ""


@dataclass(frozen=True, slots=True)
class Sought:
    """Which messages are asked for; ``words`` are folded (``hub.core.sought``), each must be found."""

    words: tuple[str, ...] = ()
    unread: bool = False


def matched(subscriber_id: int) -> Select[Any]:
    """Select the ids of the notices that fit a person's interests."""
    return (
        select(match.c.notice_id)
        .join(subscription, subscription.c.interest_id == match.c.interest_id)
        .where(subscription.c.subscriber_id == subscriber_id)
    )


def _mine(owner: Owner) -> ColumnElement[bool]:
    return and_(table.c.id.in_(matched(owner.id)), visible())


def listed(owner: Owner) -> ColumnElement[bool]:
    """Return the condition of what a person's pages show: of what two municipalities say alike, one message (F24).

    Rather one that is not muted and was told, and then that of their own municipality.
    """
    if not owner.home:
        return _mine(owner)
    other = table.alias("other")
    here, there = _rank(owner, table), _rank(owner, other)
    instead = or_(there < here, and_(there == here, other.c.id < table.c.id))
    twin = _alike(other).where(other.c.id.in_(matched(owner.id)), visible(other), instead)
    return and_(_mine(owner), ~twin.correlate(table))


def _rank(owner: Owner, one: FromClause) -> ColumnElement[int]:
    return (
        case((muted(owner.mutes, one), 4), else_=0) + case((one.c.told, 0), else_=2)
        + case((one.c.municipality_id == owner.home, 0), else_=1)
    )  # fmt: skip


def _alike(other: FromClause) -> Exists:
    """Return whether a notice of another municipality, ``other``, now says what a notice says (``hub.core.twins``)."""
    said, same = notice_revision.alias(), notice_revision.alias()
    return exists().where(
        said.c.notice_id == table.c.id, said.c.revision == table.c.revision, said.c.twin != literal_column("''"),
        same.c.twin == said.c.twin, same.c.twin != literal_column("''"), same.c.notice_id == other.c.id,
        same.c.revision == other.c.revision, other.c.municipality_id != table.c.municipality_id,
        other.c.withdrawn == table.c.withdrawn,
    )  # fmt: skip


def muted(mutes: Sequence[Mute], one: FromClause = table) -> ColumnElement[bool]:
    """Return the condition of what these mutes silence, as ``hub.core.mutes.silent`` decides it."""
    named = {sort: [one.value for one in mutes if one.sort is sort] for sort in Sort}
    quiet: list[ColumnElement[bool]] = [one.c.topic.in_(named[Sort.TOPIC])] if named[Sort.TOPIC] else []
    if named[Sort.PLACE]:
        inside = or_(*map(_covered, named[Sort.PLACE]))
        placed = exists().where(notice_place.c.notice_id == one.c.id)
        quiet.append(and_(placed.correlate(one), ~placed.where(~inside).correlate(one)))
    by_kind = and_(one.c.severity < int(Severity.SEVERE), or_(*quiet)) if quiet else literal(value=False)
    return or_(one.c.id.in_(named[Sort.NOTICE]), by_kind) if named[Sort.NOTICE] else by_kind


def _covered(place: str) -> ColumnElement[bool]:
    """Return the condition of a path at or below ``place`` (``hub.core.place.covers``)."""
    path = notice_place.c.path
    if "/" not in place:
        return path.startswith(place, autoescape=True)
    return or_(path == place, path.startswith(f"{place}/", autoescape=True))


def unread(owner: Owner) -> ColumnElement[bool]:
    """Return the condition of what told something that nobody read yet, as ``hub.core.inbox.is_unread`` decides it.

    Whoever has read it as another municipality's has read it.
    """
    marked = exists().where(read_mark.c.subscriber_id == owner.id)
    read = marked.where(read_mark.c.notice_id == table.c.id, read_mark.c.at >= table.c.news_at)
    fresh = and_(table.c.told, table.c.news_at > owner.read_until, ~read.correlate(table))
    if owner.home:
        other = table.alias("read_there")
        there = _alike(other).where(
            read_mark.c.subscriber_id == owner.id,
            read_mark.c.notice_id == other.c.id,
            read_mark.c.at >= other.c.news_at,
        )
        fresh = and_(fresh, ~there.correlate(table))
    return and_(fresh, ~muted(owner.mutes)) if owner.mutes else fresh


def page(
    session: Session, owner: Owner, sought: Sought, *, after: Mark | None = None, most: int
) -> Sequence[RowMapping]:  # fmt: skip
    """Return at most ``most`` messages behind ``after``, newest first, each with ``at``, ``unread`` and ``muted``."""
    at = table.c.news_at
    shown = (at.label("at"), unread(owner).label("unread"), muted(owner.mutes).label("muted"))
    query = select(table, *shown).where(listed(owner), *_narrowed(owner, sought))
    if after is not None:
        query = query.where(or_(at < after[0], and_(at == after[0], table.c.id < after[1])))
    return session.execute(query.order_by(at.desc(), table.c.id.desc()).limit(most)).mappings().all()


def _narrowed(owner: Owner, sought: Sought) -> list[ColumnElement[bool]]:
    words = [table.c.sought.contains(word, autoescape=True) for word in sought.words]
    return [*words, unread(owner)] if sought.unread else words


def count(session: Session, owner: Owner, sought: Sought) -> int:
    """Return how many messages there are."""
    query = select(func.count()).select_from(table).where(listed(owner), *_narrowed(owner, sought))
    return int(session.scalar(query) or 0)


def unread_count(session: Session, owner: Owner) -> tuple[int, datetime | None]:
    """Return how many messages are unread, and when the newest of them was news."""
    query = select(func.count(), func.max(table.c.news_at)).where(listed(owner), unread(owner))
    row = session.execute(query).one()
    return int(row[0]), row[1]


def one(session: Session, owner: Owner, notice_id: str) -> RowMapping | None:
    """Return one message with ``unread`` and ``muted``; ``None`` if it is not in this inbox."""
    shown = (unread(owner).label("unread"), muted(owner.mutes).label("muted"))
    query = select(table, *shown).where(table.c.id == notice_id, _mine(owner))
    return session.execute(query).mappings().one_or_none()


def read(session: Session, owner: Owner, notice_id: str, shown: datetime) -> bool:
    """Mark a message as read, as of what it told until ``shown``; ``False`` if it is not in this inbox."""
    known = one(session, owner, notice_id)
    if known is None:
        return False
    if known["news_at"] <= shown and known["news_at"] > owner.read_until:
        _mark(session, owner, table.c.id == notice_id)
    return True


def read_all(session: Session, owner: Owner, shown: datetime, now: datetime) -> None:
    """Mark all messages as read that were news until ``shown``, as ``hub.core.inbox.read_through`` decides it."""
    _mark(session, owner, and_(_mine(owner), unread(owner), table.c.news_at <= shown))
    until = max(owner.read_until, min(shown, now - SETTLED))
    session.execute(update(subscriber).where(subscriber.c.id == owner.id).values(read_until=until))
    session.execute(delete(read_mark).where(read_mark.c.subscriber_id == owner.id, read_mark.c.at <= until))


def _mark(session: Session, owner: Owner, which: ColumnElement[bool]) -> None:
    names = ["subscriber_id", "notice_id", "at"]
    found = select(literal(owner.id), table.c.id, table.c.news_at).where(which)
    insert = insert_for(session)(read_mark).from_select(names, found)
    session.execute(insert.on_conflict_do_update(index_elements=names[:2], set_={"at": insert.excluded.at}))


def warnings(session: Session, owner: Owner, since: datetime) -> Sequence[RowMapping]:
    """Return the warnings of a person that hold or ended after ``since`` (``hub.core.inbox.holds``), worst first.

    That a source is silent is no warning; it is said beside them.
    """
    lately = or_(table.c.over_at.is_(None), table.c.over_at > since, table.c.changed_at > since)
    query = select(table).where(listed(owner), table.c.topic == "warnings", lately)
    found = session.execute(query.order_by(table.c.severity.desc(), table.c.id)).mappings()
    return [row for row in found if row["content"]["kind"] != KIND]


def reasons(session: Session, subscriber_id: int, notice_ids: Sequence[str]) -> dict[str, Reason]:
    """Return why each of these notices fits the person's interests (the first of several reasons)."""
    query = (
        select(match.c.notice_id, match.c.reason)
        .join(subscription, subscription.c.interest_id == match.c.interest_id)
        .where(subscription.c.subscriber_id == subscriber_id, match.c.notice_id.in_(notice_ids))
        .order_by(match.c.interest_id.desc())
    )
    rows: Mapping[str, Any] = {row.notice_id: row.reason for row in session.execute(query)}
    return {one: reason for one, stored in rows.items() if (reason := reason_from_json(stored)) is not None}
