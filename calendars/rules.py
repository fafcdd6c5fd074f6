"""Checks of recurrence (RFC 5545, 3.3.10, 3.8.5) before anything is expanded, so that no rule can hang or flood us.

Measured: a 170-byte rule with FREQ=SECONDLY keeps the expanding library busy for more than 40 s, INTERVAL=0 for ever,
one that never matches for 6 s.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import MAXYEAR, date, datetime, time, timedelta

from calendars.event import Moment
from hub.core.errors import SourceRefused

MOST_OCCURRENCES = 1_500  # of one event within the window
MOST_EXCEPTIONS = 5_000  # EXDATE values of one event
MOST_COUNT = 20_000
MOST_INTERVAL = 1_000
MOST_TIMES = 24  # of one day
_LONGEST = 2_000  # characters of one rule
_FREQUENCIES = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")
_SUB_DAILY = ("SECONDLY", "MINUTELY", "HOURLY")
_NUMBERS = {
    "BYSECOND": (0, 60), "BYMINUTE": (0, 59), "BYHOUR": (0, 23), "BYMONTHDAY": (-31, 31), "BYYEARDAY": (-366, 366),
    "BYWEEKNO": (-53, 53), "BYMONTH": (1, 12), "BYSETPOS": (-366, 366),
}  # fmt: skip
_DAY = re.compile(r"(?:[+-]?\d{1,2})?(?:MO|TU|WE|TH|FR|SA|SU)", re.ASCII)
_KNOWN = {"FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST", "BYDAY", *_NUMBERS}


class RuleRefused(SourceRefused):
    """An event's recurrence is not one that a calendar of citizens can have; the event is left out."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A checked RRULE: its ``parts`` by upper-case name, without COUNT and UNTIL, which stand apart."""

    parts: Mapping[str, str]
    count: int | None = None
    until: str = ""
    ignored: tuple[str, ...] = field(default=(), compare=False)  # names of parts that say nothing


@dataclass(frozen=True, slots=True)
class Followed:
    """The ``dates`` of a rule within a window, and the ``cost`` of finding them, in days looked at."""

    dates: tuple[Moment, ...]
    cost: int


def read_rule(text: str) -> Rule:
    """Read and check one RRULE value. Raises ``RuleRefused`` with the reason."""
    if len(text) > _LONGEST:
        raise RuleRefused(f"its rule is longer than {_LONGEST:,} characters")
    parts, ignored = _split(text)
    if parts.get("FREQ") in _SUB_DAILY:
        raise RuleRefused(f"it repeats {parts['FREQ']}, more often than daily")
    if parts.get("FREQ") not in _FREQUENCIES:
        raise RuleRefused("its rule names no FREQ")
    interval = _number(parts.get("INTERVAL", "1"), "INTERVAL")
    if not 1 <= interval <= MOST_INTERVAL:
        raise RuleRefused(f"its INTERVAL is {parts['INTERVAL'][:20]}, not 1 to {MOST_INTERVAL:,}")
    count = _number(parts["COUNT"], "COUNT") if "COUNT" in parts else None
    if count is not None and not 1 <= count <= MOST_COUNT:
        raise RuleRefused(f"its COUNT is {parts['COUNT'][:20]}, not 1 to {MOST_COUNT:,}")
    _check_lists(parts)
    bare = {name: value for name, value in parts.items() if name not in ("COUNT", "UNTIL")}
    return Rule(bare, count, parts.get("UNTIL", ""), tuple(ignored))


def _split(text: str) -> tuple[dict[str, str], list[str]]:
    parts: dict[str, str] = {}
    ignored: list[str] = []
    for one in filter(None, (part.strip() for part in text.upper().split(";"))):
        name, _, value = (part.strip() for part in one.partition("="))
        if name.startswith("X-") or not value:
            ignored.append(name[:20])
            continue
        if name not in _KNOWN:
            # A misspelt UNTIL would make a rule endless: better no event than wrong dates.
            raise RuleRefused(f"its rule has the unknown part {name[:20]!r}")
        parts[name] = value
    return parts, ignored


def _number(value: str, name: str) -> int:
    if not re.fullmatch(r"[+-]?\d{1,18}", value, re.ASCII):
        raise RuleRefused(f"its {name} {value[:20]!r} is no number")
    return int(value)


