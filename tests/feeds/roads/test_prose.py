"""The wordings of the Autobahn's description lines, old and of 2026, and that each sample line is understood."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.roads.prose import read_period

BERLIN = ZoneInfo("Europe/Berlin")
A2 = Path(__file__).parents[2] / "corpus/roads/autobahn/A2_roadworks_2026_part_a.geojson"


def at(*parts):
    return datetime(*parts, tzinfo=BERLIN)


@pytest.mark.parametrize(
    ("lines", "begin", "end"),
    [
        (["Beginn: 29.06.2021 09:00", "Ende: 28.11.2021 17:00", "", "Text"], at(2021, 6, 29, 9), at(2021, 11, 28, 17)),
        (
            ["Zeitraum dieser Bauphase:", "Beginn: 01.09.25 um 20:00 Uhr", "Ende: 31.05.26 um 22:00 Uhr",
             "(Ende der Gesamtmaßnahme: 21.09.26)"],
            at(2025, 9, 1, 20), at(2026, 5, 31, 22),
        ),
        (
            ["Die Baustelle ist zu folgenden Zeiträumen gültig:", "16.03.26 von 20:00 bis 23:00 Uhr"],
            at(2026, 3, 16, 20), at(2026, 3, 16, 23),
        ),
        (
            ["Die Baustelle ist zu folgenden Zeiträumen gültig:", "17.03.26 20:00 bis zum 18.03.26 05:00 Uhr.",
             "16.03.26 20:00 bis zum 17.03.26 05:00 Uhr."],
            at(2026, 3, 16, 20), at(2026, 3, 18, 5),
        ),
        (
            ["Jeden Freitag und Freitag zwischen dem 06.03.26 und dem 21.03.26 von 20:00 bis 00:00 Uhr."],
            at(2026, 3, 6, 20), at(2026, 3, 21),
        ),
        (
            ["Jeden Tag zwischen dem 06.03.26 und dem 08.03.26 von 08:00 bis 10:00 Uhr."],
            at(2026, 3, 6, 8), at(2026, 3, 8, 10),
        ),
        (
            ["16.03.26 von 20:00 bis 23:00 Uhr", "17.03.26 von 20:00 bis 23:00 Uhr",
             "Die Baustelle gilt nicht an folgenden Tagen:", "17.03.26"],
            at(2026, 3, 16, 20), at(2026, 3, 16, 23),
        ),
        (["Die Baustelle gilt nicht an folgenden Tagen:"], None, None),
        (["Beginn: 29.06.2021 09:00"], at(2021, 6, 29, 9), None),
        (["Beginn: 29.06.2021 09:00", "Ende: 28.06.2021 17:00"], at(2021, 6, 29, 9), None),
        (["Beginn: Frühjahr", "Ende: offen"], None, None),
        (["31.02.26 von 20:00 bis 23:00 Uhr", "16.03.26 von 29:00 bis 30:00 Uhr"], None, None),
        (["17.03.26 20:00 bis zum 16.03.26 05:00 Uhr."], None, None),
        (["Vollsperrung der AS Eutin Ostseite vom 17.07.2021 - 15.09.2021."], None, None),
        ([], None, None),
    ],
)  # fmt: skip
def test_each_wording(lines, begin, end):
    period = read_period(lines, BERLIN)
    assert (period.begin, period.end) == (begin, end)


def test_every_sample_line_with_a_date_and_time_is_understood():
    for feature in json.loads(A2.read_bytes())["features"]:
        period = read_period(feature["properties"]["description"], BERLIN)
        assert period.begin
        assert period.end
        assert not [line for line in period.rest if re.search(r"\d\d\.\d\d\.\d\d", line)]


def test_other_lines_stay_and_times_are_kept_word_for_word():
    period = read_period(["A1 Dortmund", "Beginn: 29.06.2021 09:00", "\tLeverkusener  Brücke"], BERLIN)
    assert period.rest == ("A1 Dortmund", "Leverkusener Brücke")
    assert period.when == ("Beginn: 29.06.2021 09:00",)


def test_a_pause_on_a_weekday_at_the_edge_shortens_the_period():
    lines = [
        "Jeden Montag zwischen dem 02.03.26 und dem 16.03.26 von 08:00 bis 10:00 Uhr.",
        "Die Baustelle gilt nicht an folgenden Tagen: 02.03.26",
    ]
    assert read_period(lines, BERLIN).begin == at(2026, 3, 9, 8)


def test_a_weekly_slot_over_a_century_is_bounded():
    lines = ["Jeden Tag zwischen dem 01.01.1990 und dem 31.12.2099 von 08:00 bis 10:00 Uhr."]
    assert read_period(lines, BERLIN).end < at(1994, 1, 1)


_LINE = st.one_of(
    st.text(max_size=60),
    st.from_regex(r"(Beginn|Ende): \d{2}\.\d{2}\.\d{2} um \d{2}:\d{2} Uhr", fullmatch=True),
    st.from_regex(r"\d{2}\.\d{2}\.\d{2} von \d{2}:\d{2} bis \d{2}:\d{2} Uhr", fullmatch=True),
    st.from_regex(r"\d{2}\.\d{2}\.\d{2} \d{2}:\d{2} bis zum \d{2}\.\d{2}\.\d{2} \d{2}:\d{2} Uhr\.", fullmatch=True),
)


@given(st.lists(_LINE, max_size=6))
def test_no_end_lies_before_its_begin_and_no_line_is_lost(lines):
    period = read_period(lines, BERLIN)
    if period.begin and period.end:
        assert period.begin.astimezone(UTC) <= period.end.astimezone(UTC)
    told = [" ".join(one.split()) for line in lines for one in line.split("\n")]
    assert sorted((*period.rest, *period.when)) == sorted(told)
