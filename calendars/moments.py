"""Dates, times, durations and zones of content lines (RFC 5545, 3.3.4 to 3.3.6, 3.3.14), read leniently but safely.

A zone name is only ever looked up in the list of IANA names: no file is opened for it, and a VTIMEZONE beside it is
not believed, because tzdata knows the German rules better than any exporter.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from calendars.event import Moment
from calendars.lines import Line

EARLIEST, LATEST = 1900, 2200  # years; what lies outside is a typing error
_LONGEST_NAME = 200
_NOWHERE = re.compile(r"UTC|GMT|Etc/.*")
_MOMENT = re.compile(
    r"(\d{4})-?(\d\d)-?(\d\d)(?:[T ](\d\d):?(\d\d):?(\d\d)?(?:\.\d{1,9})?(Z|[+-]\d\d:?\d\d)?)?", re.ASCII
)
_DURATION = re.compile(
    r"([+-])?P(?:(\d{1,4})W)?(?:(\d{1,5})D)?(?:T(?:(\d{1,6})H)?(?:(\d{1,7})M)?(?:(\d{1,8})S)?)?", re.ASCII
)


class UnreadableValueError(ValueError):
    """A value that is no date, time or duration; its text is a clause for a sentence."""


class Clock:
    """Reads moments of one calendar. ``zone`` is where floating times are; ``notes`` counts what had to be assumed."""

    def __init__(self, zone: str, declared: str = "") -> None:
        """``zone`` is the source's IANA zone, ``declared`` the calendar's X-WR-TIMEZONE, which wins if it is a place.

        UTC is no place but an exporter's default: local times of a German town are not meant in it.
        """
        self.notes: Counter[str] = Counter()
        self.name, self.declared = zone, False
        found, note = iana(declared) if declared else ("", "")
        if found and _NOWHERE.fullmatch(found):
            pass
        elif found:
            self.name, self.declared = found, True
        elif declared:
            self.notes["unknown-zone"] += 1
        if note and found:
            self.notes[note] += 1
        self.zone = ZoneInfo(self.name)
        self._known: dict[str, tzinfo] = {}

    def moment(self, line: Line) -> Moment:
        """Return the value of ``line`` as a day or an aware time. Raises ``UnreadableValueError``."""
        value = line.value.strip()
        found = _MOMENT.fullmatch(value) or _MOMENT.fullmatch(value.rpartition(":")[2].strip())
        if found is None:
            raise UnreadableValueError(f"{value[:40]!r} is no date")
        try:
            return self._build(found, line.params)
        except ValueError as error:
            if isinstance(error, UnreadableValueError):
                raise
            raise UnreadableValueError(f"{value[:40]!r} is no date") from error

    def _build(self, found: re.Match[str], params: dict[str, str]) -> Moment:
        day = date(int(found[1]), int(found[2]), int(found[3]))
        if not EARLIEST <= day.year <= LATEST:
            raise UnreadableValueError(f"the year {day.year} cannot be meant")
        if found[4] is None:
            if params and params.get("VALUE", "DATE").upper() != "DATE":
                self.notes["date-without-value"] += 1
            return day
        if params.get("VALUE", "").upper() == "DATE":  # the time is noise then
            self.notes["time-in-date"] += 1
            return day
        second = min(int(found[6] or 0), 59)  # 60 is a leap second (3.3.12)
        days, hour = divmod(int(found[4]), 24)
        if (days, hour) > (1, 0):  # 24:00 is the end of the day, more is nothing
            raise UnreadableValueError(f"{found[0][:40]!r} is no time")
        naive = datetime(day.year, day.month, day.day, hour, int(found[5]), second)  # noqa: DTZ001 - zone follows
        return (naive + timedelta(days=days)).replace(tzinfo=self._zone(found[7] or "", params.get("TZID", "")))

    def _zone(self, offset: str, tzid: str) -> tzinfo:
        if offset == "Z":
            return UTC
        if offset:
            self.notes["offset-in-time"] += 1
            sign = -1 if offset[0] == "-" else 1
            digits = offset[1:].replace(":", "")
            return timezone(sign * timedelta(hours=int(digits[:2]), minutes=int(digits[2:])))
        if not tzid:
            self.notes["floating-time"] += 1
            return self.zone
        if tzid not in self._known:
            self._known[tzid] = self._lookup(tzid)
        return self._known[tzid]

    def _lookup(self, tzid: str) -> tzinfo:
        name, note = iana(tzid)
        if not name:
            self.notes["unknown-zone"] += 1
            return self.zone
        if note:
            self.notes[note] += 1
        return ZoneInfo(name)

    def every(self, lines: Sequence[Line]) -> list[Moment]:
        """Return all moments of lists such as EXDATE and RDATE; a period counts by its start.

        Empty lines are left out and noted. Raises ``UnreadableValueError``.
        """
        found: list[Moment] = []
        for line in lines:
            for part in line.value.split(","):
                start, _, period = part.partition("/")
                if not part.strip():
                    self.notes["empty-date-list"] += 1
                    continue
                if period:
                    self.notes["period-as-start"] += 1
                params = {name: value for name, value in line.params.items() if name != "VALUE" or not period}
                found.append(self.moment(Line(params, start)))
        return found

    def local(self, moment: Moment) -> date:
        """Return the day of ``moment`` in its own zone; a UTC time's day is the calendar zone's."""
        if not isinstance(moment, datetime):
            return moment
        return (moment.astimezone(self.zone) if moment.tzinfo is UTC else moment).date()


def duration(value: str) -> timedelta:
    """Read a DURATION (RFC 5545, 3.3.6). Raises ``UnreadableValueError``."""
    found = _DURATION.fullmatch(value.strip().upper())
    if found is None or not any(found.groups()[1:]):
        raise UnreadableValueError(f"{value[:40]!r} is no duration")
    weeks, days, hours, minutes, seconds = (int(one or 0) for one in found.groups()[1:])
    span = timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)
    if span > timedelta(days=3660):
        raise UnreadableValueError(f"{value[:40]!r} is longer than ten years")
    return -span if found[1] == "-" else span


def iana(tzid: str) -> tuple[str, str]:
    """Return the IANA name that ``tzid`` means (empty: unknown), and the name of the repair it took (empty: none).

    Known are IANA names, Windows names (CLDR), and paths that end in an IANA name, as Mozilla and Evolution write.
    """
    text = tzid.strip().strip('"').strip()
    names = _names()
    if names.get(text) == text:
        return text, ""
    folded = names.get(text.casefold())
    if folded:
        return folded, "zone-spelling"
    if len(text) > _LONGEST_NAME:
        return "", ""
    windows = _windows().get(text.casefold())
    if windows:
        return windows, "windows-zone"
    parts = [part for part in text.split("/") if part]
    for count in (3, 2):
        tail = "/".join(parts[-count:])
        if len(parts) >= count and names.get(tail) == tail:
            return tail, "zone-in-path"
    return "", ""


@cache
def _names() -> dict[str, str]:
    """Return the IANA names by themselves and by their folded form."""
    # "localtime", "posixrules" and "Factory" are files of the system, not places.
    names = {one for one in available_timezones() if "/" in one or one in ("UTC", "GMT", "CET", "MET", "EET", "WET")}
    return {one.casefold(): one for one in names} | {one: one for one in names}


@cache
def _windows() -> dict[str, str]:
    from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

    return {name.casefold(): zone for name, zone in WINDOWS_TO_OLSON.items()}
