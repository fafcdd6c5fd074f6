"""Recipients: who is meant by a notice, read from the routes as packed groups, and who was told of it already."""

from __future__ import annotations

import json
import sys
from array import array
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Integer,
    LargeBinary,
    Select,
    any_,
    bindparam,
    cast,
    func,
    literal,
    null,
    select,
)
from sqlalchemy.orm import Session

from hub.core.message import Change
from hub.core.subscription import Action
from hub.store.batches import begun
from hub.store.database import insert_for
from hub.store.schema import batch as table
from hub.store.schema import bundle, digest_entry, endpoint, match, problem, route, subscription

_PAGE = 20_000  # ids in one question


@dataclass(frozen=True, slots=True)
class Group:
    """Endpoints that are told in the same way: ``quiet`` is ``HH:MM-HH:MM`` or empty; ``ids`` rise."""

    channel: str
    service: str
    quiet: str
    ids: array[int]


@dataclass(frozen=True, slots=True)
class Meant:
    """Everybody a notice means, each endpoint in exactly one group; ``paused`` are those of them who pause."""

    groups: Sequence[Group]
    paused: dict[int, datetime] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """How many endpoints."""
        return sum(len(one.ids) for one in self.groups)

    def page(self, after: int, most: int) -> tuple[int, list[Group]]:
        """Return the groups' parts beyond endpoint ``after``, about ``most`` endpoints, and the last endpoint."""
        rest = [(one, bisect_right(one.ids, after)) for one in self.groups]
        low, last = after, max((one.ids[-1] for one, start in rest if start < len(one.ids)), default=after)
        high = last
        if sum(len(one.ids) - start for one, start in rest) > most:
            while high - low > 1:  # the smallest end that makes the page full
                middle = (low + high) // 2
                full = sum(bisect_right(one.ids, middle) - start for one, start in rest) >= most
                low, high = (low, middle) if full else (middle, high)
        parts = [(one, one.ids[start : bisect_right(one.ids, high)]) for one, start in rest]
        return high, [Group(one.channel, one.service, one.quiet, ids) for one, ids in parts if ids]


def meant(session: Session, notice_id: str, now: datetime, *, after: int = 0) -> Meant:
    """Return whom a notice is told at once: the routes of the interests it fits, beyond endpoint ``after``."""
    fitting = select(match.c.interest_id).where(match.c.notice_id == notice_id)
    wanted = (route.c.interest_id.in_(fitting), route.c.action == Action.NOW, route.c.lead == "")
    return _meant(session, (*wanted, route.c.endpoint_id > after), now)


def reminded(session: Session, interest_id: int, channel: str, lead: str, now: datetime) -> Meant:
    """Return who wants reminders of an interest on ``channel`` with ``lead``."""
    wanted = (
        route.c.interest_id == interest_id, route.c.action == Action.REMINDER, route.c.lead == lead,
        route.c.channel == channel,
    )  # fmt: skip
    return _meant(session, wanted, now)


def _meant(session: Session, wanted: Sequence[ColumnElement[bool]], now: datetime) -> Meant:
    """Read the routes in the order of their key: the database groups them without sorting, we take whole lists."""
    key = (route.c.channel, route.c.service, route.c.quiet)
    query = select(*key, packed(session, route.c.endpoint_id)).where(*wanted).group_by(route.c.interest_id, *key)
    found: dict[tuple[str, str, str], list[array[int]]] = {}
    for channel, service, quiet, ids in session.execute(query):
        found.setdefault((channel, service, quiet), []).append(unpacked(ids))
    groups = [Group(*one, _merged(lists)) for one, lists in sorted(found.items())]
    pauses = select(route.c.endpoint_id, route.c.paused_until).where(*wanted, route.c.paused_until > now)
    pauses = pauses.with_hint(route, "INDEXED BY ix_route_paused", "sqlite")  # few pause, and the range is long
    return Meant(groups, {row.endpoint_id: row.paused_until for row in session.execute(pauses)})


