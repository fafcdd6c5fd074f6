"""Everything that is kept of one person, in plain words (GDPR Art. 15 and 20, T-03): for the export and its page.

Columns are named here once. A table that refers to people and is named nowhere is given as it is (``further``), so that
nothing is missing when another is added.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Column, ColumnElement, RowMapping, Select, Table, func, select
from sqlalchemy.orm import Session

from hub.core.codec import from_json
from hub.store.batches import begun
from hub.store.schema import (
    batch,
    bundle,
    digest_entry,
    endpoint,
    interest,
    metadata,
    move,
    mute,
    notice,
    problem,
    subscriber,
    subscription,
    way,
)

PERSON = {
    "id": "number", "language": "language", "created_at": "signed_up_at", "digest_at": "mail_hour",
    "digest_days": "mail_days", "next_digest_at": "next_mail_at", "quiet_from": "quiet_from", "quiet_to": "quiet_to",
    "paused_until": "paused_until", "monthly_day": "monthly_mail_day", "next_monthly_at": "next_monthly_mail_at",
    "read_until": "messages_read_until",
    "alive_at": "last_sign_of_life", "lapse_told_at": "asked_whether_to_keep_at", "generation": "links_renewed",
}  # fmt: skip
WAY = {
    "id": "number", "channel": "kind", "address": "address", "service": "service", "keys": "keys", "state": "state",
    "created_at": "added_at", "asked_at": "confirmation_sent_at", "confirmed_at": "confirmed_at",
    "ended_at": "ended_at",
    "ended_why": "ended_because", "troubled_since": "failing_since", "soft_bounces": "returned_mails",
    "rescued_at": "told_of_failure_at", "expires_at": "expires_at", "expiry_told_at": "told_of_expiry_at",
    "since": "first_publication", "replaces": "replaces_number",
}  # fmt: skip
MUTE = {"sort": "kind", "value": "what", "until": "until", "created_at": "added_at"}
FAILURE = {
    "endpoint_id": "way_number", "attempts": "attempts", "retry_at": "tried_again_at", "verdict": "result",
    "detail": "reason", "at": "at",
}  # fmt: skip
MOVE = {"expires_at": "code_valid_until", "ends": "ways_that_end"}
# Said above under other names; the rest is no content: it follows from what is given, or is about our own work.
_TOLD = {subscriber, endpoint, subscription, way, interest, mute, digest_entry, batch, bundle, problem, move}
LEFT_OUT = {
    "route": "follows from choices and ways",
    "prekey": "a random key for one coming message",
    "feed_touch": "that a calendar is to be drawn anew; gone within an hour",
    "erased": "is written when a person goes",
    "canary": "ours, no person",
}


def own_data(session: Session, subscriber_id: int) -> dict[str, Any]:
    """Return all that is kept of a person; times are aware, ``{}`` if there is no such person."""
    row = _one(session, select(subscriber).where(subscriber.c.id == subscriber_id))
    if row is None:
        return {}
    ways = _rows(session, select(endpoint).where(endpoint.c.subscriber_id == subscriber_id).order_by(endpoint.c.id))
    ids = [one["id"] for one in ways]
    failures = _rows(session, select(problem).where(problem.c.endpoint_id.in_(ids)).order_by(problem.c.at))
    moving = _one(session, select(move).where(move.c.subscriber_id == subscriber_id))
    return {
        "person": _named(row, PERSON),
        "ways": [_named(one, WAY) for one in ways],
        "choices": _choices(session, subscriber_id),
        "muted": [
            _named(one, MUTE) for one in _rows(session, select(mute).where(mute.c.subscriber_id == subscriber_id))
        ],
        "waiting": _waiting(session, ids),
        "messages": [one for row in ways for one in _messages(session, row)],
        "failures": [_named(one, FAILURE) for one in failures],
        "moving": [_named(moving, MOVE)] if moving is not None else [],
        "further": {table.name: _further(session, table, subscriber_id) for table in others()},
    }


@cache
def about_people() -> tuple[Table, ...]:
    """Return the tables that refer to people: by a foreign key, over another table, by name, or in a list of ids."""
    found = {subscriber, endpoint, batch, bundle}
    grown = True
    while grown:
        more = {table for table in metadata.sorted_tables if table not in found and _refers(table, found - {batch})}
        found, grown = found | more, bool(more)
    return tuple(table for table in metadata.sorted_tables if table in found)


def _refers(table: Table, known: Iterable[Table]) -> bool:
    named = {"subscriber_id", "endpoint_id"} & set(table.c.keys())
    return bool(named) or any(key.column.table in known for key in table.foreign_keys)


def others() -> tuple[Table, ...]:
    """Return the tables about people that are given as they are."""
    return tuple(table for table in about_people() if table not in _TOLD and table.name not in LEFT_OUT)


def _further(session: Session, table: Table, subscriber_id: int) -> list[dict[str, Any]]:
    found = _mine(table, subscriber_id)
    return [dict(row) for row in _rows(session, select(table).where(found))] if found is not None else []


def _mine(table: Table, subscriber_id: int) -> ColumnElement[bool] | None:
    """Return the condition that a row is this person's; ``None`` if it cannot be said."""
    if table is subscriber:
        return subscriber.c.id == subscriber_id
    if "subscriber_id" in table.c:
        return table.c.subscriber_id == subscriber_id
    if "endpoint_id" in table.c:
        mine = select(endpoint.c.id).where(endpoint.c.subscriber_id == subscriber_id)
        return table.c.endpoint_id.in_(mine)
    for key in sorted(table.foreign_keys, key=lambda one: one.parent.name):
        above = _mine(key.column.table, subscriber_id) if key.column.table in about_people() else None
        if above is not None:
            return key.parent.in_(select(key.column).where(above))
    return None


