"""Aftermath: what came of notices, put together from what is there of their deliveries and what was kept of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping
from sqlalchemy.orm import Session

from hub.core import ledger as arithmetic
from hub.core.aftermath import Aftermath, Channel, Told, together, word
from hub.core.codec import from_json
from hub.core.delays import Delays
from hub.core.ledger import SETTLED, Account
from hub.jobs.tallying import delays
from hub.store import ledger, reach, tally

_Key = tuple[str, int]
_MOST = 10_000


def of_town(
    session: Session, municipality: str, *, begin: datetime | None = None, end: datetime | None = None, most: int = 0
) -> list[Aftermath]:  # fmt: skip
    """Return what came of the notices of a municipality, the newest word first; bounds as in ``store.reach.told``."""
    rows = reach.told(session, municipality, begin=begin, end=end, most=most)
    return of(session, rows)


def of(session: Session, rows: Sequence[RowMapping], *, calendars: bool = False) -> list[Aftermath]:
    """Return what came of notices, in this order; with ``calendars`` also how many of them hold each."""
    ids = [row["id"] for row in rows]
    words: dict[str, list[Told]] = defaultdict(list)
    accounts = _accounts(session, ids)
    channels = _channels(session, ids)
    for row in reach.revisions(session, ids):
        one = _told(row, accounts.get((row["notice_id"], row["revision"])), channels)
        if row["announce"] or one.account.meant:
            words[row["notice_id"]].append(one)
    return [
        Aftermath(
            row["id"], from_json(row["content"]).title, row["topic"], tuple(words[row["id"]]),
            reach.calendars(session, row["id"]) if calendars else None,
        )
        for row in rows
    ]  # fmt: skip


def _accounts(session: Session, ids: Sequence[str]) -> dict[_Key, Account]:
    """Return the ledger's accounts, and where their batches are forgotten what was kept of them."""
    several = [*ledger.forgotten(session, *ids), *ledger.accounts(session, announced=False, among=ids, most=_MOST)]
    return {(one.notice_id, one.revision): one for one in several}


def _channels(session: Session, ids: Sequence[str]) -> dict[_Key, dict[str, dict[str, Any]]]:
    """Return what is known of each revision by channel: what was kept, with what the batches that are there add."""
    found: dict[_Key, dict[str, dict[str, Any]]] = defaultdict(dict)
    for row in reach.kept(session, ids):
        found[row["notice_id"], row["revision"]][row["channel"]] = {
            **row, "open": 0, "delays": reach.delays_of(row), "forgotten": row["size"] > 0,
        }  # fmt: skip
    for row in reach.sums(session, ids):
        one = found[row["notice_id"], row["revision"]].setdefault(row["channel"], _nothing())
        for name in ("size", "own", "open", *SETTLED):
            one[name] += row[name]
    rows = reach.untallied(session, ids)
    tries = tally.tries(session, [row["id"] for row in rows])
    for row in rows:
        one = found[row["notice_id"], row["revision"]].setdefault(row["channel"], _nothing())
        one["delays"] += delays(row, tries.get(row["id"], tally.Tries()))
    return found


def _nothing() -> dict[str, Any]:
    return {
        **dict.fromkeys((*reach.COUNTED, *reach.FORGOTTEN, "open"), 0),
        "delays": Delays(),
        "left": None,
        "forgotten": False,
    }


def _told(row: RowMapping, whole: Account | None, channels: Mapping[_Key, Mapping[str, dict[str, Any]]]) -> Told:
    """Return what came of one revision. What was planned before channels were counted has no channels."""
    key, notice = (row["notice_id"], row["revision"]), from_json(row["content"])
    common = {
        **{name: row[name] for name in ("notice_id", "revision", "change", "handed")}, "municipality_id": "",
        "created_at": row["created_at"] or row["at"], "seen_at": None, "first_at": None, "done_at": None, "digested": 0,
        "stage": row["stage"] or "done", "counted": True,
    }  # fmt: skip
    parts = channels.get(key, {})
    if any(one["own"] for one in parts.values()) and not any(one["meant"] for one in parts.values()):
        parts = {}
    found = tuple(
        Channel(name, arithmetic.account({**one, **common}), one["delays"], one["left"])
        for name, one in sorted(parts.items())
    )
    if whole is None or (found and (row["stage"] is None or any(one["forgotten"] for one in parts.values()))):
        known = whole or Account(*key, row["change"])
        whole = together([one.account for one in found], known)
    title, severity = notice.title, notice.severity
    return Told(row["revision"], word(row["change"]), title, row["at"], severity, whole, found)
