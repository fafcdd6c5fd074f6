"""Begin and end out of free German prose: ``vom 3. bis 14. März 2026``, ``bis voraussichtlich Ende Mai 2027``.

Only what names its year is read, except where the other end of the same span names it. A month or the end of one
stands for its last day, the middle for the 15th, the begin for the 10th as an end and for the first day as a begin.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, tzinfo

from feeds.roads.moments import MONTHS, YEARS, at_clock, is_reversed
from hub.core.notice import Moment

_MOST_TEXT = 10_000  # characters that are looked through
_MOST_DATES = 200
_WEEKDAY = (
    r"(?:(?:montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonnabend|sonntag|mo|di|mi|do|fr|"
    r"sa|so)\b\.?,?\s+)?(?:(?:den|dem)\s+)?"
)
_NAMES = "|".join(sorted(MONTHS, key=len, reverse=True))
_CLOCK = (
    r"(?:[ ,]{1,3}(?:um|ab|gegen|ca\.)?\s?(?P<hour>\d{1,2})(?:[:.](?P<minute>\d{2}))?\s?Uhr|"
    r"[ ,]{1,3}(?:um\s)?(?P<hour2>\d{1,2}):(?P<minute2>\d{2})(?!\d))?"
)
_DATE = re.compile(
    _WEEKDAY
    + r"(?:"
    + r"(?<![\d.])(?P<day>\d{1,2})\.\s?(?:(?P<month>\d{1,2})\.(?:\s?(?P<year>20\d{2}|\d{2})(?![\d.]\d))?"
    + rf"|\s?(?P<name>{_NAMES})\b\.?(?:\s(?P<year2>20\d{{2}}))?|(?=\s?(?:bis|und|[-–])))"
    + (
        rf"|(?P<part>anfang|mitte|ende|"
        rf"im)\s(?:(?:des\s)?(?:monats\s)?)?(?P<name3>{_NAMES})\b\.?(?:\s(?P<year3>20\d{{2}}))?"
    )
    + r"|(?P<iso>20\d{2}-\d{2}-\d{2})"
    + r")"
    + _CLOCK,
    re.IGNORECASE,
)
_UNTIL = re.compile(
    r"(?:\bbis(?:\s+(?:zum|einschlie(?:ß|ss)lich|einschl\.|inkl\.))?|\bEnde:|(?<!\w)[-–])"
    r"(?:\s+(?:voraussichtlich|vsl\.|vorauss\.|circa|ca\.|etwa|mindestens|spätestens|einschlie(?:ß|ss)lich))*\s*$",
    re.IGNORECASE,
)
_FROM = re.compile(
    r"(?:\b(?:ab|vom|von|seit|Beginn:|beginnt am|beginnend am)(?:\s+dem)?)"
    r"(?:\s+(?:voraussichtlich|vsl\.|ca\.|etwa|sofort))*\s*$",
    re.IGNORECASE,
)
_ON = re.compile(r"\b(?:am|und|sowie|an)\s*$|(?:^|[:;(\n])\s*$", re.IGNORECASE)
_NOT = re.compile(
    r"(?:stand|aktualisiert|ge(?:ä|ae)ndert|erstellt|ver(?:ö|oe)ffentlicht|beschluss|bescheid|"
    r"anordnung|verf(?:ü|ue)gung)"
    r"[\w\s:]{0,15}$",
    re.IGNORECASE,
)
_HOURS = re.compile(
    r"(?:^|[\s,(])(?:von|zwischen|jeweils(?: von)?|t(?:ä|"
    r"ae)glich(?: von)?)?\s?(\d{1,2})(?:[:.](\d{2}))?(?:\s?Uhr)?\s?(?:bis|und|[-–])\s?"
    r"(\d{1,2})(?:[:.](\d{2}))?\s?Uhr",
    re.IGNORECASE,
)
_CENTURY, _TENTH, _MIDDLE = 2000, 10, 15
_NEAR = 40  # characters before a date that say what it is


@dataclass(frozen=True, slots=True)
class _Found:
    """One date in the text: what it is (``begin``, ``end``, ``on`` or empty), and its parts; 0 where not said."""

    role: str
    day: int
    month: int
    year: int
    part: str = ""
    clock: tuple[int, int] | None = None

    def moment(self, zone: tzinfo) -> Moment:
        """Return the day, or the time if a clock is given. Raises ``ValueError`` for no such day."""
        day = self.day or self._rough()
        if self.year not in YEARS:
            raise ValueError("no year")
        found = date(self.year, self.month, day)
        return at_clock(found, *self.clock, zone) if self.clock else found

    def _rough(self) -> int:
        last = monthrange(self.year, self.month)[1] if self.year and self.month else 28
        as_end = {"anfang": _TENTH, "mitte": _MIDDLE}.get(self.part, last)
        as_begin = {"mitte": _MIDDLE, "ende": min(21, last)}.get(self.part, 1)
        return as_end if self.role == "end" else as_begin


def find_span(text: str, zone: tzinfo) -> tuple[Moment | None, Moment | None]:
    """Return the first begin and the last end that ``text`` says; local times are in ``zone``.

    A single ``am 5.3.2026`` is that day, with ``von 7 bis 17 Uhr`` those hours of it. Dates without a year, and those
    of a resolution or of the text itself (``Stand: …``), say nothing.
    """
    dates = _with_years(list(_dates(text[:_MOST_TEXT])))
    begins: list[Moment] = []
    last: list[Moment] = []
    for one in dates:
        try:
            moment = one.moment(zone)
        except ValueError:
            continue
        if one.role in {"begin", "on"}:
            begins.append(moment)
        if one.role in {"end", "on"}:
            last.append(moment)
    begin, end = min(begins, key=_order, default=None), max(last, key=_order, default=None)
    if begin and end and is_reversed(begin, end, zone):
        return begin, None
    return _hours(text, begin, end, zone)


def _dates(text: str) -> Iterator[_Found]:
    role, reached = "", 0
    for count, match in enumerate(_DATE.finditer(text)):
        if count >= _MOST_DATES:
            return
        before = text[max(0, match.start() - _NEAR) : match.start()]
        if _NOT.search(before):
            continue
        follows = reached and text[reached : match.start()]
        role = _role(before, role if follows and len(follows) <= _NEAR else "")
        reached = match.end()
        found = _found(match, role)
        if found is not None:
            yield found


def _role(before: str, known: str) -> str:
    """Return what a date is by the words before it; a bare one before another's ``bis`` is told by that later on."""
    if _UNTIL.search(before):
        return "end"
    if _FROM.search(before):
        return "begin"
    if _ON.search(before):
        return "on" if known in {"", "on", "end"} else known
    return ""


