"""Holidays move regular collections, by rules that are data."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import feeds.waste
from feeds.waste.parse import parse
from feeds.waste.shifts import read_shifts
from hub.core.errors import SourceConfigError
from hub.core.holidays import LAND_CODES, holidays

DATA = tomllib.loads((Path(feeds.waste.__file__).parent / "shifts.toml").read_text("utf-8"))
LANDS = sorted(LAND_CODES.values())


def week(names: str, land: str, monday: date) -> str:
    """Return the week's shifts from Monday to Friday: ``Do>Fr`` …, with the day of the month after it."""
    shifts = read_shifts(names, land)
    found = []
    for at in range(6):
        day = monday + timedelta(days=at)
        shift = shifts.apply(day)
        if shift:
            found.append(f"{day.day}>{shift.day.day}")
    return " ".join(found)


@pytest.mark.parametrize(
    ("names", "land", "monday", "expected"),
    [
        ("nachholen", "NW", date(2026, 6, 1), "4>5 5>6"),  # Fronleichnam
        ("nachholen", "NI", date(2026, 6, 1), ""),  # is none there
        ("nachholen", "05", date(2026, 6, 1), "4>5 5>6"),
        ("nachholen", "DE-NW", date(2026, 6, 1), "4>5 5>6"),
        ("nachholen", "RP", date(2026, 3, 30), "3>4"),  # Karfreitag
        ("nachholen", "RP", date(2026, 4, 6), "6>7 7>8 8>9 9>10 10>11"),  # Ostermontag
        ("nachholen, karfreitag-vor", "NW", date(2026, 3, 30), "30>28 31>30 1>31 2>1 3>2"),
        ("land", "NW", date(2026, 3, 30), "30>28 31>30 1>31 2>1 3>2"),
        ("land", "RP", date(2026, 3, 30), "3>4"),
        ("bad-duerkheim-kreis", "RP", date(2024, 3, 25), "25>23 26>25 27>26 28>27 29>28"),
        ("kaiserslautern-kreis", "RP", date(2025, 4, 14), "18>19"),
        ("nachholen", "NW", date(2025, 12, 22), "25>27 26>29"),  # two holidays in a row
        ("nachholen, weihnachten-vor", "NW", date(2025, 12, 22), "22>20 23>22 24>23 25>24 26>27"),
        ("nachholen, weihnachten-vor", "NW", date(2026, 12, 21), "21>19 22>21 23>22 24>23 25>24 26>28"),
        ("heiligabend-vor", "NW", date(2026, 12, 21), "24>23"),
        ("nachholen", "NW", date(2025, 12, 29), "1>2 2>3"),  # Neujahr
        ("nachholen", "BY", date(2026, 1, 5), "6>7 7>8 8>9 9>10"),  # Heilige Drei Könige
        ("nachholen", "NW", date(2026, 1, 5), ""),
        ("nachholen, rosenmontag", "NW", date(2026, 2, 16), "16>17 17>18 18>19 19>20 20>21"),
        ("nachholen", "NW", date(2026, 2, 16), ""),
        ("samstag", "NW", date(2026, 6, 1), "4>6"),
        ("nur-feiertag", "NW", date(2025, 12, 22), "25>27 26>27"),
        ("vorziehen", "NW", date(2026, 4, 6), "6>4"),
        ("vorziehen", "NW", date(2026, 9, 28), "3>2"),  # a Saturday moves nothing else
        ("regional", "BY", date(2025, 8, 11), "15>16"),  # Mariä Himmelfahrt
        ("nachholen", "BY", date(2025, 8, 11), ""),
        ("nachholen", "NW", date(2019, 12, 23), ""),  # the rules of the Länder are known from 2020 on
    ],
)
def test_weeks(names, land, monday, expected):
    assert week(names, land, monday) == expected


def test_single_dates_are_the_providers_word():
    shifts = read_shifts("nachholen", "NW", "24.12.2026=23.12.2026, 25.12.2026=28.12.2026")
    assert [shifts.apply(date(2026, 12, day)).day.day for day in (24, 25)] == [23, 28]
    assert read_shifts("", "", "24.12.2026=2026-12-23").apply(date(2026, 12, 24)).day == date(2026, 12, 23)


@pytest.mark.parametrize(
    ("names", "land", "dates", "sentence"),
    [
        ("nachhohlen", "NW", "", "There is no rule 'nachhohlen' for holidays; known: land, nachholen"),
        ("nachholen", "", "", "set 'land', not ''"),
        ("nachholen", "XX", "", "set 'land', not 'XX'"),
        ("", "", "24.12.", "is no pair such as 24.12.2026=23.12.2026"),
    ],
)
def test_settings_that_cannot_work(names, land, dates, sentence):
    with pytest.raises(SourceConfigError, match=sentence):
        read_shifts(names, land, dates)


