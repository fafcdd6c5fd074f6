"""For which place a reader gets a message, in words. Pure."""

from __future__ import annotations

from hub.core.message import Entry
from push._wording import one_line


def because(entry: Entry) -> str:
    """Return the place for which a reader gets this, with its municipality where that is not their own."""
    place = entry.reason.place if entry.reason is not None else ""
    return ", ".join(dict.fromkeys(one_line(one) for one in (place, entry.town) if one))
