"""The lists of the Autobahn API (``/o/autobahn/{road}/services/{roadworks|closure|warning}``).

Booleans and numbers may be strings, the longitude is called ``long``, dates stand in German prose (``prose.py``).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import tzinfo
from typing import Any

from feeds._json_body import finite, one_line
from feeds.roads.closure import Closure, facts
from feeds.roads.geometry import read_geometry
from feeds.roads.mapping import as_text
from feeds.roads.moments import read_moment
from feeds.roads.prose import Period, read_period
from feeds.roads.prose_facts import facts_in, says_free, without_writing_time
from feeds.roads.wording import is_full_closure, motorway_title
from hub.core.notice import Geometry

SERVICES = ("roadworks", "closure", "warning")
ATTRIBUTION = "Die Autobahn GmbH des Bundes"
_WEIGHT = re.compile(r"WEIGHT_LIMIT_(\d{1,2})(\d)", re.ASCII)


def lists_in(value: Any) -> dict[str, list[Any]]:
    """Return the lists of ``value`` by service (a single ``details`` object as a list of one), empty if neither."""
    if not isinstance(value, dict):
        return {}
    if "identifier" in value and "title" in value:
        kind = str(value.get("display_type", "")).lower()
        return {kind if kind in SERVICES else "roadworks": [value]}
    return {name: value[name] for name in SERVICES if isinstance(value.get(name), list)}


def read_closure(entry: Mapping[str, Any], service: str, zone: tzinfo) -> Closure:
    """Return one ``entry`` of the list ``service``. Raises ``ValueError`` in plain words if it says nothing."""
    title = one_line(entry.get("title"))
    if not title:
        raise ValueError("The entry has no title.")
    period = read_period(without_writing_time(as_text(entry.get("description"))).split("\n"), zone)
    blocked = is_blocked(entry.get("isBlocked")) or is_full_closure(*period.rest)
    weight = _WEIGHT.fullmatch(str(entry.get("display_type", "")))
    subtitle = one_line(entry.get("subtitle"))
    begin = period.begin or read_moment(entry.get("startTimestamp"), zone)
    geometry = _geometry(entry)
    road = re.match(r"[AB]\s?\d{1,4}\b", title)
    return Closure(
        title=motorway_title(title, service, blocked=blocked, lorries=f"{weight[1]},{weight[2]}" if weight else ""),
        own_id=one_line(entry.get("identifier"), 500),
        section=title,
        where="" if geometry else road[0] if road else "no position",
        kind=service,
        category=service,
        lines=(subtitle, *text_of(period), *_detour(entry)),
        blocked=blocked,
        over=says_free(*period.rest),
        begin=begin,
        end=period.end,
        spans=period.spans,
        facts=_facts(entry, subtitle, period),
        attribution=ATTRIBUTION,
        geometry=geometry,
    )


def _facts(entry: Mapping[str, Any], subtitle: str, period: Period) -> tuple[tuple[str, str], ...]:
    """Return what the prose states, the direction of the subtitle and the lanes of ``impact``."""
    found = facts_in("\n".join(period.rest))
    impact = entry.get("impact")
    symbols = impact.get("symbols") if isinstance(impact, dict) else None
    lanes = [str(one) for one in symbols] if isinstance(symbols, list) else []
    closed = sum("CLOSED" in one for one in lanes)
    route = as_text(entry.get("routeRecommendation"))
    found |= {"direction": subtitle or found.get("direction", "")} | ({"detour": route} if route else {})
    if closed:
        found |= {"lanes_closed": str(closed), "lanes_open": str(len(lanes) - closed)}
    return facts(**found)


def text_of(period: Period) -> tuple[str, ...]:
    """Return the lines for a reader: what it is about first, then the times word for word."""
    rest = "\n".join(period.rest).strip("\n")
    return (*re.sub(r"\n{2,}", "\n", rest).split("\n"), *period.when)


def is_blocked(value: Any) -> bool:
    """Whether the API's ``isBlocked`` (a boolean or a text) is true."""
    return value is True or (isinstance(value, str) and value.strip().lower() == "true")


def _detour(entry: Mapping[str, Any]) -> tuple[str, ...]:
    text = as_text(entry.get("routeRecommendation"))
    return (f"Umleitung: {text}",) if text else ()


def _geometry(entry: Mapping[str, Any]) -> Geometry | None:
    """Return the entry's line if it has one, else its point; ``None`` if neither can be read."""
    try:
        found = read_geometry(entry.get("geometry"))
    except ValueError:
        found = None
    return found or _point(entry)


def _point(entry: Mapping[str, Any]) -> Geometry | None:
    place = entry.get("coordinate")
    pair = [place.get("long"), place.get("lat")] if isinstance(place, dict) else str(entry.get("point")).split(",")
    numbers = [finite(one) for one in pair[:2]]
    if len(numbers) < 2 or None in numbers:  # noqa: PLR2004 - a pair
        return None
    try:
        return read_geometry({"type": "Point", "coordinates": numbers})
    except ValueError:
        return None
