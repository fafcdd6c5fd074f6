"""Notices that installations give each other: what leaves, what stands under the same name, who follows whom."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, and_, case, false, func, literal_column, not_, or_, select, update
from sqlalchemy.orm import Session

from hub.core.codec import to_json
from hub.core.federation import KIND
from hub.core.notice import Notice
from hub.core.twins import address_mark
from hub.store import standing, views
from hub.store.database import insert_for
from hub.store.schema import notice as table
from hub.store.schema import notice_alias, notice_revision, source

LINGERS = timedelta(days=14)  # so long what was called off, or is over, stays in the feed for peers that rarely look
_PAGE = 500
_CHANGED = "federation:"  # and a slug, among what stands of the installation
_RELAY = source.c.config["relay"].as_string() == "yes"
_FOREIGN = table.c.origin != literal_column("''")


def _leaving(municipality: str, now: datetime) -> ColumnElement[bool]:
    """Return the condition of what a municipality gives to others."""
    relays = select(source.c.id).where(source.c.municipality_id == municipality, source.c.kind == KIND, _RELAY)
    stands = and_(~table.c.withdrawn, or_(table.c.over_at.is_(None), table.c.over_at > now - LINGERS))
    called_off = and_(table.c.withdrawn, table.c.changed_at > now - LINGERS)
    return and_(
        views.public(municipality), or_(not_(_FOREIGN), table.c.source_id.in_(relays)), or_(stands, called_off)
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Stamp:
    """What tells one state of a feed from another without reading it.

    ``changed_at`` is when the municipality last said anything: it never falls back when something leaves the feed.
    """

    count: int
    revisions: int
    over: int
    changed_at: datetime | None


def stamp(session: Session, municipality: str, now: datetime) -> Stamp:
    """Return the stamp of a municipality's feed as of ``now``.

    Every change of a notice raises a revision, and whatever comes, goes or ends by time alone changes a count.
    """
    over = func.sum(case((table.c.over_at <= now, 1), else_=0))
    query = select(func.count(), func.sum(table.c.revision), over).where(_leaving(municipality, now))
    count, revisions, ended = session.execute(query).one()
    said = session.scalar(select(func.max(table.c.changed_at)).where(views.public(municipality)))
    noted = standing.get(session, f"{_CHANGED}{municipality}")
    changed_at = max((at for at in (said, noted["at"] if noted else None) if at is not None), default=None)
    return Stamp(count, revisions or 0, ended or 0, changed_at)


def note_change(session: Session, municipality: str, now: datetime) -> None:
    """Note that a feed changes by what is deleted: a feed never seems older than it was."""
    standing.put(session, f"{_CHANGED}{municipality}", "", now)


def leaving(session: Session, municipality: str, now: datetime, *, most: int) -> Sequence[RowMapping]:
    """Return the notices that a municipality gives to others, the latest change first, with their source's address."""
    query = (
        select(table, source.c.url.label("source_url"))
        .outerjoin(source, source.c.id == table.c.source_id)
        .where(_leaving(municipality, now))
        .order_by(table.c.changed_at.desc(), table.c.id)
    )
    return session.execute(query.limit(most)).mappings().all()


def revisions(session: Session, notice_ids: Collection[str]) -> dict[str, list[RowMapping]]:
    """Return all revisions of these notices, the first one first: ``revision``, ``change``, ``content``, ``at``."""
    asked, found = sorted(notice_ids), dict[str, list[RowMapping]]()
    for start in range(0, len(asked), _PAGE):
        query = select(notice_revision).where(notice_revision.c.notice_id.in_(asked[start : start + _PAGE]))
        order = query.order_by(notice_revision.c.notice_id, notice_revision.c.revision)
        for row in session.execute(order).mappings():
            found.setdefault(row["notice_id"], []).append(row)
    return found


def has_foreign(session: Session, municipality: str) -> bool:
    """Whether anything of another installation stands in a municipality."""
    query = select(table.c.id).where(table.c.municipality_id == municipality, _FOREIGN).limit(1)
    return session.execute(query).first() is not None


