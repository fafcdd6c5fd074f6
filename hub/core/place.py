"""The place tree as paths, and distances on the ground.

A path is an official key cut to its level, then local nodes: ``05334002`` would be a district,
``053340002002`` a municipality, ``053340002002/zone:bezirk-1`` a waste zone in it,
``053340002002/street:ahornweg/house:1-57`` the house numbers of a street that are told apart. The 12-digit ARS
(amtlicher Regionalschlüssel) is hierarchical by prefix: land 2, Regierungsbezirk 3, district 5,
association 9, municipality 12 digits.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterator
from itertools import pairwise

from hub.core.notice import Geometry, Position

_LEVELS = (2, 3, 5, 9, 12)
LOCAL = ("district", "street", "zone", "house")  # below a municipality; a house lies below its street
_HOUSE = re.compile(
    r"(\d{1,4})(?:-?([a-z])(?:-([a-z]))?)?(?:-(\d{1,4})(?:-?([a-z]))?)?(?:-(ungerade|gerade|odd|even))?", re.ASCII
)
_SIDES = {"ungerade": 1, "odd": 1, "gerade": 0, "even": 0}
_WHOLE_NUMBER = "zz"  # a range that ends at 19 takes 19a with it
_SPELT_OUT = {ord("ä"): "ae", ord("ö"): "oe", ord("ü"): "ue", ord("ß"): "ss"}
_EARTH_KM = 6371.0088  # mean radius, IUGG


def ars_path(ars: str) -> str:
    """Cut a 12-digit ARS (or a shorter one) to the shortest level that says the same: trailing zeros add nothing.

    Raises ``ValueError`` when ``ars`` is not 1 to 12 digits.
    """
    if not re.fullmatch(r"\d{1,12}", ars, re.ASCII):
        raise ValueError(f"not an ARS: {ars!r}")
    for level in _LEVELS:
        if len(ars) <= level or not ars[level:].strip("0"):
            return ars[:level]
    return ars


def slug(name: str) -> str:
    """Fold a name to ``a-z0-9-``: umlauts spelt out, ``Str.`` and ``Straße`` alike."""
    text = name.lower().translate(_SPELT_OUT)
    text = re.sub(r"str(\.|\b)", "strasse", text)
    text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", text).strip("-")


def local_path(parent: str, kind: str, name: str) -> str:
    """Return the path of the ``district``, ``street`` or ``zone`` called ``name`` below ``parent``.

    A ``house`` is named with its street, ``Ahornweg/1-57``, and lies below it.
    """
    if kind == "house":
        street, _, numbers = name.partition("/")
        return f"{parent}/street:{slug(street)}/house:{slug(numbers)}"
    return f"{parent}/{kind}:{slug(name)}"


def covers(outer: str, inner: str) -> bool:
    """Whether ``inner`` is ``outer`` or lies below it."""
    if inner == outer:
        return True
    if "/" in outer:
        return inner.startswith(outer + "/")
    return inner.partition("/")[0].startswith(outer)


def related(one: str, other: str) -> bool:
    """Whether one of the two places contains the other, or both are house numbers of a street that overlap."""
    if covers(one, other) or covers(other, one):
        return True
    street, mark, numbers = one.partition("/house:")
    other_street, other_mark, other_numbers = other.partition("/house:")
    return bool(mark and other_mark) and street == other_street and overlap(numbers, other_numbers)


def reach(path: str) -> str:
    """Return the beginning that every path below or beside ``path`` has to which it may be :func:`related`.

    For a house number that is its street's ``house:``, because ``12`` may lie in ``1-57``.
    """
    street, mark, _ = path.partition("/house:")
    return street + mark


def overlap(one: str, other: str) -> bool:
    """Whether two house numbers or ranges, as :func:`slug` folds them, share a number; what is none equals itself.

    ``12``, ``12a``, ``1-57``, ``7-7c``, ``1-57-ungerade`` (one side of the street).
    """
    first, second = _numbers(one), _numbers(other)
    if first is None or second is None:
        return one == other
    low, high, side = first
    other_low, other_high, other_side = second
    sides = {at % 2 for at in (side, other_side) if at is not None}
    start, end = max(low, other_low), min(high, other_high)
    if start > end or len(sides) > 1:
        return False
    return not sides or any(number % 2 in sides for number in range(start[0], end[0] + 1))


def is_house(text: str) -> bool:
    """Whether ``text`` is a house number or a range of them that can be compared: ``12``, ``12 a``, ``1-57``."""
    return _numbers(slug(text)) is not None


def _numbers(text: str) -> tuple[tuple[int, str], tuple[int, str], int | None] | None:
    """Read a folded house number or range: first and last as (number, letter), and the side: 1 odd, 0 even."""
    found = _HOUSE.fullmatch(text)
    if found is None:
        return None
    number, letter, to_letter, last, last_letter, side = found.groups()
    low = high = (int(number), letter or "")
    if last is not None:
        high = (int(last), last_letter or _WHOLE_NUMBER)
    elif to_letter is not None:
        high = (int(number), to_letter)
    return low, high, _SIDES.get(side)


def ancestors(path: str) -> Iterator[str]:
    """Yield ``path`` and everything above it, nearest first."""
    official, *local = path.split("/")
    for count in range(len(local), 0, -1):
        yield "/".join([official, *local[:count]])
    for level in reversed(_LEVELS):
        if level <= len(official):
            yield official[:level]


def distance_km(one: Position, other: Position) -> float:
    """Return the great-circle distance in km (haversine)."""
    lon1, lat1, lon2, lat2 = (math.radians(value) for value in (*one, *other))
    half = math.sin((lat2 - lat1) / 2) ** 2 + math.cos(lat1) * math.cos(lat2) * math.sin((lon2 - lon1) / 2) ** 2
    return 2 * _EARTH_KM * math.asin(min(1.0, math.sqrt(half)))


def inside(point: Position, ring: tuple[Position, ...]) -> bool:
    """Whether ``point`` lies in ``ring`` (even-odd rule)."""
    x, y = point
    inside = False
    for (x1, y1), (x2, y2) in zip(ring, (*ring[1:], *ring[:1]), strict=True):
        if (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1:
            inside = not inside
    return inside


def _to_segment_km(point: Position, start: Position, end: Position) -> float:
    """Return the distance from ``point`` to a short segment, on a plane scaled at the point's latitude."""
    scale = math.cos(math.radians(point[1]))
    px, py, ax, ay, bx, by = (
        point[0] * scale, point[1], start[0] * scale, start[1], end[0] * scale, end[1],
    )  # fmt: skip
    dx, dy = bx - ax, by - ay
    length = dx * dx + dy * dy
    share = 0.0 if length == 0 else max(0.0, min(1.0, ((px - ax) * dx + (py - ay) * dy) / length))
    return distance_km(point, ((ax + share * dx) / scale if scale else point[0], ay + share * dy))


