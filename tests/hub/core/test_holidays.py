"""Public holidays by rule, against days known from the calendars of the Länder."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.core.holidays import LAND_CODES, easter, holidays


@pytest.mark.parametrize(
    ("year", "sunday"),
    [
        (2024, (3, 31)),
        (2025, (4, 20)),
        (2026, (4, 5)),
        (2027, (3, 28)),
        (2030, (4, 21)),
        (2038, (4, 25)),
        (2285, (3, 22)),
    ],
)
def test_easter(year: int, sunday: tuple[int, int]) -> None:
    """Easter Sundays from published tables, with the latest and the earliest date possible."""
    assert easter(year) == date(year, *sunday)


@given(st.integers(1583, 4099))
def test_easter_is_a_sunday_in_its_bounds(year: int) -> None:
    """Easter falls on a Sunday from 22 March to 25 April."""
    day = easter(year)
    assert day.weekday() == 6
    assert date(year, 3, 22) <= day <= date(year, 4, 25)


@pytest.mark.parametrize(
    ("land", "count"),
    [("NW", 11), ("BY", 12), ("BE", 10), ("BW", 12), ("BB", 12), ("HE", 10), ("MV", 11), ("SL", 12), ("SN", 11),
     ("ST", 11), ("TH", 11), ("HH", 10), ("HB", 10), ("NI", 10), ("SH", 10), ("RP", 11)],
)  # fmt: skip
def test_days_per_land(land: str, count: int) -> None:
    """How many days each land rests in 2026, the two Sundays of Brandenburg included."""
    assert len(holidays(land, 2026)) == count


def test_days_of_some_laender() -> None:
    """Days that only some have."""
    assert holidays("SN", 2026)[date(2026, 11, 18)] == "Buß- und Bettag"
    assert holidays("SN", 2023)[date(2023, 11, 22)] == "Buß- und Bettag"
    assert holidays("NW", 2026)[date(2026, 6, 4)] == "Fronleichnam"
    assert date(2025, 5, 8) in holidays("BE", 2025)
    assert date(2026, 5, 8) not in holidays("BE", 2026)
    assert date(2022, 3, 8) not in holidays("MV", 2022)
    assert date(2026, 8, 15) not in holidays("BY", 2026)  # not in the whole land
    assert list(holidays("TH", 2030)) == sorted(holidays("TH", 2030))


@pytest.mark.parametrize(("digits", "code"), LAND_CODES.items())
def test_any_spelling_of_a_land(digits: str, code: str) -> None:
    """ARS digits, a whole ARS, the code and ISO 3166-2 mean the same."""
    assert holidays(digits, 2026) == holidays(code.lower(), 2026) == holidays(f"DE-{code}", 2026)
    assert holidays(digits + "123", 2026) == holidays(code, 2026)


def test_unknown_land_and_time() -> None:
    """Nonsense is refused."""
    with pytest.raises(KeyError):
        holidays("XX", 2026)
    with pytest.raises(ValueError, match="2020"):
        holidays("NW", 1990)
