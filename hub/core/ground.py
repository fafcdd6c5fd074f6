"""Is it the same piece of ground? Positions jitter from poll to poll, and nobody would see the difference."""

from __future__ import annotations

from hub.core.notice import Geometry, Position

_CELL = 0.0005  # degrees: 55 m to the north, 30 to 40 m to the east in Germany
_NEIGHBOURS = tuple((x, y) for x in (-1, 0, 1) for y in (-1, 0, 1))


def same_ground(one: Geometry | None, other: Geometry | None) -> bool:
    """Whether two geometries have the same kinds of parts, each position of one near one of the other, both ways.

    Order and number of the parts do not matter; circles and exclusions must be equal. Near is within two cells of
    about 50 m. Takes time in proportion to the positions.
    """
    if one is None or other is None:
        return one is other
    if (one.circles, one.exclusions) != (other.circles, other.exclusions):
        return False
    return all(
        _near(first, second) and _near(second, first)
        for first, second in zip(_positions(one), _positions(other), strict=True)
    )


def _positions(geometry: Geometry) -> tuple[list[Position], list[Position], list[Position]]:
    lines = [position for line in geometry.lines for position in line]
    rings = [position for ring in geometry.polygons for position in ring]
    return list(geometry.points), lines, rings


def _near(positions: list[Position], others: list[Position]) -> bool:
    """Whether each of ``positions`` lies in or beside a cell in which one of ``others`` lies."""
    cells = {(round(lon / _CELL), round(lat / _CELL)) for lon, lat in others}
    return all(
        any((round(lon / _CELL) + x, round(lat / _CELL) + y) in cells for x, y in _NEIGHBOURS) for lon, lat in positions
    )
