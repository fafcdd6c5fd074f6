"""The channels' own words, one TOML file per language, and dates and numbers as that language writes them.

Notices keep the language they were written in; only the frame around them comes from here.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, TypeAlias

from babel import Locale
from babel.dates import format_date
from babel.numbers import format_decimal

from hub.core.notice import Moment
from hub.core.tongues import TONGUES, direction

Words: TypeAlias = Mapping[str, str]


@cache
def _read(tongue: str) -> Mapping[str, Any]:
    return tomllib.loads((Path(__file__).parent / f"{tongue}.toml").read_text(encoding="utf-8"))


def tables(name: str) -> Mapping[str, Words]:
    """Return one table (``wording``, ``mail`` …) of every language."""
    return {tongue: _read(tongue)[name] for tongue in TONGUES}


DATES = tables("dates")


def counted(name: str, n: int, tongue: str, **values: str) -> str:
    """Return the text ``name`` of the table ``counts`` in the plural form (CLDR) that ``n`` needs."""
    forms = _read(tongue)["counts"][name]
    form = forms.get(locale(tongue).plural_form(n)) or list(forms.values())[-1]
    return str(form.format(n=n, **values))


def dated(moment: Moment, style: str, tongue: str) -> str:
    """Write the day of ``moment`` in the ``style`` of the table ``dates``: short, year, full or figures."""
    day = moment.date() if isinstance(moment, datetime) else moment
    return format_day(day, DATES[tongue][style], tongue)


@lru_cache(maxsize=4096)
def format_day(day: date, pattern: str, tongue: str) -> str:
    """Write a day by a CLDR pattern, with this house's names of the months where it has some."""
    if months := TONGUES[tongue].months:
        pattern = pattern.replace("MMMM", f"'{months[day.month - 1]}'")
    return format_date(day, pattern, locale=locale(tongue))


def number(amount: float | Decimal, pattern: str, tongue: str) -> str:
    """Write a number by a CLDR pattern (``#,##0.00``), in western digits."""
    return str(format_decimal(amount, pattern, locale=locale(tongue)))


def named(language: str, tongue: str) -> str:
    """Return what ``tongue`` calls ``language``; its tag where CLDR has no name for it."""
    known = locale(tongue).languages
    return str(known.get(language.partition("-")[0].lower()) or language)


@cache
def locale(tongue: str) -> Locale:
    """Return Babel's locale of a language of the house."""
    return Locale.parse(TONGUES[tongue].locale)


def arrow(tongue: str) -> str:
    """Return the sign that leads from the old to the new, in the direction of reading."""
    return "←" if direction(tongue) == "rtl" else "→"


def clock(moment: datetime, tongue: str) -> str:
    """Return the time of day of a local ``moment``: ``19:00 Uhr``."""
    return DATES[tongue]["clock"].format(time=f"{moment:%H:%M}")
