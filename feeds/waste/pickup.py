"""A Pickup: one date on which something is collected somewhere, as any dialect gives it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from hub.core.errors import SourceRefused

MOST_TITLES = 2_000
_EARLIEST, _LATEST, _CENTURY = 1990, 2200, 2000  # other years are typing errors
_GERMAN = re.compile(r"(?<!\d)(\d{1,2})[./](\d{1,2})[./](\d{4}|\d{2})(?!\d)", re.ASCII)
_ISO = re.compile(r"(?<!\d)(\d{4})-(\d{1,2})-(\d{1,2})(?!\d)", re.ASCII)
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})(?:T\d{6}Z?)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Pickup:
    """``title`` is collected on ``day`` in ``zone`` (may be empty), at ``location`` if that is worth telling.

    ``summary`` is what this date is called if it differs from the title, ``body`` what the provider explains.
    ``regular`` marks a date that a rule or plan made; if a holiday moved it, ``planned`` is its regular day.
    """

    day: date
    title: str
    zone: str = ""
    location: str = ""
    summary: str = ""
    body: str = ""
    url: str = ""
    cancelled: bool = False
    regular: bool = False
    planned: date | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """What a document holds: pickups, a sentence for each entry that could not be read, and remarks on the whole."""

    pickups: tuple[Pickup, ...]
    faults: tuple[str, ...] = ()
    name: str = ""
    notes: tuple[str, ...] = ()


def check_titles(titles: Iterable[str]) -> None:
    """Raise ``SourceRefused`` if there are more different ``titles`` than any town has kinds of waste."""
    if len(set(titles)) > MOST_TITLES:
        raise SourceRefused(f"The calendar names more than {MOST_TITLES:,} kinds of waste.")


def read_day(text: str) -> date | None:
    """Read a German (``2.1.2027``, ``02.01.27``), ISO or compact date, a weekday or time beside it ignored.

    Two-digit years are of this century. Returns ``None`` if there is no date or one that does not exist.
    """
    if found := _ISO.search(text) or _COMPACT.fullmatch(text.strip()):
        year, month, day = (int(one) for one in found.groups())
    elif found := _GERMAN.search(text):
        day, month, year = (int(one) for one in found.groups())
        year += _CENTURY if len(found[3]) == len("27") else 0
    else:
        return None
    try:
        return date(year, month, day) if _EARLIEST <= year <= _LATEST else None
    except ValueError:
        return None