def lock(session: Session, municipality: str) -> None:
    """Let nobody else look for doubles in this municipality until the transaction ends; SQLite's writer is alone."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(func.hashtext(f"federation {municipality}"))))


def foreign_called(session: Session, municipality: str, names: Iterable[str]) -> dict[str, str]:
    """Return which notice (id) of another installation goes by each of these names that are equal everywhere."""
    found: dict[str, str] = {}
    for page in _pages(names):
        query = (
            select(notice_alias.c.key, notice_alias.c.notice_id)
            .join(table, table.c.id == notice_alias.c.notice_id)
            .where(table.c.municipality_id == municipality, _FOREIGN, notice_alias.c.key.in_(page))
        )
        found |= {row.key: row.notice_id for row in session.execute(query)}
    return found


def own_called(session: Session, municipality: str, names: Iterable[str]) -> dict[str, str]:
    """Return which notice (id) the municipality's own sources have under each of these names."""
    split = [(name, *name.partition(":")[::2]) for name in dict.fromkeys(names)]
    readers: dict[str, list[str]] = {}
    query = select(source.c.id, source.c.kind, source.c.url).where(source.c.municipality_id == municipality)
    for row in session.execute(query.where(source.c.kind != KIND)):
        prefix = row.kind if row.kind == "cap" else f"{row.kind}:{address_mark(row.url)}"
        readers.setdefault(prefix, []).append(row.id)
    wanted: dict[str, dict[str, str]] = {}  # by reader: key -> name
    for name, kind, rest in split:
        mark, _, key = rest.partition(":")
        prefix, known = ("cap", rest) if kind == "cap" else (f"{kind}:{mark}", key)
        if prefix in readers:
            wanted.setdefault(prefix, {})[known] = name
    found: dict[str, str] = {}
    for prefix, keys in wanted.items():
        for page in _pages(keys):
            rows = session.execute(
                select(notice_alias.c.key, notice_alias.c.notice_id).where(
                    notice_alias.c.source_id.in_(readers[prefix]), notice_alias.c.key.in_(page)
                )
            )
            found |= {keys[row.key]: row.notice_id for row in rows}
    return found


def rows(session: Session, municipality: str, notice_ids: Iterable[str]) -> dict[str, RowMapping]:
    """Return these notices' rows, each with ``lives``: whether the source that brought it is read."""
    found: dict[str, RowMapping] = {}
    for page in _pages(notice_ids):
        query = (
            select(table, func.coalesce(source.c.enabled, false()).label("lives"))
            .outerjoin(source, source.c.id == table.c.source_id)
            .where(table.c.municipality_id == municipality, table.c.id.in_(page))
        )
        found |= {row["id"]: row for row in session.execute(query).mappings()}
    return found


def follow(session: Session, source_id: str, notice_id: str, names: Iterable[str]) -> None:
    """Let a notice follow another source from now on, which calls it by these names."""
    session.execute(update(table).where(table.c.id == notice_id).values(source_id=source_id))
    calls: list[dict[str, Any]] = [
        {"source_id": source_id, "key": name, "notice_id": notice_id} for name in dict.fromkeys(names)
    ]
    insert = insert_for(session)(notice_alias)
    session.execute(
        insert.on_conflict_do_update(
            index_elements=["source_id", "key"], set_={"notice_id": insert.excluded.notice_id}
        ),
        calls,
    )


def note_origin(session: Session, notice: Notice) -> None:
    """Keep the way and the revision by which an unchanged notice came last."""
    values = {"content": to_json(notice), "origin": notice.origin.installation if notice.origin is not None else ""}
    session.execute(update(table).where(table.c.id == notice.id).values(**values))


def _pages(names: Iterable[str]) -> Iterable[list[str]]:
    asked = list(dict.fromkeys(names))
    return (asked[start : start + _PAGE] for start in range(0, len(asked), _PAGE))
