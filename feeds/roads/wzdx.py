"""WZDx 4 (and 3.1) work zone feeds: GeoJSON road events of the kinds work zone, restriction and detour.

Events that repeat (``related_road_events`` with ``first-occurrence``) are one closure with several dates; a detour
whose work zone is in the same answer becomes a fact of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from feeds._json_body import finite, one_line, plain_text
from feeds.roads.closure import Closure, Setting, facts, with_words
from feeds.roads.coded import Coded, coded_texts, moment_at, names_in, shape_of
from feeds.roads.words import LANGUAGES, frame, sentence, shown, word
from hub.core.errors import SourceRefused

_OVER = frozenset({"completed", "cancelled"})
_RELATED = frozenset({"related-work-zone", "related-restriction"})


def is_feed(value: Any) -> bool:
    """Whether ``value`` is a WZDx feed: a FeatureCollection with its feed info."""
    return isinstance(value, dict) and ("feed_info" in value or "road_event_feed_info" in value)


def readers(feed: Mapping[str, Any], setting: Setting, url: str) -> Iterator[Callable[[], Closure]]:
    """Yield what reads each road event. Raises ``SourceRefused`` for a feed of devices or one without features."""
    features = feed.get("features")
    if not isinstance(features, list):
        raise SourceRefused("The WZDx feed has no list of features.", subject=url)
    if any(_of(one, "core_details").get("device_type") for one in features[:5]):
        raise SourceRefused("This is a WZDx feed of field devices, not of work zones.", subject=url)
    info = feed.get("feed_info") or feed.get("road_event_feed_info")
    publisher = one_line(info.get("publisher"), 120) if isinstance(info, dict) else ""
    zones = {_id(one) for one in features if _kind(one) != "detour"}
    routes: dict[str, list[Any]] = {}
    for one in features:
        owner = next((name for name in _related(one, _RELATED) if name in zones), "") if _kind(one) == "detour" else ""
        if owner:
            routes.setdefault(owner, []).append(one)
    folded = {_id(one) for group in routes.values() for one in group}
    for one in features:
        if _id(one) not in folded or _kind(one) != "detour":
            yield partial(_closure, one, routes.get(_id(one), []), setting, publisher)


def _closure(feature: Any, routes: Sequence[Any], setting: Setting, publisher: str) -> Closure:
    """Return one road event. Raises ``ValueError`` in plain words if it is none."""
    core, properties = _of(feature, "core_details"), _of(feature)
    names = names_in(core.get("road_names") or properties.get("road_name") or properties.get("road_names"))
    if not core and not names:
        raise ValueError("The entry is no WZDx road event.")
    said = _said(properties, core, routes)
    impact = one_line(properties.get("vehicle_impact"), 60)
    geometry, repairs = shape_of(feature.get("geometry"))
    place, section = " / ".join(names[:3]), _section(properties)
    closure = Closure(
        title=place or one_line(core.get("name")) or said.what("en"),
        own_id=next(iter(_related(feature, {"first-occurrence"})), "") or _id(feature),
        kind="closure" if impact == "all-lanes-closed" else "roadworks",
        category=_kind(feature),
        street=place,
        streets=names,
        section=section["en"],
        blocked=impact == "all-lanes-closed",
        over=one_line(properties.get("event_status")) in _OVER,
        begin=moment_at(properties.get("start_date"), setting.zone),
        end=moment_at(properties.get("end_date"), setting.zone),
        publisher=publisher,
        geometry=geometry,
        repairs=repairs,
    )
    tongue = "de" if setting.language.lower().startswith("de") else "en"
    speed = _speed(properties)
    named = facts(
        restriction=said.restriction(tongue), reason=said.reason(tongue), detour=said.detour,
        direction=said.direction(tongue), speed_limit=f"{speed} km/h" if speed else "",
        lanes_closed=_lanes(properties, "closed"), lanes_open=_lanes(properties, "open"),
    )  # fmt: skip
    texts = coded_texts(
        said, place, section, blocked=closure.blocked, own=_description(core), language=setting.language
    )
    return with_words(replace(closure, facts=named), *texts, language=setting.language)


def _said(properties: Mapping[str, Any], core: Mapping[str, Any], routes: Sequence[Any]) -> Coded:
    works = [one_line(one.get("type_name"), 60) for one in _dicts(properties.get("types_of_work"))]
    impact = one_line(properties.get("vehicle_impact"), 60)
    limits = _dicts(properties.get("restrictions"))
    limits += [one for lane in _dicts(properties.get("lanes")) for one in _dicts(lane.get("restrictions"))]
    speed = _speed(properties)
    kind = one_line(core.get("event_type") or properties.get("event_type"), 60)
    return Coded(
        reasons=tuple(("event", one) for one in works or [kind]),
        restrictions=(("impact", impact), *(("limit", one_line(one.get("type"), 60)) for one in limits)),
        directions=(one_line(core.get("direction") or properties.get("direction"), 60),),
        detour="; ".join(dict.fromkeys(filter(None, (_route(one) for one in routes)))),
        more={lang: _numbers(limits, speed, lang) for lang in LANGUAGES},
    )


def _numbers(limits: Sequence[Mapping[str, Any]], speed: str, lang: str) -> tuple[str, ...]:
    """Return limits with their figures, and the speed."""
    found = [sentence([frame("speed", lang, speed)])] if speed else []
    for one in limits:
        number, name = finite(one.get("value")), word("limit", one_line(one.get("type"), 60), lang)
        if number is not None and name:
            figure = shown(f"{number:g}", lang)
            found.append(f"{sentence([name])}: {figure} {one_line(one.get('unit'), 20)}".strip())
    return tuple(dict.fromkeys(found))


def _route(feature: Any) -> str:
    """Return a detour's roads with what it leads between: ``F22 (I-35 – US 69)``."""
    names = ", ".join(names_in(_of(feature, "core_details").get("road_names")))
    ends = [one_line(_of(feature).get(name), 80) for name in ("beginning_cross_street", "ending_cross_street")]
    section = " – ".join(filter(None, ends))
    return f"{names} ({section})" if names and section else names or section


