"""Is it to be believed? Whole answers are held when too much is gone, single items when they cannot be meant for here.

Nothing here cancels anything: a held answer or item is shown to the editor, and the last good state stands.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from hub.core.changes import (
    AGREEING_POLLS,
    MOVE_DAYS,
    VANISH_LEAST,
    VANISH_SHARE,
    Absence,
    KnownDate,
    day_of,
    missing_dates,
)
from hub.core.codec import content_hash
from hub.core.notice import Geometry, Notice, Position, Severity, Status
from hub.core.place import nearest_km, related

FLOOD = 20  # more new items (or plain revisions) than this in one poll are not believed to be news
AHEAD = timedelta(minutes=10)  # so far a source's clock may be ahead of ours (S-10)
SURROUNDINGS_KM = 50.0  # from the centre of a municipality
_DISTRICT = 5  # digits of an ARS that name the Kreis
_BOUNDLESS_DEGREES, _BOUNDLESS_KM = 15.0, 1000.0  # an area larger than Germany means no area (P-07)
_AREA_BOUND = frozenset({"cap"})  # kinds whose items must say where they hold (CAP 1.2, 3.2.4)


class Doubt(StrEnum):
    """Why a whole answer is held."""

    EMPTY = "empty"  # nothing at all, although something was live
    UNREADABLE = "not-a-feed"  # not one item could be read, although something was live
    HALF = "half"  # half of the dates (or of a snapshot's items) ahead are gone, three at least


class Hold(StrEnum):
    """Why one item is held."""

    FUTURE = "future"  # sent more than ten minutes from now
    ELSEWHERE = "elsewhere"  # its area lies far outside the surroundings
    NO_AREA = "no-area"  # a warning without a readable area is never for everybody
    FLOOD = "flood"  # one of more new items than one poll may bring
    VANISHED = "vanished"  # gone from the source with too many others to be believed gone


@dataclass(frozen=True, slots=True)
class Answer:
    """What a poll brought: how many items were read and refused, whether it is only a part, and its fingerprint."""

    notices: int
    refused: int
    digest: str
    partial: bool = False
    warns: bool = False


@dataclass(frozen=True, slots=True)
class Outlook:
    """What the store knows of the source: whether anything is live, and how much of what was expected is missing."""

    live: bool = False
    expected: int = 0
    missing: int = 0


@dataclass(frozen=True, slots=True)
class Doubted:
    """What earlier polls left: the last doubted fingerprint, how many polls gave it, what the editor vouched for."""

    digest: str = ""
    polls: int = 0
    trusted: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether to act on an answer; ``doubt`` says why not, or what was noted; ``polls`` how many now agree on it."""

    act: bool
    doubt: Doubt | None = None
    polls: int = 0
    absence: Absence = Absence.COUNTED


def fingerprint(notices: Iterable[Notice], refused: Iterable[str]) -> str:
    """Return the sha256 (hex) of all that an answer says, in any order: equal answers agree though bytes differ."""
    lines = sorted(content_hash(one) for one in notices)
    return hashlib.sha256("\n".join([*lines, "", *sorted(refused)]).encode()).hexdigest()


def judge(answer: Answer, outlook: Outlook, doubted: Doubted, *, first_import: bool) -> Verdict:
    """Decide whether a whole answer is acted on.

    The first import has nothing to lose. Warnings are never kept back because others vanished: what is missing has no
    effect, what is there may save somebody. Everything else waits for a second poll that says the same, or for the
    editor's word; only that word makes missing things gone when half of them are missing at once.
    """
    doubt = _doubt(answer, outlook)
    if first_import:
        nothing = answer.notices == 0 and answer.refused == 0
        return Verdict(act=True, doubt=Doubt.EMPTY if nothing else None, absence=Absence.NOTHING)
    if answer.digest == doubted.trusted:
        return Verdict(act=True, absence=Absence.BELIEVED)
    unsure = answer.partial or answer.refused > 0 or answer.notices == 0
    absence = Absence.NOTHING if unsure else Absence.COUNTED
    if doubt is None:
        return Verdict(act=True, absence=absence)
    if answer.warns:
        return Verdict(act=True, absence=Absence.NOTHING if answer.notices == 0 else absence)
    polls = doubted.polls + 1 if answer.digest == doubted.digest else 1
    return Verdict(act=polls >= AGREEING_POLLS, doubt=doubt, polls=polls, absence=absence)


def _doubt(answer: Answer, outlook: Outlook) -> Doubt | None:
    if answer.partial:
        return None
    if answer.notices == 0 and outlook.live:
        return Doubt.UNREADABLE if answer.refused else Doubt.EMPTY
    if outlook.missing >= VANISH_LEAST and outlook.missing >= VANISH_SHARE * outlook.expected:
        return Doubt.HALF
    return None


