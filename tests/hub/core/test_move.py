"""Codes as people type them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hub.core.move import LENGTH, SIGNS, shown, typed

CODES = st.text(alphabet=SIGNS, min_size=LENGTH, max_size=LENGTH)


@given(CODES, st.booleans(), st.sampled_from(["", " ", "-", " – "]))
def test_however_it_is_typed_it_is_the_same_code(code, small, between):
    text = shown(code).replace("-", between)
    assert typed(f"  {text.lower() if small else text} ") == code


@given(st.text(max_size=40))
def test_anything_else_is_no_code(text):
    assert typed(text) == "" or set(typed(text)) <= set(SIGNS)


def test_no_two_signs_look_alike():
    assert not set("01OI") & set(SIGNS)
    assert len(SIGNS) == len(set(SIGNS)) == 32
