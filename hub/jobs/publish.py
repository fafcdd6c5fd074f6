"""Publish: carry one revision to its people, a short transaction at a time, safe to repeat at any step.

Stages of a publication row: ``match`` (interests, reminders) -> ``now`` (pages of recipients into batches)
-> ``earlier`` (those who were told before and are not told anew) -> ``done``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, time
from typing import Any

from sqlalchemy import RowMapping
from sqlalchemy.orm import Session

from hub.core.codec import from_json
from hub.core.fanout import BATCH, Habits, due, lane, valid_until
from hub.core.matching import matches
from hub.core.message import Change, Reason
from hub.core.notice import Notice, Status
from hub.core.schedule import ends, reminder_at
from hub.core.subscription import criteria_from_json, lead
from hub.jobs.house import House
from hub.store import batches, interests, notices, recipients, reminders, towns

PAGE = 2000  # recipients planned in one transaction


def publish(house: House, subject: str) -> None:
    """Carry out the publication with id ``subject`` as far as it goes."""
    publication_id = int(subject)
    while True:
        with house.store.begin() as session:
            row = notices.publication_row(session, publication_id)
            if row is None or row["stage"] == "done":
                return
            _step(house, session, row)


def _step(house: House, session: Session, row: RowMapping) -> None:
    """Do one stage's next page and move the done-mark, in the caller's transaction."""
    found = notices.revision(session, row["notice_id"], row["revision"])
    town = towns.get(session, row["municipality_id"])
    newer = notices.get(session, row["municipality_id"], row["notice_id"])
    before = (row["stage"], row["position"])
    if found is None or town is None or newer is None or notices.overtaken(session, row["notice_id"], row["revision"]):
        after = ("done", 0)  # a newer revision says what holds now, and reaches the same people
    else:
        stages = {"match": _match, "now": _now, "earlier": _earlier}
        # A newer one without a word of its own (another address, a relaunch) speaks through this one.
        after = stages[row["stage"]](house, session, row, from_json(newer["content"]), town)
    if not notices.advance(session, row["id"], before=before, after=after):
        session.rollback()


def _match(house: House, session: Session, row: RowMapping, notice: Notice, town: RowMapping) -> tuple[str, int]:
    """Store which interests fit and why, plan reminders, and close what the new word makes void."""
    withdrawn = row["change"] == Change.WITHDRAWN
    if withdrawn:
        interests.carry_over(session, notice.id, row["revision"])
    else:
        found = fitting(session, town, notice)
        interests.save_matches(session, notice.id, row["revision"], found, clear=True)
        reminders.drop_strangers(session, notice.id)
    plan_reminders(session, town, notice.id, house.now())
    if not row["announce"] and not withdrawn:
        return ("done", 0)
    batches.drop_waiting(session, notice.id, row["revision"])
    if not row["announce"]:
        return ("done", 0)
    return ("earlier", 0) if withdrawn else ("now", 0)


def fitting(session: Session, town: RowMapping, notice: Notice) -> list[tuple[int, Reason]]:
    """Return the interests of a municipality that ``notice`` fits, with the reason."""
    places = notices.places_of(session, notice.id)
    centre = place_centre(session, places)
    return [
        (interest_id, reason)
        for interest_id, criteria in interests.candidates(session, town["id"], notice.topic, places)
        if (reason := matches(notice, places, criteria, elsewhere=centre)) is not None
    ]


def place_centre(session: Session, places: Sequence[str]) -> tuple[float, float] | None:
    """Return where a notice without geometry is: the centre of its only place, if that is known."""
    row = towns.place_row(session, places[0].partition("/")[0]) if len(places) == 1 else None
    return (row["lon"], row["lat"]) if row is not None and row["lon"] is not None else None


def plan_reminders(session: Session, town: RowMapping, notice_id: str, now: datetime, *, late: bool = True) -> None:
    """Write the due times of all dates ahead, for every interest, channel and lead time that wants them.

    ``late``: a new reminder whose time has just passed is still worth sending (the source told us late).
    """
    dates = [one for one, _ in notices.dates(session, notice_id)]
    called_off = [one.slot for one in dates if one.occurrence.status is Status.CANCELLED]
    reminders.drop(session, notice_id, called_off)
    wanted = reminders.wanted(session, notice_id)
    for one in dates:
        until = ends(one.occurrence, town["zone"])
        if one.slot in called_off or until <= now:
            continue
        for want in wanted:
            due_at = reminder_at(one.occurrence, lead(want[2]), town["zone"])
            reminders.plan(session, notice_id, one.slot, want, due_at=due_at, valid_until=until, now=now, late=late)


def habits(row: RowMapping, zone: str) -> Habits:
    """Return when a recipient may be disturbed."""
    quiet = None
    if row["quiet_from"] and row["quiet_to"]:
        quiet = (time.fromisoformat(row["quiet_from"]), time.fromisoformat(row["quiet_to"]))
    return Habits(zone, quiet, row["paused_until"])


def _now(house: House, session: Session, row: RowMapping, notice: Notice, town: RowMapping) -> tuple[str, int]:
    """Put one page of recipients into batches; after the last page, fill the digests."""
    page = recipients.recipients(session, notice.id, after=row["position"], most=PAGE)
    if not page:
        recipients.collect_digest(session, notice.id, row["revision"])
        return ("earlier", 0)
    change, now = Change(row["change"]), house.now()
    until = valid_until(notice, change, now)
    groups: dict[tuple[str, str, datetime], list[int]] = defaultdict(list)
    for one in page:
        if house.channels(one["channel"]).PULL:
            continue
        at = due(habits(one, town["zone"]), notice.severity, now, until)
        if at is not None:
            groups[one["channel"], one["service"], at].append(one["id"])
    values = {"notice_id": notice.id, "revision": row["revision"], "change": change, "valid_until": until}
    enqueue(house, session, town["id"], groups, values | {"lane": lane(change, notice.severity)})
    return ("now", page[-1]["id"])


def enqueue(
    house: House, session: Session, municipality: str,
    groups: dict[tuple[str, str, datetime], list[int]], values: dict[str, Any],
) -> None:  # fmt: skip
    """Store batches of at most 500 per channel, service and due time, and wake a job for each that is due."""
    now = house.now()
    for (channel, service, at), ids in sorted(groups.items()):
        for start in range(0, len(ids), BATCH):
            columns = {**values, "channel": channel, "service": service, "due_at": at}
            batch_id = batches.add(session, municipality, columns, ids[start : start + BATCH], now)
            house.engine.defer(session, "deliver", str(batch_id), lane=values["lane"], at=at if at > now else None)


def _earlier(house: House, session: Session, row: RowMapping, notice: Notice, town: RowMapping) -> tuple[str, int]:
    """Tell those who were told before: the withdrawal, the corrected date, or that it no longer concerns them."""
    change = Change(row["change"])
    told = recipients.of_revision(session, notice.id, row["revision"])
    if change is Change.WITHDRAWN:
        whom = {("", Change.WITHDRAWN): recipients.reached(session, notice.id)}
    elif notice.series:
        whom = _reminded(session, row, notice)
    else:
        still = recipients.all_recipients(session, notice.id)
        whom = _reminded(session, row, notice)
        whom["", Change.WITHDRAWN] = recipients.reached(session, notice.id) - still
    for (slot, kind), ids in sorted(whom.items()):
        _tell(house, session, town, notice, revision=row["revision"], whom=(slot, kind, ids - told))
        told |= ids
    if change is Change.WITHDRAWN:
        recipients.collect_digest(session, notice.id, row["revision"])
    return ("done", 0)


def _reminded(session: Session, row: RowMapping, notice: Notice) -> dict[tuple[str, Change], set[int]]:
    """Return who was reminded of each date that this revision moved or called off (I4)."""
    found = notices.revision(session, notice.id, row["revision"])
    moved = notices.moved_from_json(found["moved"]) if found else ()
    told = (Change.REMINDER, Change.CORRECTION)
    return {
        (one.slot, Change.CORRECTION): recipients.reached(session, notice.id, slot=one.slot, changes=told)
        for one in moved
    }


def _tell(
    house: House, session: Session, town: RowMapping, notice: Notice, *, revision: int,
    whom: tuple[str, Change, Iterable[int]],
) -> None:  # fmt: skip
    """Make batches for endpoints that still live; corrections and all-clears do not wait for quiet hours to end."""
    slot, change, ids = whom
    now = house.now()
    groups: dict[tuple[str, str, datetime], list[int]] = defaultdict(list)
    for one in recipients.living(session, sorted(ids)):
        groups[one["channel"], one["service"], now].append(one["id"])
    values = {
        "notice_id": notice.id, "revision": revision, "change": change, "slot": slot,
        "valid_until": valid_until(notice, change, now), "lane": lane(change, notice.severity),
    }  # fmt: skip
    enqueue(house, session, town["id"], groups, values)


def backfill(house: House, subject: str) -> None:
    """Lay a new interest over the notices that were there before it: calendars and reminders, no message."""
    interest_id = int(subject)
    with house.store.begin() as session:
        row = interests.get(session, interest_id)
        town = towns.get(session, row["municipality_id"]) if row is not None else None
        if row is None or town is None:
            return
        criteria = criteria_from_json(row["criteria"])
        for one in notices.current(session, town["id"], house.now()):
            notice, places = from_json(one["content"]), notices.places_of(session, one["id"])
            reason = matches(notice, places, criteria, elsewhere=place_centre(session, places))
            if reason is not None:
                interests.save_matches(session, notice.id, one["revision"], [(interest_id, reason)], clear=False)
        for notice_id in interests.matched(session, interest_id):
            plan_reminders(session, town, notice_id, house.now(), late=False)
        interests.filled(session, interest_id)
