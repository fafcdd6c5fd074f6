"""Events and calendars as bytes, byte for byte the same for the same content.

The icalendar library takes 150 µs an event, and almost all events of a feed are what they were at the last poll. So
an event is written once as text, kept by whoever has it, and a calendar is its frame around the joined events. The
icalendar library checks all of it in the tests.

The profile (no METHOD, no UID of the calendar, VALUE=DURATION, VTIMEZONE of rules …) is what libical, ical.js,
khal and vdirsyncer were seen to need; every point has its test.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from calendars.colours import css_name
from calendars.content import clean, day_value, duration_value, fold, text_value, uri_value, utc_value
from calendars.zones import is_utc, vtimezone, yearly
from hub.core.notice import Moment, Position

PRODID = "-//Ortsruf//Ortsruf//DE"  # no version in it: an upgrade would change every feed's ETag
END = b"END:VCALENDAR\r\n"
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class CalendarEvent:
    """One VEVENT.

    ``uid`` never changes, ``sequence`` and ``changed`` (aware; DTSTAMP and LAST-MODIFIED) grow with each change.
    ``start`` and ``end`` are both days (``end`` exclusive, RFC 5545 3.6.1) or both aware times, shown in IANA
    ``zone``. ``alarms`` are distances from the start, negative before it; for a day, from its midnight: -6 h is 18:00
    on the day before. ``geo`` is (longitude, latitude). Raises ``ValueError`` for what no calendar can hold.
    """

    uid: str
    sequence: int
    changed: datetime
    start: Moment
    end: Moment | None
    zone: str
    summary: str
    description: str = ""
    location: str = ""
    url: str = ""
    status: Literal["confirmed", "cancelled"] = "confirmed"
    categories: tuple[str, ...] = ()
    transparent: bool = False
    alarms: tuple[timedelta, ...] = ()
    geo: Position | None = None

    def __post_init__(self) -> None:
        if not clean(self.uid).strip():
            raise ValueError("An event needs a UID.")
        if self.sequence < 0:
            raise ValueError(f"An event's sequence cannot be {self.sequence}.")
        if self.geo is not None and not _on_earth(self.geo):
            raise ValueError(f"{self.geo} is no longitude and latitude.")
        _check_times(self.changed, self.start, self.end)

    @property
    def order(self) -> tuple[datetime, str]:
        """The key that feeds are sorted by: the start in UTC (a day begins at its midnight in ``zone``), the UID."""
        if isinstance(self.start, datetime):
            return (self.start.astimezone(UTC), self.uid)
        return (datetime.combine(self.start, time(), ZoneInfo(self.zone)).astimezone(UTC), self.uid)


def _on_earth(position: Position) -> bool:
    longitude, latitude = position
    return math.isfinite(longitude) and abs(longitude) <= 180 and abs(latitude) <= 90  # noqa: PLR2004 - degrees


def _check_times(changed: datetime, start: Moment, end: Moment | None) -> None:
    """Raise ``ValueError`` unless the times are aware, of one kind and in order."""
    for one in (changed, start, end):
        if isinstance(one, datetime) and one.utcoffset() is None:
            raise ValueError(f"The time {one.isoformat()} of an event lacks its time zone.")
    if end is None:
        return
    if isinstance(start, datetime) != isinstance(end, datetime):
        raise ValueError("An event cannot begin with a time and end with a day, or the other way round.")
    if end < start:
        raise ValueError(f"An event cannot end ({end.isoformat()}) before it begins ({start.isoformat()}).")


def write_event(event: CalendarEvent) -> bytes:
    """Return ``event`` as a VEVENT with its VALARMs. Raises ``ValueError`` if its zone does not exist."""
    return b"".join(map(fold, _event_lines(event)))


def _event_lines(event: CalendarEvent) -> Iterator[str]:
    yield "BEGIN:VEVENT"
    yield f"UID:{text_value(event.uid)}"
    yield f"DTSTAMP:{utc_value(event.changed)}"
    yield from _times(event)
    yield f"SEQUENCE:{event.sequence}"
    yield f"LAST-MODIFIED:{utc_value(event.changed)}"
    yield f"STATUS:{event.status.upper()}"
    yield f"TRANSP:{'TRANSPARENT' if event.transparent else 'OPAQUE'}"
    yield f"SUMMARY:{text_value(event.summary)}"
    for name, text in (("DESCRIPTION", event.description), ("LOCATION", event.location)):
        if text:
            yield f"{name}:{text_value(text)}"
    if event.categories:
        yield f"CATEGORIES:{','.join(map(text_value, event.categories))}"
    if event.geo is not None:
        longitude, latitude = event.geo
        yield f"GEO:{latitude:.6f};{longitude:.6f}"  # RFC 5545, 3.8.1.6: latitude first
    if event.url:
        yield f"URL:{uri_value(event.url)}"
    for alarm in sorted(set(event.alarms)):
        yield from _alarm(alarm, event.summary)
    yield "END:VEVENT"


def _times(event: CalendarEvent) -> Iterator[str]:
    """Yield DTSTART and, unless the event is a mere point in time, DTEND, which must be later (3.8.2.2)."""
    if not isinstance(event.start, datetime):
        end = max(event.end or event.start, event.start + _DAY)
        yield f"DTSTART;VALUE=DATE:{day_value(event.start)}"
        yield f"DTEND;VALUE=DATE:{day_value(end)}"
        return
    yield f"DTSTART{_time(event.start, event.zone)}"
    if isinstance(event.end, datetime) and event.end > event.start:
        yield f"DTEND{_time(event.end, event.zone)}"


def _time(moment: datetime, zone: str) -> str:
    """Write parameter and value of a time: local with TZID, in UTC where a local time would not be understood.

    A local time that occurs twice means its first occurrence (RFC 5545, 3.3.5), so the second hour of the night in
    which clocks go back can only be said in UTC; so can a time in a year that the zone's rule does not tell.
    """
    if is_utc(zone):
        return f":{utc_value(moment)}"
    local = moment.astimezone(ZoneInfo(zone))
    if local.fold or local.utcoffset() != moment.astimezone(yearly(zone)).utcoffset():
        return f":{utc_value(moment)}"
    return f";TZID={zone}:{local:%Y%m%dT%H%M%S}"


def _alarm(trigger: timedelta, summary: str) -> Iterator[str]:
    """Yield a VALARM; DISPLAY is the only action that every reader takes from a subscribed feed."""
    yield "BEGIN:VALARM"
    yield "ACTION:DISPLAY"
    yield f"DESCRIPTION:{text_value(summary)}"
    yield f"TRIGGER:{duration_value(trigger)}"
    yield "END:VALARM"


def write_calendar(
    events: Iterable[bytes],
    *,
    name: str,
    zones: Iterable[str],
    colour: str,
    refresh: timedelta,
    source_url: str = "",
    description: str = "",
) -> bytes:
    """Return a VCALENDAR around what :func:`write_event` wrote, in the order given (see ``CalendarEvent.order``).

    ``zones``: every zone in which an event's times are written; ``colour``: ``#rrggbb``; ``refresh``: how often to
    ask again (RFC 7986, 5.7); ``source_url``: where the feed lies. Raises ``ValueError`` for an unknown zone, a
    colour that is none or a refresh that is not positive.
    """
    head = write_head(name=name, colour=colour, refresh=refresh, description=description)
    return b"".join((head, write_source(source_url), write_zones(zones), *events, END))


def write_head(*, name: str, colour: str, refresh: timedelta, description: str = "") -> bytes:
    """Return a VCALENDAR's beginning, up to where SOURCE stands; arguments and errors as in :func:`write_calendar`."""
    if refresh <= timedelta(0):
        raise ValueError("A calendar's refresh interval must be positive.")
    return b"".join(map(fold, _head(name, colour, refresh, description)))