def _to_line_km(point: Position, line: tuple[Position, ...]) -> float:
    """Return the distance from ``point`` to the nearest part of ``line``."""
    return min((_to_segment_km(point, a, b) for a, b in pairwise(line)), default=math.inf)


def nearest_km(point: Position, geometry: Geometry) -> float | None:
    """Return how far ``point`` is from the nearest part of ``geometry``: 0 inside, ``None`` if it is empty.

    Of an area with a piece cut out (``exclusions``) a point in that piece is as far as from the piece's edge.
    """
    found = [distance_km(point, one) for one in geometry.points]
    found += [_to_line_km(point, line) for line in geometry.lines if len(line) > 1]
    found += [_to_ring_km(point, ring, geometry) for ring in geometry.polygons if ring]
    for centre, radius in geometry.circles:
        outside = max(0.0, distance_km(point, centre) - radius)
        found.append(outside or _cut_out_km(point, centre, geometry))
    return min(found, default=None)


def _to_ring_km(point: Position, ring: tuple[Position, ...], geometry: Geometry) -> float:
    """Return the distance from ``point`` to the area in ``ring``, without what is cut out of it."""
    return _cut_out_km(point, ring[0], geometry) if inside(point, ring) else _to_line_km(point, (*ring, ring[0]))


def _cut_out_km(point: Position, edge: Position, geometry: Geometry) -> float:
    """Return how deep ``point`` lies in a piece cut out; 0 if in none. An area within the piece (``edge``) stays."""
    pieces = (ring for ring in geometry.exclusions if ring and inside(point, ring) and not inside(edge, ring))
    return max((_to_line_km(point, (*ring, ring[0])) for ring in pieces), default=0.0)


def cells(box: tuple[float, float, float, float], most: int = 64) -> list[str] | None:
    """Return the squares of a tenth of a degree that (west, south, east, north) touches; ``None`` if it is too big.

    ``@64:507`` is the square whose south-western corner is 6.4 east, 50.7 north.
    """
    west, south, east, north = (math.floor(one * 10) for one in box)
    if (east - west + 1) * (north - south + 1) > most:
        return None
    return [f"@{x}:{y}" for x in range(west, east + 1) for y in range(south, north + 1)]


def box_around(centre: Position, km: float) -> tuple[float, float, float, float]:
    """Return a box (west, south, east, north) that holds everything within ``km`` of ``centre``, and a little more."""
    north_south = km / 110.0 + 0.01  # a degree of latitude has 110.6 km at least
    widest = math.cos(math.radians(min(89.9, abs(centre[1]) + north_south)))
    east_west = min(360.0, km / (110.0 * widest) + 0.01)
    return centre[0] - east_west, centre[1] - north_south, centre[0] + east_west, centre[1] + north_south


def bounds(geometry: Geometry) -> tuple[float, float, float, float] | None:
    """Return the box (west, south, east, north) around all of ``geometry``; ``None`` if it is empty."""
    boxes = [(x, y, x, y) for x, y in geometry.points]
    for line in (*geometry.lines, *geometry.polygons):
        boxes += [(x, y, x, y) for x, y in line]
    boxes += [box_around(centre, radius) for centre, radius in geometry.circles]
    if not boxes:
        return None
    west, south, east, north = zip(*boxes, strict=True)
    return min(west), min(south), max(east), max(north)
