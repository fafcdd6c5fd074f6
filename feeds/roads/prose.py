"""Begin and end out of the German description lines of the Autobahn API.

The API has no end field. Wordings seen: until 2025 ``Beginn: 29.06.2021 09:00`` / ``Ende: 28.11.2021 17:00``; from
2026 ``Zeitraum dieser Bauphase:`` with ``Beginn: 01.09.25 um 20:00 Uhr``, or ``Die Baustelle ist zu folgenden
Zeiträumen gültig:`` with one line per slot, single or weekly.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo

from feeds.roads.closure import MOST_SPANS
from feeds.roads.moments import at_clock, is_reversed, read_moment
from hub.core.notice import Moment

_MOST_DAYS = 1100  # of a weekly slot: three years
_WEEKDAYS = ("montag", "dienstag", "mittwoch", "donnerstag", "freitag", "samstag", "sonntag")
_DAY = r"\d{1,2}\.\d{1,2}\.\d{2,4}"
_CLOCK = r"(\d{1,2}):(\d{2})"
_BEGIN = re.compile(r"Beginn:\s*(.+?)\.?", re.IGNORECASE)
_END = re.compile(r"Ende:\s*(.+?)\.?", re.IGNORECASE)
_NIGHT = re.compile(rf"(?:vom\s+)?({_DAY})\s+{_CLOCK}(?:\s*Uhr)?\s+bis\s+(?:zum\s+)?({_DAY})\s+{_CLOCK}(?:\s*Uhr)?\.?")
_HOURS = re.compile(rf"(?:am\s+)?({_DAY})\s+von\s+{_CLOCK}(?:\s*Uhr)?\s+bis\s+{_CLOCK}(?:\s*Uhr)?\.?", re.IGNORECASE)
_WEEKLY = re.compile(
    rf"Jede[nrs]?\s+(.{{2,120}}?)\s+zwischen\s+dem\s+({_DAY})\s+und\s+dem\s+({_DAY})"
    rf"\s+von\s+{_CLOCK}\s+bis\s+{_CLOCK}(?:\s*Uhr)?\.?",
    re.IGNORECASE,
)
_EXCEPT = re.compile(r"Die \w+ gilt nicht an folgenden Tagen:\s*(.*)", re.IGNORECASE)
_HEADINGS = re.compile(
    r"Zeitraum dieser Bauphase:|Die \w+ ist zu folgenden Zeiträumen gültig:|"
    r"\(Ende der Gesamtmaßnahme:\s*(?:.*)\)",
    re.IGNORECASE,
)

_Slot = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Period:
    """What the lines say: first begin, last end, the lines about time (``when``) and all others (``rest``).

    ``spans`` are the single dates (nights, days of the week), if there are no more than can be shown.
    """

    begin: Moment | None
    end: Moment | None
    when: tuple[str, ...]
    rest: tuple[str, ...]
    spans: tuple[tuple[Moment, Moment], ...] = ()


def read_period(lines: Iterable[str], zone: tzinfo) -> Period:
    """Return the period that ``lines`` describe; local times are in ``zone``. Unknown wording stays in ``rest``.

    ``Beginn`` and ``Ende`` win over single slots; the end of the whole project (``Gesamtmaßnahme``) is not the end
    of the phase, so it stays text. Days on which the works pause shorten the period only at its edges.
    """
    found = _Reading(zone)
    for line in _single(lines):
        found.take(line)
    slots = [slot for slot in found.slots if slot[0].date() not in found.pauses] or found.slots
    begin = found.begin or min((start for start, _ in slots), default=None)
    end = found.end or max((end for _, end in slots), default=None)
    if begin and end and is_reversed(begin, end, zone):
        end = None  # a mistake of the source: open is safer than over
    spans = () if found.begin or found.end or len(slots) > MOST_SPANS else tuple(sorted(set(slots)))
    return Period(begin, end, tuple(found.when), tuple(found.rest), spans)


class _Reading:
    """The state of going through the lines once."""

    def __init__(self, zone: tzinfo) -> None:
        self.zone = zone
        self.begin: Moment | None = None
        self.end: Moment | None = None
        self.slots: list[_Slot] = []
        self.pauses: set[date] = set()
        self.when: list[str] = []
        self.rest: list[str] = []
        self.pausing = False

    def take(self, line: str) -> None:
        """Sort one line into times or other text."""
        if not line:
            self.pausing = False
            self.rest.append(line)
        elif self._is_pause(line) or self._is_bound(line) or self._is_slot(line) or _HEADINGS.fullmatch(line):
            self.when.append(line)
        else:
            self.rest.append(line)

    def _is_pause(self, line: str) -> bool:
        start = _EXCEPT.fullmatch(line)
        if start:
            self.pausing, line = True, start[1]
        elif not (self.pausing and re.match(_DAY, line)):
            return False
        for text in re.findall(_DAY, line):
            day = read_moment(text, self.zone)
            if day is not None:
                self.pauses.add(day)
        return True

    def _is_bound(self, line: str) -> bool:
        for form, name in ((_BEGIN, "begin"), (_END, "end")):
            match = form.fullmatch(line)
            moment = read_moment(match[1], self.zone) if match else None
            if moment is not None:
                setattr(self, name, getattr(self, name) or moment)
                return True
        return False

    def _is_slot(self, line: str) -> bool:
        try:
            slots = list(_slots(line, self.zone))
        except (ValueError, OverflowError):  # "31.02.26", "25:00"
            return False
        self.slots += slots
        return bool(slots)


def _single(lines: Iterable[str]) -> Iterator[str]:
    for line in lines:
        for one in line.split("\n"):
            yield " ".join(one.split())


def _slots(line: str, zone: tzinfo) -> Iterator[_Slot]:
    """Yield the slots of one line; raise ``ValueError`` for a date or clock that does not exist."""
    if match := _NIGHT.fullmatch(line):
        day, hour, minute, last, *clock = match.groups()
        yield _span((_day(day, zone), int(hour), int(minute)), (_day(last, zone), int(clock[0]), int(clock[1])), zone)
    elif match := _HOURS.fullmatch(line):
        day, *clock = match.groups()
        yield _hours(_day(day, zone), [int(one) for one in clock], zone)
    elif match := _WEEKLY.fullmatch(line):
        names, first, last, *clock = match.groups()
        for one in _weekly(names, _day(first, zone), _day(last, zone)):
            yield _hours(one, [int(number) for number in clock], zone)


def _day(text: str, zone: tzinfo) -> date:
    found = read_moment(text, zone)
    if found is None:
        raise ValueError(f"no such day: {text}")
    return found


def _span(start: tuple[date, int, int], end: tuple[date, int, int], zone: tzinfo) -> _Slot:
    begin, over = at_clock(*start, zone), at_clock(*end, zone)
    if over < begin:
        raise ValueError("the end lies before the begin")
    return begin, over


def _hours(day: date, clock: Sequence[int], zone: tzinfo) -> _Slot:
    """Return the slot of one day; an end at or before the begin is on the next day (20:00 to 00:00)."""
    begin, over = at_clock(day, clock[0], clock[1], zone), at_clock(day, clock[2], clock[3], zone)
    return (begin, over) if over > begin else (begin, at_clock(day + timedelta(days=1), clock[2], clock[3], zone))


def _weekly(names: str, first: date, last: date) -> Iterator[date]:
    """Yield the days from ``first`` to ``last`` that fall on one of the weekdays in ``names`` ("Tag": every day)."""
    wanted = {number for number, name in enumerate(_WEEKDAYS) if name in names.lower()}
    if re.search(r"\btage?\b", names, re.IGNORECASE):
        wanted = set(range(7))
    for offset in range(min((last - first).days, _MOST_DAYS) + 1):
        day = first + timedelta(days=offset)
        if day.weekday() in wanted:
            yield day
