"""How far rules are followed."""

from __future__ import annotations

from datetime import date, timedelta

BACK, AHEAD = timedelta(days=60), timedelta(days=400)


def months_around(today: date) -> tuple[date, date]:
    """Return the days through which rules are followed: 60 back, 400 ahead, widened to whole months.

    Whole months, so that the same file gives the same dates on most days.
    """
    last = (today + AHEAD).replace(day=1) + timedelta(days=31)
    return (today - BACK).replace(day=1), last.replace(day=1) - timedelta(days=1)
