"""Which entries are one closure: within an answer, and from poll to poll although ids change (S-06).

The source's own id is the key. Without one the key is the place: street and section if a street is known, else the
title with its position; never the dates, because a shifted date is a change of the same closure, and never what is
closed, because that changes while the works go on. Each further name is one by which the hub knows the closure again
when the id has changed, the position has jittered over the edge of its cell, or another closure of the same street has
come: then with the first day, so that the next works at the place are not taken for these. A name that two entries
share names neither.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from feeds._json_body import web_address
from feeds._syndication.identity import canonical
from feeds.roads.closure import MOST_SPANS, Closure
from feeds.roads.geometry import MOST_POINTS, corner
from feeds.roads.moments import ends, starts
from hub.core.notice import Geometry, Moment
from hub.core.place import slug

_CELL = 0.002  # degrees, about 200 m: farther than positions jitter, nearer than two works of one title


def merged(closures: Iterable[Closure]) -> list[Closure]:
    """Join those of one id or place (the same works, entered once per night, or as point and area) into one."""
    found: dict[tuple[str, ...], list[Closure]] = {}
    for one in closures:
        found.setdefault((one.own_id,) if one.own_id else (_head(one), _exact(one)), []).append(one)
    return [_joined_all(group) if len(group) > 1 else group[0] for group in found.values()]


def named(closures: Sequence[Closure]) -> list[tuple[str, Closure]]:
    """Return each closure with its stable key before it and its further names in it."""
    names = [_names(one) for one in closures]
    count = Counter(name for found in names for name in found)
    result = []
    for one, found in zip(closures, names, strict=True):
        own = [name for name in found if count[name] == 1]
        key = one.own_id or next(iter(own), _name("all", repr(one)))
        result.append((key, replace(one, aliases=tuple(name for name in own if name != key))))
    return result


def lasting_address(value: Any) -> str:
    """Return the web address without what changes from poll to poll (http or https, tracking), empty if it is none.

    A fragment that says which entry of a page is meant stays.
    """
    address = web_address(value)
    fragment = address.partition("#")[2]
    kept = f"#{fragment}" if re.search(r"[/=]", fragment) else ""
    return f"{canonical(address)}{kept}" if address else ""


def _names(closure: Closure) -> list[str]:
    """Return the names of a closure by its place, the most lasting first; the same position lies in two cells."""
    begin, head = closure.begin, _head(closure)
    day = (begin.date() if isinstance(begin, datetime) else begin).isoformat() if begin else ""
    cells = [_cell(closure, shift) for shift in (0.0, 0.5)] if closure.geometry else [""]
    if closure.own_id:
        return [_name("same", head, cell, day) for cell in cells] if day or closure.geometry else []
    lasting = [_name("street", head)] if closure.streets else []
    return lasting + [_name("place", head, cell) for cell in cells] + [_name("exact", head, _exact(closure))]


def _head(closure: Closure) -> str:
    return slug(f"{closure.street} {closure.section}" if closure.street else closure.section or closure.title)


def _cell(closure: Closure, shift: float) -> str:
    """Return the cell of the grid, shifted by a share of its width, in which the south-western corner lies."""
    position = corner(closure.geometry)
    return f"{shift}:" + ",".join(str(round(one / _CELL + shift)) for one in position) if position else ""


def _exact(closure: Closure) -> str:
    """Return the south-western corner to about a metre: what tells two works of one title in one cell apart."""
    position = corner(closure.geometry)
    return ",".join(f"{one:.5f}" for one in position) if position else ""


def _name(kind: str, *parts: str) -> str:
    seed = "\0".join(parts).encode("utf-8", "replace")
    return f"{kind}:{hashlib.sha256(seed).hexdigest()[:32]}"


def _joined_all(group: Sequence[Closure]) -> Closure:
    """Join in an order of the entries' own, so that another order of the answer changes nothing."""
    first, *others = sorted(group, key=_own_order)
    for one in others:
        first = _joined(first, one)
    return first


def _own_order(closure: Closure) -> tuple[Any, ...]:
    begin = starts(closure.begin, UTC).timestamp() if closure.begin else 0.0
    return (begin, not closure.geometry, closure.title, closure.lines, repr(closure.geometry))


def _joined(one: Closure, other: Closure) -> Closure:
    begins = [moment for moment in (one.begin, other.begin) if moment]
    last = [moment for moment in (one.end, other.end) if moment]
    open_end = len(last) < 2 and bool(begins)  # noqa: PLR2004 - one of two has none
    spans = tuple(dict.fromkeys((*_spans(one), *_spans(other))))
    return replace(
        one,
        lines=_united(one.lines, other.lines),
        blocked=one.blocked or other.blocked,
        over=one.over and other.over,
        streets=_distinct(one.streets, other.streets),
        begin=min(begins, key=_begin_order, default=None),
        end=None if open_end else max(last, key=_end_order, default=None),
        spans=() if open_end or len(spans) > MOST_SPANS else spans,
        geometry=_together(one.geometry, other.geometry),
    )


def _spans(closure: Closure) -> tuple[tuple[Moment, Moment], ...]:
    if closure.spans or closure.begin is None or closure.end is None:
        return closure.spans
    return ((closure.begin, closure.end),)


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
