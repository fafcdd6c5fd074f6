"""Publish: carry one revision to its people, a short transaction at a time, safe to repeat at any step.

Stages of a publication row: ``match`` (interests, reminders) -> ``now`` (pages of recipients into batches)
-> ``stand-in`` (of a severe one: mail for who lost their push) -> ``digest`` -> ``earlier`` (those who were told
before and are not told anew) -> ``done``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping
from sqlalchemy.orm import Session

from hub.core import desk
from hub.core.codec import from_json
from hub.core.fanout import lane, valid_until
from hub.core.matching import matches
from hub.core.message import Change, Reason
from hub.core.notice import Notice, Severity, Status
from hub.core.place import bounds
from hub.core.schedule import ends, reminder_at
from hub.core.subscription import criteria_from_json, lead
from hub.failpoints import reached
from hub.jobs import fanout, rescue
from hub.jobs.doubles import Doubles, doubles
from hub.jobs.give_back import give_back
from hub.jobs.house import LEASE, House
from hub.store import (
    batches,
    bundles,
    feeds,
    interests,
    notices,
    publications,
    reach,
    recipients,
    reminders,
    towns,
)
from hub.store.endpoints import MAIL


@dataclass
class Telling:
    """What one turn of a publication has read, and what became of those whom it dealt with."""

    notice: Notice
    town: RowMapping
    seen_at: datetime
    muted: set[int]
    meant: recipients.Meant | None = None
    twice: Doubles | None = None
    counts: Counter[str] = field(default_factory=Counter)
    channels: Counter[tuple[str, str]] = field(default_factory=Counter)  # the same by channel


def step(house: House, session: Session, row: RowMapping, told: Telling | None) -> RowMapping | None:
    """Do the next page, and what else is soon done, and move the done-mark, in the caller's transaction."""
    after: tuple[str, int] = ("done", 0)
    if told is not None:
        stages = {"match": _match, "now": _now, "stand-in": _stand_in, "digest": _digest, "earlier": _earlier}
        after = stages[row["stage"]](house, session, dict(row), told)
        while after in {("digest", 0), ("earlier", 0)}:  # most often there is nothing to do there
            after = stages[after[0]](house, session, {**row, "position": 0}, told)
    counts = told.counts if told is not None else {}
    moved = publications.advance(session, row, after=after, counts=counts, now=house.now(), lease=LEASE)
    if moved is None:
        session.rollback()
    elif told is not None:
        reach.add(session, row["notice_id"], row["revision"], told.channels)
    reached("publish.advanced")
    return moved if moved is not None and moved["stage"] != "done" else None


def telling(house: House, session: Session, row: RowMapping, known: Telling | None) -> Telling | None:
    """Read once a turn what is told; ``None`` if a newer revision says what holds now, and reaches the same people."""
    if publications.overtaken(session, row["notice_id"], row["revision"]):
        return None
    if known is not None:
        return replace(known, twice=None, counts=Counter(), channels=Counter())
    found = notices.revision(session, row["notice_id"], row["revision"])
    town = towns.get(session, row["municipality_id"])
    newer = notices.get(session, row["municipality_id"], row["notice_id"])
    if found is None or town is None or newer is None:
        return None
    # A newer one without a word of its own (another address, a relaunch) speaks through this one.
    notice, places = from_json(newer["content"]), notices.places_of(session, row["notice_id"])
    return Telling(notice, town, found["at"], fanout.silenced(session, town, notice, places, house.now()))


def _match(house: House, session: Session, row: Mapping[str, Any], told: Telling) -> tuple[str, int]:
    """Store which interests fit and why, plan reminders, and close what the new word makes void."""
    notice, town = told.notice, told.town
    withdrawn = row["change"] == Change.WITHDRAWN
    if withdrawn:
        give_back(house, session, row)
        bundles.take_out(session, notice.id, house.now())
        interests.carry_over(session, notice.id, row["revision"])
    else:
        found = fitting(session, town, notice)
        feeds.touch_matched(session, town["id"], notice.id)
        interests.save_matches(session, notice.id, row["revision"], found, clear=True)
        feeds.touch_matched(session, town["id"], notice.id)
        reminders.drop_strangers(session, notice.id)
    if row["announce"]:
        notices.news(session, notice.id, house.now())
    reached("publish.matched")
    plan_reminders(session, town, notice.id, house.now())
    reached("publish.reminders-planned")
    if not row["announce"] and not withdrawn:
        return ("done", 0)
    batches.drop_waiting(session, notice.id, row["revision"], house.now())
    reached("publish.waiting-dropped")
    if not row["announce"]:
        return ("done", 0)
    return ("digest", 0) if withdrawn else ("now", 0)


def fitting(session: Session, town: RowMapping, notice: Notice) -> list[tuple[int, Reason]]:
    """Return the interests of a municipality that ``notice`` fits, with the reason."""
    return fitting_at(session, town, notice, notices.places_of(session, notice.id))


