"""A calendar feed as bytes and headers: pure, and the same bytes for the same entries.

How the kinds of dates look, chosen by what calendar apps show well:

- A day (a pickup) is VALUE=DATE, free (TRANSP:TRANSPARENT): it must not make anybody look busy.
- A meeting is local time with TZID, busy; without a known end it is a point in time, no end is made up.
- A deadline is a point in time: DTSTART is the deadline itself and there is no DTEND. Half an hour before it would
  make apps print a time that is not the deadline. It is free, and the description says "until …".
- What lasts a day or longer (a closure) is free, too.
- What is called off stays: STATUS:CANCELLED, free, without alarms, and its title says so, as some apps ignore STATUS.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, MutableMapping, Sequence
from datetime import datetime, time, timedelta
from typing import Any, TypeAlias
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from calendars.write import CalendarEvent, digest, write_event
from hub.core.message import Payload, Site
from hub.core.notice import Geometry, Position, Status
from push import _wording as wording
from push.ical import Settings
from push.ical.assemble import Piece, assemble, feed
from push.ical.feed import FeedEntry
from push.ical.texts import clock, said, why

Cache: TypeAlias = MutableMapping[Any, Piece]

_LONGEST_BODY = 4_000  # characters; Google cuts descriptions at 8,192, and the link leads to the rest
_LONG = timedelta(days=1)


def event_uid(entry: FeedEntry, site: Site) -> str:
    """Return the event's UID: ``<notice id>-<slot>@<host>`` (RFC 7986, 5.3: unique in the world, no secret in it)."""
    return f"{entry.notice.id}-{entry.uid}@{site.uid_host or urlsplit(site.base_url).hostname or 'localhost'}"


def to_event(entry: FeedEntry, site: Site, language: str, *, alarms_on: bool) -> CalendarEvent:
    """Return ``entry`` as a calendar event in ``language``. Raises ``ValueError`` for dates that are none."""
    notice, occurrence, tongue = entry.notice, entry.occurrence, wording.frame(language)
    cancelled = _is_cancelled(entry)
    title = summary(entry, language)
    return CalendarEvent(
        uid=event_uid(entry, site),
        sequence=entry.sequence,
        changed=entry.changed,
        start=occurrence.start,
        end=occurrence.end,
        zone=site.zone,
        summary=said("cancelled", tongue, title=title) if cancelled else title,
        description=description(entry, site, language),
        location=occurrence.location,
        url=entry.url or notice.url,
        status="cancelled" if cancelled else "confirmed",
        categories=(wording.topic_name(notice.topic, tongue),),
        transparent=cancelled or _is_free(entry),
        alarms=tuple(-lead for lead in entry.leads) if alarms_on and not cancelled else (),
        geo=_spot(notice.geometry),
    )


def summary(entry: FeedEntry, language: str) -> str:
    """Return the event's title: the notice's, and the occurrence's own if it says something else, on one line.

    Before it stands the municipality, where that is not the feed's own.
    """
    title, own = entry.notice.text(language).title, entry.occurrence.summary
    if title in own:
        title = own
    elif own not in title:
        title = f"{title} – {own}"
    if entry.town and entry.town.casefold() not in title.casefold():
        title = f"{entry.town}: {title}"
    return " ".join(title.split())


def description(entry: FeedEntry, site: Site, language: str) -> str:
    """Return the event's text: deadline, body, what to do, reminder, why, link and source, a paragraph each."""
    notice, tongue = entry.notice, wording.frame(language)
    text = notice.text(language)
    body = text.body.strip()
    parts = [
        said("until", tongue, moment=_local(entry.occurrence.start, site, tongue)) if _is_deadline(entry) else "",
        wording.foreign(text.lang, tongue) if body or text.instruction else "",
        body if len(body) <= _LONGEST_BODY else f"{body[:_LONGEST_BODY].rstrip()} …",
        text.instruction.strip(),
        "" if _is_cancelled(entry) else _reminders(entry, site, tongue),
        why(entry.reason, tongue) if entry.reason else "",
        "\n".join(_origin(entry, tongue)),
    ]
    return "\n\n".join(filter(None, parts))


def _origin(entry: FeedEntry, tongue: str) -> Iterable[str]:
    url = entry.url or entry.notice.url
    if url:
        yield said("details", tongue, url=url)
    source = entry.notice.attribution or entry.notice.publisher
    if source:
        yield said("source", tongue, name=source)


