"""The words for what is told of a source itself: that it is over. Pure."""

from __future__ import annotations

from hub.core import desk
from hub.core.incidents import Sort
from hub.core.message import Entry

_WORKS = {"de": "Läuft wieder", "en": "Works again"}
_SETTLED = {"de": "Erledigt", "en": "Settled"}


def is_incident(entry: Entry) -> bool:
    """Whether a message is about a source itself; its end is told in the notice's own words."""
    return entry.notice.kind == desk.KIND


def settled(entry: Entry, tongue: str) -> str:
    """Return the word that opens the end of an incident; only what was out of order works again."""
    return (_WORKS if entry.notice.category in (Sort.BROKEN, Sort.SILENT) else _SETTLED)[tongue]
