"""Meetings out of OParl pages, with the names of their body and committees; all other objects are passed over."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from feeds._json_body import one_line, web_address
from feeds.council.exports import objects_of
from feeds.council.meeting import read_meeting
from feeds.council.oparl import NOTE, listed, type_of
from feeds.council.places import place_of
from feeds.council.wording import no_meetings
from hub.core.errors import SourceConfigError, SourceRefused
from hub.core.source import Document, Fetched, Item, Source

_MOST_MEETINGS = 5_000
_REFERENCES = ("agendaItem", "location", "invitation", "resultsProtocol", "verbatimProtocol", "auxiliaryFile")


def parse(fetched: Fetched) -> list[Item]:
    """Return one item per public meeting, at most the 5,000 latest; broken ones and our own notes as faults.

    Raises ``SourceRefused`` for a page of another kind, ``SourceConfigError`` for an unknown time zone.
    """
    zone = _zone(fetched.source)
    found = _Found()
    for document in fetched.documents:
        found.read(document, zone, fetched.at)
    found.check(fetched.source.id)
    bodies = {_id(one): _body(one) for one in found.of("Body")}
    committees = _committees(found.of("Organization"))
    parts = {_id(one): one for name in ("AgendaItem", "Location", "File") for one in found.of(name)}
    items = [_item(key, _whole(one, parts), zone) for key, one in _newest(found.of("Meeting")).items()]
    named = [_named(item, one, bodies, committees) for item, one in items]
    chosen = [one for one in named if _is_chosen(one, fetched.source.config.get("organization", ""))]
    public = [one for one in chosen if one.fault or not one.data["closed"] or one.data["cancelled"]]
    return [*_latest(public), *found.faults, *_notes(found, named, chosen)]


class _Found:
    """What the documents hold, by OParl type."""

    def __init__(self) -> None:
        self._objects: dict[str, list[Mapping[str, Any]]] = {}
        self.faults: list[Item] = []
        self.repairs: list[str] = []
        self._empty = False

    def read(self, document: Document, zone: ZoneInfo, now: datetime) -> None:
        """Take in one document. Raises ``SourceRefused``."""
        if document.content_type == NOTE:
            self.faults.append(Item(key=document.url, fault=document.body.decode("utf-8", "replace")))
            return
        read = objects_of(document, zone, now)
        self._empty = self._empty or not read.objects
        self.repairs += read.notes
        self.faults += [Item(key=f"{document.url}#{number}", fault=one) for number, one in enumerate(read.faults)]
        for one in read.objects:
            self._objects.setdefault(type_of(one), []).append(one)
            if type_of(one) == "Meeting":
                for embedded in listed(one.get("organization")):
                    if isinstance(embedded, dict):
                        self._objects.setdefault("Organization", []).append(embedded)

    def of(self, name: str) -> list[Mapping[str, Any]]:
        """Return the objects of one type, in the order of the documents."""
        return self._objects.get(name, [])

    def check(self, subject: str) -> None:
        """Raise ``SourceRefused`` if there is something, but nothing that could have been a list of meetings."""
        if self.of("Meeting") or self._empty or self.faults:
            return
        kinds = [one for one in self._objects if one]
        if kinds:
            raise SourceRefused(no_meetings(kinds[0], self.of(kinds[0])), subject=subject)


def _newest(meetings: list[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    """Return each meeting once by its key, as it was modified last: a list may shift while it is read."""
    found: dict[str, Mapping[str, Any]] = {}
    pages = Counter(web_address(one.get("web")) for one in meetings if not _id(one))
    for one in meetings:
        key = _key(one, pages)
        if key not in found or str(one.get("modified", "")) >= str(found[key].get("modified", "")):
            found[key] = one
    return found


def _key(meeting: Mapping[str, Any], pages: Mapping[str, int]) -> str:
    """Return the meeting's id; without one, its page if it has its own, else who meets when under which name."""
    page = web_address(meeting.get("web"))
    known = _id(meeting) or (page if pages.get(page) == 1 else "")
    if known:
        return known
    said = [str(meeting.get(name)) for name in ("start", "name", "organization")]
    return f"without-id:{hashlib.sha256(chr(0).join(said).encode('utf-8', 'replace')).hexdigest()[:32]}"


