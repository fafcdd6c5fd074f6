"""Open511 road events (events resource, v0 and v1) in its JSON form and, turned into that, its XML form."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, tzinfo
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from lxml import etree

from feeds._json_body import one_line, plain_text, web_address
from feeds.roads.closure import MOST_SPANS, Closure, NotShownError, Setting, facts, with_words
from feeds.roads.coded import Coded, coded_texts, moment_at, names_in, shape_of
from feeds.roads.datex_times import Hours, Span, day_of, expand, few, pattern
from feeds.roads.gml import geojson_of
from feeds.roads.moments import starts
from feeds.roads.streets import MOST_STREETS
from feeds.roads.words import LANGUAGES, frame, quoted
from feeds.roads.xml_stream import elements, local_name
from hub.core.notice import Moment

_STATES = ("CLOSED", "SOME_LANES_CLOSED", "SINGLE_LANE_ALTERNATING", "ALL_LANES_OPEN")
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::\d{2})?", re.ASCII)
_LISTS = {"roads", "areas", "event_subtypes", "intervals", "recurring_schedules", "days", "restrictions", "exceptions"}


def readers(value: Mapping[str, Any], setting: Setting) -> Iterator[Callable[[], Closure]]:
    """Yield what reads each event of a JSON answer."""
    events = value.get("events")
    yield from (partial(_closure, one, setting) for one in (events if isinstance(events, list) else []))


def xml_readers(body: bytes, setting: Setting) -> Iterator[Callable[[], Closure]]:
    """Yield what reads each event of an XML answer."""
    for element in elements(body, ("event",)):
        if local_name(element) == "event" and len(element):
            event = _plain(element)
            yield partial(_closure, event, setting)


def _closure(event: Any, setting: Setting) -> Closure:
    """Return one event. Raises ``NotShownError`` for one that is only possible, ``ValueError`` if it is none."""
    if not isinstance(event, dict) or not (event.get("id") or event.get("url") or event.get("headline")):
        raise ValueError("The entry is no Open511 event.")
    if event.get("certainty") == "POSSIBLE":
        raise NotShownError("only possible so far")
    zone = _zone(event, setting.zone)
    roads = [one for one in _list(event.get("roads")) if isinstance(one, dict)]
    states = [one_line(road.get("state"), 40) for road in roads]
    blocked = bool(states) and all(state == "CLOSED" for state in states)
    spans, words = _schedule(event.get("schedule"), zone)
    last = [end for _, end in spans if end is not None]
    geometry, repairs = shape_of(event.get("geography") or event.get("geometry"))
    names = names_in([road.get("name") for road in roads])
    place = " / ".join(names[:3])
    closure = Closure(
        title=one_line(event.get("headline")) or place,
        own_id=one_line(event.get("id"), 500) or one_line(event.get("url"), 500),
        kind="closure" if blocked else "roadworks",
        category=one_line(event.get("event_type"), 60),
        street=place,
        streets=names[:MOST_STREETS],
        blocked=blocked,
        over=event.get("status") == "ARCHIVED",
        begin=min((begin for begin, _ in spans), key=_order, default=None),
        end=max(last, key=_order) if last and len(last) == len(spans) else None,
        spans=tuple((begin, end) for begin, end in spans if end is not None) if len(last) == len(spans) else (),
        sent=_time(event.get("updated"), zone),
        url=web_address(event.get("url")) if not str(event.get("url")).startswith("/") else "",
        geometry=geometry,
        repairs=repairs,
    )
    return _worded(closure, event, (roads, states), words, setting)


def _worded(
    closure: Closure, event: Mapping[str, Any], on: tuple[Sequence[Mapping[str, Any]], Sequence[str]],
    words: Mapping[str, str], setting: Setting,
) -> Closure:  # fmt: skip
    roads, states = on
    codes = [one_line(event.get("event_type"), 60), *(one_line(one, 60) for one in _list(event.get("event_subtypes")))]
    worst = sorted((one for one in states if one in _STATES), key=_STATES.index)
    said = Coded(
        reasons=tuple(("event", one) for one in codes),
        restrictions=tuple(("impact", one) for one in worst[:1]),
        directions=tuple(dict.fromkeys(one_line(one.get("direction"), 20) for one in roads)),
        detour=plain_text(event.get("detour"), 1_000),
        more={lang: tuple(filter(None, (words.get(lang, ""),))) for lang in LANGUAGES},
    )
    headline, own = one_line(event.get("headline")), plain_text(event.get("description"), 4_000)
    section = {lang: _section(roads, lang) for lang in LANGUAGES}
    texts = coded_texts(
        said, closure.street, section, blocked=closure.blocked, own="\n".join(filter(None, (headline, own))),
        language=setting.language,
    )  # fmt: skip
    if not closure.street and headline:
        texts = [replace(one, title=quoted(one.lang, headline).title) for one in texts]
    tongue = "de" if setting.language.lower().startswith("de") else "en"
    named = facts(
        restriction=said.restriction(tongue), reason=said.reason(tongue), detour=said.detour,
        direction=said.direction(tongue),
    )  # fmt: skip
    return with_words(replace(closure, facts=named), *texts, language=setting.language)


def _section(roads: Sequence[Mapping[str, Any]], lang: str) -> str:
    first = roads[0] if roads else {}
    begin, end = one_line(first.get("from"), 80), one_line(first.get("to"), 80)
    if begin and end:
        return f"{begin} {frame('until', lang)} {end}"
    return f"{frame('near', lang)} {begin or end}" if begin or end else ""


def _schedule(value: Any, zone: tzinfo) -> tuple[list[tuple[Moment, Moment | None]], dict[str, str]]:
    """Return the spans (an end may be open) and the recurring hours in words, by language."""
    schedules = value if isinstance(value, list) else [value]  # v0 had a list of schedules
    spans: list[tuple[Moment, Moment | None]] = []
    words: dict[str, str] = {}
    for one in (one for one in schedules if isinstance(one, dict)):
        for interval in _list(one.get("intervals"))[:MOST_SPANS]:
            begin, _, end = one_line(interval, 120).partition("/")
            if (start := moment_at(begin, zone)) is not None:
                spans.append((start, moment_at(end, zone)))
        recurring = _list(one.get("recurring_schedules")) or ([one] if one.get("start_date") else [])
        for repeated in (part for part in recurring if isinstance(part, dict)):
            spans += _recurring(repeated, zone)
            words |= {lang: text for lang in LANGUAGES if (text := _words(repeated, lang))}
    return spans, words


def _recurring(value: Mapping[str, Any], zone: tzinfo) -> list[tuple[Moment, Moment | None]]:
    """Return the days of a recurring schedule; begin and end alone where they are too many or never end."""
    begin, end = moment_at(value.get("start_date"), zone), moment_at(value.get("end_date"), zone)
    if begin is None:
        return []
    hours = _hours(value)
    if end is None or not (hours or _days(value)):
        return [(begin, end)]
    found: tuple[Span, ...] | None = few(
        expand(day_of(begin, zone), day_of(end, zone), _days(value), (hours,) if hours else (), zone)
    )
    return [(begin, end)] if found is None else list(found)


def _hours(value: Mapping[str, Any]) -> Hours | None:
    first = _CLOCK.fullmatch(one_line(value.get("daily_start_time"), 20))
    last = _CLOCK.fullmatch(one_line(value.get("daily_end_time"), 20))
    found = Hours(int(first[1]), int(first[2]), int(last[1]), int(last[2])) if first and last else None
    return found if found and max(found.first, found.last) < 24 and max(found.minute, found.minutes) < 60 else None  # noqa: PLR2004 - a clock


def _days(value: Mapping[str, Any]) -> frozenset[int]:
    """Return the weekdays from 0; Open511 counts Monday as 1."""
    found = (one_line(one, 2) for one in _list(value.get("days")))
    return frozenset(int(one) - 1 for one in found if one.isdecimal() and one.isascii() and 1 <= int(one) <= 7)  # noqa: PLR2004 - a week


def _words(value: Mapping[str, Any], lang: str) -> str:
    hours = _hours(value)
    return pattern(_days(value), [hours.shown()] if hours else [], lang)


def _zone(event: Mapping[str, Any], own: tzinfo) -> tzinfo:
    try:
        name = one_line(event.get("timezone"), 60)
        return ZoneInfo(name) if name else own
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return own


def _time(value: Any, zone: tzinfo) -> datetime | None:
    found = moment_at(value, zone)
    return found if isinstance(found, datetime) else None


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _order(moment: date) -> float:
    return starts(moment, UTC).timestamp()


def _plain(element: etree._Element) -> dict[str, Any]:
    """Return an XML event as its JSON form has it: lists stay lists, ``geography`` becomes GeoJSON."""
    found: dict[str, Any] = {}
    for one in element:
        name = local_name(one).replace("-", "_")
        if name in {"geography", "geometry"}:
            found[name] = geojson_of(one)
        elif name in _LISTS:
            found[name] = [_plain(part) if len(part) else (part.text or "").strip() for part in one]
        elif name == "link":
            if one.get("rel") in {"self", "alternate"}:
                found["url"] = one.get("href")
        else:
            found[name] = _plain(one) if len(one) else (one.text or "").strip()
    return found
