"""The place tree: containment, keys cut to their level, names folded."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.core.notice import Geometry
from hub.core.place import (
    ancestors,
    ars_path,
    covers,
    distance_km,
    local_path,
    nearest_km,
    overlap,
    reach,
    related,
    slug,
)

keys = st.text("0123456789", min_size=12, max_size=12)
locals_ = st.lists(
    st.builds(lambda kind, name: f"{kind}:{name}", st.sampled_from(["zone", "street", "district"]),
              st.text("abc", min_size=1, max_size=3)), max_size=2,
)  # fmt: skip
LEVELS = (2, 3, 5, 9, 12)
paths = st.builds(
    lambda key, level, below: "/".join([key[:level], *below]), keys, st.sampled_from(LEVELS), locals_
) | st.builds(lambda key, below: "/".join([key, *below]), keys, locals_)
points = st.tuples(st.floats(5.9, 15.0), st.floats(47.3, 55.0))


@given(paths)
def test_a_place_is_below_all_its_ancestors_and_first_among_them(path: str) -> None:
    above = list(ancestors(path))
    assert above[0] == path
    assert all(covers(one, path) for one in above)
    assert [len(one) for one in above] == sorted((len(one) for one in above), reverse=True)


@given(paths, paths)
def test_covers_says_the_same_as_the_chain_of_ancestors(outer: str, inner: str) -> None:
    assert covers(outer, inner) == (outer in set(ancestors(inner)))


@given(paths, paths, paths)
def test_containment_is_an_order(one: str, two: str, three: str) -> None:
    assert covers(one, one)
    assert related(one, two) == related(two, one)
    if covers(one, two) and covers(two, three):
        assert covers(one, three)
    if covers(one, two) and covers(two, one):
        assert one == two


@given(keys, st.integers(1, 12))
def test_a_key_is_cut_to_the_shortest_level_that_says_the_same(key: str, length: int) -> None:
    path = ars_path(key[:length])
    assert key[:length].startswith(path)
    assert not key[:length][len(path) :].strip("0")
    assert len(path) in LEVELS or path == key[:length]
    assert ars_path(path) == path


@pytest.mark.parametrize("text", ["", "05334002000x", "1234567890123", "٠٥", " 05", "05\n"])
def test_what_is_no_key_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not an ARS"):
        ars_path(text)


@given(st.text(max_size=40))
def test_a_folded_name_stays_folded_and_fits_a_path(name: str) -> None:
    folded = slug(name)
    assert re.fullmatch(r"([a-z0-9]+(-[a-z0-9]+)*)?", folded)
    assert slug(folded) == folded


@pytest.mark.parametrize("name", ["Hauptstr. 5", "Hauptstraße 5", "HAUPTSTRASSE 5", "hauptstrasse-5", "Hauptstr 5"])
def test_spellings_of_a_street_are_one(name: str) -> None:
    assert local_path("053580016016", "street", name) == "053580016016/street:hauptstrasse-5"


@given(points, points)
def test_distance_is_symmetric_and_zero_at_home(one: tuple[float, float], two: tuple[float, float]) -> None:
    assert distance_km(one, one) == 0
    assert distance_km(one, two) == pytest.approx(distance_km(two, one))


def test_known_distance() -> None:
    berlin, cologne = (13.405, 52.52), (6.9603, 50.9375)
    assert distance_km(berlin, cologne) == pytest.approx(477, abs=1)


@given(points, points, points)
def test_a_line_is_no_farther_than_its_ends(
    point: tuple[float, float], start: tuple[float, float], end: tuple[float, float]
) -> None:
    ends = nearest_km(point, Geometry(points=(start, end)))
    line = nearest_km(point, Geometry(lines=((start, end),)))
    assert ends is not None
    assert line is not None
    if distance_km(start, end) < 20 and distance_km(point, start) < 50:
        assert line <= ends * 1.001 + 1e-6


def test_inside_is_no_distance_and_nothing_is_nowhere() -> None:
    ring = ((6.0, 50.0), (7.0, 50.0), (7.0, 51.0), (6.0, 51.0))
    assert nearest_km((6.5, 50.5), Geometry(polygons=(ring,))) == 0
    assert nearest_km((6.5, 50.5), Geometry(circles=(((6.5, 50.6), 20.0),))) == 0
    assert nearest_km((6.5, 50.5), Geometry()) is None


SQUARE = ((8.0, 50.0), (9.0, 50.0), (9.0, 51.0), (8.0, 51.0))
HOLE = ((8.4, 50.4), (8.6, 50.4), (8.6, 50.6), (8.4, 50.6))
ISLAND = ((8.48, 50.48), (8.52, 50.48), (8.52, 50.52), (8.48, 50.52))


def test_what_is_cut_out_of_an_area_is_outside_it() -> None:
    area = Geometry(polygons=(SQUARE,), exclusions=(HOLE,))
    assert nearest_km((8.2, 50.2), area) == 0
    assert nearest_km((8.5, 50.5), area) == pytest.approx(7.1, abs=0.2), "as far as the edge of the piece"
    assert nearest_km((8.5, 50.5), Geometry(polygons=(SQUARE,))) == 0


def test_an_area_inside_a_piece_cut_out_counts() -> None:
    assert nearest_km((8.5, 50.5), Geometry(polygons=(SQUARE, ISLAND), exclusions=(HOLE,))) == 0


def test_a_piece_cut_out_of_a_circle_is_outside_it() -> None:
    ring = Geometry(circles=(((8.5, 50.9), 60.0),), exclusions=(HOLE,))
    assert nearest_km((8.5, 50.8), ring) == 0
    assert (nearest_km((8.5, 50.5), ring) or 0) > 5


STREET = "053580016016/street:ahornweg"
houses = st.one_of(
    st.integers(1, 60).map(str), st.builds(lambda n, x: f"{n}{x}", st.integers(1, 60), st.sampled_from("abc")),
    st.builds(lambda a, b: f"{min(a, b)}-{max(a, b)}", st.integers(1, 60), st.integers(1, 60)),
    st.sampled_from(["1-57-ungerade", "2-56-gerade", "hinterhaus"]),
)  # fmt: skip


def test_a_house_lies_below_its_street() -> None:
    path = local_path("053580016016", "house", "Ahornweg/1 - 57")
    assert path == STREET + "/house:1-57"
    assert covers(STREET, path)
    assert not covers(STREET + "allee", path)


@pytest.mark.parametrize(
    ("one", "other", "share"),
    [
        ("12", "1-57", True), ("12a", "1-57", True), ("57a", "1-57", True), ("58", "1-57", False), ("7b", "7-7c", True),
        ("7d", "7-7c", False), ("7d", "7a-c", False), ("12", "12a", False), ("12-a", "12a", True),
        ("12", "1-57-ungerade", False), ("13", "1-57-ungerade", True), ("2-8", "1-57-odd", True),
        ("12-12", "1-57-ungerade", False), ("hinterhaus", "hinterhaus", True), ("hinterhaus", "1-57", False),
        ("1-9", "9-20", True), ("1-8", "9-20", False),
    ],
)  # fmt: skip
def test_a_house_number_lies_in_its_range(one: str, other: str, *, share: bool) -> None:
    assert overlap(one, other) is overlap(other, one) is share
    assert related(f"{STREET}/house:{one}", f"{STREET}/house:{other}") is share


@given(houses, houses)
def test_what_is_related_begins_within_reach(one: str, other: str) -> None:
    first, second = f"{STREET}/house:{one}", f"{STREET}/house:{other}"
    assert related(first, second) == related(second, first)
    assert second.startswith(reach(first))
    assert not related(first, f"{STREET}-2/house:{other}")
    assert related(first, STREET)
