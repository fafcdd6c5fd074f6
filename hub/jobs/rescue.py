"""Rescue: when a person's last push endpoint dies, their mailbox says so, and takes over severe warnings (F38, I10)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from hub.core.fanout import BATCH, Lane
from hub.core.message import Change
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
    house: House, session: Session, municipality: str, notice_id: str, values: dict[str, object], *, until: datetime
) -> int:  # fmt: skip
    """Tell by mail who wanted a severe notice as push and has no living push endpoint; returns how many.

    ``values`` are the other columns of the batches: revision, change, lane, seen_at. In the caller's transaction.
    """
    now, after, count = house.now(), 0, 0
    while page := endpoints.stand_ins(session, notice_id, after=after, most=BATCH):
        after = page[-1]["id"]
        groups: dict[str, list[int]] = defaultdict(list)
        for one in page:
            groups[one["service"]].append(one["id"])
        rows = [
            {**values, "notice_id": notice_id, "channel": MAIL, "service": service, "due_at": now,
             "valid_until": until, "ids": ids}
            for service, ids in sorted(groups.items())
        ]  # fmt: skip
        for batch_id in batches.add_many(session, municipality, rows, now):
            house.engine.defer(session, "deliver", str(batch_id), lane=Lane.EMERGENCY)
        count += len(page)
    return count
