"""A date and a time as somebody types them, as a moment: and a word about the nights when clocks change. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from enum import StrEnum
from zoneinfo import ZoneInfo

_TIME = re.compile(r"(\d{1,2})(?:[:.](\d{2}))?(?::\d{2})?(?:\s*(?:uhr|h))?", re.ASCII | re.IGNORECASE)
_DAY = re.compile(r"(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4})", re.ASCII)


class Remark(StrEnum):
    """What is odd about a time that clocks show."""

    GAP = "gap"  # they never show it: in spring an hour is left out
    FOLD = "fold"  # they show it twice: in autumn an hour is repeated


@dataclass(frozen=True, slots=True)
class Shown:
    """The moment (UTC) at which clocks show a time, and what is odd about it."""

    moment: datetime
    remark: Remark | None = None


def day_of(text: str) -> date:
    """Return a day as a browser (``2026-11-24``) or a person (``24.11.2026``) writes it. Raises ``ValueError``."""
    typed = _DAY.fullmatch(text.strip())
    return date(int(typed[3]), int(typed[2]), int(typed[1])) if typed else date.fromisoformat(text.strip())


def time_of(text: str) -> time:
    """Return a time of day: ``08:00``, ``8.30``, ``8 Uhr``, ``24:00`` as the end of the day. Raises ``ValueError``."""
    typed = _TIME.fullmatch(text.strip())
    if typed is None:
        raise ValueError(f"no time of day: {text!r}")
    hour, minute = int(typed[1]), int(typed[2] or 0)
    return time(23, 59) if (hour, minute) == (24, 0) else time(hour, minute)


def shown(day: date, at: time, zone: str) -> Shown:
    """Return when clocks in ``zone`` show ``at`` on ``day``.

    In a gap it is taken with the offset before (02:30 becomes 03:30), in a fold it is the first time, as
    ``hub.core.schedule`` has it. Raises ``ValueError`` beyond the calendar.
    """
    local = datetime.combine(day, at, ZoneInfo(zone))
    try:
        moment = local.astimezone(UTC)
        back = moment.astimezone(ZoneInfo(zone))
        later = local.replace(fold=1).astimezone(UTC)
    except OverflowError as error:
        raise ValueError("beyond the calendar") from error
    if back.replace(tzinfo=None) != local.replace(tzinfo=None):
        return Shown(moment, Remark.GAP)
    return Shown(moment, Remark.FOLD if later != moment else None)


def typed(moment: datetime | None, zone: str) -> tuple[str, str]:
    """Return the day and the time of a moment as form fields hold them; empty ones for none."""
    if moment is None:
        return "", ""
    local = moment.astimezone(ZoneInfo(zone))
    return local.date().isoformat(), f"{local:%H:%M}"
