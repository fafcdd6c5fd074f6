"""GeoJSON geometry (RFC 7946, 3.1) into positions (longitude, latitude), with the order put right for Germany."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from feeds._json_body import finite
from hub.core.notice import Geometry, Position
from hub.core.place import nearest_km

MOST_POINTS = 20_000  # of one item
_DEEPEST = 8  # collections within collections
_DEGREES = (180.0, 90.0)
# Central Europe with a margin: no position in Germany fits both ways round.
_LONGITUDES = (3.0, 20.0)
_LATITUDES = (44.0, 57.0)


@dataclass(slots=True)
class Shape:
    """Points, lines and outer rings as they were read, in the source's own order of coordinates."""

    points: list[Position] = field(default_factory=list)
    lines: list[list[Position]] = field(default_factory=list)
    polygons: list[list[Position]] = field(default_factory=list)
    count: int = 0

    def positions(self) -> list[Position]:
        """Return every position."""
        return [*self.points, *(one for line in (*self.lines, *self.polygons) for one in line)]


def read_geometry(value: Any, order: str = "auto") -> Geometry | None:
    """Return the geometry object ``value``; ``None`` for null or an empty one.

    ``order`` is ``lonlat`` (the standard), ``latlon``, or ``auto``: swapped if all positions then lie in Central
    Europe and do not as they stand. Raises ``ValueError`` in plain words for anything else than geometry in degrees,
    and for more than :data:`MOST_POINTS` positions.
    """
    shape = Shape()
    _collect(value, shape, 0)
    positions = shape.positions()
    if not positions:
        return None
    swap = order == "latlon" or (order == "auto" and _is_swapped(positions))
    return Geometry(
        points=tuple(_turned(shape.points, swap=swap)),
        lines=tuple(tuple(_turned(line, swap=swap)) for line in shape.lines),
        polygons=tuple(tuple(_turned(ring, swap=swap)) for ring in shape.polygons),
    )


def first_position(geometry: Geometry | None) -> str:
    """Return the first position, rounded to about a metre, as text for a key; empty without geometry."""
    for positions in (geometry and (geometry.points, *geometry.lines, *geometry.polygons)) or ():
        for lon, lat in positions:
            return f"{lon:.5f},{lat:.5f}"
    return ""


def is_near(geometry: Geometry, centre: Position, radius_km: float) -> bool:
    """Whether any part of ``geometry`` lies within ``radius_km`` of ``centre``."""
    distance = nearest_km(centre, geometry)
    return distance is not None and distance <= radius_km


def _collect(value: Any, shape: Shape, depth: int) -> None:
    if value is None:
        return
    if not isinstance(value, dict) or depth > _DEEPEST:
        raise ValueError("The geometry is no GeoJSON object.")
    kind = value.get("type")
    if kind == "Feature":
        _collect(value.get("geometry"), shape, depth + 1)
    elif kind == "GeometryCollection":
        for one in _list(value.get("geometries")):
            _collect(one, shape, depth + 1)
    else:
        _coordinates(kind, value.get("coordinates"), shape)


def _coordinates(kind: Any, value: Any, shape: Shape) -> None:
    if value is None or value == []:
        return
    if kind == "Point":
        shape.points.append(_position(value, shape))
    elif kind == "MultiPoint":
        shape.points += _line(value, shape)
    elif kind == "LineString":
        shape.lines.append(_line(value, shape))
    elif kind == "MultiLineString":
        shape.lines += [_line(one, shape) for one in _list(value)]
    elif kind == "Polygon":
        shape.polygons += _outer(value, shape)
    elif kind == "MultiPolygon":
        shape.polygons += [ring for one in _list(value) for ring in _outer(one, shape)]
    else:
        raise ValueError("The geometry is of a type that GeoJSON does not have.")


def _outer(rings: Any, shape: Shape) -> Iterable[list[Position]]:
    """Return the outer ring only: holes (RFC 7946, 3.1.6) do not matter for "does it concern this place"."""
    return [_line(ring, shape) for ring in _list(rings)[:1]]


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise ValueError("The geometry's coordinates are no list.")  # noqa: TRY004 - bad data, not a wrong call
    return value


def _line(value: Any, shape: Shape) -> list[Position]:
    return [_position(one, shape) for one in _list(value)]


def _position(value: Any, shape: Shape) -> Position:
    shape.count += 1
    if shape.count > MOST_POINTS:
        raise ValueError(f"The geometry has more than {MOST_POINTS} points.")
    pair = [finite(one) for one in _list(value)[:2]]
    if len(pair) < 2 or pair[0] is None or pair[1] is None:  # noqa: PLR2004 - a pair
        raise ValueError("The geometry has a position that is not two numbers.")
    if not (abs(pair[0]) <= _DEGREES[0] and abs(pair[1]) <= _DEGREES[0] and min(map(abs, _both(pair))) <= _DEGREES[1]):
        raise ValueError("The geometry is not in degrees (WGS84).")
    return (pair[0], pair[1])


def _both(pair: Sequence[float | None]) -> tuple[float, float]:
    return (pair[0] or 0.0, pair[1] or 0.0)


def _is_swapped(positions: Iterable[Position]) -> bool:
    return all(_within(x, _LATITUDES) and _within(y, _LONGITUDES) for x, y in positions)


def _within(value: float, bounds: tuple[float, float]) -> bool:
    return bounds[0] <= value <= bounds[1]


def _turned(positions: Iterable[Position], *, swap: bool) -> list[Position]:
    turned = [(y, x) for x, y in positions] if swap else list(positions)
    if any(abs(lat) > _DEGREES[1] for _, lat in turned):
        raise ValueError("The geometry has a latitude beyond the poles.")
    return turned
