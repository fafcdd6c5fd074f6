"""Impact: the month of a municipality, and closing it when it is over, so that it stays readable (I23)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import RowMapping
from sqlalchemy.orm import Session

from hub.core import impact
from hub.core.aftermath import REPLIES
from hub.jobs import aftermath
from hub.jobs.house import House
from hub.store import footfall, reach, towns
from hub.store import impact as store

_CHANNELS = ("webpush", "mail", "ical")
_LATEST = timedelta(days=25)  # so old a message may be at most that nobody has counted who signed off after it


def month(session: Session, town: RowMapping, which: str, now: datetime) -> Mapping[str, Any]:
    """Return a month of a municipality: as it was closed, or as it stands now (``closed`` says which).

    Raises ``ValueError`` for what is no month.
    """
    known = store.get(session, town["id"], which)
    if known is not None:
        return {**known, "closed": True}
    return {**_count(session, town, which, now), "closed": False}


def _count(session: Session, town: RowMapping, which: str, now: datetime) -> dict[str, Any]:
    begin, end = impact.bounds(which, town["zone"])
    said = aftermath.of_town(session, town["id"], begin=begin, end=end)
    own = footfall.of(session, town["id"], which)
    people = footfall.people(session, town["id"], begin, end) + Counter(own)
    until = min(end, max(begin, now))
    return {
        "month": which, "municipality": town["id"],
        **impact.of_notices(said, begin, end),
        **impact.of_people(*store.reached(session, town["id"]), people[footfall.BEGUN], people[footfall.ENDED]),
        **impact.of_deliveries(store.spent(session, town["id"], which)),
        "sources": [
            {"name": row["name"] or row["id"], "topic": row["topic"], "uptime": impact.uptime(polls, begin, until)}
            for row, polls in store.polls(session, town["id"], end)
        ],
        "canaries": {
            one: {"sent": own[f"canary.{one}.sent"], "arrived": own.get(f"canary.{one}.arrived", 0)}
            for one in _CHANNELS if own.get(f"canary.{one}.sent")
        },
    }  # fmt: skip


def close(house: House, _subject: str = "") -> int:
    """Count who signed off after messages of two days ago, and close the months that are over; returns how many.

    Both are done once for each, however often this runs.
    """
    now = house.now()
    with house.store.read() as session:
        waiting, rows = reach.uncounted(session, now - _LATEST, now - REPLIES), towns.listed(session)
        left = [reach.left(session, one["notice_id"], one["revision"], one["at"]) for one in waiting]
    for one, counts in zip(waiting, left, strict=True):
        with house.store.begin() as session:
            reach.signed_off(session, one["notice_id"], one["revision"], counts)
    count = 0
    for town in rows:
        which = impact.before(impact.month_of(now - impact.SETTLES, town["zone"]))
        with house.store.begin() as session:
            there = town["created_at"] < impact.bounds(which, town["zone"])[1]
            if there and which not in store.closed(session, town["id"]):
                store.close(session, town["id"], which, _count(session, town, which, now), now)
                count += 1
    return count
