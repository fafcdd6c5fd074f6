"""From repaired drafts to dated events.

A rule is followed by ``calendars.rules`` after its checks. Where occurrences were changed (RECURRENCE-ID), the explicit
dates go through recurring-ical-events; it never sees a rule, because it can be made to hang by one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from calendars.event import Event, Moment
from calendars.repair import Draft
from calendars.rules import MOST_OCCURRENCES, RuleRefused, follow, work

MOST_WORK = 600_000  # days of rules followed per calendar: less than two seconds
MOST_EVENTS = 20_000
_MARK = "X-ORTSRUF-DRAFT"  # leads from an occurrence back to the draft it comes from

Window = tuple[date, date]


def expand(drafts: Sequence[Draft], window: Window) -> tuple[list[Event], list[str]]:
    """Return the events of ``drafts`` and a sentence for each that had to be left out.

    Explicit dates are all returned; recurring ones only within ``window`` (both days included).
    """
    events: list[Event] = []
    faults: list[str] = []
    budget = MOST_WORK
    for group in _groups(drafts):
        if not any(one.recurring for one in group):
            events += [_event(one) for one in group]
            continue
        try:
            budget -= _least_cost(group, window)
            _check_budget(budget, len(events))
            found, more = _recurring(group, window)
            events += found
            budget -= more
        except RuleRefused as refusal:
            faults.append(sentence(group[0].summary, str(refusal)))
        except Exception as error:  # noqa: BLE001 - no library's exception may lose the other events (P-05)
            faults.append(sentence(group[0].summary, f"its recurrence cannot be followed ({type(error).__name__})"))
    return events[:MOST_EVENTS], faults


def _check_budget(budget: int, events: int) -> None:
    if budget < 0 or events > MOST_EVENTS:
        raise RuleRefused("the calendar's rules together are too much work")


def sentence(summary: str, reason: str) -> str:
    """Return the sentence on an event that was left out."""
    return f"{f'The event {summary[:60]!r}' if summary else 'An event without a title'} was left out: {reason}."


def _groups(drafts: Iterable[Draft]) -> list[list[Draft]]:
    """Group a recurring event with its changed occurrences, by UID."""
    groups: dict[str, list[Draft]] = {}
    for one in drafts:
        groups.setdefault(one.uid, []).append(one)
    return list(groups.values())


def _event(draft: Draft) -> Event:
    return Event(
        uid=draft.uid,
        summary=draft.summary,
        start=draft.start,
        end=draft.end,
        description=draft.description,
        location=draft.location,
        status=draft.status,
        categories=draft.categories,
        url=draft.url,
        sequence=draft.sequence,
        private=draft.private,
        recurrence=draft.original.isoformat() if draft.original is not None else "",
    )


def _least_cost(group: Sequence[Draft], window: Window) -> int:
    """Return what expanding ``group`` costs at least, in days; a changed occurrence costs the library a year."""
    rules = sum(work(rule, one.start, window[1]) for one in group for rule in one.rules)
    return rules + 365 * len(group) + sum(len(one.rdates) for one in group)


def _recurring(group: Sequence[Draft], window: Window) -> tuple[list[Event], int]:
    """Expand one recurring event with its exceptions; return its events and the cost beyond the least.

    Raises ``RuleRefused``, and whatever the library raises.
    """
    if len(group) > MOST_OCCURRENCES:
        raise RuleRefused(f"it has more than {MOST_OCCURRENCES:,} changed dates")
    dated, cost = [], 0
    for one in group:
        followed = [follow(rule, one.start, until, window) for rule, until in zip(one.rules, one.until, strict=True)]
        cost += sum(
            max(0, part.cost - work(rule, one.start, window[1])) for part, rule in zip(followed, one.rules, strict=True)
        )
        dated.append([*one.rdates, *(moment for part in followed for moment in part.dates)])
    simple = len(group) == 1
    found = _dates(group[0], dated[0], window) if simple else _merged(group, dated, window)
    if len(found) > MOST_OCCURRENCES:
        raise RuleRefused(f"it has more than {MOST_OCCURRENCES:,} dates")
    return found, cost


def _dates(draft: Draft, dates: Sequence[Moment], window: Window) -> list[Event]:
    """Return one event per date: DTSTART and ``dates`` without EXDATE (RFC 5545, 3.8.5).

    The length is nominal: a meeting from 19 to 21 o'clock keeps its hours in any season.
    """
    event = _event(draft)
    length = draft.end - draft.start if draft.end is not None else None
    exceptions = set(draft.exdates)
    kept = (one for one in dict.fromkeys([draft.start, *dates]) if one not in exceptions)
    return [
        replace(event, start=one, end=None if length is None else one + length, recurrence=one.isoformat())
        for one in kept
        if window[0] <= (one.date() if isinstance(one, datetime) else one) <= window[1]
    ]


def _merged(group: Sequence[Draft], dated: Sequence[Sequence[Moment]], window: Window) -> list[Event]:
    """Lay changed occurrences (RECURRENCE-ID, also THISANDFUTURE) over their series; the library knows how.

    It gets explicit dates, never a rule.
    """
    import icalendar
    import recurring_ical_events

    calendar = icalendar.Calendar()
    for at, draft in enumerate(group):
        calendar.add_component(_component(draft, at, dated[at]))
    end = date.fromordinal(window[1].toordinal() + 1)
    found = recurring_ical_events.of(calendar).between(window[0], end)
    return [_occurrence(group[int(one[_MARK])], one) for one in found]


def _component(draft: Draft, at: int, dates: Sequence[Moment]) -> Any:
    """Build the library's event with all that merging needs and nothing else."""
    import icalendar

    event = icalendar.Event()
    event.add("uid", draft.uid)
    event.add("dtstart", draft.start)
    if draft.end is not None:
        event.add("dtend", draft.end)
    event.add("sequence", draft.sequence)
    event.add(_MARK, str(at))
    if dates:
        event.add("rdate", list(dict.fromkeys(dates)))
    if draft.exdates:
        event.add("exdate", draft.exdates)
    if draft.original is not None:
        event.add("recurrence-id", draft.original, parameters={"RANGE": "THISANDFUTURE"} if draft.following else {})
    return event


def _occurrence(draft: Draft, found: Any) -> Event:
    start: Moment = found.start
    end: Moment | None = found.end if draft.end is not None else None
    original = found.get("RECURRENCE-ID")
    key = original.dt if original is not None else start
    return replace(_event(draft), start=start, end=end, recurrence=key.isoformat())
