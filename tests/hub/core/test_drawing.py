"""Shapes as lines: what is written is read again, and what cannot be drawn is said by its line."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.core.drawing import Flaw, Ground, crosses_itself, read, write
from hub.core.notice import Geometry

GROUND = Ground((6.4, 50.7), {"ahornweg": (6.41, 50.71)})


def test_every_shape_is_read_in_both_languages_and_however_numbers_are_typed() -> None:
    text = """Punkt 50.70123, 6.38112
    Line 50.7 6.38; 50,71 6,39

    fläche: 50.7, 6.38; 50.71, 6.39; 50.7, 6.4; 50.7, 6.38
    Kreis Ahornweg; 0,3 km"""
    found, wrong = read(text, GROUND)
    assert wrong == ()
    assert found == Geometry(
        points=((6.38112, 50.70123),), lines=(((6.38, 50.7), (6.39, 50.71)),),
        polygons=(((6.38, 50.7), (6.39, 50.71), (6.4, 50.7)),), circles=(((6.41, 50.71), 0.3),),
    )  # fmt: skip
    assert write(found) == (
        "Punkt 50.70123, 6.38112\nLinie 50.70000, 6.38000; 50.71000, 6.39000\n"
        "Fläche 50.70000, 6.38000; 50.71000, 6.39000; 50.70000, 6.40000\nKreis 50.71000, 6.41000; 300 m"
    )
    assert write(found, "en").startswith("Point ")


@pytest.mark.parametrize(
    ("line", "flaw"),
    [
        ("50.7, 6.38", Flaw.UNREADABLE), ("Punkt", Flaw.UNREADABLE), ("Punkt hier oben", Flaw.PLACE),
        ("Punkt 50.7; 6.38", Flaw.UNREADABLE), ("Punkt 97, 6.4", Flaw.UNREADABLE), ("Linie 50.7, 6.38", Flaw.FEW),
        ("Fläche 50.7, 6.38; 50.71, 6.39; 50.7, 6.38", Flaw.FEW), ("Punkt 6.38, 50.7", Flaw.FAR),
        ("Kreis 50.7, 6.38", Flaw.UNREADABLE), ("Kreis 50.7, 6.38; 400 km", Flaw.WIDE),
        ("Kreis 50.7, 6.38; 0 m", Flaw.WIDE),
        ("Fläche 50.7, 6.38; 50.71, 6.39; 50.7, 6.39; 50.71, 6.38", Flaw.CROSSED),
        ("Fläche 50.7, 6.38; 50.7, 6.39; 50.7, 6.385", Flaw.CROSSED),
        ("Linie " + "; ".join(["50.7, 6.38"] * 401), Flaw.MANY),
    ],
)  # fmt: skip
def test_what_cannot_be_drawn_is_left_out_and_said(line: str, flaw: Flaw) -> None:
    found, wrong = read(f"Punkt 50.7, 6.4\n{line}", GROUND)
    assert [(one.line, one.flaw) for one in wrong] == [(2, flaw)]
    assert found == Geometry(points=((6.4, 50.7),))


def test_nothing_drawn_is_no_geometry() -> None:
    assert read(" \n", GROUND) == (None, ())
    assert write(None) == ""


near = st.tuples(st.integers(638000, 642000), st.integers(5068000, 5072000)).map(lambda at: (at[0] / 1e5, at[1] / 1e5))


@given(
    st.builds(
        Geometry, points=st.lists(near, max_size=3).map(tuple),
        lines=st.lists(st.lists(near, min_size=2, max_size=4).map(tuple), max_size=2).map(tuple),
        polygons=st.lists(
            st.lists(near, min_size=3, max_size=6).map(tuple).filter(lambda ring: not crosses_itself(ring)), max_size=2
        ).map(tuple),
        circles=st.lists(st.tuples(near, st.integers(1, 15000).map(lambda m: m / 1000)), max_size=2).map(tuple),
    ),
    st.sampled_from(["de", "en"]),
)  # fmt: skip
def test_what_is_written_is_read_again(shape: Geometry, language: str) -> None:
    found, wrong = read(write(shape, language), GROUND)
    assert wrong == ()
    assert (found or Geometry()) == shape


@given(st.text(alphabet="PunktLinieFlächeKreis 0123456789.,;-\n m", max_size=200))
def test_whatever_is_typed_is_read(text: str) -> None:
    read(text, GROUND)
