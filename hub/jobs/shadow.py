"""Shadow: who should have been told, found again by another way than publish, and given the place they lack.

Bounded: at most :data:`PAGES` pages of endpoints a round, the gravest publications first, then those that were not
looked at for longest, each going on where it stopped.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from sqlalchemy import RowMapping
from sqlalchemy.orm import Session

from hub.core.codec import from_json
from hub.core.fanout import BATCH, Lane, due, valid_until
from hub.core.losses import WINDOW, Sort
from hub.core.message import Change
from hub.core.notice import Severity, Status
from hub.core.subscription import Action
from hub.jobs.doubles import doubles
from hub.jobs.fanout import habits
from hub.jobs.publish import fitting, plan_reminders
from hub.store import batches, interests, ledger, mending, notices, reach, towns
from hub.store import shadow as store
from hub.store.database import Store

if TYPE_CHECKING:
    from hub.jobs.watch import Round

PAGES = 40
_AHEAD = timedelta(hours=36)
_FIRED = timedelta(minutes=30)
# Where each publication's comparison stopped, and when it last was at its end; a new process begins anew.
_PLACES: WeakKeyDictionary[Store, dict[int, tuple[int, datetime | None]]] = WeakKeyDictionary()


def compare(this: Round) -> None:
    """Compare recent publications with the subscriptions, and reminders with the dates."""
    with this.house.store.read() as session:
        rows = store.done(session, this.now - WINDOW)
        end = store.last_endpoint(session)
    places = _PLACES.setdefault(this.house.store, {})
    known = {row["id"] for row in rows}
    for gone in [one for one in places if one not in known]:
        del places[gone]
    pages = PAGES
    for row in sorted(rows, key=lambda one: _turn(one, places)):
        _matches(this, row)
        position = places.get(row["id"], (0, None))[0]
        while pages > 0 and position <= end:
            _page(this, row, position)
            position, pages = position + store.PAGE, pages - 1
        ended = position > end
        places[row["id"]] = (0 if ended else position, this.now if ended else None)
        if pages <= 0:
            break
    _unplanned(this)
    _fired(this)


def _turn(row: RowMapping, places: dict[int, tuple[int, datetime | None]]) -> tuple[bool, float, int]:
    """Severe ones first as long as they were not looked at once; then who waits longest."""
    looked = places.get(row["id"], (0, None))[1]
    urgent = row["severity"] >= Severity.SEVERE and looked is None
    return (not urgent, looked.timestamp() if looked is not None else 0.0, -row["id"])


def _matches(this: Round, row: RowMapping) -> None:
    """Look whether every interest that the notice fits is known to fit; give it what it lacks."""
    with this.house.store.begin() as session:
        town = towns.get(session, row["municipality_id"])
        if town is None:
            return
        known = mending.matched(session, row["notice_id"])
        found = [one for one in fitting(session, town, from_json(row["content"])) if one[0] not in known]
        lost = store.filled(session, [one[0] for one in found], row["id"]) if found else set()
        if lost:
            again = [one for one in found if one[0] in lost]
            interests.save_matches(session, row["notice_id"], row["newest"], again, clear=False)
            this.found(Sort.MATCH, row["id"], mended=True, title=_title(row), count=len(lost))


def _page(this: Round, row: RowMapping, after: int) -> None:
    with this.house.store.begin() as session:
        _forgotten(this, session, row, after)
        digest = store.undigested(session, row, store.meant(session, row, Action.DIGEST, after))
        if digest:  # perhaps another municipality tells them the same
            elsewhere = doubles(session, row, planning=False).awaiting
            digest = [one for one in digest if one not in elsewhere]
        if digest:
            mending.add_entries(session, row["notice_id"], row["revision"], digest)
            this.found(Sort.ENTRY, f"{row['id']}:{after}", mended=True, count=len(digest))


def _forgotten(this: Round, session: Session, row: RowMapping, after: int) -> None:
    """Make a batch for those who were meant and have no place in any."""
    meant = [one for one in store.meant(session, row, Action.NOW, after) if _is_meant(this, row, one)]
    if not meant:
        return
    placed = store.placed(session, row["notice_id"], row["revision"])
    missing = [one for one in meant if one["id"] not in placed]
    if missing:  # perhaps another municipality tells them the same
        placed |= doubles(session, row, planning=False).told
        missing = [one for one in missing if one["id"] not in placed]
    told = store.people(session, placed & _ids_of(missing, meant)) if missing else set()
    missing = [one for one in missing if one["subscriber_id"] not in told]
    spared = row["lapsed"] + row["muted"]
    if missing and len(missing) > spared:
        uncounted = len(missing) - max(0, _short(session, row))
        mended = _make_place(this, session, row, missing)
        if mended and uncounted > 0:
            store.add_to_meant(session, row["id"], uncounted)
            more = Counter((str(one["channel"]), "meant") for one in missing[:uncounted])
            reach.add(session, row["notice_id"], row["revision"], more)
        this.found(
            Sort.FORGOTTEN, f"{row['id']}:{after}", mended=mended, title=_title(row), count=len(missing)
        )  # fmt: skip


def _short(session: Session, row: RowMapping) -> int:
    """Return how many whom a publication counted as meant have no place anywhere."""
    accounts = ledger.accounts(session, notice_id=row["notice_id"], announced=False)
    return next((one.missing for one in accounts if one.revision == row["revision"]), 0)


def _ids_of(missing: Sequence[RowMapping], meant: Sequence[RowMapping]) -> set[int]:
    """Return the endpoints of the people who miss one: a person who has it on another way is not forgotten."""
    people = {one["subscriber_id"] for one in missing}
    return {one["id"] for one in meant if one["subscriber_id"] in people}


def _is_meant(this: Round, row: RowMapping, one: RowMapping) -> bool:
    """Leave out whom publish may have spared for a reason of their own."""
    spared = one["muted"] or (row["severity"] < Severity.SEVERE and (one["paused_until"] or one["quiet_from"]))
    return not spared and not this.house.channels(one["channel"]).PULL


def _make_place(this: Round, session: Session, row: RowMapping, missing: Sequence[RowMapping]) -> bool:
    """Put ``missing`` into batches of this revision; ``False`` if it is over meanwhile."""
    notice, change = from_json(row["content"]), Change(row["change"])
    town = towns.get(session, row["municipality_id"])
    until = valid_until(notice, change, row["created_at"])
    if town is None or until <= this.now:
        return False
    groups: dict[tuple[str, str, datetime], list[int]] = defaultdict(list)
    for one in missing:
        quiet = f"{one['quiet_from']}-{one['quiet_to']}" if one["quiet_from"] and one["quiet_to"] else ""
        at = due(habits(quiet, one["paused_until"], town["zone"]), notice.severity, this.now, until)
        if at is not None:
            groups[one["channel"], one["service"], at].append(one["id"])
    values = {"notice_id": row["notice_id"], "revision": row["revision"], "change": change, "valid_until": until}
    place(this, session, row["municipality_id"], groups, {**values, "lane": row["lane"], "seen_at": row["created_at"]})
    return True


def place(
    this: Round, session: Session, municipality: str, groups: dict[tuple[str, str, datetime], list[int]],
    values: dict[str, object],
) -> None:  # fmt: skip
    """Store batches by channel, service and due time, and wake them."""
    for (channel, service, at), ids in sorted(groups.items()):
        for start in range(0, len(ids), BATCH):
            columns = {**values, "channel": channel, "service": service, "due_at": at}
            batch_id = batches.add(session, municipality, columns, ids[start : start + BATCH], this.now)
            this.wake(session, "deliver", batch_id, str(values["lane"]))


def _title(row: RowMapping) -> str:
    return from_json(row["content"]).title[:80]


def _unplanned(this: Round) -> None:
    """Plan the reminders that the next dates lack."""
    with this.house.store.begin() as session:
        slots: dict[tuple[str, str], set[str]] = defaultdict(set)
        for row in store.dated(session, this.now, this.now + _AHEAD):
            slots[row["municipality_id"], row["notice_id"]].add(row["slot"])
        for (municipality, notice_id), dates in slots.items():
            wanted = store.wanted_reminders(session, notice_id)
            planned = store.planned_reminders(session, notice_id) if wanted else {}
            lacking = [slot for slot in dates if wanted - planned.get(slot, set())]
            off = {
                one.slot for one, _ in notices.dates(session, notice_id) if one.occurrence.status is Status.CANCELLED
            }
            town = towns.get(session, municipality)
            if wanted and town is not None and set(lacking) - off:
                count = sum(len(wanted - planned.get(slot, set())) for slot in set(lacking) - off)
                plan_reminders(session, town, notice_id, this.now)
                row_ = notices.get(session, municipality, notice_id)
                name = _title(row_) if row_ is not None else notice_id
                this.found(Sort.UNPLANNED, notice_id, mended=True, title=name, count=count)


def _fired(this: Round) -> None:
    """Look whether everybody whose reminder fired has a place in a batch."""
    with this.house.store.begin() as session:
        for row in store.fired(session, this.now - _FIRED, this.now):
            if row["valid_until"] <= this.now or row["withdrawn"] or this.house.channels(row["channel"]).PULL:
                continue
            meant = store.reminded(session, row, this.now)
            missing = [one for one in meant if one["id"] not in store.reminded_already(session, row)]
            if missing:
                groups: dict[tuple[str, str, datetime], list[int]] = defaultdict(list)
                for one in missing:
                    groups[one["channel"], one["service"], this.now].append(one["id"])
                values = {
                    "notice_id": row["notice_id"], "revision": row["revision"], "change": Change.REMINDER,
                    "slot": row["slot"], "lead": row["lead"], "valid_until": row["valid_until"], "lane": Lane.NORMAL,
                }  # fmt: skip
                place(this, session, row["municipality_id"], groups, values)
                this.found(
                    Sort.FORGOTTEN, f"reminder:{row['id']}", mended=True, title=_title(row), count=len(missing)
                )  # fmt: skip
