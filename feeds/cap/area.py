"""The ``<area>`` elements of an alert: official codes, outlines and circles (CAP 1.2, 3.2.4).

CAP writes positions as "latitude,longitude"; here they become (longitude, latitude). The DWD's
``EXCLUDE_POLYGON`` (a hole) is not subtracted: the outline may be a little too large, while the warn cells,
which decide who is told in Germany, are exact.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from lxml import etree

from hub.core.errors import SourceRefused

MAX_POINTS = 20_000  # of one alert
MAX_SPAN = 45.0  # degrees: an outline or circle larger than a large country is a mistake, or means everybody
_KM_PER_DEGREE = 111.2
_RING = 4  # points of the smallest outline; the last is the first (CAP 1.2, 3.2.4)
_SCHEMES = {  # the sources' names of codes, in lower case -> PlaceRef.scheme and form
    "warncellid": ("warncell", re.compile(r"\d{9}", re.ASCII)),
    "ars": ("ars", re.compile(r"\d{2,12}", re.ASCII)),
    "ags": ("ags", re.compile(r"\d{2,8}", re.ASCII)),
    "emma_id": ("emma", re.compile(r"[A-Z]{2}\d{3,4}", re.ASCII)),
    "nuts1": ("nuts", re.compile(r"[A-Z]{2}[0-9A-Z]", re.ASCII)),
    "nuts2": ("nuts", re.compile(r"[A-Z]{2}[0-9A-Z]{2}", re.ASCII)),
    "nuts3": ("nuts", re.compile(r"[A-Z]{2}[0-9A-Z]{3}", re.ASCII)),
}


def read_areas(areas: Iterable[etree._Element]) -> dict[str, Any]:
    """Return ``places`` ([scheme, code, name]), ``polygons`` and ``circles`` ([centre, km]), each only once.

    Codes of other schemes, broken outlines and those that span a continent are left out; raises ``SourceRefused``
    for more than ``MAX_POINTS`` points.
    """
    places: dict[tuple[str, str], str] = {}
    rings: dict[str, None] = {}
    circles: dict[str, None] = {}
    for area in areas:
        name = _all(area, "areaDesc")
        for scheme, code in _codes(area):
            places.setdefault((scheme, code), name[0] if name else "")
        rings |= dict.fromkeys(_all(area, "polygon"))
        circles |= dict.fromkeys(_all(area, "circle"))
    if sum(one.count(",") for one in (*rings, *circles)) > MAX_POINTS:
        raise SourceRefused(f"The alert's area has more than {MAX_POINTS} points.")
    return {
        "places": [[scheme, code, name] for (scheme, code), name in places.items()],
        "polygons": [ring for one in rings if (ring := read_polygon(one))],
        "circles": [circle for one in circles if (circle := read_circle(one))],
    }


def read_polygon(text: str) -> list[list[float]]:
    """Return "lat,lon lat,lon …" as a closed ring of [lon, lat] without repeated points; [] if it is none."""
    ring: list[list[float]] = []
    for pair in re.sub(r"\s*,\s*", ",", text).split():
        position = _position(pair)
        if position is None:
            return []
        if not ring or ring[-1] != position:
            ring.append(position)
    if len(ring) < _RING or ring[0] != ring[-1] or _too_wide(ring):
        return []
    return ring


def read_circle(text: str) -> list[Any]:
    """Return "lat,lon radius" (km) as [[lon, lat], km]; [] if it is none."""
    parts = re.sub(r"\s*,\s*", ",", text).split()
    position = _position(parts[0]) if parts else None
    radius = _number(parts[1]) if len(parts) == 2 else None  # noqa: PLR2004 - centre and radius
    if position is None or radius is None or not 0 <= radius <= MAX_SPAN * _KM_PER_DEGREE / 2:
        return []
    return [position, radius]


def _too_wide(ring: list[list[float]]) -> bool:
    return any(max(one[axis] for one in ring) - min(one[axis] for one in ring) > MAX_SPAN for axis in (0, 1))


def _position(pair: str) -> list[float] | None:
    lat, _, lon = pair.partition(",")
    y, x = _number(lat), _number(lon)
    if x is None or y is None or not (-180 <= x <= 180 and -90 <= y <= 90):  # noqa: PLR2004 - WGS84
        return None
    return [x, y]


def _number(text: str) -> float | None:
    """Return a plain decimal number (xs:decimal; no ``nan``, ``inf`` or ``1_0``)."""
    return float(text) if re.fullmatch(r"[+-]?(\d{1,12}(\.\d{0,20})?|\.\d{1,20})", text, re.ASCII) else None


def _codes(area: etree._Element) -> Iterable[tuple[str, str]]:
    for geocode in area.findall(f"{{{_namespace(area)}}}geocode"):
        name = "".join(_all(geocode, "valueName")).lower()
        if name not in _SCHEMES:
            continue
        scheme, form = _SCHEMES[name]
        for code in re.split(r"[\s,;]+", "".join(_all(geocode, "value"))):
            if form.fullmatch(code):
                yield scheme, code


def _all(element: etree._Element, name: str) -> list[str]:
    found = element.findall(f"{{{_namespace(element)}}}{name}")
    return [text for one in found if (text := (one.text or "").strip())]


def _namespace(element: etree._Element) -> str:
    return etree.QName(element).namespace or ""
