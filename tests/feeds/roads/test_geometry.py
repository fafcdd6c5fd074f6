"""All geometry types of RFC 7946, the swapped order, and hostile shapes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.roads.geometry import corner, is_near, read_geometry

RING = [[7, 50], [8, 50], [8, 51], [7, 50]]
HOLE = [[7.1, 50.1], [7.2, 50.1], [7.2, 50.2], [7.1, 50.1]]


@pytest.mark.parametrize(
    ("kind", "coordinates", "counts"),
    [
        ("Point", [7, 50], (1, 0, 0)),
        ("Point", ["7.5", "50,5"], (1, 0, 0)),
        ("Point", [7, 50, 120.5], (1, 0, 0)),
        ("MultiPoint", [[7, 50], [8, 50]], (2, 0, 0)),
        ("LineString", RING, (0, 1, 0)),
        ("MultiLineString", [RING, HOLE], (0, 2, 0)),
        ("Polygon", [RING, HOLE], (0, 0, 1)),
        ("MultiPolygon", [[RING], [HOLE]], (0, 0, 2)),
    ],
)
def test_each_type(kind, coordinates, counts):
    found = read_geometry({"type": kind, "coordinates": coordinates})
    assert (len(found.points), len(found.lines), len(found.polygons)) == counts


@pytest.mark.parametrize(
    "value",
    [None, {"type": "GeometryCollection", "geometries": []}, {"type": "Point", "coordinates": []}, {"type": "Point"}],
)
def test_an_unlocated_feature_has_no_geometry(value):
    assert read_geometry(value) is None


@pytest.mark.parametrize(
    "value",
    [
        "POINT(7 50)", [7, 50], 7, {"type": "Circle", "coordinates": [7, 50]}, {"coordinates": [7, 50]},
        {"type": "Point", "coordinates": "7 50"}, {"type": "Point", "coordinates": [7]},
        {"type": "Point", "coordinates": [float("nan"), 50]}, {"type": "Point", "coordinates": [1e400, 50]},
        {"type": "Point", "coordinates": [10**400, 50]}, {"type": "Point", "coordinates": [True, 50]},
        {"type": "Point", "coordinates": [356000.0, 5645000.0]}, {"type": "Point", "coordinates": [100, 120]},
        {"type": "LineString", "coordinates": [7, 50]}, {"type": "GeometryCollection", "geometries": "x"},
        {"type": "Polygon", "coordinates": [[[7, None]]]},
    ],
)  # fmt: skip
def test_what_is_no_geometry_in_degrees_is_refused(value):
    with pytest.raises(ValueError, match="geometry"):
        read_geometry(value)


def test_too_many_points_and_too_deep_collections_are_refused():
    with pytest.raises(ValueError, match="more than 400000 points"):
        read_geometry({"type": "MultiPoint", "coordinates": [[7, 50]] * 400_001})
    deep = {"type": "Point", "coordinates": [7, 50]}
    for _ in range(20):
        deep = {"type": "GeometryCollection", "geometries": [deep]}
    with pytest.raises(ValueError, match="no GeoJSON object"):
        read_geometry(deep)


@pytest.mark.parametrize(
    ("order", "pair", "point"),
    [
        ("auto", [13.4, 52.5], (13.4, 52.5)),
        ("auto", [52.5, 13.4], (13.4, 52.5)),
        ("auto", [-74.0, 40.7], (-74.0, 40.7)),
        ("lonlat", [52.5, 13.4], (52.5, 13.4)),
        ("latlon", [40.7, -74.0], (-74.0, 40.7)),
    ],
)
def test_order_of_coordinates(order, pair, point):
    assert read_geometry({"type": "Point", "coordinates": pair}, order).points == (point,)


@given(st.floats(5.8, 15.1), st.floats(47.2, 55.1))
def test_a_german_position_is_the_same_either_way_round(lon, lat):
    right, swapped = ({"type": "Point", "coordinates": pair} for pair in ([lon, lat], [lat, lon]))
    assert read_geometry(right) == read_geometry(swapped)


def test_corner_and_nearness():
    line = read_geometry({"type": "LineString", "coordinates": [[13.0, 51.0], [14.0, 51.0]]})
    assert corner(line) == (13.0, 51.0)
    assert corner(None) is None
    assert is_near(line, (13.5, 51.01), 2)
    assert not is_near(line, (13.5, 51.2), 2)
