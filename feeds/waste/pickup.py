"""A Pickup: one date on which something is collected somewhere, as any dialect gives it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from feeds._days import read_day
from hub.core.errors import SourceRefused

__all__ = ["Found", "Pickup", "check_titles", "read_day"]

MOST_TITLES = 2_000


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
