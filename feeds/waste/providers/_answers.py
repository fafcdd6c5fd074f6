"""Reading that several families share: exported calendars, and what a provider's word for a place means."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from feeds.waste.ics import read_calendar
from feeds.waste.pickup import Found
from feeds.waste.providers._ask import Ask
from feeds.waste.providers._types import Account, Context, Node
from hub.core.source import Document

_ALL = re.compile(
    r"(?:alle(?: übrigen| restlichen)? )?(?:straßen|strassen|hausnummern|hausnrn?\.?)|alle|gesamt\w*|ganzer? ort|\s*",
    re.IGNORECASE,
)


def means_all(name: str) -> bool:
    """Whether a provider's choice is no street or number but says that they are not told apart."""
    return _ALL.fullmatch(" ".join(name.split())) is not None


def no_houses(_account: Account, street: Node, _ask: Ask) -> Sequence[Node]:
    """Return the street as one, for providers that tell no house numbers apart."""
    return street.below or (Node("", street.id),)


def no_names(_account: Account, _leaf: Node, _ask: Ask) -> Mapping[str, str]:
    """Return nothing: the dates of this provider carry names."""
    return {}


def undivided(_documents: Sequence[Document]) -> bool:
    """Return false: this provider says beforehand which house numbers differ."""
    return False


def read_export(document: Document, context: Context, tidy: Callable[[str], str] = str) -> Found:
    """Read an exported iCalendar; ``tidy`` cleans a title further. Raises ``SourceError``."""
    found = read_calendar(document, context.zone, context.window)
    return replace(found, pickups=tuple(replace(one, title=tidy(one.title) or one.title) for one in found.pickups))


def is_calendar(body: bytes) -> bool:
    """Whether these bytes hold an iCalendar, whatever stands before it."""
    return b"BEGIN:VCALENDAR" in body.upper()


def has_dates(body: bytes) -> bool:
    """Whether these bytes hold an iCalendar with at least one date."""
    return b"BEGIN:VEVENT" in body.upper()