def look_ahead(
    ahead: Mapping[str, Sequence[KnownDate]], found: Mapping[str, Sequence[Notice]], now: datetime, *, live: bool
) -> Outlook:
    """Compare the known dates ahead (by notice id) with the notices of an answer (by the id they are known by).

    Dates that were missed before are not expected again. An answer that reaches beyond everything known (another
    year's file) is expected to have only the dates within its own span.
    """
    days = [day_of(one.start) for several in found.values() for notice in several for one in notice.occurrences]
    expected = missing = 0
    for notice_id, dates in ahead.items():
        here = [one for one in dates if not one.missed and _within(one, days, ahead)]
        expected += len(here)
        gone = _gone(dates, found.get(notice_id, ()), now)
        missing += sum(one.slot in gone for one in here)
    return Outlook(live, expected, missing)


def with_dateless(outlook: Outlook, standing: Sequence[str], seen: Collection[str]) -> Outlook:
    """Add the things of a snapshot that have no dates (ids): each is expected until it was missed once."""
    gone = sum(one not in seen for one in standing)
    return replace(outlook, expected=outlook.expected + len(standing), missing=outlook.missing + gone)


def _gone(dates: Sequence[KnownDate], found: Sequence[Notice], now: datetime) -> Collection[str]:
    """Return the slots that the answer lacks; a thing without fixed dates is there as soon as it is named."""
    if not found:
        return {one.slot for one in dates}
    if not all(one.series and one.status is Status.ACTIVE for one in found):
        return ()
    return set.intersection(*(missing_dates(dates, one, now) for one in found))


def _within(one: KnownDate, days: Sequence[date], ahead: Mapping[str, Sequence[KnownDate]]) -> bool:
    span = timedelta(days=MOVE_DAYS)
    last = max(day_of(known.occurrence.start) for dates in ahead.values() for known in dates)
    if not days or max(days) <= last + span:
        return True
    return min(days) - span <= day_of(one.occurrence.start) <= max(days) + span


class Where(StrEnum):
    """Where an item holds, seen from the municipality."""

    HERE = "here"
    NAMED_ELSEWHERE = "named-elsewhere"  # by official places
    FAR = "far"  # by coordinates only, which may be swapped
    NOWHERE = "nowhere"


@dataclass(frozen=True, slots=True)
class Home:
    """The places of the municipality and of the source as paths of the tree, and where the municipality's centre is."""

    paths: tuple[str, ...]
    position: Position | None = None


def whereabouts(
    notice: Notice, paths: Sequence[str], home: Home, positions: Mapping[str, Position | None]
) -> Where:  # fmt: skip
    """Return where ``notice`` holds; ``paths`` are the places that it names, resolved, ``positions`` their centres."""
    shape = notice.geometry if notice.geometry and not _boundless(notice.geometry) else None
    if notice.places and any(_near(path, home, positions) for path in paths):
        return Where.HERE
    km = nearest_km(home.position, shape) if shape and home.position else None
    if km is not None and km <= SURROUNDINGS_KM:
        return Where.HERE
    if notice.places and paths:
        return Where.NAMED_ELSEWHERE
    if shape is None or shape == Geometry():
        return Where.NOWHERE
    return Where.HERE if km is None else Where.FAR


def _near(path: str, home: Home, positions: Mapping[str, Position | None]) -> bool:
    """Whether a place is one of ours, contains or neighbours it: same Kreis, or not far from the centre."""
    official = path.partition("/")[0]
    if any(related(path, own) or related(official, own[:_DISTRICT]) for own in home.paths):
        return True
    there = positions.get(official)
    if there is None or home.position is None:
        return False
    return (nearest_km(home.position, Geometry(points=(there,))) or 0.0) <= SURROUNDINGS_KM


def _boundless(geometry: Geometry) -> bool:
    """Whether an area is so large that it says nothing: a ring around the world, a circle over a continent."""
    if any(radius > _BOUNDLESS_KM for _, radius in geometry.circles):
        return True
    return any(
        max(one[axis] for one in ring) - min(one[axis] for one in ring) > _BOUNDLESS_DEGREES
        for ring in geometry.polygons
        if ring
        for axis in (0, 1)
    )


def warns(notice: Notice) -> bool:
    """Whether an item is a warning."""
    return notice.kind in _AREA_BOUND or notice.topic == "warnings"


def hold(notice: Notice, where: Where, now: datetime, *, known: bool) -> Hold | None:
    """Return why one item must not be acted on without the editor, or ``None``.

    ``known``: it continues something that was told. Then an area that moved away by name ends it here (that must be
    told), but coordinates alone that jump far away are more likely swapped.
    """
    if notice.sent is not None and notice.sent > now + AHEAD:
        return Hold.FUTURE
    if notice.status is Status.CANCELLED or not warns(notice):
        return None
    if notice.kind in _AREA_BOUND and where is Where.NOWHERE:
        return Hold.NO_AREA
    if where is Where.FAR or (where is Where.NAMED_ELSEWHERE and not known):
        return Hold.ELSEWHERE
    return None


def is_news(notice: Notice, now: datetime) -> bool:
    """Whether an unknown item would be announced and may be part of a flood: no severe warning ever is."""
    over = notice.expires is not None and notice.expires <= now
    return not (notice.series or over or notice.status is Status.CANCELLED or notice.severity >= Severity.SEVERE)
