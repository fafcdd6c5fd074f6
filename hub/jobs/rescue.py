"""Rescue: when a person's last push endpoint dies, their mailbox says so, and takes over severe warnings (F38, I10)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from hub.core.fanout import BATCH, Lane, valid_until
from hub.core.message import Change
from hub.core.notice import Notice, Severity
from hub.jobs.house import House
from hub.store import batches, endpoints
from hub.store.endpoints import MAIL

_LIVES = timedelta(days=3)


def rescue(house: House, session: Session, ids: Sequence[int]) -> None:
    """Write once to those whose push endpoint, one of ``ids``, was their last and has died."""
    now = house.now()
    lost = endpoints.to_rescue(session, ids)
    groups: dict[tuple[str, str], set[int]] = defaultdict(set)
    for row in lost:
        groups[row["municipality_id"], row["service"]].add(row["mail_id"])
    for (municipality, service), mailboxes in sorted(groups.items()):
        values = {
            "notice_id": None, "revision": 0, "change": Change.RESCUE, "channel": MAIL, "service": service,
            "lane": Lane.TRANSACTIONAL, "due_at": now, "valid_until": now + _LIVES,
        }  # fmt: skip
        batch_id = batches.add(session, municipality, values, sorted(mailboxes), now)
        house.engine.defer(session, "deliver", str(batch_id), lane=Lane.TRANSACTIONAL)
    endpoints.rescued(session, [row["id"] for row in lost], now)


def stand_in(
    house: House, session: Session, row: Mapping[str, Any], notice: Notice, without: AbstractSet[int]
) -> tuple[int, int]:
    """Tell a severe notice by mail to who wanted it as push and has no living push endpoint, but not ``without``.

    ``row`` is the publication; called once for each revision that goes out, in the caller's transaction. Returns how
    many are told, and how many are left out.
    """
    if notice.severity < Severity.SEVERE:
        return 0, 0
    change, now, after, count, left = Change(row["change"]), house.now(), 0, 0, 0
    values = {
        "notice_id": notice.id, "revision": row["revision"], "change": change, "channel": MAIL, "due_at": now,
        "lane": Lane.EMERGENCY, "valid_until": valid_until(notice, change, now),
    }  # fmt: skip
    while page := endpoints.stand_ins(session, notice.id, after=after, most=BATCH):
        after = page[-1]["id"]
        groups: dict[str, list[int]] = defaultdict(list)
        told = [one for one in page if one["id"] not in without]
        for one in told:
            groups[one["service"]].append(one["id"])
        rows = [{**values, "service": service, "ids": ids} for service, ids in sorted(groups.items())]
        for batch_id in batches.add_many(session, row["municipality_id"], rows, now):
            house.engine.defer(session, "deliver", str(batch_id), lane=Lane.EMERGENCY)
        count, left = count + len(told), left + len(page) - len(told)
    return count, left