@pytest.mark.parametrize("names", ["", " ", "none"])
def test_the_default_moves_nothing(names):
    assert read_shifts(names, "NW") is None


def test_the_data_names_what_there_is():
    known = set(DATA["days"]) | {"*"} | {name for land in LANDS for name in holidays(land, 2027).values()}
    assert {one for rule in DATA["rules"].values() for one in rule["holidays"]} <= known
    assert {rule["move"] for rule in DATA["rules"].values()} <= {"later", "earlier", "saturday", "none"}
    assert {rule["reach"] for rule in DATA["rules"].values()} <= {"week", "day"}
    assert set(DATA["lands"]) == set(LANDS)
    named = [*DATA["lands"].values(), *(row["rules"] for row in DATA["providers"].values())]
    assert {one for names in named for one in names} <= set(DATA["rules"])
    assert all(row["read"].startswith("https://") for row in DATA["providers"].values())


@settings(max_examples=400)
@given(
    st.lists(st.sampled_from(sorted(DATA["rules"])), min_size=1, max_size=4),
    st.sampled_from(LANDS),
    st.dates(date(2020, 1, 20), date(2049, 12, 31)),
)
def test_nothing_lands_on_a_sunday_or_a_holiday_and_nothing_goes_far(names, land, day):
    shift = read_shifts(",".join(names), land).apply(day)
    if shift is not None:
        assert shift.day.weekday() != 6
        assert 0 < abs((shift.day - day).days) <= 6
        covered = {"nachholen", "vorziehen", "nur-feiertag", "samstag"} & set(names)
        assert not covered or shift.day not in holidays(land, shift.day.year)


@settings(max_examples=200)
@given(st.sampled_from(LANDS), st.dates(date(2020, 1, 20), date(2049, 12, 31)))
def test_later_keeps_the_order_of_a_week(land, day):
    shifts, monday = read_shifts("nachholen", land), day - timedelta(days=day.weekday())
    days = [monday + timedelta(days=at) for at in range(5)]
    moved = [shift.day if (shift := shifts.apply(one)) else one for one in days]
    assert moved == sorted(moved)
    for one in days:
        if one in holidays(land, one.year):
            assert shifts.apply(one) is not None


PLAN = "Restmüll: jeden zweiten Donnerstag ab 4.6.2026\nBio: jeden Montag\n"
RULE = (
    "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTAMP:20260101T000000Z\r\nSUMMARY:Restmüll\r\n"
    "DTSTART;VALUE=DATE:20260604\r\nRRULE:FREQ=WEEKLY;INTERVAL=2\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)


@pytest.mark.parametrize("body", [PLAN, RULE], ids=["plan", "rule"])
def test_the_date_is_moved_and_says_so(notices, body):
    at = datetime(2026, 5, 20, 9, tzinfo=UTC)
    found = next(one for one in notices(body, at=at, shifts="nachholen") if one.title == "Restmüll")  # Aachen: NW
    first = next(one for one in found.occurrences if one.key == "2026-06-04")
    assert first.start == date(2026, 6, 5)
    assert first.summary == "Restmüll, wegen Feiertag (Fronleichnam) am Freitag statt Donnerstag"
    assert all(not one.summary for one in found.occurrences if one.start.weekday() == 3)
    plain = next(one for one in notices(body, at=at) if one.title == "Restmüll")
    assert date(2026, 6, 4) in {one.start for one in plain.occurrences}


def test_dates_that_stand_one_by_one_are_the_providers_word(make_fetched):
    body = "Datum;Abfuhrart\n04.06.2026;Restmüll\n05.06.2026;Bio\n"
    items = parse(make_fetched(body, shifts="nachholen", land="NW"))
    assert "shifts: 0 regular dates were moved for holidays" in [item.note for item in items]
    assert {one["day"] for item in items if item.data for one in item.data["dates"]} == {"2026-06-04", "2026-06-05"}


def test_the_sentence_in_english(notices, make_fetched):
    fetched = make_fetched(RULE, shifts="nachholen", at=None)
    items = parse(replace(fetched, source=replace(fetched.source, language="en")))
    summaries = {one["summary"] for item in items if item.data for one in item.data["dates"]}
    assert "Restmüll, because of a holiday (Christi Himmelfahrt) on Friday instead of Thursday" in summaries
