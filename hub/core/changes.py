"""What is new? Decides by content, never by absence (promises 4, 8, 9)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum

from hub.core.codec import content_hash
from hub.core.corrigendum import completed, is_past
from hub.core.ground import same_ground
from hub.core.message import Change
from hub.core.notice import Moment, Notice, Occurrence, Status
from hub.core.reopening import reopened

_MOVE = timedelta(days=6)
MOVE_DAYS = _MOVE.days  # a pickup shifted by a holiday week moves by less than a week
AGREEING_POLLS = 2  # polls that must miss a future date before it is believed to be gone
INSISTED = -1  # a miss counter on which the editor said: it takes place all the same
VANISH_SHARE = 0.5  # this much of the future gone at once is a broken source, not a change
VANISH_LEAST = 3


class Absence(StrEnum):
    """What may be concluded from a date (or an item of a snapshot) that an answer does not have."""

    NOTHING = "nothing"  # the answer is not the whole, or part of it could not be read
    COUNTED = "counted"  # two polls in a row must miss it, and most of the others must be there
    BELIEVED = "believed"  # the editor vouched for this answer: what is missing is gone


@dataclass(frozen=True, slots=True)
class Known:
    """What the store has of a notice: the current ``revision`` and its dates as last told."""

    notice: Notice
    revision: int
    dates: tuple[KnownDate, ...] = ()
    withdrawn: bool = False


@dataclass(frozen=True, slots=True)
class KnownDate:
    """An occurrence with its life: ``slot`` never changes, ``sequence`` rises with each change (RFC 5545 3.8.7.4).

    ``missed`` counts the polls in a row that did not have it.
    """

    slot: str
    occurrence: Occurrence
    sequence: int = 0
    missed: int = 0


@dataclass(frozen=True, slots=True)
class Moved:
    """A date that is not what it was: moved, or called off (``after.status``)."""

    slot: str
    before: Occurrence
    after: Occurrence


@dataclass(frozen=True, slots=True)
class Decision:
    """What a poll means for one notice. ``change`` is ``None`` when a reader would see no difference."""

    change: Change | None
    notice: Notice
    revision: int
    dates: tuple[KnownDate, ...]
    moved: tuple[Moved, ...] = ()
    announce: bool = False
    counted: bool = field(default=False)  # miss counters changed: store them, tell nobody
    vanished: int = 0  # dates that two polls missed, but too many at once to believe it without the editor


def day_of(moment: Moment) -> date:
    """Return the day of a moment, in its own offset."""
    return moment.date() if isinstance(moment, datetime) else moment


def as_time(moment: Moment) -> datetime:
    """Return a moment as an aware time; a whole day begins at 00:00 UTC (for ordering and coarse comparison)."""
    return moment if isinstance(moment, datetime) else datetime.combine(moment, time(), UTC)


def ended(occurrence: Occurrence, now: datetime) -> bool:
    """Whether an occurrence lies behind us. A whole day lasts until its end in every German zone."""
    end = as_time(occurrence.end or occurrence.start)
    return end + (timedelta(days=1 if occurrence.end is None else 0) if occurrence.all_day else timedelta()) <= now


def decide(
    notice: Notice, known: Known | None, now: datetime, *, first_import: bool = False,
    absence: Absence = Absence.COUNTED,
) -> Decision:  # fmt: skip
    """Decide what ``notice`` is to what is ``known`` of it.

    First import of a source is silent, a series (timetable) is never announced as new, and what has expired is
    kept but not told. ``absence`` says what a missing date may mean.
    """
    expired = notice.expires is not None and notice.expires <= now
    called_off = notice.status is Status.CANCELLED
    if known is None:
        dates = tuple(KnownDate(one.key, one) for one in notice.occurrences)
        announce = not (first_import or notice.series or expired or called_off or is_past(notice))
        return Decision(Change.NEW, notice, 1, dates, announce=announce)
    kept = replace(completed(notice, known.notice), id=known.notice.id, key=known.notice.key)
    kept = reopened(kept, known.notice, now)
    called_off = kept.status is Status.CANCELLED
    if same_ground(kept.geometry, known.notice.geometry):
        kept = replace(kept, geometry=known.notice.geometry)  # jitter of coordinates is no change
    dates, moved, counted = align(known.dates, kept, now, absence)
    vanished = _vanished(known.dates, dates, kept) if absence is Absence.COUNTED else 0
    standing = replace(kept, occurrences=tuple(one.occurrence for one in dates)) if kept.series else kept
    if called_off and not known.withdrawn:
        ending = _called_off(known, kept)
        return Decision(
            Change.WITHDRAWN, ending, known.revision + 1, _cancel(dates), announce=not _over(known, now)
        )  # fmt: skip
    if called_off or _same(standing, known.notice):
        return Decision(None, known.notice, known.revision, dates, counted=counted, vanished=vanished)
    silent = kept.series or _same(replace(standing, url=""), replace(known.notice, url=""))
    announce = not expired and (bool(moved) or not silent)
    return Decision(
        Change.REVISED, standing, known.revision + 1, dates,
        moved=moved, announce=announce, counted=counted, vanished=vanished,
    )  # fmt: skip


def _same(one: Notice, other: Notice) -> bool:
    """Whether a reader would see no difference. An address that flaps between http and https is the same one."""
    bare = [replace(notice, url=re.sub("^https?:", "", notice.url)) for notice in (one, other)]
    return content_hash(bare[0]) == content_hash(bare[1])


def _over(known: Known, now: datetime) -> bool:
    """Whether the end of what is known concerns nobody: it ended by itself. After a closing date bidders still wait."""
    return known.notice.deadline is None and known.notice.expires is not None and known.notice.expires <= now


def _called_off(known: Known, notice: Notice) -> Notice:
    """A bare Cancel names neither area nor date: it ends what was known, in its places and by its name."""
    bare = not (notice.places or notice.geometry or notice.occurrences)
    return replace(
        notice,
        texts=known.notice.texts if bare or not notice.texts else notice.texts,
        places=notice.places or known.notice.places,
        geometry=notice.geometry or known.notice.geometry,
        occurrences=known.notice.occurrences,
        severity=max(notice.severity, known.notice.severity),
        topic=known.notice.topic,
        category=notice.category or known.notice.category,
    )


def _cancel(dates: Sequence[KnownDate]) -> tuple[KnownDate, ...]:
    return tuple(
        one
        if one.occurrence.status is Status.CANCELLED
        else replace(
            one,
            occurrence=replace(one.occurrence, status=Status.CANCELLED),
            sequence=one.sequence + 1,
        )
        for one in dates
    )


def align(
    known: Sequence[KnownDate], notice: Notice, now: datetime, absence: Absence = Absence.COUNTED
) -> tuple[tuple[KnownDate, ...], tuple[Moved, ...], bool]:
    """Lay the dates of a poll over the known ones, so that a moved date keeps its slot.

    Returns the dates as they now stand, what moved or was called off and still lies ahead, and whether a miss
    counter rose or fell. A date that is merely missing stays until two polls agree and most of the future is
    still there, or until the editor vouches for the answer.
    """
    same, fresh, missing = _lay(known, notice, now)
    believable = _believable(known, missing, now) and any(not ended(one, now) for one in notice.occurrences)
    dates, moved = [], []
    for one in known:
        lost = absence if one.slot in missing else None
        after, missed = _follow(one, same.get(one.slot), lost, believable=believable and _covers(notice, one))
        changed = after != one.occurrence
        dates.append(KnownDate(one.slot, after, one.sequence + changed, missed))
        if changed and _visible(one.occurrence, after) and not ended(after, now):
            moved.append(Moved(one.slot, one.occurrence, after))
    taken = {one.slot for one in dates}
    dates += [KnownDate(_free(one.key, taken), one) for one in fresh.values()]
    counted = any(old.missed != new.missed for old, new in zip(known, dates, strict=False))
    return tuple(dates), tuple(moved), counted


def missing_dates(known: Sequence[KnownDate], notice: Notice, now: datetime) -> set[str]:
    """Return the slots of the dates ahead that ``notice``, as polled, has neither kept nor moved."""
    return _lay(known, notice, now)[2]


def _covers(polled: Notice, one: KnownDate) -> bool:
    """Whether a poll may know of a date: a file of next year does not know what this year still brings."""
    years = {day_of(other.start).year for other in polled.occurrences}
    return not years or min(years) <= day_of(one.occurrence.start).year <= max(years)


def _lay(
    known: Sequence[KnownDate], notice: Notice, now: datetime
) -> tuple[dict[str, Occurrence], dict[str, Occurrence], set[str]]:
    """Return what each known slot now is, the new dates by key, and the slots ahead that are missing."""
    fresh = {one.key: one for one in notice.occurrences}
    same = {one.slot: fresh.pop(one.occurrence.key) for one in known if one.occurrence.key in fresh}
    lost = [one for one in known if one.slot not in same]
    same |= _pair_moved(lost, fresh, notice.occurrences, now, overlap=bool(same))
    missing = {one.slot for one in lost if one.slot not in same and not ended(one.occurrence, now)}
    return same, fresh, missing


def _vanished(known: Sequence[KnownDate], dates: Sequence[KnownDate], notice: Notice) -> int:
    """Count the dates missed again and still standing, within the span that the poll covers: what to ask the editor."""
    if not notice.occurrences:
        return 0
    days = [day_of(one.start) for one in notice.occurrences]
    return sum(
        old.missed > 0 and new.missed > 0 and new.occurrence.status is Status.ACTIVE
        and min(days) - _MOVE <= day_of(new.occurrence.start) <= max(days) + _MOVE
        for old, new in zip(known, dates, strict=False)
    )  # fmt: skip


def _free(key: str, taken: set[str]) -> str:
    """Return a slot for a new date: its key, unless a moved date still holds that slot."""
    slot, count = key, 2
    while slot in taken:
        slot, count = f"{key}-{count}", count + 1
    taken.add(slot)
    return slot


def _pair_moved(
    lost: Sequence[KnownDate],
    fresh: dict[str, Occurrence],
    polled: Sequence[Occurrence],
    now: datetime,
    *,
    overlap: bool,
) -> dict[str, Occurrence]:
    """Pair each lost future date with the nearest unknown one within a week; takes the pairs out of ``fresh``."""
    if not polled or (not overlap and len(polled) > 1):
        return {}  # nothing in common with what was known: another year's file, not an edited one
    first, last = min(day_of(one.start) for one in polled), max(day_of(one.start) for one in polled)
    pairs = sorted(
        (abs((day_of(new.start) - day_of(old.occurrence.start)).days), old.slot, key)
        for old in lost
        for key, new in fresh.items()
        # Far outside the span that this poll covers nothing is known to be gone.
        if first - _MOVE <= day_of(old.occurrence.start) <= last + _MOVE and not ended(old.occurrence, now)
    )
    found: dict[str, Occurrence] = {}
    for days, slot, key in pairs:
        if days <= MOVE_DAYS and slot not in found and key in fresh:
            found[slot] = fresh.pop(key)
    return found


def _believable(known: Sequence[KnownDate], missing: set[str], now: datetime) -> bool:
    """Whether so few of the future dates are missing that the source may mean it."""
    ahead = sum(1 for one in known if not ended(one.occurrence, now))
    return len(missing) < VANISH_LEAST or len(missing) < VANISH_SHARE * ahead


def _follow(
    known: KnownDate, now_is: Occurrence | None, lost: Absence | None, *, believable: bool
) -> tuple[Occurrence, int]:  # fmt: skip
    """Return the occurrence as it stands after this poll, and how often in a row it was missed.

    ``lost``: what its absence may mean, ``None`` if it is not missing. One that is not believed to be gone is
    remembered as missed all the same, so that it is not expected (and doubted) again.
    """
    if now_is is not None:
        return now_is, 0
    insisted = known.missed == INSISTED and lost is Absence.COUNTED
    if lost in (None, Absence.NOTHING) or insisted or known.occurrence.status is Status.CANCELLED:
        return known.occurrence, known.missed
    missed = known.missed + 1 if believable else max(known.missed, 1)
    if lost is Absence.BELIEVED or missed >= AGREEING_POLLS:
        return replace(known.occurrence, status=Status.CANCELLED), missed
    return known.occurrence, missed


def _visible(before: Occurrence, after: Occurrence) -> bool:
    """Whether a reader who knew ``before`` must be told of ``after``: when, where or whether changed."""
    return (before.start, before.end, before.location, before.status) != (
        after.start, after.end, after.location, after.status,
    )  # fmt: skip
