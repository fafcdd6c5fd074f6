"""Named repairs of events: one small function per dialect seen in the wild.

Its name, with hyphens, is told in the Reading. Draft repairs change one :class:`Draft` and say whether they did. Those
of the whole text are in ``calendars.repair_text``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from calendars.event import Moment
from calendars.markup import has_markup, without_markup
from calendars.moments import Clock
from calendars.repair_text import name_of
from calendars.rules import Rule

_DAY = timedelta(days=1)


@dataclass(slots=True)
class Draft:
    """One VEVENT while it is repaired: values read, nothing expanded. ``until`` belongs to ``rules`` by position."""

    uid: str
    summary: str
    start: Moment
    end: Moment | None
    description: str = ""
    location: str = ""
    status: str = ""
    categories: tuple[str, ...] = ()
    url: str = ""
    sequence: int = 0
    stamped: bool = True
    private: bool = False  # CLASS
    rules: list[Rule] = field(default_factory=list)
    until: list[Moment | None] = field(default_factory=list)
    rdates: list[Moment] = field(default_factory=list)
    exdates: list[Moment] = field(default_factory=list)
    original: Moment | None = None  # RECURRENCE-ID
    following: bool = False  # RANGE=THISANDFUTURE

    @property
    def recurring(self) -> bool:
        """Whether it stands for more than one date."""
        return bool(self.rules or self.rdates)


DraftRepair = Callable[[Draft, Clock], bool]


# One event --------------------------------------------------------------------------------------------------------


def missing_uid(draft: Draft, _clock: Clock) -> bool:
    """UID is missing (RFC 5545 3.8.4.7 demands it): identity comes from the content, so that it stays."""
    if draft.uid:
        return False
    content = f"{draft.summary}\0{draft.start.isoformat()}\0{draft.location}\0{draft.description}"
    draft.uid = f"content-{hashlib.sha256(content.encode()).hexdigest()[:32]}"
    return True


def missing_dtstamp(draft: Draft, _clock: Clock) -> bool:
    """DTSTAMP is missing (RFC 5545, 3.8.7.2). Nothing here needs it; told so that a provider can be told."""
    return not draft.stamped


def mixed_end(draft: Draft, clock: Clock) -> bool:
    """DTSTART is a day and DTEND a time, or the other way round (RFC 5545 3.8.2.2: same type)."""
    if draft.end is None or isinstance(draft.start, datetime) == isinstance(draft.end, datetime):
        return False
    if isinstance(draft.end, datetime):
        local = draft.end.astimezone(clock.zone)
        midnight = time() in (local.time(), draft.end.time())
        draft.end = clock.local(draft.end) + (timedelta() if midnight else _DAY)
    elif isinstance(draft.start, datetime):
        draft.end = datetime.combine(draft.end, time(), draft.start.tzinfo)
    return True


def end_before_start(draft: Draft, _clock: Clock) -> bool:
    """DTEND lies before DTSTART: the end is not believed."""
    if draft.end is None or draft.end >= draft.start:
        return False
    draft.end = None
    return True


def midnight_as_day(draft: Draft, clock: Clock) -> bool:
    """A day written as a time: from midnight to midnight, or without length at midnight, local or UTC.

    A pickup "at 00:00" means the day. An end at midnight of an evening event is left as it is.
    """
    start, end = draft.start, draft.end
    if not isinstance(start, datetime) or draft.original is not None:
        return False
    local = start.astimezone(clock.zone)
    if local.time() == time():
        first = local.date()
    elif start.time() == time() and start.utcoffset() == timedelta():
        first = start.date()
    else:
        return False
    days = 1
    if isinstance(end, datetime) and end != start:
        # By the calendar, not by hours: a day of the clock change has 23 or 25.
        until = end.astimezone(clock.zone) if local.time() == time() else end
        if until.time() != time():
            return False
        days = (until.date() - first).days
    draft.start, draft.end = first, (first + days * _DAY if days > 1 else None)
    _days_of_rule(draft, clock)
    return True


def _days_of_rule(draft: Draft, clock: Clock) -> None:
    draft.rdates = [clock.local(one) for one in draft.rdates]
    draft.exdates = [clock.local(one) for one in draft.exdates]
    draft.until = [None if one is None else clock.local(one) for one in draft.until]


def zero_length(draft: Draft, _clock: Clock) -> bool:
    """DTEND equals DTSTART, where it must lie later (RFC 5545, 3.8.2.2): a point in time, or one day."""
    if draft.end is None or draft.end != draft.start:
        return False
    draft.end = None
    return True


def duplicate_rule(draft: Draft, _clock: Clock) -> bool:
    """The same RRULE stands twice."""
    unique = [at for at, rule in enumerate(draft.rules) if rule not in draft.rules[:at]]
    if len(unique) == len(draft.rules):
        return False
    draft.rules, draft.until = [draft.rules[at] for at in unique], [draft.until[at] for at in unique]
    return True


def until_mismatch(draft: Draft, clock: Clock) -> bool:
    """UNTIL is a day and DTSTART a time, or the other way round (RFC 5545 3.3.10: same type). The day is included."""
    fitted = [None if one is None else _like(one, draft.start, clock, time(23, 59, 59)) for one in draft.until]
    changed = any(isinstance(a, datetime) != isinstance(b, datetime) for a, b in zip(fitted, draft.until, strict=True))
    draft.until = fitted
    return changed


def exception_mismatch(draft: Draft, clock: Clock) -> bool:
    """EXDATE or RDATE is a day and DTSTART a time, or the other way round."""
    before = [*draft.exdates, *draft.rdates]
    at = draft.start.timetz().replace(tzinfo=None) if isinstance(draft.start, datetime) else time()
    draft.exdates = [_like(one, draft.start, clock, at) for one in draft.exdates]
    draft.rdates = [_like(one, draft.start, clock, at) for one in draft.rdates]
    after = [*draft.exdates, *draft.rdates]
    return any(isinstance(a, datetime) != isinstance(b, datetime) for a, b in zip(before, after, strict=True))


def _like(moment: Moment, start: Moment, clock: Clock, at: time) -> Moment:
    """Return ``moment`` as the kind of ``start``: its local day, or that day ``at`` in the zone of ``start``."""
    if isinstance(start, datetime) and not isinstance(moment, datetime):
        return datetime.combine(moment, at, start.tzinfo)
    if not isinstance(start, datetime):
        return _plain_day(moment, clock)
    return moment


def _plain_day(moment: Moment, clock: Clock) -> date:
    # "UNTIL=20080323T235959Z" beside a day means the 23rd, although it is the 24th in Berlin by then.
    return moment.date() if isinstance(moment, datetime) else clock.local(moment)


def html_in_text(draft: Draft, _clock: Clock) -> bool:
    """SUMMARY, DESCRIPTION or LOCATION hold HTML, where plain text belongs (RFC 5545, 3.3.11)."""
    before = (draft.summary, draft.description, draft.location)
    after = tuple(without_markup(one) if has_markup(one) else one for one in before)
    if after == before:
        return False
    draft.summary, (draft.description, draft.location) = " ".join(after[0].split()), after[1:]
    return True


def odd_rule_part(draft: Draft, _clock: Clock) -> bool:
    """An RRULE has empty parts (``UNTIL=``) or private ones (``X-…``), which say nothing (RFC 5545, 3.3.10)."""
    return any(rule.ignored for rule in draft.rules)


DRAFT_REPAIRS: tuple[DraftRepair, ...] = (
    missing_dtstamp, html_in_text, odd_rule_part, mixed_end, end_before_start, midnight_as_day, zero_length,
    duplicate_rule, until_mismatch, exception_mismatch, missing_uid,
)  # fmt: skip


def repair_draft(draft: Draft, clock: Clock) -> list[str]:
    """Apply all draft repairs in order; return the names of those that mattered."""
    return [name_of(one) for one in DRAFT_REPAIRS if one(draft, clock)]


# All events -------------------------------------------------------------------------------------------------------


def old_versions(drafts: Iterable[Draft]) -> list[Draft]:
    """Of events with the same UID (and RECURRENCE-ID), only the highest SEQUENCE stands (RFC 5545, 3.8.7.4)."""
    found = list(drafts)
    newest: dict[tuple[str, Moment | None], int] = {}
    for one in found:
        key = (one.uid, one.original)
        newest[key] = max(newest.get(key, one.sequence), one.sequence)
    return [one for one in found if one.sequence == newest[one.uid, one.original]]


def duplicate_events(drafts: Iterable[Draft]) -> list[Draft]:
    """The same event stands twice, word for word."""
    found: list[Draft] = []
    seen: set[object] = set()
    for one in drafts:
        key = (one.uid, one.original, one.start, one.end, one.summary, one.location, repr(one.rules))
        if key not in seen:
            seen.add(key)
            found.append(one)
    return found


def shared_uid(drafts: Iterable[Draft]) -> list[Draft]:
    """Different events share a UID (exporters with one UID for all): the later ones get their start added to it."""
    found = list(drafts)
    taken: dict[tuple[str, Moment | None], int] = {}
    for one in found:
        key = (one.uid, one.original)
        count = taken.get(key, 0)
        taken[key] = count + 1
        if count:
            one.uid = f"{one.uid}#{one.start.isoformat()}" + (f"#{count}" if count > 1 else "")
    return found
