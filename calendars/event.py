"""What reading a calendar gives: Events, and how well the reading went."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

# The same as hub.core.notice.Moment: a whole day is a ``date``, a time is an aware ``datetime``.
Moment = datetime | date


@dataclass(frozen=True, slots=True)
class Event:
    """One date of a calendar: a single VEVENT, or one occurrence of a recurring one (RFC 5545, 3.6.1).

    ``start`` and ``end`` are both ``date`` (``end`` exclusive) or both aware ``datetime``; ``end`` is ``None`` for a
    single day and for a time without length. ``status`` is upper case, as in RFC 5545 3.8.1.11, or empty.
    ``recurrence`` is the original date of an occurrence of a rule in ISO 8601 (RECURRENCE-ID, 3.8.4.4), else empty:
    ``uid`` and ``recurrence`` together are unique within a reading. ``private`` is true unless CLASS is public or
    missing (3.8.1.3: what is unknown counts as private).
    """

    uid: str
    summary: str
    start: Moment
    end: Moment | None = None
    description: str = ""
    location: str = ""
    status: str = ""
    categories: tuple[str, ...] = ()
    url: str = ""
    sequence: int = 0
    recurrence: str = ""
    private: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    """A calendar as read: its ``events`` by start, and what had to be done for it.

    ``faults`` are sentences on events that were left out, ``repairs`` the names (``calendars.remarks``) of what had to
    be repaired and ``remarks`` a sentence on each, ``name`` is the calendar's own, ``zone`` the IANA zone of its local
    times.
    """

    events: tuple[Event, ...]
    faults: tuple[str, ...]
    repairs: tuple[str, ...]
    name: str
    zone: str
    remarks: tuple[str, ...] = ()
