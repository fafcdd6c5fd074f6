"""Meetings out of OParl pages, with the names of their body and committees; all other objects are passed over."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from feeds._json_body import one_line, read_json
from feeds.council.meeting import read_meeting
from feeds.council.oparl import NOTE, listed, objects_in, type_of
from hub.core.errors import SourceConfigError, SourceRefused
from hub.core.source import Document, Fetched, Item, Source

_MOST_MEETINGS = 5_000


def parse(fetched: Fetched) -> list[Item]:
    """Return one item per meeting, at most the 5,000 latest; broken ones and our own notes as faults.

    Raises ``SourceRefused`` for a page that is no OParl, ``SourceConfigError`` for an unknown time zone.
    """
    zone = _zone(fetched.source)
    found: dict[str, list[Mapping[str, Any]]] = {"Body": [], "Organization": [], "Meeting": []}
    faults = []
    for document in fetched.documents:
        if document.content_type == NOTE:
            faults.append(Item(key=document.url, fault=document.body.decode("utf-8", "replace")))
            continue
        for one in _objects(document):
            if type_of(one) in found:
                found[type_of(one)].append(one)
    bodies = {_id(one): _body(one) for one in found["Body"]}
    committees = {_id(one): one_line(one.get("name")) for one in found["Organization"]}
    items = [_item(one, number, zone) for number, one in enumerate(_newest(found["Meeting"]))]
    named = [_named(item, one, bodies, committees) for item, one in items]
    return _latest(named) + faults


def _objects(document: Document) -> Iterator[Any]:
    """Yield the objects of one page and the organizations that are embedded in its meetings."""
    objects = objects_in(read_json(document))
    if objects is None:
        raise SourceRefused("The answer is no OParl object and no list of them.", subject=document.url)
    for one in objects:
        yield one
        if type_of(one) == "Meeting":
            yield from (embedded for embedded in listed(one.get("organization")) if isinstance(embedded, dict))


def _newest(meetings: list[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return each meeting once, as it was modified last: a list may shift while it is read."""
    found: dict[str, Mapping[str, Any]] = {}
    for number, one in enumerate(meetings):
        key = _id(one) or f"\0{number}"
        if key not in found or str(one.get("modified", "")) >= str(found[key].get("modified", "")):
            found[key] = one
    return list(found.values())


def _item(meeting: Mapping[str, Any], number: int, zone: ZoneInfo) -> tuple[Item, Mapping[str, Any]]:
    key = _id(meeting)
    if not key:
        return Item(key=f"meeting-{number + 1}", fault="The meeting has no id."), meeting
    try:
        return Item(key=key, data=read_meeting(meeting, zone)), meeting
    except ValueError as error:
        return Item(key=key, fault=str(error)), meeting


def _named(
    item: Item, meeting: Mapping[str, Any], bodies: Mapping[str, dict[str, str]], committees: Mapping[str, str]
) -> Item:
    """Add the names of the committees and what is known of the body (the only one, if the meeting names none)."""
    if item.fault:
        return item
    ids = [_id(one) if isinstance(one, dict) else one_line(one, 2_000) for one in listed(meeting.get("organization"))]
    names = [committees[one] for one in ids if committees.get(one)]
    only = next(iter(bodies.values())) if len(bodies) == 1 else {}
    return Item(
        key=item.key,
        data={
            **item.data,
            "committees": list(dict.fromkeys(names))[:20],
            "body": bodies.get(one_line(meeting.get("body"), 2_000)) or only,
        },
    )


def _latest(items: list[Item]) -> list[Item]:
    """Return at most the bounded number of items, the latest by start (what is deleted counts as latest)."""
    if len(items) <= _MOST_MEETINGS:
        return items
    return sorted(items, key=lambda one: str(one.data.get("start") or "9"), reverse=True)[:_MOST_MEETINGS]


def _body(body: Mapping[str, Any]) -> dict[str, str]:
    """Return the body's name and place, with the repairs that real servers need."""
    scheme, value = place_of(one_line(body.get("ags"), 40), one_line(body.get("rgs"), 40))
    return {"name": one_line(body.get("name")), "scheme": scheme, "value": value}


def place_of(ags: str, rgs: str) -> tuple[str, str]:
    """Return scheme and key of a body from its ``ags`` and ``rgs`` (OParl 1.1, 3.3), empty if neither is one.

    Repairs: a lost leading zero (5358016), a ninth digit (051140000), an ARS written as AGS.
    """
    long, short = re.sub(r"\D", "", rgs), re.sub(r"\D", "", ags)
    if len(long) in {11, 12}:
        return "ars", long.zfill(12)
    if len(short) in {11, 12}:
        return "ars", short.zfill(12)
    if len(short) == 9 and short.endswith("0"):  # noqa: PLR2004 - Krefeld's ninth digit
        short = short[:8]
    if len(short) in {7, 8}:
        return "ags", short.zfill(8)
    return ("ars", short) if len(short) == 5 else ("", "")  # noqa: PLR2004 - a district


def _id(value: Mapping[str, Any]) -> str:
    return one_line(value.get("id"), 2_000)


def _zone(source: Source) -> ZoneInfo:
    try:
        return ZoneInfo(source.zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise SourceConfigError(f"There is no time zone called {source.zone!r}.", subject=source.id) from error