def _local(moment: Any, site: Site, tongue: str) -> str:
    return clock(moment.astimezone(ZoneInfo(site.zone)), tongue)


def _reminders(entry: FeedEntry, site: Site, tongue: str) -> str:
    """Say when the subscriber is reminded, in local wall-clock time, alarm or not: apps may drop alarms of feeds."""
    zone, start = ZoneInfo(site.zone), entry.occurrence.start
    local = start.astimezone(zone) if isinstance(start, datetime) else datetime.combine(start, time(), zone)
    return "\n".join(
        said("reminder", tongue, moment=clock(local - lead, tongue)) for lead in sorted(set(entry.leads), reverse=True)
    )


def _is_cancelled(entry: FeedEntry) -> bool:
    return Status.CANCELLED in (entry.notice.status, entry.occurrence.status)


def _is_deadline(entry: FeedEntry) -> bool:
    """Whether the date is the notice's deadline, or one of several (a tender's lots: ``deadline:<lot>``)."""
    occurrence = entry.occurrence
    if occurrence.all_day or occurrence.end is not None:
        return False
    return occurrence.start == entry.notice.deadline or occurrence.key.partition(":")[0] == "deadline"


def _is_free(entry: FeedEntry) -> bool:
    """Whether the event leaves its reader free: days, deadlines, and what lasts a day or longer."""
    start, end = entry.occurrence.start, entry.occurrence.end
    if not isinstance(start, datetime) or _is_deadline(entry):
        return True
    return isinstance(end, datetime) and end - start >= _LONG


def _spot(geometry: Geometry | None) -> Position | None:
    """Return the one point that a notice is about, if it is about exactly one."""
    if geometry is None or len(geometry.points) != 1 or geometry.lines or geometry.polygons or geometry.circles:
        return None
    return geometry.points[0]


def write_piece(entry: FeedEntry, site: Site, language: str, *, alarms_on: bool) -> Piece:
    """Return ``entry`` written, to be kept and put into feeds. Raises ``ValueError`` for dates that are none."""
    event = to_event(entry, site, language, alarms_on=alarms_on)
    body = write_event(event)
    return Piece(event.order, body, digest(body))


def _all_written(
    entries: Iterable[FeedEntry], site: Site, language: str, *, alarms_on: bool, cache: Cache
) -> Iterator[Piece]:
    """Yield each event once (of two with one UID the later revision); only what the cache lacks is written."""
    latest: dict[tuple[str, str], FeedEntry] = {}
    for entry in entries:
        slot = (entry.notice.id, entry.uid)
        known = latest.setdefault(slot, entry)
        if entry.sequence > known.sequence:
            latest[slot] = entry
    # What may differ between two renderings of one revision; whatever else differs is another revision (FeedEntry).
    frame = f"{site.base_url} {site.zone} {language} {alarms_on}"
    for slot, entry in latest.items():
        key = (frame, slot, entry.sequence, entry.changed, entry.leads, entry.reason, entry.url, entry.town)
        piece = cache.get(key)
        if piece is None:
            piece = cache[key] = write_piece(entry, site, language, alarms_on=alarms_on)
        yield piece


def render_feed(  # noqa: PLR0913 - all by name
    entries: Sequence[FeedEntry],
    *,
    site: Site,
    name: str,
    language: str,
    source_url: str,
    alarms_on: bool,
    composed: datetime | None = None,
    settings: Settings | None = None,
    cache: Cache | None = None,
) -> Payload:
    """Return the feed called ``name`` with its HTTP headers.

    ``source_url`` is where the feed lies; ``alarms_on`` writes lead times as alarms. ``composed`` (aware) is when the
    choice of entries last changed although no entry did: a new subscription, an event that left the window; without
    it a reader that knows Last-Modified only would not see that. ``cache`` keeps written events between renderings;
    any mapping does. Raises ``ValueError`` for a zone or colour that does not exist.
    """
    times = [entry.changed for entry in entries] + ([composed] if composed else [])
    body = assemble(
        _all_written(entries, site, language, alarms_on=alarms_on, cache={} if cache is None else cache),
        site=site, name=name, language=language, changed=max(times, default=None), settings=settings or Settings(),
    )  # fmt: skip
    made = feed(body, source_url)
    return Payload(made.plain(), {**dict(body.headers), "ETag": made.tag})
