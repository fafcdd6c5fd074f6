"""CAP written as JSON: the warnings of NINA (``warnung.bund.de/api31``) and MeteoAlarm, as ``<alert>`` trees.

Both use CAP's own names for everything, so a warning becomes the tree that its XML would have been. NINA's lists
(``dashboard/{ARS}.json``, ``mapData.json``) only point to warnings; outlines lie beside them as GeoJSON whose
``warnId`` names the warning. HTML is escaped twice in NINA's texts.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from lxml import etree

from feeds._json_body import read_json
from feeds.cap.tree import add, children, new_alert, text_of
from hub.core.errors import SourceRefused
from hub.core.source import Document

WARNING_ID = re.compile(r"\b(?:mow|kat|biw|lhp|pol|dwd|police|mowas|katwarn)\.[A-Za-z0-9][\w.+-]{3,200}", re.ASCII)
_NAMES = frozenset({
    "identifier", "sender", "sent", "status", "msgType", "source", "scope", "restriction", "addresses", "code", "note",
    "references", "incidents", "info", "language", "category", "event", "responseType", "urgency", "severity",
    "certainty", "audience", "eventCode", "effective", "onset", "expires", "senderName", "headline", "description",
    "instruction", "web", "contact", "parameter", "resource", "area", "valueName", "value", "resourceDesc", "mimeType",
    "uri", "areaDesc", "polygon", "circle", "geocode", "altitude", "ceiling",
})  # fmt: skip
_WORDED = frozenset({"headline", "description", "instruction", "event", "senderName", "areaDesc"})
_UNWRITABLE = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_DEEP = 8  # alert, info, area, geocode, value: five would do
_MOST_RINGS = 2_000

Outlines = Mapping[str, Sequence[Mapping[str, Any]]]


def read(document: Document) -> Any:
    """Return the JSON of ``document``. Raises ``SourceRefused``."""
    return read_json(document)


def outlines_in(value: Any) -> dict[str, list[Mapping[str, Any]]]:
    """Return the geometries of a GeoJSON FeatureCollection by the warning they belong to."""
    found: dict[str, list[Mapping[str, Any]]] = {}
    if isinstance(value, Mapping) and value.get("type") == "FeatureCollection":
        for feature in _list(value.get("features"))[:_MOST_RINGS]:
            if isinstance(feature, Mapping) and isinstance(feature.get("geometry"), Mapping):
                properties = feature.get("properties")
                name = str(properties.get("warnId", "")) if isinstance(properties, Mapping) else ""
                found.setdefault(name, []).append(feature["geometry"])
    return found


def pointed_at(value: Any) -> dict[str, str]:
    """Return id -> version of the warnings that one of NINA's lists names; {} if ``value`` is no such list."""
    if not isinstance(value, list):
        return {}
    entries = [one for one in value if isinstance(one, Mapping) and WARNING_ID.fullmatch(str(one.get("id", "")))]
    return {str(one["id"]): _version(one) for one in entries}


def alerts(value: Any, outlines: Outlines) -> list[etree._Element]:
    """Return the warnings in ``value``: a single one, or MeteoAlarm's list.

    Raises ``SourceRefused`` for anything else, saying what it is.
    """
    if isinstance(value, Mapping) and isinstance(value.get("warnings"), list):
        found = [one.get("alert", one) for one in value["warnings"] if isinstance(one, Mapping)]
        return [_alert(one, outlines) for one in found if isinstance(one, Mapping)]
    if isinstance(value, Mapping) and "identifier" in value and "msgType" in value:
        return [_alert(value, outlines)]
    raise SourceRefused(_what_else(value))


def _what_else(value: Any) -> str:
    """Say what a JSON document is that holds no warning."""
    if pointed := pointed_at(value):
        return (
            f"This is NINA's list of {len(pointed)} warnings, not the warnings themselves; give its address"
            " (nina: and the municipality's key), so that they can be fetched one by one."
        )
    if outlines_in(value):
        return "This is the outline (GeoJSON) of a warning; give the file of the warning itself together with it."
    if isinstance(value, Mapping) and "technicalTestAlert" in value:
        return "This is Alertswiss's own JSON, which is not read here; give the address of the same alert as CAP (XML)."
    return "This JSON is no warning: it has no identifier and msgType of CAP."


def _alert(value: Mapping[str, Any], outlines: Outlines) -> etree._Element:
    alert = new_alert()
    _fill(alert, value, _DEEP)
    found = outlines.get(text_of(alert, "identifier"), ())
    info = next(iter(children(alert, "info")), None)
    if found and info is not None:
        area = add(info, "area")
        for geometry in found:
            _draw(area, geometry)
    return alert


def _fill(parent: etree._Element, value: Mapping[str, Any], depth: int) -> None:
    """Write the fields of ``value`` as children; what CAP does not know is left out."""
    for name, content in value.items():
        if name not in _NAMES or not depth:
            continue
        for one in _list(content):
            child = add(parent, name)
            if isinstance(one, Mapping):
                _fill(child, one, depth - 1)
            elif one is not None and not isinstance(one, list):
                text = html.unescape(str(one)) if name in _WORDED else str(one)
                child.text = _UNWRITABLE.sub("", text)


def _draw(area: etree._Element, geometry: Mapping[str, Any]) -> None:
    """Write a GeoJSON (Multi)Polygon as CAP does: outlines as "lat,lon", holes as exclusions."""
    shape, rings = geometry.get("type"), _list(geometry.get("coordinates"))
    for polygon in [rings] if shape == "Polygon" else rings if shape == "MultiPolygon" else []:
        for number, ring in enumerate(_list(polygon)):
            text = " ".join(_positions(ring))
            if number == 0:
                add(area, "polygon", text)
                continue
            hole = add(area, "geocode")
            add(hole, "valueName", "EXCLUDE_POLYGON")
            add(hole, "value", text)


def _positions(ring: Any) -> Iterator[str]:
    for position in _list(ring):
        if isinstance(position, list) and all(isinstance(one, int | float) for one in position[:2]):
            lon, lat = (*position, 0.0, 0.0)[:2]
            yield f"{lat:.6f},{lon:.6f}"


def _version(entry: Mapping[str, Any]) -> str:
    """Return what changes whenever the warning behind a list's entry does."""
    payload = entry.get("payload")
    parts = [entry.get("version"), entry.get("sent"), entry.get("startDate"), entry.get("type")]
    if isinstance(payload, Mapping):
        parts += [payload.get("hash"), payload.get("version")]
    return "|".join(str(one)[:80] for one in parts if one is not None)


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]