def _whole(meeting: Mapping[str, Any], parts: Mapping[str, Mapping[str, Any]]) -> Mapping[str, Any]:
    """Return the meeting with those parts put in that it only refers to by their address."""
    found = dict(meeting)
    for name in _REFERENCES:
        value = meeting.get(name)
        if isinstance(value, str):
            found[name] = parts.get(value, value)
        elif isinstance(value, list):
            found[name] = [parts.get(one, one) if isinstance(one, str) else one for one in value]
    return found


def _item(key: str, meeting: Mapping[str, Any], zone: ZoneInfo) -> tuple[Item, Mapping[str, Any]]:
    try:
        return Item(key=key, data=read_meeting(meeting, zone)), meeting
    except ValueError as error:
        return Item(key=key, fault=str(error)), meeting


def _committees(organizations: list[Mapping[str, Any]]) -> dict[str, tuple[str, ...]]:
    """Return the names of each committee by its id: the full one first."""
    names = {_id(one): (one_line(one.get("name")), one_line(one.get("shortName"))) for one in organizations}
    return {key: tuple(filter(None, found)) for key, found in names.items() if any(found)}


def _named(
    item: Item, meeting: Mapping[str, Any], bodies: Mapping[str, dict[str, str]],
    committees: Mapping[str, tuple[str, ...]],
) -> Item:  # fmt: skip
    """Add the names of the committees and what is known of the body (the only one, if the meeting names none)."""
    if item.fault:
        return item
    ids = [_id(one) if isinstance(one, dict) else one_line(one, 2_000) for one in listed(meeting.get("organization"))]
    names = [committees[one][0] for one in ids if one in committees]
    only = next(iter(bodies.values())) if len(bodies) == 1 else {}
    called = {name.casefold() for one in ids for name in (one, *committees.get(one, ()))}
    return Item(
        key=item.key,
        data={
            **item.data,
            "committees": [] if item.data["closed"] else list(dict.fromkeys(names))[:20],
            "called": sorted(called | {item.data["name"].casefold()}),
            "body": bodies.get(one_line(meeting.get("body"), 2_000)) or only,
        },
    )


def _is_chosen(item: Item, wanted: str) -> bool:
    """Whether the meeting is of one of the wanted committees (names or addresses, separated by ``;``)."""
    names = {one.strip().casefold() for one in wanted.split(";")} - {""}
    return not names or bool(item.fault) or not names.isdisjoint(item.data["called"])


def _notes(found: _Found, named: list[Item], chosen: list[Item]) -> list[Item]:
    """Return what a clerk should know of the whole: what was left out on purpose, what had to be repaired."""
    closed = sum(1 for one in chosen if not one.fault and one.data["closed"])
    notes = list(found.repairs)
    if closed:
        notes.append(f"{closed} of {len(chosen)} meetings are not public and are left out.")
    if named and not chosen:
        known = sorted({name for one in named if not one.fault for name in one.data["committees"]})
        notes.append(
            f"None of {len(named)} meetings is of the chosen committee; known: {', '.join(known[:30]) or 'none'}."
        )
    without = sum(1 for one in found.of("Meeting") if not _id(one))
    if without:
        notes.append(f"no-id: {without} meetings have no id; they are known by their page, or by day and name.")
    return [Item(key=f"note-{number}", note=one) for number, one in enumerate(notes)]


def _latest(items: list[Item]) -> list[Item]:
    """Return at most the bounded number of items, the latest by start (what is deleted counts as latest)."""
    if len(items) <= _MOST_MEETINGS:
        return items
    return sorted(items, key=lambda one: str(one.data.get("start") or "9"), reverse=True)[:_MOST_MEETINGS]


def _body(body: Mapping[str, Any]) -> dict[str, str]:
    """Return the body's name and place, with the repairs that real servers need."""
    scheme, value = place_of(one_line(body.get("ags"), 40), one_line(body.get("rgs"), 40))
    return {"name": one_line(body.get("name")), "scheme": scheme, "value": value}


def _id(value: Mapping[str, Any]) -> str:
    return one_line(value.get("id"), 2_000)


def _zone(source: Source) -> ZoneInfo:
    try:
        return ZoneInfo(source.zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise SourceConfigError(f"There is no time zone called {source.zone!r}.", subject=source.id) from error
