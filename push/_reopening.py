"""A road that is free again: a withdrawn closure says so, and its title no longer says that it is closed. Pure."""

from __future__ import annotations

import re

from hub.core.message import Change, Entry
from hub.core.notice import Status

_CLOSED = re.compile(
    r"\s+(?:gesperrt|closed)(?=\s*(?:$|[–:,.(-]))|^(?:Vollsperrung|Sperrung|Road closed|Straße gesperrt):?\s+"
)


def is_reopening(entry: Entry) -> bool:
    """Whether the message tells that a closure or road works are over before those who knew of them."""
    withdrawn = entry.change is Change.WITHDRAWN and entry.notice.status is Status.CANCELLED
    return withdrawn and entry.notice.kind == "roads"


def without_closed(entry: Entry, title: str) -> str:
    """Return ``title``, of a reopening without the word that it takes back (``B 170 gesperrt – Possendorf``)."""
    return (_CLOSED.sub("", title) or title) if is_reopening(entry) else title
