"""Remind: turn due reminders into batches; what was missed for too long is counted, not sent."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import RowMapping
from sqlalchemy.orm import Session

from hub.core.codec import from_json
from hub.core.fanout import Lane
from hub.core.message import Change
from hub.failpoints import reached
from hub.jobs import fanout
from hub.jobs.doubles import doubles
from hub.jobs.house import House
from hub.store import notices, recipients, reminders, towns


def remind(house: House, _subject: str = "") -> None:
    """Fire every reminder whose time has come, each with its batches in one transaction."""
    with house.store.read() as session:
        due = reminders.due(session, house.now())
    reached("remind.due-read")
    for row in due:
        with house.store.begin() as session:
            _fire(house, session, row)
        reached("remind.committed")


def _fire(house: House, session: Session, row: RowMapping) -> None:
    now = house.now()
    useful = row["valid_until"] > now and not row["withdrawn"]
    if not reminders.settle(session, row["id"], "fired" if useful else "missed") or not useful:
        return
    reached("remind.settled")
    fresh = recipients.reminded(session, row["interest_id"], row["channel"], row["lead"], now)
    already = recipients.planned(
        session, row["notice_id"], change=Change.REMINDER, slot=row["slot"], lead=row["lead"],
        valid_until=row["valid_until"],
    )  # fmt: skip
    without = already | fresh.paused.keys() | _muted(session, row, now) | doubles(session, row).reminded(row)
    groups: fanout.Groups = {
        (one.channel, one.service, now): sorted(set(one.ids) - without)
        for one in _together(fresh.groups)
        if not house.channels(one.channel).PULL
    }
    values = {
        "notice_id": row["notice_id"], "revision": row["revision"], "change": Change.REMINDER,
        "slot": row["slot"], "lead": row["lead"], "valid_until": row["valid_until"], "lane": Lane.NORMAL,
    }  # fmt: skip
    fanout.enqueue(house, session, row["municipality_id"], groups, values)
    reached("remind.batched")


def _together(groups: Sequence[recipients.Group]) -> list[recipients.Group]:
    """Return one group per channel and service: a reminder was chosen with its hour, quiet hours do not move it."""
    found: dict[tuple[str, str], array[int]] = {}
    for one in groups:
        found.setdefault((one.channel, one.service), array("I")).extend(one.ids)
    return [recipients.Group(channel, service, "", ids) for (channel, service), ids in sorted(found.items())]


def _muted(session: Session, row: RowMapping, now: datetime) -> set[int]:
    """Return who muted the notice that this reminds of."""
    stored = notices.get(session, row["municipality_id"], row["notice_id"])
    town = towns.get(session, row["municipality_id"])
    if stored is None or town is None:
        return set()
    return fanout.silenced(session, town, from_json(stored["content"]), notices.places_of(session, stored["id"]), now)
