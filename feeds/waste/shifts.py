"""Where a regular collection goes when a public holiday stands in its way; the rules are rows of ``shifts.toml``."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import lru_cache
from importlib import resources
from typing import Any

from feeds.waste.pickup import Pickup, read_day
from hub.core.errors import SourceConfigError
from hub.core.holidays import FIRST_YEAR, LAND_CODES, easter, holidays

_DAY = timedelta(days=1)
_SATURDAY, _SUNDAY = 5, 6


@dataclass(frozen=True, slots=True)
class Rule:
    """What a holiday does: ``move`` is later, earlier, saturday or none; ``reach`` is week or day."""

    holidays: tuple[str, ...]
    move: str
    reach: str


@dataclass(frozen=True, slots=True)
class Shift:
    """A collection that does not come on its regular day but on ``day``, because of the holiday ``because``."""

    day: date
    because: str


@dataclass(frozen=True, slots=True)
class Shifts:
    """The rules that hold for a source: for the holidays of ``land``, the later of two rules for one day."""

    rules: tuple[Rule, ...]
    land: str
    dates: tuple[tuple[date, date], ...] = ()  # single days, as the provider moves them, whatever the rules say

    def apply(self, day: date) -> Shift | None:
        """Return where the regular collection of ``day`` goes; ``None`` if it stays. Pure."""
        if (single := dict(self.dates).get(day)) is not None:
            return Shift(single, "")
        week = _week(self, day - timedelta(days=day.weekday()))
        moved, because = day, ""
        for forward in (False, True):
            for holiday, name, rule in week if forward else reversed(week):
                after = _moved(moved, holiday, rule, day) if (rule.move == "earlier") != forward else moved
                moved, because = after, because or (name if after != moved else "")
        moved = _free(self, moved, forward=moved > day) if moved != day else day
        return Shift(moved, because) if moved != day else None


def read_shifts(names: str, land: str, dates: str = "") -> Shifts | None:
    """Return the rules called ``names`` (by comma; ``land``: what is usual there) for ``land`` (``NW``, ``05…``).

    ``dates`` are single ones by comma, ``24.12.2026=23.12.2026``. ``None`` if nothing moves. Raises
    ``SourceConfigError`` for an unknown name or land, or a date that is none.
    """
    wanted = [one for one in (part.strip().lower() for part in names.split(",")) if one and one != "none"]
    single = tuple(_pair(one) for one in dates.split(",") if one.strip())
    if not wanted:
        return Shifts((), "", single) if single else None
    code = LAND_CODES.get(land[:2], land.upper().removeprefix("DE-"))
    if code not in LAND_CODES.values():
        raise SourceConfigError(f"The setting 'shifts' needs the Land whose holidays count: set 'land', not {land!r}.")
    data = _data()
    found: list[str] = []
    for name in wanted:
        provider = data["providers"].get(name)
        found += data["lands"][code] if name == "land" else provider["rules"] if provider else [name]
    unknown = [name for name in found if name not in data["rules"]]
    if unknown:
        known = ", ".join(["land", *data["rules"], *data["providers"]])
        raise SourceConfigError(f"There is no rule {unknown[0]!r} for holidays; known: {known}.")
    rows = [data["rules"][name] for name in found]
    return Shifts(tuple(Rule(tuple(row["holidays"]), row["move"], row["reach"]) for row in rows), code, single)


def _pair(text: str) -> tuple[date, date]:
    before, after = (read_day(part) for part in (text.partition("=")[0], text.partition("=")[2]))
    if before is None or after is None:
        raise SourceConfigError(f"{text.strip()!r} in 'shift_dates' is no pair such as 24.12.2026=23.12.2026.")
    return before, after


def shift_all(pickups: Iterable[Pickup], shifts: Shifts, language: str) -> list[Pickup]:
    """Return ``pickups`` with the regular ones where holidays move them, told in ``language``."""
    found = []
    for one in pickups:
        shift = shifts.apply(one.day) if one.regular and not one.cancelled else None
        if shift is not None:
            summary = told(one.title, one.day, shift, language)
            found.append(replace(one, day=shift.day, planned=one.day, summary=summary))
        else:
            found.append(one)
    return found


def told(title: str, day: date, shift: Shift, language: str) -> str:
    """Return what a shifted collection is called: ``Restmüll, wegen Feiertag (Fronleichnam) am Freitag statt …``."""
    tongue = "de" if language.lower().startswith("de") else "en"
    before, after = (_DAYS[tongue][one.weekday()] for one in (day, shift.day))
    why = _WHY[tongue].format(holiday=shift.because) if shift.because else ""
    if before == after:
        before = f"{day.day}.{day.month}."
    return (
        f"{title}, {why}am {after} statt {before}"
        if tongue == "de"
        else f"{title}, {why}on {after} instead of {before}"
    )


_WHY = {"de": "wegen Feiertag ({holiday}) ", "en": "because of a holiday ({holiday}) "}
_DAYS = {
    "de": ("Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag"),
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}


def _moved(at: date, holiday: date, rule: Rule, regular: date) -> date:
    """Return where one holiday's rule puts a collection that now stands ``at`` and belongs to ``regular``."""
    # Nobody collects on Saturdays as a rule: a holiday there moves nothing else, and no other one moves a Saturday.
    alone = rule.reach == "day" or _SATURDAY in (holiday.weekday(), regular.weekday())
    if rule.move == "none" or (alone and at != holiday):
        return at
    if rule.move == "saturday":
        return regular + timedelta(days=_SATURDAY - regular.weekday())
    if rule.move == "earlier":
        return at - _DAY if at <= holiday else at
    return at + _DAY if at >= holiday else at


def _free(shifts: Shifts, day: date, *, forward: bool) -> date:
    """Return the next day from ``day`` on that is neither Sunday nor a holiday on which nobody collects."""
    step = _DAY if forward else -_DAY
    while day.weekday() == _SUNDAY or any(
        day == one and rule.move != "none" for one, _, rule in _week(shifts, day - timedelta(days=day.weekday()))
    ):
        day += step
    return day


@lru_cache(maxsize=2_000)
def _week(shifts: Shifts, monday: date) -> tuple[tuple[date, str, Rule], ...]:
    """Return the holidays from ``monday`` to Saturday with the rule for each."""
    found = []
    for day in (monday + timedelta(days=at) for at in range(_SUNDAY)):
        public = _public(shifts.land, day.year).get(day, "")
        named = {public, *_named(day.year).get(day, ())} - {""}
        hits = [
            (next((one for one in rule.holidays if one in named), public), rule)
            for rule in shifts.rules
            if named & set(rule.holidays) or (public and "*" in rule.holidays)
        ]
        if hits:
            found.append((day, *hits[-1]))
    return tuple(found)


@lru_cache(maxsize=2_000)
def _public(land: str, year: int) -> Mapping[date, str]:
    return holidays(land, year) if year >= FIRST_YEAR else {}


@lru_cache(maxsize=2_000)
def _named(year: int) -> Mapping[date, Sequence[str]]:
    """Return the days of ``[days]`` in ``year`` with their names."""
    found: dict[date, list[str]] = {}
    for name, row in _data()["days"].items():
        fixed = "easter" not in row
        day = date(year, row["month"], row["day"]) if fixed else easter(year) + timedelta(days=row["easter"])
        found.setdefault(day, []).append(name)
    return found


@lru_cache(maxsize=2_000)
def _data() -> Mapping[str, Any]:
    return tomllib.loads(resources.files("feeds.waste").joinpath("shifts.toml").read_text("utf-8"))
