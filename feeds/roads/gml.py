"""WFS GetFeature answers in GML 2 to 3.2 as GeoJSON features: properties by local name, geometry, grid.

Axis order (OGC 06-042, 09-025r2): ``urn:ogc:def:crs:EPSG::4326`` and the http form of it put latitude first, the
short ``EPSG:4326`` and GML 2 longitude; what is still the wrong way round is seen in ``geometry.py``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from lxml import etree

from feeds._json_body import finite
from feeds.roads.grids import epsg_of
from feeds.roads.xml_stream import below, elements, local_name, text
from hub.core.errors import SourceRefused

_MEMBERS = ("member", "featureMember", "featureMembers", "members")
_SHAPES = frozenset(
    {"Point", "MultiPoint", "LineString", "MultiLineString", "Curve", "MultiCurve", "Polygon", "MultiPolygon",
     "Surface", "MultiSurface", "MultiGeometry", "CompositeCurve", "CompositeSurface", "Envelope", "Box"}
)  # fmt: skip
_LINES = ("LineString", "LineStringSegment", "Curve", "CompositeCurve")


def features(body: bytes) -> Iterator[tuple[dict[str, Any], str]]:
    """Yield each feature of ``body`` with the EPSG code that its geometry names (empty: none)."""
    for element in elements(body, _MEMBERS):
        if local_name(element) in _MEMBERS and len(element):
            yield from (_feature(one) for one in element)


def refuse_exception(body: bytes) -> None:
    """Raise ``SourceRefused`` with the sentence of an OGC exception report (WFS 1.0 to 2.0), if ``body`` is one."""
    root = None
    for root in elements(body, ("ServiceException", "Exception")):
        if local_name(root) in {"ServiceException", "Exception"} and (len(root) or (root.text or "").strip()):
            said = text(root, "ExceptionText") or " ".join((root.text or "").split())
            code = root.get("code") or root.get("exceptionCode") or ""
            raise SourceRefused(f"The map server (WFS) refuses: {(said or code or 'no reason given')[:200]}")
    if root is not None and "Exception" in local_name(root):
        raise SourceRefused("The map server (WFS) refuses and gives no reason.")


def geojson_of(element: etree._Element) -> dict[str, Any] | None:
    """Return all shapes below ``element`` as one GeoJSON geometry, ``None`` if there is none."""
    first = _latitude_first(_srs(element))
    rings = [one for ring in below(element, "exterior", "outerBoundaryIs") if (one := _positions(ring, swap=first))]
    lines = [
        pairs
        for one in below(element, *_LINES)
        if not any(local_name(part) in _LINES for part in one.iterdescendants())
        and (pairs := _positions(one, swap=first))
    ]
    points = [pair for one in below(element, "Point") for pair in _positions(one, swap=first)[:1]]
    found: list[dict[str, Any]] = [{"type": "Polygon", "coordinates": [one]} for one in rings]
    found += [{"type": "LineString", "coordinates": one} for one in lines]
    found += [{"type": "Point", "coordinates": one} for one in points]
    if not found:
        return None
    return found[0] if len(found) == 1 else {"type": "GeometryCollection", "geometries": found}


def _feature(element: etree._Element) -> tuple[dict[str, Any], str]:
    """Return a feature element as GeoJSON; nested properties keep their names, repeated ones become a list."""
    properties: dict[str, Any] = {}
    shapes: list[etree._Element] = []
    for one in element:
        if local_name(one) == "boundedBy":
            continue
        if any(local_name(part) in _SHAPES for part in one):
            shapes.append(one)
        else:
            _put(properties, local_name(one), _value(one, 0))
    geometries = [found for one in shapes if (found := geojson_of(one))]
    shape = {"type": "GeometryCollection", "geometries": geometries} if geometries else None
    own = next(
        (str(value) for name, value in element.attrib.items() if str(name).rpartition("}")[2] in {"id", "fid"}), ""
    )
    feature = {"type": "Feature", "id": own, "properties": properties, "geometry": shape}
    return feature, next((epsg_of(_srs(one)) for one in shapes if _srs(one)), "")


def _value(element: etree._Element, depth: int) -> Any:
    if not len(element) or depth > 5:  # noqa: PLR2004 - objects within objects
        return (element.text or "").strip()
    found: dict[str, Any] = {}
    for one in element:
        _put(found, local_name(one), _value(one, depth + 1))
    return found


def _put(properties: dict[str, Any], name: str, value: Any) -> None:
    if name in properties:
        before = properties[name]
        properties[name] = [*before, value] if isinstance(before, list) else [before, value]
    else:
        properties[name] = value


def _srs(element: etree._Element) -> str:
    return next((str(one.get("srsName")) for one in element.iter() if one.get("srsName")), "")


def _latitude_first(srs: str) -> bool:
    """Whether this spelling of a geographic system puts latitude first."""
    return epsg_of(srs) in {"4326", "4258"} and bool(re.match(r"urn:|https?://www\.opengis\.net/def/", srs))


def _positions(element: etree._Element, *, swap: bool) -> list[list[float]]:
    """Return the positions of ``posList``, several ``pos``, GML 2 ``coordinates`` or ``coord`` below ``element``."""
    found: list[list[float]] = []
    for one in below(element, "posList", "pos", "coordinates", "coord"):
        name, size = local_name(one), int(finite(one.get("srsDimension")) or 0)
        if name == "coord":
            numbers = [finite(text(one, axis)) for axis in ("X", "Y")]
            size = 2
        elif name == "coordinates":
            pairs = (one.text or "").split()
            size = len(pairs[0].split(",")) if pairs else 2
            numbers = [finite(number) for pair in pairs for number in pair.split(",")]
        else:
            numbers = [finite(number) for number in (one.text or "").split()]
            size = size if size in {2, 3} else (len(numbers) if name == "pos" else 2)
        found += _pairs(numbers, max(size, 2), swap=swap)
    return found


def _pairs(numbers: list[float | None], size: int, *, swap: bool) -> list[list[float]]:
    if None in numbers:
        return []
    values = [one or 0.0 for one in numbers]
    pairs = [values[i : i + 2] for i in range(0, len(values) - size + 1, size)]
    return [[y, x] for x, y in pairs] if swap else pairs
