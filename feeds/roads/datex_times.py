"""When a DATEX II record holds (Validity, OverallPeriod, Period): begin, end, single dates and the pattern in words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import NamedTuple

from lxml import etree

from feeds.roads.closure import MOST_SPANS
from feeds.roads.moments import at_clock, is_reversed, read_moment, starts
from feeds.roads.words import LANGUAGES, frame
from feeds.roads.xml_stream import child, children, text
from hub.core.notice import Moment

WEEK = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MOST_DAYS = 1100
_TIME = re.compile(r"(\d{2}):(\d{2})(?::\d{2}(?:\.\d+)?)?(Z|[+-]\d{2}:\d{2})?", re.ASCII)

Span = tuple[Moment, Moment]


class Hours(NamedTuple):
    """From when until when on each day: hour, minute, hour, minute."""

    first: int
    minute: int
    last: int
    minutes: int

    def shown(self) -> str:
        """Return ``07:00–20:00``."""
        return f"{self.first:02}:{self.minute:02}–{self.last:02}:{self.minutes:02}"


@dataclass(frozen=True, slots=True)
class Validity:
    """``spans`` only where they are few and end; ``patterns`` are the recurring periods in words, by language.

    ``status`` is DATEX II's ValidityStatusEnum; ``odd`` says that a time is there but cannot be read.
    """

    begin: Moment | None = None
    end: Moment | None = None
    spans: tuple[Span, ...] = ()
    patterns: tuple[tuple[str, str], ...] = ()
    status: str = ""
    odd: bool = False


def read_validity(element: etree._Element | None, zone: tzinfo) -> Validity:
    """Return what ``validity`` (or ``validityByOrder``) says; local days are those of ``zone``."""
    stated = child(element, "validityTimeSpecification")
    begin, first_odd = _moment(text(stated, "overallStartTime"), zone)
    end, last_odd = _moment(text(stated, "overallEndTime"), zone)
    if begin and end and is_reversed(begin, end, zone):
        end = None  # a mistake of the source: open is safer than over
    periods = [_Period.read(one, zone) for one in children(stated, "validPeriod")]
    breaks = [_Period.read(one, zone) for one in children(stated, "exceptionPeriod")]
    spans = _spans(periods, breaks, begin, end, zone)
    patterns = tuple(
        (lang, "; ".join(dict.fromkeys(filter(None, (one.words(lang) for one in periods))))) for lang in LANGUAGES
    )
    return Validity(
        begin=begin or min((one[0] for one in spans), key=_order, default=None),
        end=end or max((one[1] for one in spans), key=_order, default=None),
        spans=spans,
        patterns=tuple((lang, words) for lang, words in patterns if words),
        status=text(element, "validityStatus"),
        odd=first_odd or last_odd,
    )


@dataclass(frozen=True, slots=True)
class _Period:
    begin: Moment | None
    end: Moment | None
    hours: tuple[Hours, ...]
    days: frozenset[int]

    @classmethod
    def read(cls, element: etree._Element, zone: tzinfo) -> _Period:
        begin, _ = _moment(text(element, "startOfPeriod"), zone)
        end, _ = _moment(text(element, "endOfPeriod"), zone)
        hours = [_hours(one, begin, zone) for one in children(element, "recurringTimePeriodOfDay")]
        days = [
            text_of(one)
            for period in children(element, "recurringDayWeekMonthPeriod")
            for one in children(period, "applicableDay")
        ]
        return cls(begin, end, tuple(one for one in hours if one), week_days(days))

    def words(self, lang: str) -> str:
        """Return ``Mo, Di 07:00–20:00``; nothing where there are neither days nor hours."""
        return pattern(self.days, [one.shown() for one in self.hours], lang)

    def holds(self, moment: datetime, zone: tzinfo) -> bool:
        """Whether ``moment`` lies in this period (of exceptions)."""
        local = moment.astimezone(zone)
        lies = (self.begin is None or _order(self.begin) <= _order(moment)) and (
            self.end is None or _order(moment) < _order(self.end)
        )
        return lies and (not self.days or local.weekday() in self.days)


def pattern(days: Iterable[int], hours: Iterable[str], lang: str) -> str:
    """Return weekdays (Monday is 0) and hours in words, empty without any."""
    named = ", ".join(frame(WEEK[one], lang) for one in sorted(set(days)))
    times = ", ".join(hours)
    return " ".join(filter(None, (named or (frame("daily", lang) if times else ""), times)))


def week_days(names: Iterable[str]) -> frozenset[int]:
    """Return the numbers of English weekday names."""
    return frozenset(WEEK.index(one.lower()) for one in names if one.lower() in WEEK)


def text_of(element: etree._Element) -> str:
    """Return the element's own text on one line."""
    return " ".join((element.text or "").split())