def write_source(url: str) -> bytes:
    """Return the SOURCE property (RFC 7986, 5.8): the one line that differs between people with the same choice."""
    return fold(f"SOURCE;VALUE=URI:{uri_value(url)}") if url else b""


def write_zones(zones: Iterable[str]) -> bytes:
    """Return a VTIMEZONE for each zone that needs one. Raises ``ValueError`` for an unknown one."""
    return b"".join(vtimezone(zone) for zone in sorted(set(zones)))


def _head(name: str, colour: str, refresh: timedelta, description: str) -> Iterator[str]:
    yield "BEGIN:VCALENDAR"
    yield "VERSION:2.0"
    yield f"PRODID:{PRODID}"
    yield "CALSCALE:GREGORIAN"
    yield f"NAME:{text_value(name)}"
    yield f"X-WR-CALNAME:{text_value(name)}"
    if description:
        yield f"DESCRIPTION:{text_value(description)}"
        yield f"X-WR-CALDESC:{text_value(description)}"
    yield f"COLOR:{css_name(colour)}"
    yield f"X-APPLE-CALENDAR-COLOR:{colour.upper()}"
    yield f"REFRESH-INTERVAL;VALUE=DURATION:{duration_value(refresh)}"
    yield f"X-PUBLISHED-TTL:{duration_value(refresh)}"


def digest(body: bytes) -> bytes:
    """Return what stands for ``body`` in an entity tag: 16 bytes of its SHA-256 (FIPS 180-4)."""
    return hashlib.sha256(body).digest()[:16]


def etag(body: bytes) -> str:
    """Return a strong entity tag of ``body`` (RFC 9110, 8.8.3), quotes included."""
    return f'"{digest(body).hex()}"'
