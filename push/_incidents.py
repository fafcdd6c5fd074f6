"""How the end of what is told of a source itself is said. Pure."""

from __future__ import annotations

from hub.core import desk
from hub.core.incidents import Sort
from hub.core.message import Entry


def is_incident(entry: Entry) -> bool:
    """Whether a message is about a source itself; its end is told in the notice's own words."""
    return entry.notice.kind == desk.KIND


def settled(entry: Entry) -> str:
    """Return which word opens the end of an incident; only what was out of order works again."""
    return "works" if entry.notice.category in (Sort.BROKEN, Sort.SILENT) else "settled"
