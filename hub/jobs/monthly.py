"""Monthly: at their hour on their day of the month, tell who asked for it that all is watched, however quiet (F50).

Planned as digests are: the next time is moved in the transaction that makes the batch, so that a crash or a second
ticker makes no second mail.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import time, timedelta

from sqlalchemy import RowMapping
from sqlalchemy.orm import Session

from hub.core.fanout import BATCH, Lane
from hub.core.message import Change
from hub.core.schedule import local_day, next_monthly, wall
from hub.failpoints import reached
from hub.jobs.house import House
from hub.store import batches, endpoints, months, subscribers, towns

_LIVES = timedelta(hours=20)
_SETTLES = timedelta(days=1)  # who chooses it today gets it in a month, not this evening


def monthly(house: House, _subject: str = "") -> None:
    """Make the monthly mails whose time has come, a page of people per transaction."""
    while True:
        with house.store.begin() as session:
            page = months.due(session, house.now(), most=BATCH)
            if not page:
                return
            reached("monthly.page-read")
            _plan(house, session, page)
            reached("monthly.planned")
        reached("monthly.committed")


def _plan(house: House, session: Session, page: Sequence[RowMapping]) -> None:
    """Put a page of people into batches; who pauses, or has no mailbox, hears of it next month."""
    now = house.now()
    months.pass_on(session, page, now)
    awake = [person["id"] for person in page if person["paused_until"] is None or person["paused_until"] <= now]
    for (municipality, service), ids in months.mailboxes(session, awake).items():
        values = {
            "notice_id": None, "revision": 0, "change": Change.MONTHLY, "channel": endpoints.MAIL, "service": service,
            "lane": Lane.DIGEST, "due_at": now, "valid_until": now + _LIVES,
        }  # fmt: skip
        batch_id = batches.add(session, municipality, values, ids, now)
        reached("monthly.batch-added")
        house.engine.defer(session, "deliver", str(batch_id), lane=Lane.DIGEST)


def choose(house: House, session: Session, person: RowMapping, *, wanted: bool) -> None:
    """Switch a person's monthly mail on (the first one comes in a month) or off; as it was, nothing changes."""
    if wanted == (person["monthly_day"] is not None):
        return
    if not wanted:
        subscribers.change(session, person["id"], monthly_day=None, next_monthly_at=None)
        return
    town, now = towns.get(session, person["municipality_id"]), house.now()
    if town is not None:
        day, at = local_day(now, town["zone"]).day, time.fromisoformat(person["digest_at"])
        due = next_monthly(now + _SETTLES, day, at, town["zone"])
        subscribers.change(session, person["id"], monthly_day=day, next_monthly_at=due)


def moved(person: RowMapping, digest_at: str, zone: str) -> dict[str, object]:
    """Return what changes of the monthly mail when the hour of digests does: the same day at the new hour."""
    if person["next_monthly_at"] is None:
        return {}
    return {"next_monthly_at": wall(local_day(person["next_monthly_at"], zone), time.fromisoformat(digest_at), zone)}


def choose_by_link(house: House, token: str, *, wanted: bool) -> RowMapping | None:
    """End the monthly mail alone that a link names (RFC 8058), or take that back.

    Returns the endpoint, ``None`` for a link never ours or an endpoint that is gone.
    """
    parts = house.links.parts("monthly", token)
    if parts is None:
        return None
    with house.store.begin() as session:
        row = subscribers.endpoint_row(session, parts[0])
        person = subscribers.get(session, row["subscriber_id"]) if row is not None else None
        if person is not None:
            choose(house, session, person, wanted=wanted)
    return row
