"""Lapse: nothing ends without a word before it (F39, I18).

A device whose browser names an end of its push subscription hears of it within the last week, once, and so does its
person's mailbox. Whoever showed no sign of life for a year is asked on every way whether to keep everything, and is
deleted a month later unless one came. Endpoints that only fail end on their own account (``jobs.rescue``).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import RowMapping
from sqlalchemy.orm import Session

from hub.core.fanout import BATCH, Lane
from hub.core.lapse import GRACE, OURS, Turn, ends_soon, turn
from hub.core.message import Change
from hub.failpoints import reached
from hub.jobs.house import House
from hub.store import alarms, batches, endpoints, erasing, lifesigns

MARK = "lapse"
_DAILY = timedelta(days=1)
_OVERLAP = timedelta(hours=1)  # what was done while the last round was reading
_HISTORY = timedelta(days=30)  # of deliveries
_Key = tuple[str, str, str, datetime]


def lapse(house: House, _subject: str = "") -> None:
    """Do, once a day, what is due; after a crash it is simply done again."""
    now = house.now()
    with house.store.read() as session:
        mark = alarms.marks(session).get(MARK)
    last = mark["at"] if mark is not None else None
    if last is not None and timedelta() <= now - last < _DAILY:
        return
    _note_signs(house, last, now)
    _tell_expiring(house, now)
    _turn_dormant(house, now)
    with house.store.begin() as session:
        alarms.ran(session, MARK, now)


def _note_signs(house: House, last: datetime | None, now: datetime) -> None:
    """Note who was reached since the last round; a week without one was our silence, which is held against nobody."""
    if last is not None and now - last > OURS:
        with house.store.begin() as session:
            lifesigns.all_seen(session, now)
    since, after = (last or now - _HISTORY) - _OVERLAP, 0
    while True:
        with house.store.begin() as session:
            page = lifesigns.note_reached(session, since, now, after)
        if page is None:
            return
        after = page
        reached("lapse.signs-noted")


def _tell_expiring(house: House, now: datetime) -> None:
    """Tell devices, and the mailboxes of their people, that a push subscription ends within a week."""
    while True:
        with house.store.begin() as session:
            page = lifesigns.expiring(session, now, most=BATCH)
            due = [one for one in page if ends_soon(one["expires_at"], one["expiry_told_at"], now)]
            if not due:
                return
            ends = {one["subscriber_id"]: one["expires_at"] for one in due}
            also = lifesigns.ways_out(session, list(ends), channel=endpoints.MAIL)
            groups: dict[_Key, list[int]] = defaultdict(list)
            for way in (*due, *also):
                groups[_key(way, ends[way["subscriber_id"]])].append(way["id"])
            _send(house, session, groups, Change.EXPIRY, Lane.TRANSACTIONAL)
            lifesigns.expiry_told(session, [one["id"] for one in due], now)
            reached("lapse.expiry-told")


def _turn_dormant(house: House, now: datetime) -> None:
    """Warn or end who showed no sign of life, a page of people per transaction."""
    after: int | None = 0
    while after is not None and not house.stopping():
        with house.store.begin() as session:
            page = lifesigns.dormant(session, now, after=after, most=BATCH)
            turns: dict[Turn, list[int]] = defaultdict(list)
            for one in page:
                turns[turn(one["alive_at"], one["lapse_told_at"], now)].append(one["id"])
            _warn(house, session, turns[Turn.WARN], now)
            for town in erasing.erase(session, turns[Turn.END], now):
                house.engine.defer(session, "erase", town, lane=Lane.DIGEST)
            after = page[-1]["id"] if page else None
            reached("lapse.page-turned")


def _warn(house: House, session: Session, people: Sequence[int], now: datetime) -> None:
    """Ask on every way that there is; who has none is deleted all the same."""
    groups: dict[_Key, list[int]] = defaultdict(list)
    for way in lifesigns.ways_out(session, people):
        if not house.channels(way["channel"]).PULL:
            groups[_key(way, now + GRACE)].append(way["id"])
    _send(house, session, groups, Change.LAPSE, Lane.DIGEST)
    lifesigns.told(session, people, now)


def _key(way: RowMapping, until: datetime) -> _Key:
    return way["municipality_id"], way["channel"], way["service"], until


def _send(house: House, session: Session, groups: dict[_Key, list[int]], change: Change, lane: Lane) -> None:
    for (municipality, channel, service, until), ids in sorted(groups.items()):
        values = {
            "notice_id": None, "revision": 0, "change": change, "channel": channel, "service": service, "lane": lane,
            "due_at": house.now(), "valid_until": until,
        }  # fmt: skip
        for start in range(0, len(ids), BATCH):
            batch_id = batches.add(session, municipality, values, ids[start : start + BATCH], house.now())
            house.engine.defer(session, "deliver", str(batch_id), lane=lane)