def _choices(session: Session, subscriber_id: int) -> list[dict[str, Any]]:
    query = (
        select(subscription.c.id, interest.c.criteria)
        .join(interest, interest.c.id == subscription.c.interest_id)
        .where(subscription.c.subscriber_id == subscriber_id)
    )
    found = {
        row["id"]: {"number": row["id"], **row["criteria"], "told_by": []}
        for row in _rows(session, query.order_by(subscription.c.id))
    }
    for one in _rows(session, select(way).where(way.c.subscription_id.in_(list(found)))):
        told = {
            "kind": one["channel"],
            "action": one["action"],
            "before": one["lead"],
            "first_publication": one["since"],
        }
        found[one["subscription_id"]]["told_by"].append(told)
    return list(found.values())


def _waiting(session: Session, ids: Sequence[int]) -> list[dict[str, Any]]:
    query = select(digest_entry, notice.c.content).join(notice, notice.c.id == digest_entry.c.notice_id)
    return [
        {
            "way_number": row["endpoint_id"], "notice": row["notice_id"], "title": _title(row["content"]),
            "revision": row["revision"], "mail": row["batch_id"],
        }
        for row in _rows(session, query.where(digest_entry.c.endpoint_id.in_(ids)))
    ]  # fmt: skip


def _messages(session: Session, mine: RowMapping) -> list[dict[str, Any]]:
    """Return the deliveries that name an endpoint, oldest first; they are kept for 30 days.

    The database looks for the id in the packed lists, so that they need not travel.
    """
    wanted = mine["id"].to_bytes(4, "little").hex()
    if session.get_bind().dialect.name == "sqlite":
        named = func.instr(func.hex(batch.c.ids), wanted.upper()) > 0
    else:
        named = func.strpos(func.encode(batch.c.ids, "hex"), wanted) > 0
    query = (
        select(batch, notice.c.content)
        .outerjoin(notice, notice.c.id == batch.c.notice_id)
        .where(batch.c.channel == mine["channel"], named)
        .order_by(batch.c.id)
    )
    return [_message(row, mine["id"]) for row in session.execute(query).all() if mine["id"] in row.ids]


def _message(row: Any, endpoint_id: int) -> dict[str, Any]:
    told = row.ids.index(endpoint_id) < begun(row)
    return {
        "way_number": endpoint_id, "notice": row.notice_id or "", "title": _title(row.content),
        "revision": row.revision, "change": row.change, "delivery": row.id, "made_at": row.created_at,
        "handed_over_until": row.done_at if told else None,
        "result": "handed_over" if told else "not_handed_over",
    }  # fmt: skip


def _title(content: Any) -> str:
    return from_json(content).title if content else ""


def _named(row: Mapping[str, Any] | RowMapping, names: Mapping[str, str]) -> dict[str, Any]:
    return {plain: row[column] for column, plain in names.items()}


def _rows(session: Session, query: Select[Any]) -> Sequence[RowMapping]:
    return session.execute(query).mappings().all()


def _one(session: Session, query: Select[Any]) -> RowMapping | None:
    return session.execute(query).mappings().one_or_none()


def columns_left() -> list[Column[Any]]:
    """Return the columns of people and their ways that the export does not name."""
    named = ((subscriber, PERSON), (endpoint, WAY), (mute, MUTE), (problem, FAILURE), (move, MOVE))
    return [column for table, names in named for column in table.c if column.name not in names]


def plain(value: Any) -> Any:
    """Return a value as JSON has it: times in ISO 8601 (UTC), bytes in hexadecimal."""
    if isinstance(value, datetime):
        return value.isoformat()
    return value.hex() if isinstance(value, bytes) else str(value)
