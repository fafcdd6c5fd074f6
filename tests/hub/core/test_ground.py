"""Jitter of coordinates is the same ground; a street further is not."""

from hypothesis import given
from hypothesis import strategies as st

from hub.core.ground import same_ground
from hub.core.notice import Geometry

LINE = ((13.70, 51.00), (13.71, 51.005), (13.72, 51.0))
SHIFTS = st.lists(st.tuples(st.floats(-1e-4, 1e-4), st.floats(-1e-4, 1e-4)), min_size=3, max_size=3)


@given(SHIFTS, st.sampled_from(["points", "lines", "polygons"]))
def test_ten_metres_are_nothing(shifts, part):
    moved = tuple((x + dx, y + dy) for (x, y), (dx, dy) in zip(LINE, shifts, strict=True))
    one, other = (LINE, moved) if part == "points" else ((LINE,), (moved,))
    assert same_ground(Geometry(**{part: one}), Geometry(**{part: other}))


@given(st.floats(0.002, 1), st.sampled_from(["points", "lines", "polygons"]))
def test_two_hundred_metres_are_something(shift, part):
    moved = tuple((x, y + shift) for x, y in LINE)
    one, other = (LINE, moved) if part == "points" else ((LINE,), (moved,))
    assert not same_ground(Geometry(**{part: one}), Geometry(**{part: other}))


def test_order_does_not_matter_but_kind_and_circles_do():
    far = ((14.0, 52.0), (14.1, 52.0))
    assert same_ground(Geometry(lines=(LINE, far)), Geometry(lines=(far, LINE[::-1])))
    assert not same_ground(Geometry(lines=(LINE, far)), Geometry(lines=(LINE,)))
    assert not same_ground(Geometry(lines=(LINE,)), Geometry(polygons=(LINE,)))
    assert not same_ground(Geometry(circles=((LINE[0], 1.0),)), Geometry(circles=((LINE[0], 2.0),)))
    assert same_ground(None, None)
    assert not same_ground(None, Geometry(lines=(LINE,)))
