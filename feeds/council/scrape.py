"""JSON that a scraper made of a SessionNet's pages (the form of meine-stadt-transparent), as OParl objects."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from feeds._json_body import one_line, web_address
from feeds.council.oparl import listed

_LISTS = ("meetings", "agenda_items", "files")


def is_scrape(value: Any) -> bool:
    """Whether ``value`` is such a scrape: lists of meetings and of agenda items, numbered by the system."""
    return isinstance(value, dict) and "meta" in value and all(isinstance(value.get(name), list) for name in _LISTS)


def objects_of_scrape(value: Mapping[str, Any], url: str) -> tuple[Mapping[str, Any], ...]:
    """Return the Body, the committees and the meetings with their public items and papers."""
    meta = value["meta"] if isinstance(value["meta"], dict) else {}
    site = web_address(meta.get("url")) or url
    body = {"id": "body", "type": "Body", "name": one_line(meta.get("name")), "ags": meta.get("ags")}
    names = dict.fromkeys(one_line(one.get("organization_name")) for one in _objects(value, "meetings"))
    committees = [{"id": f"committee:{name}", "type": "Organization", "name": name} for name in names if name]
    meetings = [_meeting(one, value, site) for one in _objects(value, "meetings")]
    return (body, *committees, *meetings)


def _meeting(one: Mapping[str, Any], value: Mapping[str, Any], site: str) -> Mapping[str, Any]:
    number = one.get("original_id")
    committee = one_line(one.get("organization_name"))
    of_meeting = [item for item in _objects(value, "agenda_items") if item.get("meeting_id") == number]
    return {
        "id": f"meeting:{number}" if isinstance(number, int | str) else None,
        "type": "Meeting",
        "name": one.get("name"),
        "start": one.get("start"),
        "end": one.get("end"),
        "location": {"description": one.get("location")},
        "cancelled": one.get("cancelled"),
        "organization": [f"committee:{committee}"] if committee else [],
        "body": "body",
        "agendaItem": [_item(item, value) for item in of_meeting],
        "web": site if isinstance(number, int | str) else "",
    }


def _item(item: Mapping[str, Any], value: Mapping[str, Any]) -> Mapping[str, Any]:
    paper = item.get("paper_original_id")
    files = [
        {"name": one.get("name"), "accessUrl": one.get("url")}
        for one in _objects(value, "files")
        if paper is not None and one.get("paper_original_id") == paper
    ]
    return {"number": item.get("key"), "name": item.get("name"), "public": item.get("public"), "auxiliaryFile": files}


def _objects(value: Mapping[str, Any], name: str) -> Iterator[Mapping[str, Any]]:
    return (one for one in listed(value.get(name)) if isinstance(one, dict))