def fitting_at(
    session: Session, town: RowMapping, notice: Notice, places: Sequence[str]
) -> list[tuple[int, Reason]]:  # fmt: skip
    """Return the interests of a municipality that ``notice`` fits at ``places``, stored or not, with the reason."""
    centre = place_centre(session, places)
    area = bounds(notice.geometry) if notice.geometry is not None else None
    if area is None and centre is not None:
        area = (*centre, *centre)
    found = interests.candidates(
        session, town["id"], notice.topic, places, area=area, everywhere=notice.kind == desk.KIND
    )
    return [
        (interest_id, reason)
        for interest_id, criteria in found
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


def _twice(session: Session, row: Mapping[str, Any], told: Telling) -> Doubles:
    """Return who hears it from elsewhere, asked once in a transaction."""
    if told.twice is None:
        told.twice = doubles(session, row)
    return told.twice


def _now(house: House, session: Session, row: Mapping[str, Any], told: Telling) -> tuple[str, int]:
    """Put one page of recipients into batches."""
    assert told.meant is not None, "who is meant is read before this step"  # noqa: S101 - for the type
    last, groups = told.meant.page(row["position"], fanout.PAGE if row["position"] else fanout.FIRST)
    twice = _twice(session, row, told)
    page = fanout.Page(house, session, row, told.notice, told.town, told.meant, told.muted, told.seen_at, twice)
    reached("publish.page-read")
    page.plan(groups)
    reached("publish.page-batched")
    told.counts.update(page.counts)
    told.channels.update(page.channels)
    if told.meant.page(last, 1)[1]:
        return ("now", last)
    # Those who are looked for long come in a step of their own: what is planned leaves at once.
    return ("stand-in", 0) if told.notice.severity >= Severity.SEVERE else ("digest", 0)


def _stand_in(house: House, session: Session, row: Mapping[str, Any], told: Telling) -> tuple[str, int]:
    """Tell by mail who wanted it as push and has no living push endpoint any more."""
    without = _twice(session, row, told).told if told.notice.severity >= Severity.SEVERE else set()
    count, doubled = rescue.stand_in(house, session, row, told.notice, without)
    told.counts.update(meant=count + doubled, doubled=doubled)
    told.channels.update({(MAIL, "meant"): count + doubled, (MAIL, "doubled"): doubled})
    reached("publish.stand-ins-told")
    return ("digest", 0)


def _digest(_house: House, session: Session, row: Mapping[str, Any], told: Telling) -> tuple[str, int]:
    """Put it into the next digests of a page of people."""
    twice = _twice(session, row, told)
    twice.supersede(row["notice_id"])
    without = told.muted | twice.awaiting
    last, count = recipients.collect_digest(
        session, told.notice.id, row["revision"], after=row["position"], most=fanout.PAGE, without=without
    )
    told.counts["digested"] += count
    reached("publish.digests-collected")
    return ("digest", last) if last is not None else ("earlier", 0)


def _earlier(house: House, session: Session, row: Mapping[str, Any], told: Telling) -> tuple[str, int]:
    """Tell those who were told before: the withdrawal, the corrected date, or that it no longer concerns them."""
    notice, before = told.notice, row["revision"]
    if row["change"] == Change.WITHDRAWN:
        whom = {("", Change.WITHDRAWN): recipients.reached(session, notice.id, before=before)}
    else:
        whom = _reminded(session, row, notice)
        if not notice.series and (held := recipients.reached(session, notice.id, before=before)):
            whom["", Change.WITHDRAWN] = lost = recipients.strangers(session, notice.id, held)
            give_back(house, session, row, lost)
    if not any(whom.values()):
        return ("done", 0)
    reached("publish.earlier-read")
    done = recipients.of_revision(session, notice.id, row["revision"]) | told.muted
    for (slot, kind), ids in sorted(whom.items()):
        page = sorted(ids - done)[: fanout.PAGE]
        _tell(house, session, told, revision=row["revision"], whom=(slot, kind, page))
        reached("publish.earlier-told")
        if len(ids - done) > len(page):
            return ("earlier", row["position"] + 1)  # the others next time: who has a place now is left out then
        done |= ids
    return ("done", 0)


def _reminded(session: Session, row: Mapping[str, Any], notice: Notice) -> dict[tuple[str, Change], set[int]]:
    """Return who was reminded of each date that this revision moved or called off (I4)."""
    found = notices.revision(session, notice.id, row["revision"])
    moved = notices.moved_from_json(found["moved"]) if found else ()
    told = (Change.REMINDER, Change.CORRECTION)
    return {
        (one.slot, Change.CORRECTION): recipients.reached(session, notice.id, slot=one.slot, changes=told)
        for one in moved
    }


def _tell(
    house: House, session: Session, told: Telling, *, revision: int, whom: tuple[str, Change, Sequence[int]]
) -> None:
    """Make batches for endpoints that still live; corrections and all-clears do not wait for quiet hours to end."""
    slot, change, ids = whom
    now, notice = house.now(), told.notice
    groups: fanout.Groups = {(one.channel, one.service, now): one.ids for one in recipients.living(session, ids)}
    values = {
        "notice_id": notice.id, "revision": revision, "change": change, "slot": slot, "seen_at": told.seen_at,
        "valid_until": valid_until(notice, change, now), "lane": lane(change, notice.severity),
    }  # fmt: skip
    fanout.enqueue(house, session, told.town["id"], groups, values)


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
        reached("backfill.planned")
        interests.filled(session, interest_id)
        feeds.touch(session, interests=[interest_id])
    reached("backfill.filled")
