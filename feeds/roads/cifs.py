"""Waze CIFS 2 (Closure and Incident Feed Specification), as XML and as JSON."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import tzinfo
from functools import partial
from typing import Any

from feeds._json_body import finite, one_line, plain_text
from feeds.roads.closure import Closure, NotShownError, Setting, facts, with_words
from feeds.roads.coded import Coded, coded_texts, moment_at, shape_of
from feeds.roads.datex_times import WEEK, Hours, Span, day_of, expand, few, pattern
from feeds.roads.moments import is_reversed
from feeds.roads.streets import listed_streets, named_streets
from feeds.roads.words import LANGUAGES
from feeds.roads.xml_stream import child, elements, local_name, text
from hub.core.notice import Moment

_CHAT = frozenset({"POLICE", "CHIT_CHAT", "JAM"})
_HOURS = re.compile(r"(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})", re.ASCII)
_FIELDS = ("type", "subtype", "description", "starttime", "endtime", "creationtime", "updatetime", "street", "polyline",
           "direction", "source")  # fmt: skip


def readers(value: Mapping[str, Any], setting: Setting) -> Iterator[Callable[[], Closure]]:
    """Yield what reads each incident of a JSON answer; Waze wraps each once more (``{"incident": {…}}``)."""
    found = value.get("incidents")
    if isinstance(found, dict):
        found = found.get("incident")
    for one in found if isinstance(found, list) else []:
        inner = one.get("incident", one) if isinstance(one, dict) else one
        yield partial(_closure, inner, setting)


def xml_readers(body: bytes, setting: Setting) -> Iterator[Callable[[], Closure]]:
    """Yield what reads each incident of an XML answer."""
    for element in elements(body, ("incident",)):
        if local_name(element) != "incident" or not len(element):
            continue
        incident: dict[str, Any] = {name: text(element, name) or text(element, "location", name) for name in _FIELDS}
        incident["id"] = element.get("id") or text(element, "id")
        schedule = child(element, "schedule")
        incident["schedule"] = (
            {local_name(one): (one.text or "").strip() for one in schedule if one.tag} if schedule is not None else {}
        )
        yield partial(_closure, incident, setting)


def _closure(incident: Any, setting: Setting) -> Closure:
    """Return one incident. Raises ``NotShownError`` for chat about traffic, ``ValueError`` if it is none."""
    if not isinstance(incident, dict) or not one_line(incident.get("type")):
        raise ValueError("The entry is no CIFS incident.")
    location = incident.get("location")
    flat = {**location, **incident} if isinstance(location, dict) else incident
    kind, subtype = one_line(flat.get("type"), 60), one_line(flat.get("subtype"), 60)
    if kind in _CHAT:
        raise NotShownError("jam, police check or chat, no closure")
    street, own = one_line(flat.get("street"), 200), plain_text(flat.get("description"), 4_000)
    begin, end = moment_at(flat.get("starttime"), setting.zone), moment_at(flat.get("endtime"), setting.zone)
    end = None if begin and end and is_reversed(begin, end, setting.zone) else end
    spans, patterns = _schedule(flat.get("schedule"), begin, end, setting.zone)
    geometry, repairs = _line(flat.get("polyline"))
    updated = moment_at(flat.get("updatetime") or flat.get("creationtime"), setting.zone)
    said = Coded(
        reasons=(("event", subtype),) if subtype else (("event", kind),),
        restrictions=(("event", kind),) if kind == "ROAD_CLOSED" else (),
        directions=(one_line(flat.get("direction"), 40),),
        more={lang: tuple(filter(None, (patterns.get(lang, ""),))) for lang in LANGUAGES},
    )
    closure = Closure(
        title=street or own[:120] or said.what("en"),
        own_id=one_line(flat.get("id") or flat.get("@id"), 500),
        kind="closure" if kind == "ROAD_CLOSED" else "roadworks",
        category=subtype or kind,
        street=street,
        streets=listed_streets(street) or named_streets(own),
        blocked=kind == "ROAD_CLOSED",
        begin=begin,
        end=end,
        spans=spans,
        sent=updated if hasattr(updated, "hour") else None,  # type: ignore[arg-type]  # a time, not a day
        publisher=one_line(flat.get("source"), 120),
        geometry=geometry,
        repairs=repairs,
    )
    tongue = "de" if setting.language.lower().startswith("de") else "en"
    named = facts(
        restriction=said.restriction(tongue),
        reason=said.reason(tongue),
        detour=_detour(own),
        direction=said.direction(tongue),
    )
    texts = coded_texts(said, street, {}, blocked=closure.blocked, own=own, language=setting.language)
    return with_words(replace(closure, facts=named), *texts, language=setting.language)


def _detour(description: str) -> str:
    match = re.search(
        r"(?:Umleitung|Detour|Diversion):?\s+((?:über|via)\s+[^.;\n]+|[^.;\n]+)", description, re.IGNORECASE
    )
    return match[1] if match else ""


def _line(value: Any) -> tuple[Any, tuple[str, ...]]:
    """Return the ``polyline`` as a line: latitude and longitude by turns, separated by blanks."""
    numbers = (
        [finite(one) for one in re.split(r"[\s,]+", value.strip())] if isinstance(value, str) and value.strip() else []
    )
    if not numbers:
        return None, ()
    pairs = [[numbers[i + 1], numbers[i]] for i in range(0, len(numbers) - 1, 2)]
    if len(pairs) == 1:
        return shape_of({"type": "Point", "coordinates": pairs[0]})
    return shape_of({"type": "LineString", "coordinates": pairs})


def _schedule(
    value: Any, begin: Moment | None, end: Moment | None, zone: tzinfo
) -> tuple[tuple[Span, ...], dict[str, str]]:  # fmt: skip
    """Return the single dates and the hours in words of a ``schedule`` (``monday``: ``09:00-12:00,14:00-16:00``)."""
    if not isinstance(value, dict):
        return (), {}
    days: dict[tuple[Hours, ...], list[int]] = {}
    for name, text_ in value.items():
        hours = tuple(Hours(*(int(one) for one in match.groups())) for match in _HOURS.finditer(str(text_)[:500]))
        numbers = (
            range(7)
            if str(name).lower() == "everyday"
            else [WEEK.index(str(name).lower())]
            if str(name).lower() in WEEK
            else []
        )
        sound = all(max(one.first, one.last) <= 23 and max(one.minute, one.minutes) <= 59 for one in hours)  # noqa: PLR2004 - a clock
        if hours and sound:
            days.setdefault(hours, []).extend(numbers)
    words = {
        lang: "; ".join(
            pattern([] if len(set(numbers)) == 7 else numbers, [one.shown() for one in hours], lang)  # noqa: PLR2004 - a week
            for hours, numbers in days.items()
        )
        for lang in LANGUAGES
        if days
    }
    if begin is None or end is None or not days:
        return (), words
    found: list[Span] = []
    for hours, numbers in days.items():
        found += few(expand(day_of(begin, zone), day_of(end, zone), numbers, hours, zone)) or ()
    return tuple(found), words