def _merged(lists: Sequence[array[int]]) -> array[int]:
    """Return each id once, rising."""
    return array("I", sorted(lists[0] if len(lists) == 1 else set().union(*lists)))


def packed(session: Session, column: ColumnElement[int]) -> ColumnElement[Any]:
    """Return the aggregate that gives all ids of a group in one value, for :func:`unpacked`: no row per recipient."""
    if session.get_bind().dialect.name == "sqlite":
        return func.json_group_array(column)
    return func.string_agg(func.int4send(column, type_=LargeBinary), literal(b"", LargeBinary))


def unpacked(value: str | bytes) -> array[int]:
    """Read what :func:`packed` gave: JSON, or 4 bytes each in network order."""
    if isinstance(value, str):
        return array("I", json.loads(value))
    ids = array("I", bytes(value))
    if sys.byteorder == "little":
        ids.byteswap()
    return ids


def among(session: Session, column: ColumnElement[int], ids: Iterable[int]) -> ColumnElement[bool]:
    """Return the condition that ``column`` is one of many ``ids``, which travel as one value."""
    if session.get_bind().dialect.name == "sqlite":
        return column.in_(select(func.json_each(json.dumps(list(ids))).table_valued("value").c.value))
    return column == any_(bindparam(None, list(ids), ARRAY(Integer)))


def collect_digest(
    session: Session, notice_id: str, revision: int, *, after: int, most: int, without: AbstractSet[int]
) -> tuple[int | None, int]:
    """Put a notice into the next digest of about ``most`` people's endpoints beyond ``after``, but of ``without``.

    A newer revision replaces the older. Returns the last endpoint dealt with (``None``: there are no more), and how
    many wait for it now.
    """
    fitting = select(match.c.interest_id).where(match.c.notice_id == notice_id)
    wanted = (route.c.interest_id.in_(fitting), route.c.action == Action.DIGEST)
    if session.execute(select(route.c.endpoint_id).where(*wanted).limit(1)).first() is None:
        return None, 0
    chosen = select(route.c.endpoint_id).distinct().where(*wanted, _only_there(fitting), route.c.endpoint_id > after)
    last = session.scalar(chosen.order_by(route.c.endpoint_id).offset(most - 1).limit(1))
    if last is not None:
        chosen = chosen.where(route.c.endpoint_id <= last)
    if without:
        chosen = chosen.where(~among(session, route.c.endpoint_id, without))
    rows = chosen.add_columns(literal(notice_id), literal(revision), cast(null(), Integer))
    insert = insert_for(session)(digest_entry).from_select(["endpoint_id", "notice_id", "revision", "batch_id"], rows)
    done: Any = session.execute(
        insert.on_conflict_do_update(
            index_elements=["endpoint_id", "notice_id"],
            set_={"revision": insert.excluded.revision, "batch_id": None},
        ),
        execution_options={"preserve_rowcount": True},
    )
    return last, done.rowcount


def digested(
    session: Session, subscriber_ids: Iterable[int], *, without: ColumnElement[bool] | None = None
) -> list[tuple[str, Group]]:
    """Return the living endpoints of these people that have something in their next digest, by municipality.

    ``without``: which entries do not count.
    """
    waits = select(digest_entry.c.notice_id).where(
        digest_entry.c.endpoint_id == endpoint.c.id, digest_entry.c.batch_id.is_(None),
        *(() if without is None else (~without,)),
    )  # fmt: skip
    key = (endpoint.c.municipality_id, endpoint.c.channel, endpoint.c.service)
    query = select(*key, packed(session, endpoint.c.id)).group_by(*key).order_by(*key)
    query = query.where(
        among(session, endpoint.c.subscriber_id, subscriber_ids), endpoint.c.state == "active", waits.exists()
    )
    rows = session.execute(query)
    return [(town, Group(channel, service, "", _merged([unpacked(ids)]))) for town, channel, service, ids in rows]


