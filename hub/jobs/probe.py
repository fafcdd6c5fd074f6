"""Probe: the first push to a device is a test, and only one that a push service takes makes the device active (F36).

Until then the endpoint is pending: it gets nothing but its test, and is forgotten like an address nobody confirmed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlalchemy import RowMapping
from sqlalchemy.orm import Session

from hub.core.message import Change
from hub.core.settle import Settled, Verdict
from hub.jobs.house import House
from hub.jobs.subscribe import remind_there
from hub.store import subscribers


def may_hear(state: str, channel: str, change: str) -> bool:
    """Whether an endpoint in ``state`` is to be told: pending ones hear what proves or confirms them."""
    if change == Change.TEST and channel == "webpush":
        return state in {"active", "pending"}
    return state == ("pending" if change == Change.CONFIRM else "active")


def prove(house: House, session: Session, batch: RowMapping, settled: Mapping[int, Settled]) -> None:
    """Make the endpoints active whose test was taken; called where the outcomes of a batch are written."""
    if batch["change"] != Change.TEST or batch["channel"] != "webpush":
        return
    for endpoint_id in _sent(settled):
        row = subscribers.endpoint_row(session, endpoint_id)
        if subscribers.confirm(session, endpoint_id, house.now()) and row is not None:
            remind_there(house, session, row["subscriber_id"], row["channel"])


def _sent(settled: Mapping[int, Settled]) -> Iterable[int]:
    return (endpoint_id for endpoint_id, one in settled.items() if one.verdict is Verdict.SENT)
