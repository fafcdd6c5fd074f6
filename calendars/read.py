"""Read any iCalendar bytes (RFC 5545, 7986) as robustly as their exporters are careless.

One broken event never loses the others; only ``SourceError`` leaves.
"""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta

from calendars import expand, text
from calendars.event import Event, Moment, Reading
from calendars.lines import Component, Cut, Line, cut
from calendars.moments import LATEST, Clock, UnreadableValueError, duration
from calendars.remarks import remarks
from calendars.repair import Draft, duplicate_events, old_versions, repair_draft, shared_uid
from calendars.repair_text import name_of, repair_text
from calendars.rules import MOST_EXCEPTIONS, MOST_OCCURRENCES, RuleRefused, read_rule
from hub.core.errors import SourceTooLarge

__all__ = ["Event", "Reading", "read"]

LARGEST = 5_000_000  # bytes
MOST_RULES = 10  # of one event
MOST_FAULTS = 100  # sentences; the rest is counted
_STATUS = {"TENTATIVE", "CONFIRMED", "CANCELLED"}


def read(body: bytes, *, content_type: str, zone: str, window: tuple[date, date]) -> Reading:
    """Read the calendar in ``body``, a server's answer with the header ``content_type``.

    ``zone`` is the IANA zone of local times unless the calendar names another (X-WR-TIMEZONE). Explicit dates are all
    returned; rules are followed from the first to the last day of ``window``. If nothing at all lies there (a
    recorded file), they are followed over as many days from the calendar's own first date.

    Raises ``SourceTooLarge`` above 5 MB, ``SourceRefused`` if this is no calendar, is cut off or has more than 20,000
    events. A calendar without events is an empty reading, no error.
    """
    if len(body) > LARGEST:
        raise SourceTooLarge("The calendar is larger than 5 MB.")
    content, encoding = text.decode(body, content_type)
    _refuse_foreign(body, content)
    repaired, names = repair_text(content)
    repairs = Counter([*text.oddities(body, content_type, encoding), *names])
    found = cut(repaired, expand.MOST_EVENTS)
    repairs += found.odd
    clock = Clock(zone, found.calendar.text("X-WR-TIMEZONE", 200))
    drafts, faults = _drafts(found, clock, repairs)
    for one in (old_versions, duplicate_events, shared_uid):
        before = {id(draft): draft.uid for draft in drafts}
        drafts = one(drafts)
        changed = sum(before[id(draft)] != draft.uid for draft in drafts)
        repairs[name_of(one)] += len(before) - len(drafts) + changed
    repairs += clock.notes  # and what counts nothing goes
    events, refused = expand.expand(drafts, window)
    if not events and drafts:
        events, refused = expand.expand(drafts, _own_years(drafts, window))
    return Reading(
        events=tuple(sorted(events, key=_order)),
        faults=_few([*faults, *refused]),
        repairs=tuple(repairs),
        name=found.calendar.text("X-WR-CALNAME", 200) or found.calendar.text("NAME", 200),
        zone=clock.name,
        remarks=remarks(repairs),
    )


def _refuse_foreign(body: bytes, content: str) -> None:
    """Raise ``SourceRefused`` if there is no calendar, or if it only stands somewhere in a web page."""
    head, begin, _ = content.upper().partition("BEGIN:VCALENDAR")
    if not begin:
        if "VCALENDAR" in head and "BEGIN" in head:
            return
        what = text.foreign(body, content) or "something else"
        raise text.refuse(what, "a calendar")
    if text.web_page(head):
        raise text.refuse(text.foreign(body, head) or "a web page (HTML)", "a calendar")


def _drafts(found: Cut, clock: Clock, repairs: Counter[str]) -> tuple[list[Draft], list[str]]:
    """Read and repair event by event; return the drafts and a sentence for each event that is none."""
    drafts, faults = [], []
    for component in found.events:
        summary = component.text("SUMMARY", 500)
        try:
            draft = _draft(component, summary, clock)
            repairs.update(repair_draft(draft, clock))
            _check(draft)
        except (UnreadableValueError, RuleRefused) as error:
            faults.append(expand.sentence(summary, str(error)))
        except (ValueError, OverflowError) as error:
            faults.append(expand.sentence(summary, f"a value of it makes no sense ({type(error).__name__})"))
        else:
            drafts.append(draft)
    return drafts, faults