def _found(match: re.Match[str], role: str) -> _Found | None:
    part = (match["part"] or "").lower()
    name = (match["name"] or match["name3"] or "").lower()
    hour, minute = match["hour"] or match["hour2"], match["minute"] or match["minute2"]
    clock = (int(hour), int(minute or 0)) if hour else None
    if match["iso"]:
        year, month, day = (int(one) for one in match["iso"].split("-"))
        return _Found(role, day, month, year, clock=clock)
    year = int(match["year"] or match["year2"] or match["year3"] or 0)
    month = MONTHS.get(name, 0) if name else int(match["month"] or 0)
    return _Found(
        role, int(match["day"] or 0), month, year + _CENTURY if 0 < year < 100 else year,  # noqa: PLR2004 - two digits
        part if match["part"] else "", clock,
    )  # fmt: skip


def _with_years(dates: list[_Found]) -> list[_Found]:
    """Give a date without month or year those of the end that follows it (``vom 3. bis 14. März 2026``)."""
    for index in range(len(dates) - 2, -1, -1):
        one, after = dates[index], dates[index + 1]
        if after.role != "end":
            continue
        if not one.year and after.year:
            month = one.month or after.month
            one = replace(one, month=month, year=after.year - (month > after.month))
        dates[index] = one if one.role in {"begin", "end"} else replace(one, role="begin")
    for index, one in enumerate(dates[1:], start=1):
        before = dates[index - 1]
        if one.role == "end" and not one.year and before.year and one.month:
            dates[index] = replace(one, year=before.year + (one.month < before.month))
    return dates


def _hours(
    text: str, begin: Moment | None, end: Moment | None, zone: tzinfo
) -> tuple[Moment | None, Moment | None]:  # fmt: skip
    """Add the hours of a single day (``am 5.3.2026 von 7 bis 17 Uhr``); over several days they stay text."""
    match = _HOURS.search(text)
    if match is None or begin is None or _day(begin) != _day(end or begin) or end is None:
        return begin, end
    first, minute, last, minutes = (int(one or 0) for one in match.groups())
    try:
        start, over = at_clock(_day(begin), first, minute, zone), at_clock(_day(begin), last, minutes, zone)
    except ValueError:
        return begin, end
    return (start, over) if start < over else (begin, end)


def _day(moment: Moment) -> date:
    return moment.date() if isinstance(moment, datetime) else moment


def _order(moment: Moment) -> tuple[date, bool]:
    return _day(moment), isinstance(moment, datetime)
