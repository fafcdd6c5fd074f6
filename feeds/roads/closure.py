"""A closure as this kind passes it from parsing to normalising: one record whatever the source's format."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC
from typing import Any

from feeds.roads.geometry import MOST_POINTS, first_position
from feeds.roads.moments import ends, starts
from hub.core.codec import moment_from_json, moment_to_json
from hub.core.notice import Geometry, Moment, Position
from hub.core.source import Item


@dataclass(frozen=True, slots=True)
class Closure:
    """One road work, closure or warning. All texts are plain; ``blocked`` says that the road is closed in full.

    ``own_id`` is the source's identifier, if it has one. ``kind`` is ``roadworks``, ``closure``, ``warning`` or
    empty; ``category`` the source's own word for it.
    """

    title: str
    own_id: str = ""
    kind: str = ""
    category: str = ""
    street: str = ""
    district: str = ""
    ars: str = ""
    lines: tuple[str, ...] = ()
    blocked: bool = False
    begin: Moment | None = None
    end: Moment | None = None
    url: str = ""
    attribution: str = ""
    geometry: Geometry | None = None

    @property
    def key(self) -> str:
        """The stable key: the source's own, else a hash of title and first position, not of the dates."""
        if self.own_id:
            return self.own_id
        seed = f"{self.title}\0{first_position(self.geometry)}"
        return "sha256:" + hashlib.sha256(seed.encode("utf-8", "replace")).hexdigest()[:32]


def to_item(closure: Closure) -> Item:
    """Return ``closure`` as an item of plain JSON."""
    data = asdict(closure) | {
        "begin": moment_to_json(closure.begin),
        "end": moment_to_json(closure.end),
        "lines": list(closure.lines),
    }
    return Item(closure.key, data)


def from_item(item: Item) -> Closure:
    """Read what :func:`to_item` wrote. Raises ``KeyError``, ``TypeError`` or ``ValueError`` on anything else."""
    data = dict(item.data)
    return Closure(
        **data
        | {
            "begin": moment_from_json(data["begin"]),
            "end": moment_from_json(data["end"]),
            "lines": tuple(data["lines"]),
            "geometry": _geometry(data["geometry"]),
        }
    )


def merged(closures: Iterable[Closure]) -> list[Closure]:
    """Join those with one key (the same works, entered once per night) into one with all dates and shapes."""
    found: dict[str, Closure] = {}
    for one in closures:
        known = found.get(one.key)
        found[one.key] = _joined(known, one) if known else one
    return list(found.values())


def _joined(one: Closure, other: Closure) -> Closure:
    begins = [moment for moment in (one.begin, other.begin) if moment]
    last = [moment for moment in (one.end, other.end) if moment]
    open_end = len(last) < 2 and bool(begins)  # noqa: PLR2004 - one of two has none
    return replace(
        one,
        lines=_united(one.lines, other.lines),
        blocked=one.blocked or other.blocked,
        begin=min(begins, key=_begin_order, default=None),
        end=None if open_end else max(last, key=_end_order, default=None),
        geometry=_together(one.geometry, other.geometry),
    )


def _united(one: tuple[str, ...], other: tuple[str, ...]) -> tuple[str, ...]:
    known = set(one)
    new = tuple(line for line in other if line and line not in known)
    return (*one, *new)[:400]


def _together(one: Geometry | None, other: Geometry | None) -> Geometry | None:
    """Return both shapes as one; the first alone if they are too much together."""
    if one is None or other is None or one == other:
        return one or other
    both = Geometry(
        points=_distinct(one.points, other.points),
        lines=_distinct(one.lines, other.lines),
        polygons=_distinct(one.polygons, other.polygons),
    )
    size = len(both.points) + sum(len(line) for line in (*both.lines, *both.polygons))
    return both if size <= MOST_POINTS else one


def _distinct(one: tuple[Any, ...], other: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(dict.fromkeys((*one, *other)))


def _begin_order(moment: Moment) -> float:
    return starts(moment, UTC).timestamp()


def _end_order(moment: Moment) -> float:
    return ends(moment, UTC).timestamp()


def _geometry(data: Mapping[str, Any] | None) -> Geometry | None:
    if data is None:
        return None
    return Geometry(
        points=tuple(_position(one) for one in data["points"]),
        lines=tuple(tuple(_position(one) for one in line) for line in data["lines"]),
        polygons=tuple(tuple(_position(one) for one in ring) for ring in data["polygons"]),
    )


def _position(pair: Any) -> Position:
    return (float(pair[0]), float(pair[1]))