def _section(properties: Mapping[str, Any]) -> dict[str, str]:
    """Return the section between two cross streets or mileposts, by language."""
    ends = [one_line(properties.get(f"{name}_cross_street"), 80) for name in ("beginning", "ending")]
    if not all(ends):
        posts = [finite(properties.get(f"{name}_milepost")) for name in ("beginning", "ending")]
        ends = [f"{one:g}" for one in posts if one is not None] if None not in posts else ends
    found = list(dict.fromkeys(filter(None, ends)))
    return {lang: f" {frame('until', lang)} ".join(found) for lang in LANGUAGES}


def _speed(properties: Mapping[str, Any]) -> str:
    number = finite(properties.get("reduced_speed_limit_kph"))
    return f"{number:g}" if number else ""


def _lanes(properties: Mapping[str, Any], status: str) -> str:
    lanes = [one for one in _dicts(properties.get("lanes")) if one.get("type") not in {"shoulder", "sidewalk"}]
    count = sum(one.get("status") == status for one in lanes)
    return str(count) if count else ""


def _description(core: Mapping[str, Any]) -> str:
    return plain_text(core.get("description"), 4_000)


def _related(feature: Any, kinds: Any) -> list[str]:
    """Return the ids of the events that ``feature`` is related to in one of ``kinds``."""
    found = _dicts(_of(feature, "core_details").get("related_road_events"))
    return [one_line(one.get("id"), 500) for one in found if one.get("type") in kinds and one_line(one.get("id"), 500)]


def _kind(feature: Any) -> str:
    return one_line(_of(feature, "core_details").get("event_type") or _of(feature).get("event_type"), 60)


def _id(feature: Any) -> str:
    own = feature.get("id") if isinstance(feature, dict) else ""
    return one_line(own or _of(feature, "core_details").get("road_event_id") or _of(feature).get("road_event_id"), 500)


def _of(feature: Any, name: str = "") -> Mapping[str, Any]:
    properties = feature.get("properties") if isinstance(feature, dict) else None
    found = properties.get(name) if isinstance(properties, dict) and name else properties
    return found if isinstance(found, dict) else {}


def _dicts(value: Any) -> list[Mapping[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
