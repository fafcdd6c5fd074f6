"""Dates as German road authorities write them, read into a day (``date``) or an aware time (``datetime``)."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from typing import Any

from hub.core.notice import Moment

# Outside these years a date is a placeholder ("31.12.9999": open end) or a mistake.
YEARS = range(1990, 2101)
_SECONDS = range(600_000_000, 4_200_000_000)  # 1989 to 2103, as seconds since 1970
MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "januar jan jänner", "februar feb", "märz mrz mär maerz", "april apr", "mai", "juni jun",
            "juli jul", "august aug", "september sep sept", "oktober okt", "november nov", "dezember dez",
        ),
        start=1,
    )
    for name in names.split()
}  # fmt: skip

_TIME = (
    r"(?:(?:[T,]?\s*|\s+um\s+)(?P<hour>\d{1,2})[:.](?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,]\d{1,9})?)?(?:\s*Uhr)?"
    r"\s*(?P<offset>Z|UTC|[+-]\d{2}(?::?\d{2})?)?)?"
)
_FORMS = tuple(
    re.compile(day + _TIME, re.IGNORECASE | re.ASCII)
    for day in (
        r"(?P<year>\d{4})[-/.](?P<month>\d{1,2})[-/.](?P<day>\d{1,2})",
        r"(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})(?!\d)",
        r"(?:(?:mo|di|mi|do|fr|sa|so)\w*[.,]*\s+)?(?P<day>\d{1,2})\.\s?(?P<month>\d{1,2})\.\s?(?P<year>\d{4}|\d{2})",
    )
)
_NAMED = re.compile(
    r"(?:(?:mo|di|mi|do|fr|sa|so)\w*[.,]*\s+)?(?P<day>\d{1,2})\.?\s+(?P<name>[a-zä]{3,9})\.?\s+(?P<year>\d{4})" + _TIME,
    re.IGNORECASE,
)


def read_moment(value: Any, zone: tzinfo, date_format: str = "auto") -> Moment | None:
    """Return the moment that ``value`` says, ``None`` if it is empty, unreadable or a placeholder.

    ``auto`` reads ISO 8601 (also with ``/``), ``dd.mm.yy[yy] [um] [HH:MM [Uhr]]``, German month names and epoch
    seconds or milliseconds; any other value is a ``strptime`` format. Times without offset are local in ``zone``.
    """
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    try:
        if not isinstance(value, str):
            return _epoch(float(value))
        text = re.sub(r"^(\d{4}-\d{2}-\d{2})Z$", r"\1", " ".join(value.split()))  # a day, as GeoServer writes it
        if len(text) > 64:  # noqa: PLR2004 - no date is that long
            return None
        return _auto(text, zone) if date_format in {"", "auto"} else _formatted(text, zone, date_format)
    except (ValueError, OverflowError, OSError):
        return None


def starts(moment: Moment, zone: tzinfo) -> datetime:
    """Return when ``moment`` begins: a day begins at local midnight."""
    return moment if isinstance(moment, datetime) else datetime.combine(moment, time(), zone)


def ends(moment: Moment, zone: tzinfo) -> datetime:
    """Return when ``moment`` is over: a day is over at the next local midnight."""
    return moment if isinstance(moment, datetime) else datetime.combine(moment + timedelta(days=1), time(), zone)


def as_day(moment: Moment | None, zone: tzinfo) -> Moment | None:
    """Return a time of exactly local midnight as the whole day that it stands for, anything else as it is."""
    if isinstance(moment, datetime) and moment.astimezone(zone).time() == time():
        return moment.astimezone(zone).date()
    return moment


def is_reversed(begin: Moment, end: Moment, zone: tzinfo) -> bool:
    """Whether ``end`` lies wholly before ``begin``: a mistake of the source."""
    over = ends(end, zone)
    return over < starts(begin, zone) or (not isinstance(end, datetime) and over == starts(begin, zone))


def at_clock(day: date, hour: int, minute: int, zone: tzinfo) -> datetime:
    """Return ``day`` at ``hour:minute`` local; 24:00 is the next midnight. Raises ``ValueError`` for no such time."""
    if (hour, minute) == (24, 0):
        day, hour = day + timedelta(days=1), 0
    return datetime.combine(day, time(hour, minute), zone)


def _epoch(number: float) -> datetime | None:
    if int(number) in _SECONDS:
        return datetime.fromtimestamp(number, UTC)
    if int(number / 1000) in _SECONDS:
        return datetime.fromtimestamp(number / 1000, UTC)
    return None


def _formatted(text: str, zone: tzinfo, date_format: str) -> Moment | None:
    found = datetime.strptime(text, date_format)  # noqa: DTZ007 - the zone is set below
    if found.year not in YEARS:
        return None
    if not re.search(r"%[HIcXs]", date_format):
        return found.date()
    return found if found.tzinfo else found.replace(tzinfo=zone)


def _auto(text: str, zone: tzinfo) -> Moment | None:
    if re.fullmatch(r"\d{9,10}|\d{12,13}", text, re.ASCII):
        return _epoch(int(text))
    for form in _FORMS:
        match = form.fullmatch(text)
        if match:
            return _moment(match, int(match["month"]), zone)
    named = _NAMED.fullmatch(text)
    return _moment(named, MONTHS.get(named["name"].lower(), 0), zone) if named else None


def _moment(match: re.Match[str], month: int, zone: tzinfo) -> Moment | None:
    year = int(match["year"])
    day = date(year + 2000 if year < 100 else year, month, int(match["day"]))  # noqa: PLR2004 - two-digit year
    if day.year not in YEARS:
        return None
    if match["hour"] is None:
        return day
    return at_clock(day, int(match["hour"]), int(match["minute"]), _offset(match["offset"]) or zone)


def _offset(text: str | None) -> tzinfo | None:
    if not text:
        return None
    if text.upper() in {"Z", "UTC"}:
        return UTC
    digits = text[1:].replace(":", "").ljust(4, "0")
    shift = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(-shift if text[0] == "-" else shift)
