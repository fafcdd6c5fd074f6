"""Measure calendars: answering "nothing new" (P4), a herd on the hour (H-03), writing one after a change (P5).

    python benchmarks/calendars.py [--radicale PYTHON] [--calendars 100000] [--events 1000] [--rounds 5]

P4 and H-03 need nginx, wrk and taskset; ``--radicale`` names a Python that has Radicale (requirements/bench.txt).
Without it P4 is measured against nginx only.

P5: a calendar of 1,000 events of which one changed. The icalendar library builds and writes it; a second figure
lets it keep its components and only write. Ours renders the feed with its headers and tag from the pieces it kept.
Before anything is timed, the icalendar library must read the same events out of both.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).parents[1])]

from icalendar import Alarm, Calendar, Event

from benchmarks.rounds import Row, clocked, interleaved, median, show
from calendars.write import CalendarEvent
from hub.core.message import Reason, Site
from hub.core.notice import Notice, NoticeText, Occurrence
from push.ical.feed import FeedEntry
from push.ical.render import Cache, render_feed, to_event

SITE = Site("https://ortsruf.example", "Nümbrecht", "info@ortsruf.example", slug="nuembrecht")
BEGIN = datetime(2026, 12, 1, 17, tzinfo=UTC)
CHANGED = datetime(2026, 11, 20, 8, 30, tzinfo=UTC)
FIELDS = ("UID", "DTSTAMP", "DTSTART", "DTEND", "SEQUENCE", "STATUS", "SUMMARY", "DESCRIPTION", "URL")


def entries(count: int) -> list[FeedEntry]:
    """Return meetings as a council has them: two hours, agenda, one reminder, why and link."""
    found = []
    for number in range(count):
        start = BEGIN + timedelta(hours=7 * number)
        text = NoticeText(
            "de", f"Sitzung des Rates ({number})", "Tagesordnung: Haushalt, Gebühren, Verschiedenes. " * 4
        )
        date = Occurrence("a", start, start + timedelta(hours=2), location="Rathaus, Großer Saal")
        notice = Notice(id=f"n{number}", key=f"{number}", kind="council", topic="council", texts=(text,))
        found.append(
            FeedEntry(
                "a", notice, date, 0, CHANGED, url=f"{SITE.base_url}/nuembrecht/n/n{number}",
                leads=(timedelta(hours=1),), reason=Reason("council", "Nümbrecht"),
            )
        )  # fmt: skip
    return found


def changed(before: list[FeedEntry], number: int) -> list[FeedEntry]:
    """Return the entries with one in their middle changed for the ``number``-th time."""
    where = len(before) // 2
    one = before[where]
    date = replace(one.occurrence, location=f"Saal {number}")
    again = replace(one, occurrence=date, sequence=number, changed=CHANGED + timedelta(minutes=number))
    return [*before[:where], again, *before[where + 1 :]]


def component(event: CalendarEvent) -> Event:
    """Return ``event`` as the icalendar library holds it."""
    made = Event()
    values = (event.uid, event.changed, event.start, event.end, event.sequence, "CONFIRMED", event.summary)
    for name, value in zip(FIELDS, (*values, event.description, event.url), strict=True):
        made.add(name, value)
    made.add("LAST-MODIFIED", event.changed)
    made.add("TRANSP", "OPAQUE")
    made.add("LOCATION", event.location)
    made.add("CATEGORIES", list(event.categories))
    for trigger in event.alarms:
        alarm = Alarm()
        alarm.add("ACTION", "DISPLAY")
        alarm.add("DESCRIPTION", event.summary)
        alarm.add("TRIGGER", trigger)
        made.add_component(alarm)
    return made


def calendar(components: Iterable[Event]) -> Calendar:
    """Return a calendar of ``components``."""
    made = Calendar()
    made.add("VERSION", "2.0")
    made.add("PRODID", "-//peer//")
    for one in components:
        made.add_component(one)
    return made


def ours(given: list[FeedEntry], cache: Cache) -> bytes:
    """Render as the hub does."""
    return render_feed(
        given, site=SITE, name="Ratssitzungen", language="de", source_url=f"{SITE.base_url}/x.ics", alarms_on=True,
        cache=cache,
    ).body  # fmt: skip


def events(given: list[FeedEntry]) -> list[CalendarEvent]:
    """Return the plain facts of each event, which both sides write."""
    return [to_event(one, SITE, "de", alarms_on=True) for one in given]


def read(body: bytes) -> dict[str, Any]:
    """Return what the icalendar library reads: per event its properties in UTC, and its alarms' triggers."""
    found = {}
    for one in Calendar.from_ical(body).walk("VEVENT"):
        values = [one.decoded(name) for name in FIELDS]
        moments = [value.astimezone(UTC) if isinstance(value, datetime) else value for value in values]
        found[str(one["UID"])] = (moments, [alarm.decoded("TRIGGER") for alarm in one.walk("VALARM")])
    return found


def p5(count: int, rounds: int) -> list[Row]:
    """Measure a calendar of ``count`` events after one changed."""
    before, cache = entries(count), {}
    first = changed(before, 1)
    kept = [component(one) for one in events(first)]
    assert read(ours(first, cache)) == read(calendar(kept).to_ical())
    state = {"number": 1}

    def now() -> list[FeedEntry]:
        state["number"] += 1
        return changed(before, state["number"])

    def peer() -> float:
        given = events(now())
        return clocked(lambda: calendar(map(component, given)).to_ical())

    def peer_keeps() -> float:
        kept[count // 2] = component(events(now()[count // 2 : count // 2 + 1])[0])
        return clocked(calendar(kept).to_ical)

    def hub() -> float:
        given = now()
        return clocked(lambda: ours(given, cache))

    seen = interleaved({"icalendar": peer, "icalendar, components kept": peer_keeps, "ortsruf": hub}, rounds=rounds)
    assert read(ours(now(), cache)) == read(
        calendar(map(component, events(changed(before, state["number"])))).to_ical()
    )
    mine = median(seen, "ortsruf")
    return [
        Row(
            "P5", f"calendar of {count:,} events after one changed", ">= 100x", 1000 * mine, 1000 * median(seen, name),
            "ms", median(seen, name) / mine, name,
        )
        for name in ("icalendar", "icalendar, components kept")
    ]  # fmt: skip


def measure(
    count: int = 1000, rounds: int = 5, *, calendars: int = 100_000, radicale: str = "", seconds: int = 3
) -> list[Row]:
    """Return the rows of P4, H-03 and P5."""
    from benchmarks.polling import p4_and_herd

    return [*p4_and_herd(calendars, rounds, radicale=radicale, seconds=seconds), *p5(count, rounds)]


def main() -> None:
    """Run from the command line."""
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--events", type=int, default=1000)
    ask.add_argument("--rounds", type=int, default=5)
    ask.add_argument("--calendars", type=int, default=100_000)
    ask.add_argument("--radicale", default="", metavar="PYTHON")
    ask.add_argument("--seconds", type=int, default=3, help="of one run of wrk")
    wanted = ask.parse_args()
    show(
        measure(
            wanted.events, wanted.rounds, calendars=wanted.calendars, radicale=wanted.radicale, seconds=wanted.seconds
        )
    )


if __name__ == "__main__":
    main()
