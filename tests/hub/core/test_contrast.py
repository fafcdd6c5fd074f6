"""Colours that can be read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.core.contrast import AA, BLACK, DARK, LIGHT, WHITE, contrast, luminance, mixed, readable, shades, written

colours = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [
        (BLACK, WHITE, 21.0),
        (WHITE, WHITE, 1.0),
        ("#767676", WHITE, 4.54),
        ("#777777", WHITE, 4.48),
        ("#0000ff", WHITE, 8.59),
    ],
)
def test_known_contrasts(one, other, ratio) -> None:
    assert round(contrast(one, other), 2) == ratio == round(contrast(other, one), 2)


@pytest.mark.parametrize(("given_", "is_"), [("#ABC", "#aabbcc"), (" #1D4f91 ", "#1d4f91")])
def test_ways_of_writing(given_, is_) -> None:
    assert written(given_) == is_


@pytest.mark.parametrize(
    "wrong", ["", "red", "#12", "#12345", "#1234567", "#gggggg", "1d4f91", "#1d4f91;}", "#１d4f91"]
)
def test_what_is_no_colour(wrong) -> None:
    with pytest.raises(ValueError, match="no colour"):
        shades(wrong)


@given(colours)
def test_every_colour_becomes_readable_by_light_and_in_the_dark(colour) -> None:
    found = shades(colour)
    assert found.brand == colour
    assert contrast(found.on_brand, colour) >= AA
    for shade in (found.light, found.light_hover, found.light_active):
        assert all(contrast(shade, behind) >= AA for behind in LIGHT)  # links upon it, and white upon a button
    for shade in (found.dark, found.dark_hover, found.dark_active):
        assert all(contrast(shade, behind) >= AA for behind in DARK)


@given(colours)
def test_a_colour_that_is_readable_stays_and_no_other_changes_more_than_it_must(colour) -> None:
    for behind, towards in ((LIGHT, BLACK), (DARK, WHITE)):
        found = readable(colour, behind, towards)
        assert readable(found, behind, towards) == found
        well = all(contrast(colour, one) >= AA for one in behind)
        assert (found == colour) == well
        if not well:
            weaker = [mixed(colour, towards, share / 255) for share in range(256)]
            before = weaker[weaker.index(found) - 1]
            assert any(contrast(before, one) < AA for one in behind)


@given(colours, colours, st.floats(0, 1))
def test_a_mixture_lies_between(one, other, share) -> None:
    low, high = sorted((luminance(one), luminance(other)))
    assert mixed(one, other, 0) == one
    assert mixed(one, other, 1) == other
    if one[1:3] <= other[1:3] and one[3:5] <= other[3:5] and one[5:] <= other[5:]:
        assert low <= luminance(mixed(one, other, share)) <= high
