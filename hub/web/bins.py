"""When to be reminded of which bin: hours as the form writes them, lead times, and groups of equal ones. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from hub.core.subscription import lead
from hub.web.topics import FRACTIONS, MORNING_HOURS, REMINDER_HOURS

NEVER = "no"
_ALL = (*FRACTIONS, "")  # a collection whose kind nobody knows is reminded of with the others


def lead_of(hour: str) -> str:
    """Return the lead time of an hour of the form: ``18:00`` the evening before, ``m06:00`` the morning itself."""
    if hour in REMINDER_HOURS:
        return f"P1D@{hour}"
    return f"P0D@{hour[1:]}" if hour[:1] == "m" and hour[1:] in MORNING_HOURS else ""


def hour_of(text: str) -> str:
    """Return how the form writes a lead time, or an empty string if it cannot."""
    found = lead(text)
    hour = f"{found.at:%H:%M}" if found.at is not None else ""
    written = hour if found.days else f"m{hour}"
    return written if lead_of(written) == text else ""


def grouped(usual: str, others: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """Return the fractions by the lead time of their reminder; together they are all that may ever be collected."""
    found: dict[str, list[str]] = defaultdict(list)
    for name in _ALL:
        found[others.get(name, usual)].append(name)
    return {text: tuple(names) for text, names in found.items()}


def ungrouped(groups: Mapping[str, tuple[str, ...]]) -> tuple[str, dict[str, str]] | None:
    """Return the usual lead time and those that differ, or ``None`` if these are not groups of all fractions."""
    names = [name for group in groups.values() for name in group]
    usual = next((text for text, group in groups.items() if "" in group), "")
    if sorted(names) != sorted(_ALL) or not usual:
        return None
    return usual, {name: text for text, group in groups.items() if text != usual for name in group}