def _check_lists(parts: Mapping[str, str]) -> None:
    """Check every BY… list against the ranges of RFC 5545, 3.3.10."""
    for name, (least, most) in _NUMBERS.items():
        for one in parts[name].split(",") if name in parts else ():
            number = _number(one.strip(), name)
            if not least <= number <= most or (number == 0 and least < 0):
                raise RuleRefused(f"its {name} holds {number}")
    for one in (part.strip() for name in ("BYDAY", "WKST") if name in parts for part in parts[name].split(",")):
        if not _DAY.fullmatch(one):
            raise RuleRefused(f"{one[:20]!r} is no day of the week")
    if _times(parts) > MOST_TIMES:
        raise RuleRefused(f"it repeats more than {MOST_TIMES} times a day")


def _times(parts: Mapping[str, str]) -> int:
    """Return how many times of day the BYHOUR, BYMINUTE and BYSECOND lists make together."""
    return math.prod(len(parts[name].split(",")) for name in ("BYHOUR", "BYMINUTE", "BYSECOND") if name in parts)


def follow(rule: Rule, start: Moment, until: Moment | None, window: tuple[date, date]) -> Followed:
    """Return the dates of ``rule``, beginning at ``start``, that lie in ``window`` (both days included).

    ``until`` is the rule's own, of the kind of ``start``. Local wall time is kept across clock changes, as RFC 5545
    3.3.10 wants. Raises ``RuleRefused`` above ``MOST_OCCURRENCES`` or if the rule makes no sense.

    dateutil looks for a next date until the year 9999, and only then learns that a rule never matches. The Gregorian
    calendar repeats every 400 years to the day of the week, so the rule is followed as far before 9999 as it can be.
    """
    first, end = _naive(window[0], start), _naive(window[1] + timedelta(days=1), start)
    limit = _naive(until, start) if until is not None else end
    shift = (MAXYEAR - window[1].year) // 400 * 400
    found: list[Moment] = []
    for seen, one in enumerate(_dates(rule, _years_later(_naive(start, start), shift)), 1):
        plain = _years_later(one, -shift)
        if plain >= end or plain > limit:
            break
        if plain >= first:
            found.append(_kind(plain, start))
        if len(found) > MOST_OCCURRENCES:
            raise RuleRefused(f"it has more than {MOST_OCCURRENCES:,} dates in the time asked for")
        if seen == rule.count:
            break
    else:
        return Followed(tuple(found), (MAXYEAR - shift - _naive(start, start).year) * 366)
    return Followed(tuple(found), work(rule, start, window[1]))


def work(rule: Rule, start: Moment, end: date) -> int:
    """Return what following ``rule`` from ``start`` to ``end`` costs: days, times the dates that a day may have."""
    return max(0, (end - _naive(start, start).date()).days) * _times(rule.parts)


def _dates(rule: Rule, start: datetime) -> Iterator[datetime]:
    """Iterate the rule without end, in naive wall time. Raises ``RuleRefused`` if dateutil cannot."""
    from dateutil.rrule import rrulestr  # type: ignore[import-untyped]

    text = ";".join(f"{name}={value}" for name, value in rule.parts.items())
    try:
        yield from rrulestr(text, dtstart=start)
    except (ValueError, TypeError, IndexError, KeyError, AttributeError, OverflowError) as error:
        raise RuleRefused(f"its rule cannot be followed ({error})") from error


def _years_later(moment: datetime, years: int) -> datetime:
    """Return ``moment`` a multiple of 400 ``years`` later: a leap day stays one."""
    return moment.replace(year=moment.year + years)


def _naive(moment: Moment, like: Moment) -> datetime:
    """Return ``moment`` as wall time in the zone of ``like``; a day as its midnight."""
    if not isinstance(moment, datetime):
        return datetime.combine(moment, time())
    zone = like.tzinfo if isinstance(like, datetime) else None
    return (moment.astimezone(zone) if zone is not None else moment).replace(tzinfo=None)


def _kind(plain: datetime, like: Moment) -> Moment:
    """Return wall time ``plain`` as a moment of the kind of ``like``."""
    return plain.replace(tzinfo=like.tzinfo) if isinstance(like, datetime) else plain.date()
