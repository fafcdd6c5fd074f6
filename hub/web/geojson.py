"""Notices as GeoJSON (RFC 7946): what maps draw. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import Any

from hub.core.notice import Geometry, Position
from hub.core.place import inside

MEDIA_TYPE = "application/geo+json"
_CORNERS = 48  # of the ring that stands for a circle
_KM = 111.195  # kilometres of a degree of latitude
_DIGITS = 5  # about a metre


def geometry(shape: Geometry | None) -> dict[str, Any] | None:
    """Return a geometry of RFC 7946; ``None`` if there is nothing to draw."""
    if shape is None:
        return None
    rings = [*shape.polygons, *(_circle(centre, radius) for centre, radius in shape.circles)]
    parts = [{"type": "Point", "coordinates": _at(one)} for one in shape.points]
    parts += [{"type": "LineString", "coordinates": _along(line)} for line in shape.lines if len(line) > 1]
    parts += [_area(ring, shape.exclusions) for ring in rings if len(ring) > 2]  # noqa: PLR2004 - a triangle
    if len(parts) == 1:
        return parts[0]
    return {"type": "GeometryCollection", "geometries": parts} if parts else None


def collection(features: Iterable[tuple[Geometry | None, Mapping[str, Any]]]) -> dict[str, Any]:
    """Return the features that can be drawn, each a shape and its properties."""
    drawn = [(geometry(shape), properties) for shape, properties in features]
    return {
        "type": "FeatureCollection",
        "features": [
            {"type": "Feature", "id": properties.get("id"), "geometry": shape, "properties": dict(properties)}
            for shape, properties in drawn if shape is not None
        ],
    }  # fmt: skip


def _at(position: Position) -> list[float]:
    return [round(position[0], _DIGITS), round(position[1], _DIGITS)]


def _along(line: Iterable[Position]) -> list[list[float]]:
    return [_at(one) for one in line]


def _area(ring: tuple[Position, ...], holes: Iterable[tuple[Position, ...]]) -> dict[str, Any]:
    """Return an area without the pieces cut out of it: the outer ring anticlockwise, holes clockwise (3.1.6)."""
    rings = [_turned(ring, clockwise=False)]
    rings += [_turned(hole, clockwise=True) for hole in holes if len(hole) > 2 and inside(hole[0], ring)]  # noqa: PLR2004
    return {"type": "Polygon", "coordinates": rings}


def _turned(ring: tuple[Position, ...], *, clockwise: bool) -> list[list[float]]:
    closed = _along(ring if ring[0] == ring[-1] else (*ring, ring[0]))
    doubled = sum((x2 - x1) * (y2 + y1) for (x1, y1), (x2, y2) in pairwise(closed))
    return closed if (doubled > 0) == clockwise else closed[::-1]


def _circle(centre: Position, radius: float) -> tuple[Position, ...]:
    """Return a ring ``radius`` km around ``centre``."""
    wide = _KM * max(0.01, math.cos(math.radians(centre[1])))
    turns = (2 * math.pi * corner / _CORNERS for corner in range(_CORNERS))
    return tuple(
        (centre[0] + radius / wide * math.cos(turn), centre[1] + radius / _KM * math.sin(turn)) for turn in turns
    )
