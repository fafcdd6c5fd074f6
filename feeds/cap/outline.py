"""Outlines and circles as CAP writes them ("lat,lon lat,lon …"), as far as they can be believed.

Two things are put right, by name: positions that can only be meant the other way round, and outlines that were
left open. What spans a continent is a mistake, or means everybody, and is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

MAX_POINTS = 20_000  # of one alert
MAX_SPAN = 45.0  # degrees: an outline or circle larger than a large country is a mistake, or means everybody
_KM_PER_DEGREE = 111.2
_RING = 4  # points of the smallest outline; the last is the first (CAP 1.2, 3.2.4)
_POLE, _DATE_LINE = 90.0, 180.0
_GERMANY = ((5.8, 15.1), (47.2, 55.2))  # longitudes and latitudes of the mainland, islands included

Pairs = list[list[float]]


@dataclass
class Outlines:
    """Reads the outlines of one alert and remembers what was wrong with them (``repairs``, names of faults).

    ``german``: the alert names German codes, so that an outline off Somalia is a German one the wrong way round.
    """

    german: bool = False
    repairs: list[str] = field(default_factory=list)

    def polygons(self, texts: Iterable[str]) -> list[Pairs]:
        """Return closed rings of [lon, lat] without repeated points; what is none is left out."""
        return [ring for text in texts if (ring := self._ring(text))]

    def circles(self, texts: Iterable[str]) -> list[list[Any]]:
        """Return circles as [[lon, lat], km]; what is none is left out."""
        return [circle for text in texts if (circle := self._circle(text))]

    def _ring(self, text: str) -> Pairs:
        parts = re.sub(r"\s*,\s*", ",", text).split()
        pairs = [pair for one in parts if (pair := _pair(one))]
        if not parts or len(pairs) < len(parts):
            return self._note("broken-outline", []) if parts else []
        ring = [one for one, before in zip(pairs, [None, *pairs], strict=False) if one != before]
        if len(ring) >= _RING - 1 and ring[0] != ring[-1]:
            ring = self._note("open-outline", [*ring, ring[0]])
        ring = self._turned(ring)
        if len(ring) < _RING:
            return self._note("broken-outline", [])
        return self._note("too-wide", []) if _too_wide(ring) else ring

    def _circle(self, text: str) -> list[Any]:
        parts = re.sub(r"\s*,\s*", ",", text).split()
        pair = _pair(parts[0]) if parts else None
        radius = read_number(parts[1]) if len(parts) == 2 else None  # noqa: PLR2004 - centre and radius
        centre = self._turned([pair]) if pair else []
        if not centre or radius is None or radius < 0:
            return self._note("broken-outline", [])
        if radius > MAX_SPAN * _KM_PER_DEGREE / 2:
            return self._note("too-wide", [])
        return [centre[0], radius]

    def _turned(self, pairs: Pairs) -> Pairs:
        """Return (lat, lon) as [lon, lat]; as they stand if only that can be meant; [] if neither can."""
        meant = [[lon, lat] for lat, lon in pairs]
        swapped = [[lat, lon] for lat, lon in pairs]
        if _on_earth(meant) and not (self.german and _in_germany(swapped)):
            return meant
        if _on_earth(swapped):
            return self._note("swapped-coordinates", swapped)
        return []

    def _note(self, name: str, found: Pairs) -> Pairs:
        if name not in self.repairs:
            self.repairs.append(name)
        return found


def read_number(text: str) -> float | None:
    """Return a plain decimal number (xs:decimal; no ``nan``, ``inf`` or ``1_0``)."""
    return float(text) if re.fullmatch(r"[+-]?(\d{1,12}(\.\d{0,20})?|\.\d{1,20})", text, re.ASCII) else None


def _pair(text: str) -> list[float] | None:
    """Return "lat,lon" as two numbers."""
    first, _, second = text.partition(",")
    lat, lon = read_number(first), read_number(second)
    return None if lat is None or lon is None else [lat, lon]


def _on_earth(ring: Sequence[Sequence[float]]) -> bool:
    return all(abs(lon) <= _DATE_LINE and abs(lat) <= _POLE for lon, lat in ring)


def _in_germany(ring: Sequence[Sequence[float]]) -> bool:
    (west, east), (south, north) = _GERMANY
    return all(west <= lon <= east and south <= lat <= north for lon, lat in ring)


def _too_wide(ring: Pairs) -> bool:
    return any(max(one[axis] for one in ring) - min(one[axis] for one in ring) > MAX_SPAN for axis in (0, 1))