def _only_there(fitting: Select[Any]) -> ColumnElement[bool]:
    """Whether somebody hears of a notice in the digest only.

    Who is told at once is not told again, unless one and the same subscription asks for both.
    """
    now = route.alias("at_once")
    at_once = (now.c.subscriber_id == route.c.subscriber_id, now.c.action == Action.NOW)
    told = select(now.c.endpoint_id).where(*at_once, now.c.interest_id.in_(fitting)).exists()
    both = select(now.c.endpoint_id).where(*at_once, now.c.interest_id == route.c.interest_id).exists()
    return ~told | both


def reached(
    session: Session, notice_id: str, *, slot: str | None = None, changes: Sequence[str] = (), before: int | None = None
) -> set[int]:  # fmt: skip
    """Return the endpoints that hold what they were told of a notice (of its date ``slot``), or are being told now.

    Whoever was told that it is over, or no longer concerns them, holds nothing until told anew. ``before``: told by
    an earlier revision than that.
    """
    query = select(table, table.c.ids.label("about")).where(table.c.notice_id == notice_id)
    if before is not None:
        query = query.where(table.c.revision < before)
    if slot is not None:
        query = query.where(table.c.slot == slot)
    if changes:
        query = query.where(table.c.change.in_(list(changes)))
    rows = list(session.execute(query))
    if not slot and not changes:
        bundled = select(table, bundle.c.ids.label("about")).join(bundle, bundle.c.batch_id == table.c.id)
        rows += session.execute(bundled.where(bundle.c.notice_id == notice_id))
    found: set[int] = set()
    for row in sorted(rows, key=lambda row: row.id):
        told = set(row.ids[: begun(row)])
        if told:
            failed = select(problem.c.endpoint_id).where(problem.c.batch_id == row.id, problem.c.verdict != "sent")
            told = (told & set(row.about)) - set(session.scalars(failed))
        found = found - told if row.change == Change.WITHDRAWN else found | told
    return found


def planned(
    session: Session, notice_id: str, *, change: str, slot: str, lead: str, valid_until: datetime
) -> set[int]:  # fmt: skip
    """Return the endpoints that already have a place in a batch of this kind for this date and lead time.

    A date that moved since ends at another time (``valid_until``): of that one nobody was reminded.
    """
    query = select(table.c.ids).where(
        table.c.notice_id == notice_id, table.c.change == change, table.c.slot == slot, table.c.lead == lead,
        table.c.valid_until == valid_until,
    )  # fmt: skip
    return set().union(*session.scalars(query))


def of_revision(session: Session, notice_id: str, revision: int) -> set[int]:
    """Return the endpoints that have a place in any batch of this revision."""
    query = select(table.c.ids).where(table.c.notice_id == notice_id, table.c.revision == revision)
    return set().union(*session.scalars(query))


def strangers(session: Session, notice_id: str, ids: AbstractSet[int]) -> set[int]:
    """Return which of these endpoints a notice does not concern now, on whichever way."""
    concerned: set[int] = set()
    for page in _pages(ids):
        query = (
            select(endpoint.c.id)
            .join(subscription, subscription.c.subscriber_id == endpoint.c.subscriber_id)
            .join(match, match.c.interest_id == subscription.c.interest_id)
            .where(match.c.notice_id == notice_id, among(session, endpoint.c.id, page))
        )
        concerned |= set(session.scalars(query))
    return set(ids) - concerned


def living(session: Session, ids: Iterable[int]) -> list[Group]:
    """Return those of the endpoints that are active, by channel and service."""
    found: dict[tuple[str, str], list[array[int]]] = {}
    for page in _pages(ids):
        key = (endpoint.c.channel, endpoint.c.service)
        query = select(*key, packed(session, endpoint.c.id)).group_by(*key)
        query = query.where(endpoint.c.state == "active", among(session, endpoint.c.id, page))
        for channel, service, part in session.execute(query):
            found.setdefault((channel, service), []).append(unpacked(part))
    return [Group(channel, service, "", _merged(lists)) for (channel, service), lists in sorted(found.items())]


def _pages(ids: Iterable[int]) -> Iterable[list[int]]:
    rising = sorted(ids)
    return (rising[start : start + _PAGE] for start in range(0, len(rising), _PAGE))
