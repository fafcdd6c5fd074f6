"""From calendars to events: one item per UID, with all its dates."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from calendars.event import Event, Moment
from calendars.read import read
from calendars.window import months_around
from feeds._words import cut, one_line
from hub.core.errors import SourceRefused
from hub.core.schedule import wall
from hub.core.source import Fetched, Item

MOST_DATES = 1_500  # of one event
_LONGEST_TITLE, _LONGEST_TEXT = 200, 4_000  # characters
_OLD = timedelta(days=30)  # events that ended longer ago are not told of
_DAY = timedelta(days=1)


def parse(fetched: Fetched) -> list[Item]:
    """Return one item per event, one with a ``fault`` per event that could not be read, and notes. Pure.

    Private and confidential events (CLASS) and those over for more than a month are left out; if all are over (a
    recorded file), they stay. Raises ``SourceError``. A calendar without events is no error: clubs have quiet months.
    """
    events: list[Event] = []
    items: list[Item] = []
    notes: dict[str, None] = {}
    name = ""
    for at, document in enumerate(fetched.documents):
        reading = read(
            document.body, content_type=document.content_type, zone=fetched.source.zone,
            window=months_around(fetched.at.date()),
        )  # fmt: skip
        events += reading.events
        items += [Item(f"fault-{at}-{number}", fault=fault) for number, fault in enumerate(reading.faults, 1)]
        notes |= dict.fromkeys(reading.remarks)
        name = name or reading.name
    shown = _shown(events, fetched, notes)
    groups: dict[str, list[Event]] = {}
    for one in shown:
        groups.setdefault(one.uid, []).append(one)
    found = [_item(uid, group, name) for uid, group in groups.items()]
    return [*found, *items, *(Item(f"note-{at}", note=note) for at, note in enumerate(notes))]


def _shown(events: Sequence[Event], fetched: Fetched, notes: dict[str, None]) -> list[Event]:
    """Return the events that residents may and want to see; what is left out becomes a note."""
    config = fetched.source.config
    public = [one for one in events if not one.private]
    if len(public) < len(events):
        notes[f"private: {len(events) - len(public)} dates are private or confidential and were left out"] = None
    wanted = [one for one in public if _chosen(one, _words(config.get("only", "")), _words(config.get("without", "")))]
    if len(wanted) < len(public):
        notes[f"chosen: {len(public) - len(wanted)} dates were left out by the settings"] = None
    if public and not wanted:
        raise SourceRefused("The settings 'only' and 'without' leave no event of the calendar.")
    lasting = {one.uid for one in wanted if _ends(one, fetched.source.zone) > fetched.at - _OLD}
    kept = [one for one in wanted if one.uid in lasting]
    if len(kept) < len(wanted):
        notes[f"past: {len(wanted) - len(kept)} dates are over" + ("" if kept else ", all there are")] = None
    return kept or wanted


def _words(text: str) -> list[str]:
    return [one.casefold() for one in (part.strip() for part in text.split(",")) if one]


def _chosen(event: Event, only: Iterable[str], without: Iterable[str]) -> bool:
    text = " ".join((event.summary, *event.categories)).casefold()
    only = list(only)
    return (not only or any(one in text for one in only)) and not any(one in text for one in without)


def _ends(event: Event, zone: str) -> datetime:
    end: Moment = event.end if event.end is not None else event.start
    if isinstance(end, datetime):
        return end
    return wall(end if event.end is not None else end + _DAY, time(), zone)


def _item(uid: str, group: Sequence[Event], name: str) -> Item:
    first = next((one for one in group if one.status != "CANCELLED"), group[0])
    title = one_line(first.summary, _LONGEST_TITLE) or one_line(first.description, _LONGEST_TITLE)
    if not title:
        return Item(uid, fault="The event has neither a title nor a text.")
    dates = [_date(one, title, alone=len(group) == 1) for one in group[-MOST_DATES:]]
    return Item(
        uid,
        {
            "title": title,
            "body": cut(first.description, _LONGEST_TEXT),
            "url": first.url,
            "calendar": name,
            "recurring": any(one.recurrence for one in group),
            "dates": dates,
        },
    )


def _date(event: Event, title: str, *, alone: bool) -> Mapping[str, Any]:
    """Return one date; a single event's key does not hold its day, so that a moved one stays the same."""
    summary = one_line(event.summary, _LONGEST_TITLE)
    return {
        "key": event.recurrence or ("event" if alone else _text(event.start)),
        "start": _text(event.start),
        "end": _text(event.end),
        "summary": "" if summary == title else summary,
        "location": one_line(event.location, _LONGEST_TITLE),
        "cancelled": event.status == "CANCELLED",
    }


def _text(moment: date | None) -> str:
    return moment.isoformat() if moment is not None else ""
