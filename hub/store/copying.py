"""Copying rows between two databases: in the order of their references, in pages, ids kept, proved by count and sum."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Generator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any

from sqlalchemy import Column, ColumnElement, Integer, Table, delete, func, select, text
from sqlalchemy.orm import Session

from hub.core.release import State
from hub.store import guests, pushkeys
from hub.store import standing as marks
from hub.store.schema import (
    audit,
    code,
    digest_entry,
    draft,
    endpoint,
    guest,
    holiday,
    metadata,
    move,
    municipality,
    mute,
    place,
    push_key,
    route,
    secret,
    standing,
    subscriber,
    user_account,
)  # fmt: skip

_PAGE = 1000
# Of processes and servers, not of towns; and what is used once must not be in two places.
_LEFT = frozenset({"heartbeat", "standing", "feed_touch", "service", "prekey"})
# Whoever signs in belongs to the installation: when a town moves alone, its people are invited anew there.
_STAY = frozenset({"role_grant", "invitation", "letter"})
# Of whom a part may have come with another of their towns.
_PEOPLE = frozenset({subscriber, endpoint, mute, move, push_key})
_OF_SIGN_IN = _STAY | {
    "user_account", "passkey", "recovery_code", "login_session", "tries", "spent", "audit", "test_endpoint",
}  # fmt: skip
# Where accounts are named by number.
_SIGNED = {"draft": ("author", "changed_by"), "draft_revision": ("by",), "draft_step": ("by",), "template": ("by",)}
_SUM = 1 << 128
_LAST = 2**31 - 1  # the greatest id


@dataclass(frozen=True, slots=True)
class Proof:
    """How many rows a table has, and the sum of their hashes, in whatever order they come."""

    rows: int
    checksum: int


def tables() -> list[Table]:
    """Return the tables that are moved, each after those it refers to."""
    return [one for one in metadata.sorted_tables if one.name not in _LEFT]


@cache
def _way(table: Table) -> tuple[Any, ...] | None:
    """Return how a table belongs to a town: ``(column,)``, or ``(column, referred column, its table's way)``."""
    if table is municipality:
        return (table.c.id,)
    if "municipality_id" in table.c:
        return (table.c.municipality_id,)
    for key in sorted(table.foreign_keys, key=lambda one: one.parent.name):
        way = _way(key.column.table) if not key.parent.nullable else None
        if way is not None:
            return (key.parent, key.column, way)
    return None


def of_town(table: Table, town: str) -> ColumnElement[bool] | None:
    """Return the condition that a row of ``table`` belongs to ``town``; ``None`` if its rows belong to no town.

    A guest goes along as a person of that town, with what they have chosen there; who is a guest follows from that.
    """
    if table is guest:
        return None
    if table is subscriber:
        return guests.belongs(town, subscriber.c.municipality_id, subscriber.c.id)
    people = select(subscriber.c.id).where(guests.belongs(town, subscriber.c.municipality_id, subscriber.c.id))
    if table is push_key:
        return pushkeys.along(town, people)
    if table in {endpoint, mute}:
        return table.c.subscriber_id.in_(people)
    through = {route: route.c.interest_id, digest_entry: digest_entry.c.notice_id}.get(table)

    def condition(way: tuple[Any, ...]) -> ColumnElement[bool]:
        if len(way) == 1:
            found: ColumnElement[bool] = way[0] == town
            return found
        inner: ColumnElement[bool] = way[0].in_(select(way[1]).where(condition(way[2])))
        return inner

    if through is not None:
        (key,) = through.foreign_keys
        return through.in_(select(key.column).where(condition(_way(key.column.table) or ())))
    way = _way(table)
    return condition(way) if way is not None else None


def parts(town: str) -> list[tuple[Table, ColumnElement[bool] | None]]:
    """Return what moves with ``town`` (empty: everything): tables with conditions."""
    if not town:
        return [(table, None) for table in tables()]
    found = [(table, of_town(table, town)) for table in tables() if table.name not in _STAY]
    return [(table, condition) for table, condition in found if condition is not None]


def common() -> list[tuple[Table, ColumnElement[bool] | None]]:
    """Return what every installation has: keys, official places, codes and holidays."""
    return [(secret, None), (place, place.c.municipality_id.is_(None)), (code, None), (holiday, None)]


def pages(session: Session, table: Table, condition: ColumnElement[bool] | None) -> Generator[list[dict[str, Any]]]:
    """Yield the rows of a table in pages, without holding more than one in memory."""
    query = select(table).order_by(*table.primary_key.columns)
    if condition is not None:
        query = query.where(condition)
    with session.execute(query.execution_options(yield_per=_PAGE)) as found:
        for page in found.mappings().partitions(_PAGE):
            yield [dict(row) for row in page]


def copy(
    old: Session, new: Session, table: Table, condition: ColumnElement[bool] | None, town: str = ""
) -> tuple[Proof, Proof]:  # fmt: skip
    """Copy rows as they are, ids kept; returns the proofs of what was read and of what is there now.

    With ``town`` all that bears a municipality bears this one; people who are there already, because another of their
    towns has moved before, stay as they are there, and only what they have got since is added. Raises the database's
    ``IntegrityError``.
    """
    read = there = Proof(0, 0)
    apart = bool(town) and table in _PEOPLE  # what stands there already is not of this copy
    with closing(pages(old, table, condition)) as found:
        for page in found:
            rows = [{name: _clean(value) for name, value in row.items()} for row in page]
            if town:
                rows = pushkeys.earlier(town, rows) if table is push_key else rows
                rows = [row | {"municipality_id": town} if row.get("municipality_id") else row for row in rows]
                rows = [_unsigned(table, row) for row in rows]
                rows = _strangers(new, table, rows, town) if apart else rows
            if rows:
                new.execute(table.insert(), rows)
            read = _add(read, rows)
            there = _add(there, _again(new, table, rows)) if apart else there
    return read, there if apart else proof_of(new, table, condition)


def _strangers(new: Session, table: Table, rows: list[dict[str, Any]], town: str) -> list[dict[str, Any]]:
    """Leave out what came before with people who are at home in another town there.

    People, their ways and keys: the same one, made in the same moment. Mutes: those that stand, and those that were
    taken back there. Moves to another device: one that was begun here is begun anew.
    """
    if table in {subscriber, endpoint, push_key}:
        known = {(_key(table, row), row["created_at"]) for row in _again(new, table, rows)}
        return [row for row in rows if (_key(table, row), row["created_at"]) not in known]
    ids = {row["subscriber_id"] for row in rows}
    query = select(subscriber.c.id).where(subscriber.c.id.in_(ids), subscriber.c.municipality_id != town)
    theirs = set(new.scalars(query))
    if table is move:
        return [row for row in rows if row["subscriber_id"] not in theirs]
    arrived = new.scalar(select(func.max(standing.c.at)).where(standing.c.name.startswith(f"{marks.ARRIVED}:")))
    stand = {_key(table, row) for row in _again(new, table, rows)}
    return [
        row
        for row in rows
        if row["subscriber_id"] not in theirs
        or (_key(table, row) not in stand and (arrived is None or row["created_at"] > arrived))
    ]


def _key(table: Table, row: Mapping[Any, Any]) -> tuple[Any, ...]:
    return tuple(row[column.name] for column in table.primary_key.columns)


def _again(session: Session, table: Table, rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return what stands in a table under the keys of ``rows``."""
    first, keys = next(iter(table.primary_key.columns)), {_key(table, row) for row in rows}
    found = session.execute(select(table).where(first.in_({row[first.name] for row in rows}))).mappings()
    return [dict(row) for row in found if _key(table, row) in keys]


def proof_of(session: Session, table: Table, condition: ColumnElement[bool] | None) -> Proof:
    """Return the proof of what a database holds."""
    proof = Proof(0, 0)
    with closing(pages(session, table, condition)) as found:
        for page in found:
            proof = _add(proof, page)
    return proof


def _unsigned(table: Table, row: dict[str, Any]) -> dict[str, Any]:
    """Take names and releases off what editors wrote: account numbers mean other people on the other side (A-05).

    What is published stays so; whatever waited for a word or for its time is a draft again.
    """
    made = row | dict.fromkeys(_SIGNED.get(table.name, ()), 0)
    if table is draft and row["state"] in {State.REVIEW, State.SCHEDULED}:
        made |= {"state": State.DRAFT.value, "due_at": None}
    return made


def _clean(value: Any) -> Any:
    """Leave out the one character that PostgreSQL's text cannot hold."""
    return value.replace("\x00", "") if isinstance(value, str) and "\x00" in value else value


def _add(proof: Proof, rows: Sequence[dict[str, Any]]) -> Proof:
    checksum = proof.checksum
    for row in rows:
        plain = json.dumps([_plain(row[name]) for name in sorted(row)], sort_keys=True, default=str)
        checksum += int.from_bytes(hashlib.sha256(plain.encode()).digest()[:16], "big")
    return Proof(proof.rows + len(rows), checksum % _SUM)


def _plain(value: Any) -> Any:
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value


def empty(session: Session, *, people: bool = True) -> None:
    """Delete every row of the tables that are moved; those of sign-in only with ``people``."""
    for table in reversed(tables()):
        if people or table.name not in _OF_SIGN_IN:
            session.execute(delete(table))


def signs_in(session: Session) -> bool:
    """Whether a database has accounts, or an audit log: then it is somebody's, whatever else it lacks."""
    return any(session.execute(select(table.c.id).limit(1)).first() is not None for table in (user_account, audit))


def advance(old: Session, new: Session, *, ahead: int = 0) -> None:
    """Let new ids of ``new`` begin behind the greatest that either database ever gave, and ``ahead`` beyond ``old``'s.

    Ids of people who are gone stand in their old links, so the greatest that is there would not do. What is far enough
    ahead already is left there: 32 bits are all there are (packed recipients, PostgreSQL's integers).
    """
    for table in tables():
        key = _counted(table)
        if key is None:
            continue
        most = max(_given(new, table, key), _beyond(_given(old, table, key), ahead))
        values = {"name": table.name, "key": key.name, "most": most, "used": most > 0}
        if new.get_bind().dialect.name == "postgresql":
            counted = "SELECT setval(pg_get_serial_sequence(:name, :key), greatest(:most, 1), :used)"
            new.execute(text(counted), values)
        elif most and table.dialect_options["sqlite"]["autoincrement"]:
            new.execute(text("DELETE FROM sqlite_sequence WHERE name = :name"), values)
            new.execute(text("INSERT INTO sqlite_sequence (name, seq) VALUES (:name, :most)"), values)


def _beyond(given: int, ahead: int) -> int:
    """Return the id ``ahead`` of what was given, but never past half of what is left."""
    return given + min(ahead, (_LAST - given) // 2)


def _counted(table: Table) -> Column[Any] | None:
    """Return the key of a table that the database counts up itself."""
    keys = list(table.primary_key.columns)
    counts = len(keys) == 1 and isinstance(keys[0].type, Integer) and keys[0].autoincrement is not False
    return keys[0] if counts and not keys[0].foreign_keys else None


def _given(session: Session, table: Table, key: Column[Any]) -> int:
    """Return the greatest id that a table ever had, as far as its database knows."""
    there = int(session.scalar(select(func.max(key))) or 0)
    if session.get_bind().dialect.name == "postgresql":
        last = "SELECT pg_sequence_last_value(pg_get_serial_sequence(:name, :key)::regclass)"
        return max(there, int(session.scalar(text(last), {"name": table.name, "key": key.name}) or 0))
    if table.dialect_options["sqlite"]["autoincrement"]:
        last = "SELECT seq FROM sqlite_sequence WHERE name = :name"
        return max(there, int(session.scalar(text(last), {"name": table.name}) or 0))
    return there


def lock(session: Session) -> None:
    """Let nobody else write until the end of this transaction; on SQLite a writing transaction does so already."""
    if session.get_bind().dialect.name == "postgresql":
        names = ", ".join(f'"{table.name}"' for table in tables())
        session.execute(text(f"LOCK TABLE {names} IN SHARE ROW EXCLUSIVE MODE"))
