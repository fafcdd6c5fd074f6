"""Shapes as RFC 7946 wants them."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from hub.core.notice import Geometry
from hub.core.place import distance_km, inside
from hub.web.geojson import collection, geometry

SQUARE = ((6.0, 50.0), (7.0, 50.0), (7.0, 51.0), (6.0, 51.0))
HOLE = ((6.4, 50.4), (6.6, 50.4), (6.6, 50.6), (6.4, 50.6))


def turn(ring) -> float:
    return sum((x2 - x1) * (y2 + y1) for (x1, y1), (x2, y2) in pairwise(ring))


def test_rings_are_closed_and_turn_as_the_standard_asks() -> None:
    for square in (SQUARE, SQUARE[::-1]):
        shape = geometry(Geometry(polygons=(square,), exclusions=(HOLE, ((1.0, 1.0), (1.1, 1.0), (1.1, 1.1)))))
        assert shape["type"] == "Polygon"
        outer, hole = shape["coordinates"]  # a hole elsewhere is none of this area
        assert outer[0] == outer[-1]
        assert turn(outer) < 0 < turn(hole)


@given(st.floats(5.9, 15.0), st.floats(47.3, 55.0), st.floats(0.1, 80))
def test_a_circle_is_a_ring_of_its_radius(lon: float, lat: float, radius: float) -> None:
    ring = geometry(Geometry(circles=(((lon, lat), radius),)))["coordinates"][0]
    assert inside((lon, lat), tuple((x, y) for x, y in ring))
    assert all(abs(distance_km((lon, lat), (x, y)) - radius) < radius * 0.03 + 0.01 for x, y in ring)


def test_several_parts_are_one_collection_and_nothing_is_left_out() -> None:
    shape = geometry(Geometry(points=((6.0, 50.0),), lines=(((6.0, 50.0), (6.1, 50.1)),)))
    assert [one["type"] for one in shape["geometries"]] == ["Point", "LineString"]
    assert geometry(None) is None
    assert geometry(Geometry()) is None
    assert collection([(None, {"id": "a"})])["features"] == []
