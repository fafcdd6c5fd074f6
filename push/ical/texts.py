"""What the calendar says in its own words. Pure."""

from __future__ import annotations

from datetime import datetime

from hub.core.message import Reason
from push import _wording as wording
from push._words import number, tables

_WORDS, _LANGUAGE = tables("ical"), tables("language")


def said(name: str, tongue: str, /, **values: str) -> str:
    """Return one of the calendar's own sentences."""
    return _WORDS[tongue][name].format(**values)


def clock(moment: datetime, tongue: str) -> str:
    """Write a local date and time in words that a citizen reads."""
    return wording.timed(moment, "figures", tongue)


def why(reason: Reason, tongue: str) -> str:
    """Say in one line why a notice is in this calendar."""
    parts = [wording.topic_name(reason.topic, tongue)] if reason.topic else []
    if reason.place:
        parts.append(said("place", tongue, name=reason.place))
    parts += [said("words", tongue, word=one) for one in reason.words]
    parts += [said("cpv", tongue, code=one) for one in reason.cpv]
    if reason.km is not None:
        parts.append(said("km", tongue, km=number(reason.km, "0.0", tongue)))
    return said("why", tongue, reasons=_LANGUAGE[tongue]["comma"].join(parts)) if parts else ""
