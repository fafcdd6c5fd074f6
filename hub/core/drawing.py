"""What is drawn on a map, as lines that people can read and type: the way without a mouse, and without a script. Pure.

One shape a line, positions as latitude and longitude (or a known place's name), between semicolons::

    Punkt 50.70123, 6.38112
    Linie 50.7, 6.38; 50.71, 6.39
    Fläche 50.7, 6.38; 50.71, 6.39; 50.7, 6.4
    Kreis 50.7, 6.38; 300 m
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations, pairwise

from hub.core.notice import Geometry, Position
from hub.core.place import distance_km, slug

MOST_POINTS = 400  # of all shapes together
FARTHEST_KM = 30.0  # from the centre of the municipality
WIDEST_KM = 15.0  # radius of a circle
_WORDS = {
    "punkt": "point", "point": "point", "linie": "line", "line": "line", "fläche": "area", "flaeche": "area",
    "gebiet": "area", "area": "area", "polygon": "area", "kreis": "circle", "circle": "circle",
}  # fmt: skip
_WRITTEN = {
    "de": {"point": "Punkt", "line": "Linie", "area": "Fläche", "circle": "Kreis"},
    "en": {"point": "Point", "line": "Line", "area": "Area", "circle": "Circle"},
}
_LEAST = {"point": 1, "line": 2, "area": 3}
_NUMBER = r"-?\d{1,3}(?:[.,]\d+)?"
_POSITION = re.compile(rf"({_NUMBER})\s*[,\s]\s*({_NUMBER})", re.ASCII)
_RADIUS = re.compile(r"(\d+(?:[.,]\d+)?)\s*(k?m)", re.ASCII)


class Flaw(StrEnum):
    """What is wrong with a line."""

    UNREADABLE = "unreadable"
    PLACE = "place"  # a name that stands for no spot we know
    FEW = "few"  # a line of one point, an area of two
    CROSSED = "crossed"  # an area whose edge crosses itself
    FAR = "far"  # away from the municipality
    WIDE = "wide"  # a circle
    MANY = "many"  # points, altogether


@dataclass(frozen=True, slots=True)
class Misdrawn:
    """A flaw and the number of its line, counted from 1."""

    line: int
    flaw: Flaw


@dataclass(frozen=True, slots=True)
class Ground:
    """Where may be drawn: around ``centre`` (``None``: anywhere), and the spots of places by :func:`slug`."""

    centre: Position | None = None
    places: Mapping[str, Position] | None = None


class _Wrong(Exception):
    def __init__(self, flaw: Flaw) -> None:
        super().__init__(flaw)
        self.flaw = flaw


def read(text: str, ground: Ground) -> tuple[Geometry | None, tuple[Misdrawn, ...]]:
    """Return what the lines draw (``None``: nothing), without those that are wrong, and what is wrong with those."""
    found: dict[str, list[object]] = {"point": [], "line": [], "area": [], "circle": []}
    wrong, points = [], 0
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            kind, shape, count = _shape(line.strip(), ground)
        except _Wrong as error:
            wrong.append(Misdrawn(number, error.flaw))
            continue
        points += count
        if points > MOST_POINTS:
            wrong.append(Misdrawn(number, Flaw.MANY))
            break
        found[kind].append(shape)
    made = Geometry(*(tuple(found[kind]) for kind in ("point", "line", "area", "circle")))  # type: ignore[arg-type]
    return (made if made != Geometry() else None), tuple(wrong)


def _shape(line: str, ground: Ground) -> tuple[str, object, int]:
    word, _, rest = line.partition(" ")
    kind = _WORDS.get(word.lower().rstrip(":"), "")
    parts = [one.strip() for one in rest.split(";") if one.strip()]
    if not kind or not parts:
        raise _Wrong(Flaw.UNREADABLE)
    if kind == "circle":
        return kind, _circle(parts, ground), 1
    positions = tuple(_position(one, ground) for one in parts)
    if kind == "area" and len(positions) > 1 and positions[0] == positions[-1]:
        positions = positions[:-1]
    if len(positions) < _LEAST[kind] or (kind == "point" and len(positions) > 1):
        raise _Wrong(Flaw.FEW if kind != "point" else Flaw.UNREADABLE)
    if kind == "area" and crosses_itself(positions):
        raise _Wrong(Flaw.CROSSED)
    return kind, positions[0] if kind == "point" else positions, len(positions)


def _circle(parts: list[str], ground: Ground) -> tuple[Position, float]:
    radius = _RADIUS.fullmatch(parts[1]) if len(parts) == 2 else None  # noqa: PLR2004 - centre and radius
    if radius is None:
        raise _Wrong(Flaw.UNREADABLE)
    km = float(radius[1].replace(",", ".")) / (1 if radius[2] == "km" else 1000)
    if not 0 < km <= WIDEST_KM:
        raise _Wrong(Flaw.WIDE)
    return _position(parts[0], ground), km


def _position(text: str, ground: Ground) -> Position:
    typed = _POSITION.fullmatch(text)
    if typed is None:
        known = (ground.places or {}).get(slug(text))
        if known is None:
            raise _Wrong(Flaw.PLACE if re.search(r"[^\W\d_]{3}", text) else Flaw.UNREADABLE)
        return known
    lat, lon = (float(one.replace(",", ".")) for one in typed.groups())
    if not (-90 <= lat <= 90 and -180 <= lon <= 180):  # noqa: PLR2004 - the globe
        raise _Wrong(Flaw.UNREADABLE)
    if ground.centre is not None and distance_km((lon, lat), ground.centre) > FARTHEST_KM:
        raise _Wrong(Flaw.FAR)
    return lon, lat


def crosses_itself(ring: tuple[Position, ...]) -> bool:
    """Whether two edges of a closed ring that are no neighbours meet, or a corner is there twice."""
    if len(set(ring)) < len(ring):
        return True
    edges = list(pairwise((*ring, ring[0])))
    return any(
        _cross(one, other) for one, other in combinations(edges, 2) if not {*one} & {*other}
    ) or any(_folds_back(*pair, ring[(at + 2) % len(ring)]) for at, pair in enumerate(edges))  # fmt: skip


def _turn(a: Position, b: Position, c: Position) -> float:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def _between(a: Position, b: Position, c: Position) -> bool:
    """Whether ``c``, which lies on the line through ``a`` and ``b``, lies between them."""
    return min(a[0], b[0]) <= c[0] <= max(a[0], b[0]) and min(a[1], b[1]) <= c[1] <= max(a[1], b[1])


def _cross(one: tuple[Position, Position], other: tuple[Position, Position]) -> bool:
    (a, b), (c, d) = one, other
    turns = _turn(a, b, c), _turn(a, b, d), _turn(c, d, a), _turn(c, d, b)
    if turns[0] * turns[1] < 0 and turns[2] * turns[3] < 0:
        return True
    pairs = ((turns[0], a, b, c), (turns[1], a, b, d), (turns[2], c, d, a), (turns[3], c, d, b))
    return any(turn == 0 and _between(start, end, point) for turn, start, end, point in pairs)


def _folds_back(a: Position, b: Position, c: Position) -> bool:
    """Whether the edge from ``b`` to ``c`` runs back along the one from ``a``."""
    back = (a[0] - b[0]) * (c[0] - b[0]) + (a[1] - b[1]) * (c[1] - b[1]) > 0
    return _turn(a, b, c) == 0 and back


def write(geometry: Geometry | None, language: str = "de") -> str:
    """Return the lines that draw ``geometry``, in German or English; what is cut out of areas has no line."""
    return "\n".join(_lines(geometry, _WRITTEN.get(language, _WRITTEN["de"]))) if geometry is not None else ""


def _lines(geometry: Geometry, words: Mapping[str, str]) -> Iterator[str]:
    yield from (f"{words['point']} {_written(one)}" for one in geometry.points)
    yield from (f"{words['line']} {'; '.join(map(_written, one))}" for one in geometry.lines)
    yield from (f"{words['area']} {'; '.join(map(_written, one))}" for one in geometry.polygons)
    for centre, km in geometry.circles:
        yield f"{words['circle']} {_written(centre)}; {round(km * 1000)} m"


def _written(position: Position) -> str:
    return f"{position[1]:.5f}, {position[0]:.5f}"
