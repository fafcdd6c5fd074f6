"""Regular collections as towns say them: ``jeden zweiten Mittwoch ab 7.1.``, ``1. und 3. Montag im Monat``.

The dates are counted, nothing is known of holidays here; ``feeds.waste.shifts`` moves them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from feeds.waste.pickup import read_day

_WEEK = timedelta(days=7)
_DAYS = (
    r"mo(?:ntags?)?", r"di(?:enstags?)?", r"mi(?:ttwochs?)?", r"do(?:nnerstags?)?", r"fr(?:eitags?)?",
    r"sa(?:mstags?)?|sonnabends?",
)  # fmt: skip
_DAY = re.compile(rf"\b(?:{'|'.join(f'({one})' for one in _DAYS)})\b\.?", re.IGNORECASE)
_NUMBERS = {"erst": 1, "zweit": 2, "dritt": 3, "viert": 4, "zwei": 2, "drei": 3, "vier": 4, "letzt": -1}
_NUMBER = r"(\d{1,2}\.?|erste[rnsm]?|zweite[rnsm]?|dritte[rnsm]?|vierte[rnsm]?|letzte[rnsm]?)"
_EVERY = re.compile(
    r"alle (\d|zwei|drei|vier) wochen|(?:(\d)|(zwei|drei|vier)) ?-?wöch(?:entlich|ig)|(14|21|28)[- ]?täg\w+"
    rf"|(vierzehntäg)\w+|jede[rn] {_NUMBER}\s",
    re.IGNORECASE,
)
_WEEKLY = re.compile(
    r"\b(?:wöchentlich|jede woche|jede[rn]|immer)\b|\b(?:mon|diens|donners|frei|sams)tags\b|mittwochs", re.IGNORECASE
)
_PARITY = re.compile(r"\b(un)?gerade[rn]? (?:kalender)?(?:wochen?|kw)\b", re.IGNORECASE)
_MONTHLY = re.compile(r"\b(?:im|des|jeden) monats?\b|\bmonatlich\b", re.IGNORECASE)
_NTH = re.compile(rf"{_NUMBER}(?=[\s,./+u]|$)", re.IGNORECASE)
_MOMENT = r"(?:\d{1,2}\. ?\d{1,2}\.(?: ?\d{2,4})?|\d{4}-\d{2}-\d{2})"
_FROM = re.compile(rf"\b(?:ab|seit|von|vom|erstmals|beginn\w*|start\w*)\b\D{{0,20}}({_MOMENT})", re.IGNORECASE)
_TO = re.compile(rf"\bbis\b\D{{0,20}}({_MOMENT})", re.IGNORECASE)
_LINE = re.compile(r"\s*[-•*]?\s*([^:;|\t]{2,80}?)\s*:\s+(\S.{3,200})")


@dataclass(frozen=True, slots=True)
class Plan:
    """On ``weekday`` (0 Monday) every ``weeks`` weeks from ``first`` on, or the ``nth`` ones of each month.

    ``parity`` 0 or 1 picks even or odd ISO weeks; ``last`` is the end.
    """

    weekday: int
    weeks: int = 1
    nth: tuple[int, ...] = ()
    parity: int | None = None
    first: date | None = None
    last: date | None = None

    def days(self, start: date, end: date) -> Iterator[date]:
        """Yield the days of the plan from ``start`` to ``end``, both included."""
        start, end = max(start, self.first or start), min(end, self.last or end)
        day = start + timedelta(days=(self.weekday - start.weekday()) % 7)
        while day <= end:
            if self._holds(day):
                yield day
            day += _WEEK

    def _holds(self, day: date) -> bool:
        if self.nth:
            return (day.day - 1) // 7 + 1 in self.nth or (-1 in self.nth and (day + _WEEK).month != day.month)
        if self.parity is not None:
            return day.isocalendar().week % 2 == self.parity
        return self.first is None or (day - self.first).days // 7 % self.weeks == 0


class NoPlanError(ValueError):
    """A text that means a plan but leaves something open; the text is a clause for a sentence."""


def is_plan(text: str) -> bool:
    """Whether ``text`` speaks of a regular day of the week."""
    return _DAY.search(_FROM.sub(" ", text)) is not None and any(
        one.search(text) for one in (_EVERY, _WEEKLY, _PARITY, _MONTHLY)
    )


def read_plan(text: str, today: date) -> Plan:
    """Read ``text``; a day without a year is the nearest to ``today`` that fits. Raises ``NoPlanError``."""
    plain = " ".join(text.split())
    rest = _TO.sub(" ", _FROM.sub(" ", plain))
    day = _DAY.search(rest)
    if day is None:
        raise NoPlanError("it names no day of the week")
    weekday = next(at for at, found in enumerate(day.groups()) if found)
    last = _moment(_TO, plain, today, None)
    if _MONTHLY.search(rest):
        nth = tuple(_number(one) for one in _NTH.findall(rest[: day.start()]))
        if not nth or not all(one in (-1, 1, 2, 3, 4, 5) for one in nth):
            raise NoPlanError("it does not say which of the month's days are meant")
        return Plan(weekday, nth=nth, first=_moment(_FROM, plain, today, None), last=last)
    parity = _PARITY.search(rest)
    if parity:
        return Plan(weekday, parity=1 if parity[1] else 0, first=_moment(_FROM, plain, today, None), last=last)
    weeks = _weeks(rest)
    first = _moment(_FROM, plain, today, weekday if weeks > 1 else None)
    if weeks > 1 and first is None:
        raise NoPlanError("it does not say from which day on (for example: ab 7.1.2027)")
    if weeks > 1 and first is not None and first.weekday() != weekday:
        raise NoPlanError(f"its first day, {first:%d.%m.%Y}, is another day of the week")
    return Plan(weekday, weeks, first=first, last=last)


def _weeks(text: str) -> int:
    found = _EVERY.search(text)
    if found is None:
        return 1
    alle, digit, word, days, fortnight, nth = found.groups()
    if fortnight:
        return 2
    if days:
        return int(days) // 7
    return max(1, _number(alle or digit or word or nth))


def _number(text: str) -> int:
    plain = text.rstrip(".").lower()
    return int(plain) if plain.isdecimal() else next(n for stem, n in _NUMBERS.items() if plain.startswith(stem))


def _moment(pattern: re.Pattern[str], text: str, today: date, weekday: int | None) -> date | None:
    """Return the day after ``ab`` or ``bis``; without a year the nearest, on ``weekday`` if one of three years fits."""
    found = pattern.search(text)
    if found is None:
        return None
    said = found[1].replace(" ", "")
    given = read_day(said)
    if given is not None:
        return given
    years = (today.year - 1, today.year, today.year + 1)
    days = [day for year in years if (day := read_day(f"{said.rstrip('.')}.{year}"))]
    if not days:
        raise NoPlanError(f"{said} is no day")
    fitting = [day for day in days if weekday is None or day.weekday() == weekday]
    return min(fitting or days, key=lambda day: abs((day - today).days))


def lines_as_rows(text: str) -> list[tuple[str, str]]:
    """Return ``(what, plan)`` of lines such as ``Restmüll: jeden Mittwoch``; ``[]`` if ``text`` is no such list."""
    lines = [line for line in text.splitlines() if line.strip()]
    found = [(match[1], match[2]) for line in lines if (match := _LINE.fullmatch(line)) and is_plan(match[2])]
    return found if found and len(found) * 2 >= len(lines) else []
