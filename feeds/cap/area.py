"""The ``<area>`` elements of an alert: official codes, outlines, circles and heights (CAP 1.2, 3.2.4).

CAP writes positions as "latitude,longitude"; here they become (longitude, latitude). The DWD's
``EXCLUDE_POLYGON`` (a hole) is kept beside the outlines as an exclusion. MoWaS names its areas in a parameter
(``warnVerwaltungsbereiche``) of the ``<info>`` instead.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from lxml import etree

from feeds.cap.outline import MAX_POINTS, Outlines, read_number
from feeds.cap.tree import children, text_of, texts_of
from hub.core.errors import SourceRefused

_METRES_PER_FOOT = 0.3048  # CAP 1.2, 3.2.4: altitude and ceiling are in feet
_TOP = 2_999.0  # metres; the DWD's warnings end at 3,000 m, which is no restriction
_SCHEMES = {  # the sources' names of codes, in lower case -> PlaceRef.scheme and form
    "warncellid": ("warncell", re.compile(r"\d{9}", re.ASCII)),
    "ars": ("ars", re.compile(r"\d{2,12}", re.ASCII)),
    "ags": ("ags", re.compile(r"\d{2,8}", re.ASCII)),
    "emma_id": ("emma", re.compile(r"[A-Z]{2}\d{3,4}", re.ASCII)),
    "nuts1": ("nuts", re.compile(r"[A-Z]{2}[0-9A-Z]", re.ASCII)),
    "nuts2": ("nuts", re.compile(r"[A-Z]{2}[0-9A-Z]{2}", re.ASCII)),
    "nuts3": ("nuts", re.compile(r"[A-Z]{2}[0-9A-Z]{3}", re.ASCII)),
}
_HOLE = "exclude_polygon"
_MOWAS_AREAS = "warnVerwaltungsbereiche"  # of MoWaS: 12-digit ARS, mostly of districts
_GERMAN = frozenset({"warncell", "ars", "ags"})
_MOST_NAMED = 5


@dataclass(frozen=True, slots=True)
class Area:
    """One ``<area>`` as it stands: ``codes`` of known schemes, texts of outlines, heights in metres.

    ``unread`` are the names of code schemes that nobody here can read (SAME, UGC, FIPS6 …).
    """

    name: str
    codes: tuple[tuple[str, str], ...] = ()
    rings: tuple[str, ...] = ()
    circles: tuple[str, ...] = ()
    holes: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()
    low: float = 0.0
    high: float = float("inf")


def areas_of(info: etree._Element) -> list[Area]:
    """Return the areas of an ``<info>``; those that MoWaS names in a parameter come last."""
    named = [_area(one) for one in children(info, "area")]
    keys = [
        code
        for one in children(info, "parameter")
        if text_of(one, "valueName") == _MOWAS_AREAS
        for code in re.findall(r"\b\d{2,12}\b", text_of(one, "value"), re.ASCII)
    ]
    if not keys:
        return named
    whole = named[0].name if named else ""
    return [*named, Area(whole, codes=tuple(_country(code) for code in dict.fromkeys(keys)))]


def read_areas(areas: Sequence[Area]) -> dict[str, Any]:
    """Return what is covered, each only once, as JSON-like data.

    ``places`` ([scheme, code, name]), ``polygons``, ``circles`` ([centre, km]), ``exclusions``, ``heights``
    ([low, high] in metres, ``None`` for no bound; empty if they restrict nothing), ``unread`` and ``repairs`` (what
    could not be read or was put right). Raises ``SourceRefused`` for more than ``MAX_POINTS`` points.
    """
    places: dict[tuple[str, str], str] = {}
    for one in areas:
        for code in one.codes:
            places.setdefault(code, one.name)
    rings, circles, holes = (_distinct(getattr(one, name) for one in areas) for name in ("rings", "circles", "holes"))
    if sum(one.count(",") for one in (*rings, *circles, *holes)) > MAX_POINTS:
        raise SourceRefused(f"The alert's area has more than {MAX_POINTS} points.")
    read = Outlines(german=any(scheme in _GERMAN for scheme, _ in places))
    return {
        "places": [[scheme, code, name] for (scheme, code), name in places.items()],
        "polygons": read.polygons(rings),
        "circles": read.circles(circles),
        "exclusions": read.polygons(holes),
        "heights": _heights(areas),
        "unread": sorted(_distinct(one.unread for one in areas)),
        "repairs": read.repairs,
    }


def why_nowhere(data: dict[str, Any], names: Sequence[str]) -> str:
    """Return in plain words why ``data`` (of :func:`read_areas`) covers no place; ``names`` are its areas' names."""
    if "too-wide" in data["repairs"]:
        return "The alert's only outline spans half the world, so nobody can be told."
    if data["unread"]:
        schemes = " and ".join(one[:30] for one in data["unread"][:_MOST_NAMED])
        return f"The alert names its area only by {schemes} codes, which are not read here, and has no outline."
    if "broken-outline" in data["repairs"]:
        return "The alert has no area that can be read: its outline is broken."
    if any(names):
        said = next(one for one in names if one)[:60]
        return f"The alert has no area that can be read: it only says {said!r}, without a code or an outline."
    return "The alert has no area that can be read, so nobody can be told."


def without_codes(area: Area, kept: Iterable[tuple[str, str]]) -> Area:
    """Return ``area`` with only the ``kept`` codes."""
    return replace(area, codes=tuple(kept))


def _area(area: etree._Element) -> Area:
    codes: list[tuple[str, str]] = []
    holes: list[str] = []
    unread: list[str] = []
    for name, value in _geocodes(area):
        scheme, form = _SCHEMES.get(name.lower(), ("", None))
        if name.lower() == _HOLE:
            holes.append(value)
        elif form is None:
            unread.append(name)
        else:
            codes += [(scheme, one) for one in re.split(r"[\s,;]+", value) if form.fullmatch(one)]
    low, high = (read_number(text_of(area, name)) for name in ("altitude", "ceiling"))
    return Area(
        name=text_of(area, "areaDesc"),
        codes=tuple(_country(code) if scheme == "ars" else (scheme, code) for scheme, code in codes),
        rings=tuple(texts_of(area, "polygon")),
        circles=tuple(texts_of(area, "circle")),
        holes=tuple(holes),
        unread=tuple(unread),
        low=(low or 0.0) * _METRES_PER_FOOT,
        high=float("inf") if high is None else high * _METRES_PER_FOOT,
    )


def _geocodes(area: etree._Element) -> Iterator[tuple[str, str]]:
    """Yield (name, value) of the codes; one ``<geocode>`` may hold several pairs (NWS index)."""
    for geocode in children(area, "geocode"):
        for name, value in zip(children(geocode, "valueName"), children(geocode, "value"), strict=False):
            yield (name.text or "").strip(), (value.text or "").strip()


def _country(code: str) -> tuple[str, str]:
    """Return an ARS as a code; of zeros only it means all of Germany."""
    return ("ars", code) if code.strip("0") else ("nuts", "DE")


def _heights(areas: Sequence[Area]) -> list[float | None]:
    """Return the span of heights that all areas together cover, if that is not simply everything."""
    if not areas:
        return []
    low, high = min(one.low for one in areas), max(one.high for one in areas)
    if low <= 0 and high >= _TOP:
        return []
    return [round(low) if low > 0 else None, round(high) if high < _TOP else None]


def _distinct(found: Iterable[Iterable[str]]) -> list[str]:
    return list(dict.fromkeys(one for some in found for one in some))
