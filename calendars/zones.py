"""VTIMEZONE texts made of rules, so that they are right in 2026, in 2027 and in 2045.

A TZif file ends in a footer: the zone's rule from its last listed change on, for ever, as a POSIX TZ string
(RFC 9636, 3.3). Here it becomes yearly RRULE observances (RFC 5545, 3.6.5). No lists of dates: readers take only
the first value of an RDATE list, and lists end. No COMMENT in it: libical counts that as an error.
"""

from __future__ import annotations

import io
import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from importlib import resources
from zoneinfo import ZoneInfo

_EPOCH = 1970  # the rule's first year; every reader computes from it, none serves events before
_FEBRUARY = 2
_LAST_WEEK = 5  # POSIX: "the last such day of the month"
_DAYS = ("SU", "MO", "TU", "WE", "TH", "FR", "SA")  # POSIX numbers them from Sunday
_LENGTHS = (0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_ZONE_NAME = re.compile(r"[A-Za-z0-9_+-]{1,40}(?:/[A-Za-z0-9_+-]{1,40}){0,3}", re.ASCII)
_NAME = r"(?:<([A-Za-z0-9+-]+)>|([A-Za-z]{3,}))"
_TIME = r"[+-]?\d{1,3}(?::\d\d){0,2}"
_FOOTER = re.compile(rf"{_NAME}({_TIME})(?:{_NAME}({_TIME})?,([^,]+),([^,]+))?", re.ASCII)
_RULE = re.compile(rf"M(\d{{1,2}})\.([1-5])\.([0-6])(?:/({_TIME}))?", re.ASCII)


@dataclass(frozen=True, slots=True)
class _Onset:
    """When an offset begins each year: weekday ``day`` (0 Sunday) of ``week`` in ``month``, ``time`` after midnight."""

    month: int
    week: int
    day: int
    time: timedelta


@dataclass(frozen=True, slots=True)
class _Period:
    """One offset of a zone: its abbreviation, its distance east of UTC, and when it begins (``None``: always)."""

    name: str
    offset: timedelta
    onset: _Onset | None = None


@lru_cache(maxsize=256)
def vtimezone(zone: str) -> bytes:
    """Return the VTIMEZONE of IANA zone ``zone`` as content lines with CRLF; empty for UTC, which needs none.

    Raises ``ValueError`` if there is no such zone or its rule cannot be told in RRULEs.
    """
    if is_utc(zone):
        return b""
    lines = ["BEGIN:VTIMEZONE", f"TZID:{zone}"]
    for observance in _observances(*_periods(_footer(zone))):
        lines += observance
    lines.append("END:VTIMEZONE")
    return "".join(f"{line}\r\n" for line in lines).encode("ascii")


def is_utc(zone: str) -> bool:
    """Whether ``zone`` is UTC under any of its names. Raises ``ValueError`` if there is no such zone."""
    return _footer(zone) == "UTC0"


@lru_cache(maxsize=256)
def yearly(zone: str) -> ZoneInfo:
    """Return ``zone`` as its VTIMEZONE tells it: the yearly rule alone, without single years that are listed apart.

    tzdata lists a few: a winter that Cuba left out, Ramadan in Palestine. Whoever writes a time compares and says in
    UTC what the rule would say wrongly. Raises ``ValueError`` if there is no such zone.
    """
    # A TZif file (RFC 9636, 3.1) with no change listed, one type of time and the footer.
    block = b"TZif2" + bytes(15) + struct.pack(">6l", 0, 0, 0, 0, 1, 4) + struct.pack(">lBB", 0, 0, 0) + b"UTC\0"
    return ZoneInfo.from_file(io.BytesIO(block + block + f"\n{_footer(zone)}\n".encode("ascii")), key=zone)


@lru_cache(maxsize=256)
def _footer(zone: str) -> str:
    """Read the POSIX rule from the last line of ``zone``'s TZif file in the tzdata package."""
    if not _ZONE_NAME.fullmatch(zone):  # a name is a path: nothing else may be opened by it
        raise ValueError(f"{zone!r} is not the name of a time zone.")
    try:
        data = resources.files("tzdata").joinpath("zoneinfo", *zone.split("/")).read_bytes()
    except OSError as error:
        raise ValueError(f"There is no time zone called {zone!r}.") from error
    if not data.startswith(b"TZif"):  # tables like ``tzdata.zi`` lie in the same folder
        raise ValueError(f"There is no time zone called {zone!r}.")
    return data.rsplit(b"\n", 2)[1].decode("ascii")


def _span(text: str) -> timedelta:
    """Read ``[+-]hh[:mm[:ss]]``; POSIX allows times of day beyond 24 hours and below zero."""
    sign = -1 if text.startswith("-") else 1
    hours, minutes, seconds = (*map(int, text.lstrip("+-").split(":")), 0, 0)[:3]
    return sign * timedelta(hours=hours, minutes=minutes, seconds=seconds)


def _onset(text: str) -> _Onset:
    found = _RULE.fullmatch(text)
    if found is None:
        raise ValueError(f"The time zone rule {text!r} cannot be told as a yearly rule.")
    month, week, day = (int(one) for one in found.group(1, 2, 3))
    return _Onset(month, week, day, _span(found[4] or "2"))


def _periods(footer: str) -> tuple[_Period, ...]:
    """Return the zone's one offset, or its two, the smaller one first.

    Irish law calls summer the standard and winter the exception (a negative saving). Calendars expect DAYLIGHT to be
    the larger offset, and no clock shows a difference, so the sign decides and not the order in the rule.
    """
    found = _FOOTER.fullmatch(footer)
    if found is None:
        raise ValueError(f"The time zone rule {footer!r} cannot be read.")
    name, offset = found[1] or found[2], -_span(found[3])  # POSIX counts west of Greenwich
    if found[7] is None:
        return (_Period(name, offset),)
    other = -_span(found[6]) if found[6] else offset + timedelta(hours=1)
    pair = (
        _Period(name, offset, _onset(found[8])),
        _Period(found[4] or found[5], other, _onset(found[7])),
    )
    return tuple(sorted(pair, key=lambda one: one.offset))


def _observances(*periods: _Period) -> Iterator[list[str]]:
    """Yield STANDARD, then DAYLIGHT, each once, or twice if its day may fall into either of two months."""
    for kind, period, before in zip(("STANDARD", "DAYLIGHT"), periods, reversed(periods), strict=False):
        facts = [
            f"TZOFFSETFROM:{_offset(before.offset)}",
            f"TZOFFSETTO:{_offset(period.offset)}",
            f"TZNAME:{period.name}",
        ]
        for when in _when(period.onset):
            yield [f"BEGIN:{kind}", *when, *facts, f"END:{kind}"]


def _offset(offset: timedelta) -> str:
    """Write a UTC-OFFSET (RFC 5545, 3.3.14)."""
    minutes, seconds = divmod(abs(int(offset.total_seconds())), 60)
    tail = f"{seconds:02}" if seconds else ""
    return f"{'-' if offset < timedelta(0) else '+'}{minutes // 60:02}{minutes % 60:02}{tail}"


def _when(onset: _Onset | None) -> Iterator[list[str]]:
    """Yield DTSTART and RRULE lines of ``onset``; the time is local, as it was before the change."""
    if onset is None:
        yield [f"DTSTART:{_EPOCH}0101T000000"]
        return
    shift, clock = onset.time // timedelta(days=1), onset.time % timedelta(days=1)
    time = clock.seconds
    stamp = f"{time // 3600:02}{time // 60 % 60:02}{time % 60:02}"
    weekday = (onset.day + shift) % 7
    if shift == 0:
        nth = -1 if onset.week == _LAST_WEEK else onset.week
        yield [f"DTSTART:{_first(onset, weekday):%Y%m%d}T{stamp}", _yearly(onset.month, f"{nth}{_DAYS[weekday]}")]
        return
    for month, days in _shifted(onset, shift):
        first = _first_among(month, days, weekday)
        among = ",".join(map(str, days))
        yield [f"DTSTART:{first:%Y%m%d}T{stamp}", f"{_yearly(month, _DAYS[weekday])};BYMONTHDAY={among}"]


def _yearly(month: int, day: str) -> str:
    return f"RRULE:FREQ=YEARLY;BYMONTH={month};BYDAY={day}"


def _window(month: int, week: int) -> range:
    """Return the seven days of ``month`` in which the ``week``-th weekday lies."""
    if week == _LAST_WEEK:
        return range(_LENGTHS[month] - 6, _LENGTHS[month] + 1)
    return range(7 * week - 6, 7 * week + 1)


def _first(onset: _Onset, weekday: int) -> date:
    return _first_among(onset.month, list(_window(onset.month, onset.week)), weekday)


def _first_among(month: int, days: list[int], weekday: int) -> date:
    """Return the first ``weekday`` from 1970 on that is one of ``days`` of ``month``: DTSTART must fit its rule."""
    every = (date(year, month, day) for year in range(_EPOCH, _EPOCH + 28) for day in days)
    return next(one for one in every if one.isoweekday() % 7 == weekday)


def _shifted(onset: _Onset, shift: int) -> Iterator[tuple[int, list[int]]]:
    """Yield (month, days) of ``onset``'s seven days moved by ``shift``; they may reach into a neighbouring month.

    "24:00 on the last Thursday of October" (Egypt) is a Friday from 26 October to 1 November.
    """
    length = _LENGTHS[onset.month]
    days = [one + shift for one in _window(onset.month, onset.week)]
    february = onset.month == _FEBRUARY and (onset.week == _LAST_WEEK or days[-1] > length)
    if february or (onset.month - 1 == _FEBRUARY and days[0] < 1):  # leap years move them; no zone does this
        raise ValueError("A time zone that changes around the end of February cannot be told as a yearly rule.")
    for month, part in (
        (onset.month - 1, [one + _LENGTHS[onset.month - 1] for one in days if one < 1]),
        (onset.month, [one for one in days if 1 <= one <= length]),
        (onset.month + 1, [one - length for one in days if one > length]),
    ):
        if part:
            yield month, part
