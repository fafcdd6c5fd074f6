"""Where a DATEX II record is: coordinates, GML, OpenLR, the names of roads, Alert-C names and codes, v2 and v3."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from lxml import etree

from feeds._json_body import finite, one_line
from feeds.roads.geometry import read_located
from feeds.roads.streets import listed_streets
from feeds.roads.words import word
from feeds.roads.xml_stream import below, children, local_name, text
from hub.core.notice import Geometry

LOCATIONS = ("groupOfLocations", "locationReference", "locationByOrder")
_NAMES = ("alertCLocationName", "name", "tpegOtherPointDescriptor")
_DISPLAY = "locationForDisplay"
_MOST_NAMES = 8


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """What a location says: ``shapes`` as GeoJSON geometries, ``roads`` and ``sections`` by name, Alert-C ``codes``."""

    shapes: tuple[dict[str, Any], ...] = ()
    roads: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    sections: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    directions: tuple[str, ...] = ()
    length: str = ""

    def geometry(self) -> tuple[Geometry | None, tuple[str, ...]]:
        """Return all shapes as one geometry and the repairs; nothing if none can be read."""
        try:
            return read_located({"type": "GeometryCollection", "geometries": list(self.shapes)})
        except ValueError:
            return None, ()

    def place(self) -> str:
        """Return the road as a title names it: number and name (``B 170 Dresdner Straße``)."""
        return " ".join((*self.numbers[:1], *self.roads[:1]))

    def streets(self) -> tuple[str, ...]:
        """Return the streets and numbered roads, each once."""
        return tuple(dict.fromkeys((*self.numbers, *(one for name in self.roads for one in listed_streets(name)))))

    def section(self, until: str) -> str:
        """Return ``A bis B`` of the Alert-C or TPEG names, in words of the language that ``until`` is from."""
        return f" {until} ".join(dict.fromkeys((*self.sections[:1], *self.sections[1:2])))

    def direction(self, lang: str) -> str:
        """Return the direction in words, as far as they are known."""
        return next(filter(None, (word("direction", one, lang) for one in self.directions)), "")


def read_places(elements: list[etree._Element]) -> Whereabouts:
    """Return what all location ``elements`` of the records of one situation say together, each thing once."""
    shapes: list[dict[str, Any]] = []
    named: dict[str, list[str]] = {name: [] for name in ("roads", "numbers", "sections", "codes", "directions")}
    length = ""
    for one in elements:
        shapes += [shape for shape in _shapes(one) if shape not in shapes]
        for name, value in _names(one):
            named[name].append(value)
        length = length or next((text_ for item in below(one, "lengthAffected") if (text_ := _own(item))), "")
    unique = {name: tuple(dict.fromkeys(values))[:_MOST_NAMES] for name, values in named.items()}
    return Whereabouts(shapes=tuple(shapes), length=length, **unique)


def _names(element: etree._Element) -> Iterator[tuple[str, str]]:
    for one in below(element, "roadNumber", "roadName", "roadDestination", *_NAMES, "alertCLinear", "alertCPoint"):
        name = local_name(one)
        if name == "roadNumber" and _own(one):
            yield "numbers", (listed_streets(_own(one)) or (_own(one),))[0]
        elif name == "roadName":
            yield from (("roads", value) for value in _values(one))
        elif name in {"alertCLinear", "alertCPoint"}:
            yield "codes", _code(one)
        elif name in _NAMES:
            yield from (("sections", value) for value in _values(one))
    for one in below(element, "alertCDirectionCoded", "tpegDirection", "directionBound", "directionOnLinearSection"):
        yield "directions", _own(one).replace("Bound", "bound")


def _values(element: etree._Element) -> list[str]:
    """Return the texts of a MultilingualString or a plain one, short enough for a name."""
    inner = [one_line(one.text, 120) for one in below(element, "value")]
    return [one for one in (inner or [one_line(element.text, 120)]) if one]


def _code(element: etree._Element) -> str:
    """Return an Alert-C location as ``country/table:primary-secondary``."""
    country, table = text(element, "alertCLocationCountryCode"), text(element, "alertCLocationTableNumber")
    points = [one_line(one.text, 20) for one in below(element, "specificLocation")]
    return f"{country}/{table}:{'-'.join(points)}"


def _shapes(element: etree._Element) -> list[dict[str, Any]]:
    """Return the shapes of a location, the exact ones before the one that is only for display."""
    found = [*_lines(element), *_polygons(element), *_extended(element)]
    points = list(_points(element))
    if not found:
        found = points or [shape for one in below(element, _DISPLAY) if (shape := _point(one))]
    return found


def _lines(element: etree._Element) -> Iterator[dict[str, Any]]:
    for one in below(element, "gmlLineString"):
        yield from (_shape("LineString", pairs) for part in below(one, "posList") if (pairs := _pairs(part)))
    for one in below(element, "openlrLineLocationReference", "openlrLinear", "tpegLinearLocation"):
        pairs = [pair for point in below(one, "openlrCoordinate", "openlrCoordinates", "pointCoordinates", "from", "to")
                 if (pair := _latitude_longitude(point))]  # fmt: skip
        if len(pairs) > 1:
            yield _shape("LineString", pairs)


def _polygons(element: etree._Element) -> Iterator[dict[str, Any]]:
    for one in below(element, "exterior"):
        yield from (_shape("Polygon", [pairs]) for part in below(one, "posList") if (pairs := _pairs(part)))
    for one in below(element, "openlrPolygonCorners"):
        corners = [pair for point in below(one, "openlrCoordinates") if (pair := _latitude_longitude(point))]
        if corners:
            yield _shape("Polygon", [corners])


def _points(element: etree._Element) -> Iterator[dict[str, Any]]:
    for one in below(element, "pointCoordinates", "openlrCoordinate", "openlrCoordinates"):
        if (shape := _point(one)) is not None:
            yield shape


def _extended(element: etree._Element) -> Iterator[dict[str, Any]]:
    """Yield GeoJSON in national extensions (``geoJsonGeometry`` of the French DiaLog)."""
    for one in below(element, "geoJsonGeometry"):
        try:
            shape = json.loads(one.text or "")
        except (ValueError, RecursionError):
            continue
        if isinstance(shape, dict):
            yield shape


def _point(element: etree._Element) -> dict[str, Any] | None:
    pair = _latitude_longitude(element)
    return _shape("Point", pair) if pair else None


def _latitude_longitude(element: etree._Element) -> list[float] | None:
    latitude, longitude = finite(text(element, "latitude")), finite(text(element, "longitude"))
    return None if latitude is None or longitude is None else [longitude, latitude]


def _pairs(element: etree._Element) -> list[list[float]]:
    """Return the positions of a ``posList``: latitude first, as DATEX II has it for WGS84."""
    numbers = [finite(one) for one in re.split(r"[\s,]+", (element.text or "").strip())]
    size = 3 if element.get("srsDimension") == "3" else 2
    values = [0.0 if one is None else one for one in numbers]
    if None in numbers or len(values) < 2 * size:
        return []
    return [[values[i + 1], values[i]] for i in range(0, len(values) - size + 1, size)]


def _shape(kind: str, coordinates: Any) -> dict[str, Any]:
    return {"type": kind, "coordinates": coordinates}


def _own(element: etree._Element) -> str:
    return one_line(element.text, 120)


def locations(record: etree._Element) -> list[etree._Element]:
    """Return the location elements of a record; those of a diversion's own route are not where it holds."""
    return children(record, *LOCATIONS)
