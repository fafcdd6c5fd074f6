import pytest

from calendars.colours import css_name


@pytest.mark.parametrize(
    ("colour", "name"),
    [("#FF0000", "red"), ("#171a2b", "black"), ("#008001", "green"), ("#00447c", "midnightblue"), ("#fefefe", "white")],
)
def test_the_nearest_name(colour, name):
    assert css_name(colour) == name


@pytest.mark.parametrize("wrong", ["", "red", "#12345", "#1234567", "#12345g", "#123456\n"])
def test_no_colour(wrong):
    with pytest.raises(ValueError, match="not a colour"):
        css_name(wrong)
