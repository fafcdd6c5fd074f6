"""Grids in metres against positions computed another way, and the spellings of EPSG codes."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.roads.grids import epsg_of, is_known, to_degrees


def forward(lon, lat, zone):
    """Return easting and northing by Snyder's series (USGS 1395, 8-9 to 8-15), which shares nothing with Krüger's."""
    a, f = 6_378_137.0, 1 / 298.257222101
    e2 = f * (2 - f)
    ep2 = e2 / (1 - e2)
    phi, lam = math.radians(lat), math.radians(lon - (6 * zone - 183))
    n = a / math.sqrt(1 - e2 * math.sin(phi) ** 2)
    t, c, big = math.tan(phi) ** 2, ep2 * math.cos(phi) ** 2, lam * math.cos(phi)
    m = a * (
        (1 - e2 / 4 - 3 * e2**2 / 64 - 5 * e2**3 / 256) * phi
        - (3 * e2 / 8 + 3 * e2**2 / 32 + 45 * e2**3 / 1024) * math.sin(2 * phi)
        + (15 * e2**2 / 256 + 45 * e2**3 / 1024) * math.sin(4 * phi)
        - (35 * e2**3 / 3072) * math.sin(6 * phi)
    )
    x = 0.9996 * n * (big + (1 - t + c) * big**3 / 6 + (5 - 18 * t + t**2 + 72 * c - 58 * ep2) * big**5 / 120)
    y = 0.9996 * (
        m
        + n
        * math.tan(phi)
        * (
            big**2 / 2
            + (5 - t + 9 * c + 4 * c**2) * big**4 / 24
            + (61 - 58 * t + t**2 + 600 * c - 330 * ep2) * big**6 / 720
        )
    )
    return x + 500_000, y


@pytest.mark.parametrize(
    ("epsg", "x", "y", "position"),
    [
        ("25832", 500_000.0, 5_538_630.7026, (9.0, 50.0)),  # the meridian's arc to 50° on GRS80, times 0.9996
        ("25833", 500_000.0, 5_538_630.7026, (15.0, 50.0)),
        ("4647", 32_500_000.0, 5_538_630.7026, (9.0, 50.0)),
        ("5650", 33_500_000.0, 5_538_630.7026, (15.0, 50.0)),
        ("25832", 5_538_630.7026, 500_000.0, (9.0, 50.0)),  # northing first
        ("3857", 1_113_194.9079, 6_446_275.8410, (10.0, 50.0)),
        ("25832", 456_447.518, 5_428_668.258, (8.40444, 49.00937)),  # Karlsruhe, Marktplatz
    ],
)
def test_known_points(epsg, x, y, position):
    assert to_degrees(x, y, epsg) == pytest.approx(position, abs=2e-5)


@given(st.sampled_from([("25832", 32), ("25833", 33), ("25831", 31)]), st.floats(-3.5, 3.5), st.floats(47, 55.2))
def test_there_and_back_is_a_centimetre(grid, offset, lat):
    epsg, zone = grid
    lon = 6 * zone - 183 + offset
    assert to_degrees(*forward(lon, lat, zone), epsg) == pytest.approx((lon, lat), abs=1e-7)


@pytest.mark.parametrize(
    ("epsg", "pair"),
    [("25832", (8.4, 49.0)), ("25832", (456_447.0, 1.0)), ("3857", (3e7, 0)), ("31467", (3_456_447.0, 5_428_668.0))],
)
def test_what_lies_outside_or_is_another_grid_is_refused(epsg, pair):
    with pytest.raises(ValueError, match=r"grid|cannot be read"):
        to_degrees(*pair, epsg)


@pytest.mark.parametrize(
    ("name", "epsg"),
    [
        ("urn:ogc:def:crs:EPSG::25832", "25832"),
        ("urn:ogc:def:crs:EPSG:6.9:25832", "25832"),
        ("EPSG:25833", "25833"),
        ("http://www.opengis.net/gml/srs/epsg.xml#31467", "31467"),
        ("http://www.opengis.net/def/crs/EPSG/0/3857", "3857"),
        ("urn:ogc:def:crs:OGC:1.3:CRS84", "84"),
        ("25832", "25832"),
        ("WGS 84", ""),
        ("", ""),
    ],
)
def test_spellings(name, epsg):
    assert epsg_of(name) == epsg
    assert is_known(epsg) is (epsg not in {"", "31467"})
