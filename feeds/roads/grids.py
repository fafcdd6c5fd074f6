"""Positions of grids in metres as WGS84 degrees: UTM on ETRS89 (EPSG:25831 to 25833) and web Mercator (EPSG:3857).

UTM back to degrees is Krüger's series to the third order (error below a millimetre within a zone); ETRS89 and WGS84
differ by less than a metre, which no closure notices. Other grids (Gauß-Krüger) need a datum shift and are refused by
name.
"""

from __future__ import annotations

import math
import re

from hub.core.notice import Position

DEGREES = frozenset({"4326", "4258", "84"})
_WEB_MERCATOR = frozenset({"3857", "900913", "3785", "102100", "102113"})
_ZONES = {"25831": 31, "25832": 32, "25833": 33, "32631": 31, "32632": 32, "32633": 33, "4647": 32, "5650": 33}
_SPHERE = 6_378_137.0  # radius of web Mercator and equatorial radius of GRS80, metres
_FLATTENING = 1 / 298.257222101  # GRS80
_SCALE, _FALSE_EASTING = 0.9996, 500_000.0
_PREFIX = 1_000_000.0  # an easting with the zone before it: 32 500 000
_NORTHINGS = (4_000_000.0, 7_500_000.0)  # between 36° and 67° north

_N = _FLATTENING / (2 - _FLATTENING)
_RADIUS = _SPHERE / (1 + _N) * (1 + _N**2 / 4 + _N**4 / 64)
_BETA = (
    _N / 2 - 2 * _N**2 / 3 + 37 * _N**3 / 96,
    _N**2 / 48 + _N**3 / 15,
    17 * _N**3 / 480,
)
_DELTA = (2 * _N - 2 * _N**2 / 3 - 2 * _N**3, 7 * _N**2 / 3 - 8 * _N**3 / 5, 56 * _N**3 / 15)


def epsg_of(name: str) -> str:
    """Return the digits of an EPSG code in any usual spelling (``urn:ogc:def:crs:EPSG::25832``), empty if none.

    ``CRS84``, as GeoJSON of 2008 says it, is ``84``: degrees, longitude first.
    """
    if re.search(r"CRS:?84\b", name, re.IGNORECASE):
        return "84"
    match = re.search(r"(?:EPSG|epsg)(?:\.xml#|[:/]+(?:[\d.]*[:/])?)(\d{4,6})\s*$", name, re.ASCII)
    bare = re.fullmatch(r"\s*(\d{4,6})\s*", name, re.ASCII)
    found = match or bare
    return found[1] if found else ""


def is_known(epsg: str) -> bool:
    """Whether positions of ``epsg`` can be read here."""
    return epsg in DEGREES or epsg in _WEB_MERCATOR or epsg in _ZONES


def is_in_metres(epsg: str) -> bool:
    """Whether ``epsg`` is one of the grids in metres that :func:`to_degrees` knows."""
    return epsg in _WEB_MERCATOR or epsg in _ZONES


def to_degrees(x: float, y: float, epsg: str) -> Position:
    """Return (longitude, latitude) of easting ``x`` and northing ``y`` in metres; a swapped pair of UTM is turned.

    Raises ``ValueError`` for a grid that is not known here or a pair that lies outside of it.
    """
    if epsg in _WEB_MERCATOR:
        return _from_web_mercator(x, y)
    zone = _ZONES.get(epsg)
    if zone is None:
        raise ValueError(f"The geometry is in EPSG:{epsg}, which cannot be read.")
    if not _NORTHINGS[0] <= y <= _NORTHINGS[1] and _NORTHINGS[0] <= x <= _NORTHINGS[1]:
        x, y = y, x
    if x // _PREFIX == zone:
        x -= zone * _PREFIX
    if not (0 < x < _PREFIX and _NORTHINGS[0] <= y <= _NORTHINGS[1]):
        raise ValueError(f"The geometry has a position outside of the grid EPSG:{epsg}.")
    return _from_utm(x, y, zone)


def _from_web_mercator(x: float, y: float) -> Position:
    edge = math.pi * _SPHERE
    if abs(x) > edge or abs(y) > edge:
        raise ValueError("The geometry has a position outside of the grid EPSG:3857.")
    return math.degrees(x / _SPHERE), math.degrees(2 * math.atan(math.exp(y / _SPHERE)) - math.pi / 2)


def _from_utm(x: float, y: float, zone: int) -> Position:
    """Return the position by Krüger's series (as in the German AdV's formulas for UTM)."""
    xi, eta = y / (_SCALE * _RADIUS), (x - _FALSE_EASTING) / (_SCALE * _RADIUS)
    steps = list(enumerate(_BETA, start=1))
    xi_ = xi - sum(one * math.sin(2 * k * xi) * math.cosh(2 * k * eta) for k, one in steps)
    eta_ = eta - sum(one * math.cos(2 * k * xi) * math.sinh(2 * k * eta) for k, one in steps)
    chi = math.asin(math.sin(xi_) / math.cosh(eta_))
    latitude = chi + sum(one * math.sin(2 * k * chi) for k, one in enumerate(_DELTA, start=1))
    longitude = math.radians(6 * zone - 183) + math.atan2(math.sinh(eta_), math.cos(xi_))
    return math.degrees(longitude), math.degrees(latitude)
