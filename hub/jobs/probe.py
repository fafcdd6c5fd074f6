"""Probe: the first push to a device or webhook is a test, and only one that is taken makes it active (F36).

Until then the endpoint is pending: it gets nothing but its test, and is forgotten like an address nobody confirmed.
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import RowMapping
from sqlalchemy.orm import Session

from hub.core.message import Change
from hub.core.settle import Settled, Verdict
from hub.jobs.house import House
from hub.jobs.subscribe import remind_there
from hub.store import moves, subscribers

CHANNELS = frozenset({"webpush", "webhook"})


def states(change: str, channel: str) -> frozenset[str]:
    """Return the states in which an endpoint of ``channel`` is told: pending ones hear what proves or confirms them."""
    if change == Change.CONFIRM:
        return frozenset({"pending"})
    if change == Change.TEST and channel in CHANNELS:
        return frozenset({"active", "pending"})
    return frozenset({"active"})


def prove(house: House, session: Session, batch: RowMapping, settled: Mapping[int, Settled]) -> None:
    """Make the endpoints active whose test was taken; called where the outcomes of a batch are written."""
    if batch["change"] != Change.TEST or batch["channel"] not in CHANNELS:
        return
    for endpoint_id, one in settled.items():
        row = subscribers.endpoint_row(session, endpoint_id) if one.verdict is Verdict.SENT else None
        if row is not None and subscribers.confirm(session, endpoint_id, house.now()):
            remind_there(house, session, row["subscriber_id"], row["channel"])
            if row["channel"] == moves.CHANNEL:
                moves.arrived(session, row["subscriber_id"], endpoint_id, house.now())