def expand(
    first: date, last: date, days: Iterable[int], hours: Iterable[Hours], zone: tzinfo
) -> Iterator[tuple[datetime, datetime]]:
    """Yield each day's span from ``first`` to ``last``; hours that end at or before their begin end the next day."""
    wanted, times = frozenset(days), tuple(hours) or (Hours(0, 0, 24, 0),)
    for offset in range(min((last - first).days, _MOST_DAYS) + 1):
        day = first + timedelta(days=offset)
        if wanted and day.weekday() not in wanted:
            continue
        for one in times:
            begin, over = at_clock(day, one.first, one.minute, zone), at_clock(day, one.last, one.minutes, zone)
            if over <= begin:
                over = at_clock(day + timedelta(days=1), one.last, one.minutes, zone)
            yield begin, over


def few(spans: Iterator[tuple[datetime, datetime]], most: int = MOST_SPANS) -> tuple[Span, ...] | None:
    """Return the spans, ``None`` if there are more than can be shown as dates."""
    found: list[Span] = []
    for one in spans:
        found.append(one)
        if len(found) > most:
            return None
    return tuple(found)


def _spans(
    periods: list[_Period], breaks: list[_Period], begin: Moment | None, end: Moment | None, zone: tzinfo
) -> tuple[Span, ...]:
    """Return the single dates of all periods, none if one of them has no end or there are too many."""
    found: list[Span] = []
    for one in periods:
        first, last = one.begin or begin, one.end or end
        if first is None or last is None:
            return ()
        if one.hours or one.days:
            some = few(expand(day_of(first, zone), day_of(last, zone), one.days, one.hours, zone))
            if some is None:
                return ()
            inside = (_clipped(span, first, last) for span in some)
            found += [span for span in inside if _order(span[0]) < _order(span[1])]
        else:
            found.append((first, last))
    if breaks:
        found = [one for one in found if not any(gap.holds(starts(one[0], zone), zone) for gap in breaks)]
    return tuple(found) if len(found) <= MOST_SPANS else ()


def _clipped(span: Span, first: Moment, last: Moment) -> Span:
    return max(span[0], first, key=_order), min(span[1], last, key=_order)


def day_of(moment: Moment, zone: tzinfo) -> date:
    """Return the local day of ``moment``."""
    return moment.astimezone(zone).date() if isinstance(moment, datetime) else moment


def _order(moment: Moment) -> float:
    return starts(moment, UTC).timestamp()


def _moment(value: str, zone: tzinfo) -> tuple[Moment | None, bool]:
    found = read_moment(value, zone)
    return found, bool(value) and found is None


def _hours(element: etree._Element, begin: Moment | None, zone: tzinfo) -> Hours | None:
    """Return the hours of a ``recurringTimePeriodOfDay`` in local time; an offset in them is that of a winter's day."""
    first = _clock(text(element, "startTimeOfPeriod"), begin, zone)
    last = _clock(text(element, "endTimeOfPeriod"), begin, zone)
    return Hours(*first, *last) if first and last else None


def _clock(value: str, begin: Moment | None, zone: tzinfo) -> tuple[int, int] | None:
    match = _TIME.fullmatch(value)
    if match is None:
        return None
    hour, minute = int(match[1]), int(match[2])
    if hour > 24 or minute > 59 or (hour == 24 and minute):  # noqa: PLR2004 - a clock
        return None
    if match[3] and hour < 24:  # noqa: PLR2004 - a clock
        day = day_of(begin, zone) if begin else date(2026, 1, 15)
        moment = read_moment(f"{day.isoformat()}T{match[1]}:{match[2]}{match[3]}", zone)
        if isinstance(moment, datetime):
            local = moment.astimezone(zone)
            return local.hour, local.minute
    return hour, minute
