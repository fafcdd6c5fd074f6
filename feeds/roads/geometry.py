"""GeoJSON geometry (RFC 7946, 3.1) into positions (longitude, latitude), with the order put right for Germany.

The readers of XML formats make GeoJSON of what they have, so that order, grid and size are judged in one place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from feeds._json_body import finite
from feeds.roads.grids import is_in_metres, to_degrees
from feeds.roads.thinning import thinned
from hub.core.notice import Geometry, Position
from hub.core.place import nearest_km

MOST_POINTS = 20_000  # of one item, after thinning
_MOST_READ = 400_000  # of one item, as the source has it
_DECIMALS = 6  # a tenth of a metre; more is noise that changes from poll to poll
SWAPPED = "swapped-coordinates"
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
    metres: bool = False

    def positions(self) -> list[Position]:
        """Return every position."""
        return [*self.points, *(one for line in (*self.lines, *self.polygons) for one in line)]


def read_geometry(value: Any, order: str = "auto", epsg: str = "") -> Geometry | None:
    """Return the geometry object ``value`` as :func:`read_located` does, without the repairs."""
    return read_located(value, order, epsg)[0]


def read_located(value: Any, order: str = "auto", epsg: str = "") -> tuple[Geometry | None, tuple[str, ...]]:
    """Return the geometry object ``value`` (``None`` for null or an empty one) and the names of its repairs.

    ``order`` is ``lonlat`` (the standard), ``latlon``, or ``auto``: swapped if all positions then lie in Central
    Europe and do not as they stand. ``epsg`` names a grid in metres (``grids.py``). Positions keep six decimals, and
    no more than :data:`MOST_POINTS` of them. Raises ``ValueError`` in plain words for what cannot be read.
    """
    shape = Shape(metres=is_in_metres(epsg))
    _collect(value, shape, 0)
    positions = shape.positions()
    if not positions:
        return None, ()
    if shape.metres:
        return _made(shape, lambda pair: to_degrees(*pair, epsg)), ()
    repaired = order == "auto" and _is_swapped(positions)
    swap = repaired or order == "latlon"
    made = _made(shape, lambda pair: (pair[1], pair[0]) if swap else pair)
    return made, (SWAPPED,) if repaired else ()


def corner(geometry: Geometry | None) -> Position | None:
    """Return the south-western corner, the same for any order of the parts; ``None`` without geometry."""
    parts = (geometry.points, *geometry.lines, *geometry.polygons) if geometry else ()
    found = [one for positions in parts for one in positions]
    return (min(lon for lon, _ in found), min(lat for _, lat in found)) if found else None


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
    if shape.count > _MOST_READ:
        raise ValueError(f"The geometry has more than {_MOST_READ} points.")
    pair = [finite(one) for one in _list(value)[:2]]
    if len(pair) < 2 or pair[0] is None or pair[1] is None:  # noqa: PLR2004 - a pair
        raise ValueError("The geometry has a position that is not two numbers.")
    if not shape.metres and not _in_degrees(pair[0], pair[1]):
        raise ValueError("The geometry is not in degrees; please name its grid (crs=EPSG:25832).")
    return (pair[0], pair[1])


def _in_degrees(x: float, y: float) -> bool:
    return max(abs(x), abs(y)) <= _DEGREES[0] and min(abs(x), abs(y)) <= _DEGREES[1]


def _is_swapped(positions: Iterable[Position]) -> bool:
    return all(_within(x, _LATITUDES) and _within(y, _LONGITUDES) for x, y in positions)


def _within(value: float, bounds: tuple[float, float]) -> bool:
    return bounds[0] <= value <= bounds[1]


def _made(shape: Shape, place: Callable[[Position], Position]) -> Geometry:
    """Return ``shape`` with each position put in its ``place``, rounded, few enough and in a lasting order."""
    points, *rest = ([place(one) for one in line] for line in (shape.points, *shape.lines, *shape.polygons))
    found = [[_rounded(one) for one in line] for line in (points, *rest)]
    thin = thinned(found, MOST_POINTS) if shape.count > MOST_POINTS else tuple(tuple(one) for one in found)
    count = len(shape.lines)
    if len(thin) < len(found):  # too many parts to keep: the first ones stand for all
        return Geometry(lines=tuple(one for one in thin if one))
    return Geometry(points=tuple(sorted(thin[0])), lines=tuple(sorted(thin[1 : count + 1])), polygons=thin[count + 1 :])


def _rounded(position: Position) -> Position:
    lon, lat = position
    if abs(lat) > _DEGREES[1]:
        raise ValueError("The geometry has a latitude beyond the poles.")
    return round(lon, _DECIMALS), round(lat, _DECIMALS)