def _draft(component: Component, summary: str, clock: Clock) -> Draft:
    """Read one event. Raises ``UnreadableValueError`` or ``RuleRefused``."""
    if component.broken:
        raise UnreadableValueError(component.broken)
    begin = component.first("DTSTART")
    if begin is None or not begin.value.strip():
        raise UnreadableValueError("it has no start (DTSTART)")
    start = clock.moment(begin)
    status = component.text("STATUS", 20).upper()
    original = component.first("RECURRENCE-ID")
    draft = Draft(
        uid=component.text("UID", 500),
        summary=summary,
        start=start,
        end=_end(component, start, clock),
        description=component.text("DESCRIPTION", 10_000),
        location=component.text("LOCATION", 500),
        status=status if status in _STATUS else "",
        categories=_categories(component),
        url=component.text("URL", 2_000),
        sequence=_sequence(component),
        stamped=component.first("DTSTAMP") is not None,
        private=component.text("CLASS", 40).upper() not in ("", "PUBLIC"),
        original=clock.moment(original) if original is not None else None,
        following=original is not None and original.params.get("RANGE", "").upper() == "THISANDFUTURE",
        exdates=clock.every(component.every("EXDATE")),
        rdates=clock.every(component.every("RDATE")),
    )
    _rules(draft, component, clock)
    return draft


def _end(component: Component, start: Moment, clock: Clock) -> Moment | None:
    """Return DTEND, or what DURATION makes of it (RFC 5545, 3.8.2.5); an unreadable one is not there."""
    line, span = component.first("DTEND"), component.first("DURATION")
    try:
        if line is not None and line.value.strip():
            return clock.moment(line)
        if span is not None:
            return start + duration(span.value)
    except UnreadableValueError:
        clock.notes["unreadable-end"] += 1
    return None


def _rules(draft: Draft, component: Component, clock: Clock) -> None:
    """Read the rules. A UTC start of a calendar with a declared zone is local, as Google means it."""
    if component.first("EXRULE") is not None:
        raise RuleRefused("it has an EXRULE, which RFC 5545 no longer knows")
    for line in component.every("RRULE"):
        if not line.value.strip():
            clock.notes["empty-rule"] += 1
            continue
        rule = read_rule(line.value)
        draft.rules.append(rule)
        draft.until.append(_until(rule.until, clock))
    if draft.recurring and clock.declared and isinstance(draft.start, datetime) and draft.start.tzinfo is UTC:
        draft.start = draft.start.astimezone(clock.zone)


def _until(value: str, clock: Clock) -> Moment | None:
    """Read UNTIL. A year beyond all planning (``99991231``) means without end."""
    if not value or (value[:4].isdecimal() and int(value[:4]) > LATEST):
        return None
    return clock.moment(Line({}, value))


def _check(draft: Draft) -> None:
    """Bound the lists of dates. Raises ``RuleRefused``."""
    if len(draft.rdates) > MOST_OCCURRENCES:
        raise RuleRefused(f"it has more than {MOST_OCCURRENCES:,} dates (RDATE)")
    if len(draft.exdates) > MOST_EXCEPTIONS or len(draft.rules) > MOST_RULES:
        raise RuleRefused("it has too many rules or exceptions")


def _categories(component: Component) -> tuple[str, ...]:
    found = (one.strip() for line in component.every("CATEGORIES")[:20] for one in line.value[:1_000].split(","))
    return tuple(dict.fromkeys(one for one in found if one))[:20]


def _sequence(component: Component) -> int:
    value = component.text("SEQUENCE", 10)
    return int(value) if value.isascii() and value.isdecimal() else 0


def _own_years(drafts: list[Draft], window: tuple[date, date]) -> tuple[date, date]:
    """Return a window as long as ``window`` that begins with the earliest draft."""
    first = min(one.start.date() if isinstance(one.start, datetime) else one.start for one in drafts)
    return first - timedelta(days=1), first + (window[1] - window[0])


def _order(event: Event) -> tuple[float, str, str]:
    start = event.start if isinstance(event.start, datetime) else datetime(*event.start.timetuple()[:3], tzinfo=UTC)
    return (start.timestamp(), event.uid, event.recurrence)


def _few(faults: list[str]) -> tuple[str, ...]:
    if len(faults) <= MOST_FAULTS:
        return tuple(faults)
    return (*faults[:MOST_FAULTS], f"{len(faults) - MOST_FAULTS} more events were left out.")
