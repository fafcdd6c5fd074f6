"""Remind: turn due reminders into batches; what was missed for too long is counted, not sent."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime

from sqlalchemy import RowMapping
from sqlalchemy.orm import Session

from hub.core.fanout import Lane
from hub.core.message import Change
from hub.jobs.house import House
from hub.jobs.publish import enqueue
from hub.store import recipients, reminders


def remind(house: House, _subject: str = "") -> None:
    """Fire every reminder whose time has come, each with its batches in one transaction."""
    with house.store.read() as session:
        due = reminders.due(session, house.now())
    for row in due:
        with house.store.begin() as session:
            _fire(house, session, row)


def _fire(house: House, session: Session, row: RowMapping) -> None:
    now = house.now()
    useful = row["valid_until"] > now and not row["withdrawn"]
    if not reminders.settle(session, row["id"], "fired" if useful else "missed") or not useful:
        return
    already = recipients.planned(
        session, row["notice_id"], change=Change.REMINDER, slot=row["slot"], lead=row["lead"],
        valid_until=row["valid_until"],
    )  # fmt: skip
    groups: dict[tuple[str, str, datetime], list[int]] = defaultdict(list)
    for one in recipients.reminded(session, row["interest_id"], row["channel"], row["lead"]):
        paused = one["paused_until"] is not None and one["paused_until"] > now
        if one["id"] not in already and not paused and not house.channels(one["channel"]).PULL:
            groups[one["channel"], one["service"], now].append(one["id"])
    values = {
        "notice_id": row["notice_id"], "revision": row["revision"], "change": Change.REMINDER,
        "slot": row["slot"], "lead": row["lead"], "valid_until": row["valid_until"], "lane": Lane.NORMAL,
    }  # fmt: skip
    enqueue(house, session, row["municipality_id"], groups, values)
