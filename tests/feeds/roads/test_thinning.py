"""Few enough points, and never far from where they were."""

import math

from hypothesis import given
from hypothesis import strategies as st

from feeds.roads.geometry import MOST_POINTS, read_geometry
from feeds.roads.thinning import thinned

POSITIONS = st.lists(st.tuples(st.floats(5, 15), st.floats(47, 55)), min_size=1, max_size=30)


@given(st.lists(POSITIONS, min_size=1, max_size=8), st.integers(4, 200))
def test_bounded_and_made_of_what_was_there(lines, most):
    found = thinned(lines, most)
    assert sum(map(len, found)) <= max(most, 1) or len(found) == 1
    known = {position for line in lines for position in line}
    assert all(position in known for line in found for position in line)
    if sum(map(len, lines)) <= most:
        assert found == tuple(tuple(line) for line in lines)


def test_a_line_of_60000_points_keeps_its_shape_and_its_ends():
    line = [[9 + i / 30_000, 50 + math.sin(i / 1_500) / 10] for i in range(60_000)]
    (found,) = read_geometry({"type": "LineString", "coordinates": line}).lines
    assert 2_000 < len(found) <= MOST_POINTS
    assert (found[0], found[-1]) == ((9.0, 50.0), (10.999967, round(line[-1][1], 6)))
    assert all(abs(lat - (50 + math.sin((lon - 9) * 20) / 10)) < 1e-5 for lon, lat in found)
