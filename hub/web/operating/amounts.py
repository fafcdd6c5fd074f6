"""Amounts as operators read them: counts, durations, shares, sizes, in their language."""

from __future__ import annotations

from babel.numbers import format_decimal, format_percent

from hub.core.goals import FEWEST
from hub.language import Language

_SIZES = ((1e12, "TB"), (1e9, "GB"), (1e6, "MB"), (1e3, "kB"))
_MINUTE, _HOUR, _DAY = 60, 3600, 86_400
_TENTHS = 10  # below so many of a unit one decimal is of use


def number(value: float, language: Language) -> str:
    """Write a count: "12.345"."""
    return str(format_decimal(round(value, 2), locale=language.locale))


def people(count: float, language: Language) -> str:
    """Write a count of people of one municipality: of fewer than five nobody learns how many (T-06)."""
    return f"< {FEWEST}" if 0 < count < FEWEST else number(count, language)


def duration(seconds: float, language: Language) -> str:
    """Write a length of time to about two digits: "0,8 s", "45 s", "3,5 min", "2 h", "4 d"."""
    for length, unit in ((_DAY, "d"), (_HOUR, "h"), (_MINUTE, "min")):
        if seconds >= length:
            return f"{_short(seconds / length, language)} {unit}"
    return f"{_short(seconds, language)} s"


def _short(value: float, language: Language) -> str:
    return str(format_decimal(round(value, 1 if value < _TENTHS else 0), locale=language.locale))


def percent(part: float, language: Language) -> str:
    """Write a share in whole percent, cut and not rounded: what is nearly used up is not well."""
    return str(format_percent(int(part * 100) / 100, locale=language.locale))


def size(count: float, language: Language) -> str:
    """Write a number of bytes: "3,2 GB"."""
    for length, unit in _SIZES:
        if count >= length:
            return f"{_short(count / length, language)} {unit}"
    return f"{count:.0f} B"
