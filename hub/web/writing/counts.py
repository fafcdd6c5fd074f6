"""Figures of reports in words: times, shares, and counts of people that are never fewer than five (T-06)."""

from __future__ import annotations

import math
from datetime import timedelta

from babel.dates import format_timedelta
from babel.numbers import format_decimal, format_percent

from hub.web.desk import language

_MINUTE, _HOUR, _DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def _(message: str) -> str:
    return message


def number(count: float) -> str:
    """Write a number as people do: "1.204"."""
    return str(format_decimal(count, locale=language().locale))


def few(count: int | None) -> str:
    """Write a count of people; ``None`` stands for one to four of them."""
    return number(count) if count is not None else language().text(_("fewer than 5"))


def about(count: int | None) -> str:
    """Write a coarse count of people."""
    text = language().text
    return few(count) if not count else text(_("about {count}"), count=number(count))


def share(part: float | None) -> str:
    """Write a share, cut and not rounded: 99.95 % is not all. Empty if there were too few to say."""
    if part is None:
        return ""
    pattern = language().locale.percent_formats[None].pattern.replace("#,##0", "#,##0.##")
    return str(format_percent(int(part * 10_000) / 10_000, format=pattern, locale=language().locale))


def span(length: timedelta | None, *, short: bool = False) -> str:
    """Write a length of time, rounded up to what people count in; empty if it is not known."""
    if length is None:
        return ""
    for unit, size, below in (("second", timedelta(seconds=1), _MINUTE), ("minute", _MINUTE, 2 * _HOUR),
                              ("hour", _HOUR, 2 * _DAY), ("day", _DAY, timedelta.max)):  # fmt: skip
        if length < below or (unit == "minute" and length == below):
            return _written(size * max(1, math.ceil(length / size)), unit, short=short)
    return ""


def _written(length: timedelta, unit: str, *, short: bool) -> str:
    style = "short" if short else "long"
    return format_timedelta(length, granularity=unit, threshold=10_000, format=style, locale=language().locale)  # type: ignore[arg-type]
