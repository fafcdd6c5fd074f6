"""Times, codes and addresses as sources write them."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.tenders import places, values


@pytest.mark.parametrize(
    ("day", "clock", "expected"),
    [
        ("2026-11-17+02:00", "", "2026-11-17T23:59:59+02:00"),
        ("2026-11-17+01:00", "10:00:00+01:00", "2026-11-17T10:00:00+01:00"),
        ("2026-11-17Z", "10:00:00Z", "2026-11-17T10:00:00+00:00"),
        ("2026-07-17", "10:00", "2026-07-17T10:00:00+02:00"),
        ("2026-11-17", "10:00:00.5", "2026-11-17T10:00:00+01:00"),
        ("2026-02-30", "", ""),
        ("2026-11-17", "25:00:00", ""),
        ("2026-11-17+99:00", "", ""),
        ("0001-01-01", "", ""),
        ("9999-12-31", "", ""),
        ("17.11.2026", "", ""),
        ("", "", ""),
    ],
)
def test_moment(day, clock, expected):
    assert values.moment(day, clock, "Europe/Berlin") == expected


def test_unknown_zone_gives_no_moment():
    assert values.moment("2026-11-17", "", "Nowhere/Land") == ""


@given(st.text(max_size=30), st.text(max_size=20))
def test_any_text_is_a_moment_or_none(day, clock):
    assert values.moment(day, clock, "Europe/Berlin") == ""
    assert values.timestamp(day, "Europe/Berlin") == ""


def test_cpv_codes_lose_their_check_digit_and_repeats():
    found = values.cpv_codes(["45233120-6", "45233120", "45233130.0", "4523", "452331200", "", "CPV"])
    assert found == ("45233120", "45233130")


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("https://example.org/a?b=c", "https://example.org/a?b=c"),
        ("www.example.org", "https://www.example.org"),
        ("javascript:alert(1)", ""),
        ("https://", ""),
        ("http://[", ""),
        ("https://example.org/a b", ""),
        ('https://example.org/"onload="', ""),
        ("mailto:a@b.de", ""),
        ("see the portal", ""),
    ],
)
def test_only_web_addresses(text, url):
    assert values.web_url(text) == url


@pytest.mark.parametrize(
    ("code", "tag"),
    [("DEU", "de"), ("eng", "en"), ("de", "de"), ("de-AT", "de-at"), ("", "de"), ("xxx", "de"), ("mul", "de")],
)
def test_language(code, tag):
    assert values.language(code) == tag


def test_foreign_postcodes_are_no_german_places():
    assert places.address_places("AT130", "1090", "Wien", "AUT") == [("nuts", "AT130", "")]
    assert places.address_places("", "16132", "Genova", "ITA") == []
    assert places.address_places("dea29 ", "D-52511", "Geilenkirchen\n") == [
        ("nuts", "DEA29", ""),
        ("plz", "52511", "Geilenkirchen"),
    ]
    assert places.address_places("London", "N11 1NP", "London") == []


def test_leitweg_id_is_checked():
    good = [
        f"05370-AB12-{check:02}" for check in range(98) if int(f"0537010111 2{check:02}".replace(" ", "")) % 97 == 1
    ]
    assert len(good) == 1
    assert places.leitweg_places(good) == [("ars", "05370", "")]
    assert places.leitweg_places([f"0204:{good[0].lower()}"]) == [("ars", "05370", "")]
    assert places.leitweg_places(["06151-12-66", "+49 6151126603", "DE112591347", "121000", ""]) == []


def test_clean_keeps_lines_and_drops_what_is_not_seen():
    assert values.clean("a\t\u00a0b\r\n\n\n\nc\x00\ud800\u200b ") == "a b\n\nc"
    assert values.one_line("a\n\tb") == "a b"
    assert values.clean("wort " * 100, 20) == "wort wort wort …"


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("1415446.92", 1415446.92), ("1.415.446,92", 1415446.92), ("1,415,446.92", 1415446.92),
        ("98 500,50", 98500.5), ("98\u00a0500", 98500.0), ("1'000.5", 1000.5), ("531576.76", 531576.76), ("1,000", 1000.0),
        ("0", None), ("-5", None), ("NaN", None), ("1e999", None), ("12.34.56", None), ("viel", None), ("", None),
        ("1.2.3,4", None), ("9" * 40, None),
    ],
)  # fmt: skip
def test_amounts_of_machines_and_of_people(text, amount):
    assert values.amount(text) == amount


@given(st.integers(1, 999_999_999), st.integers(0, 99), st.sampled_from(["de", "en", "fr", "plain"]))
def test_every_way_to_write_a_sum_is_the_same_sum(whole, cents, way):
    grouped = f"{whole:,}"
    text = {
        "de": f"{grouped.replace(',', '.')},{cents:02}", "en": f"{grouped}.{cents:02}",
        "fr": f"{grouped.replace(',', chr(0xA0))},{cents:02}", "plain": f"{whole}.{cents:02}",
    }[way]  # fmt: skip
    assert values.amount(text) == pytest.approx(float(f"{whole}.{cents:02}"))


@given(st.text(max_size=40))
def test_any_text_is_a_sum_or_none(text):
    found = values.money(text)
    assert found is None or found > 0


@given(
    st.datetimes(min_value=datetime(1995, 1, 1), max_value=datetime(2150, 1, 1)), st.integers(-14 * 60, 14 * 60)
)  # fmt: skip
def test_a_date_and_a_time_with_an_offset_are_that_moment(at, minutes):
    offset = timezone(timedelta(minutes=minutes))
    aware = at.replace(microsecond=0, tzinfo=offset)
    day, clock = aware.isoformat()[:10] + aware.isoformat()[-6:], aware.isoformat()[11:]
    assert datetime.fromisoformat(values.moment(day, clock, "Europe/Berlin")) == aware
    assert datetime.fromisoformat(values.moment(day, clock[:8], "Europe/Berlin")) == aware


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("2022/S 026-066521", "66521-2022"), ("00066521-2022", "66521-2022"), ("066521-2022", "66521-2022"),
        ("2022/S026-66521", "66521-2022"), ("066521", ""), ("", ""), ("a-2022", ""),
    ],
)  # fmt: skip
def test_numbers_in_the_official_journal_are_one_number(text, number):
    assert values.ted_number(text) == number


def test_durations_and_days():
    assert values.duration("48", "MONTH") == "P48M"
    assert values.duration("x", "MONTH") == values.duration("1", "FORTNIGHT") == ""
    assert values.day("2027-03-01+01:00") == "2027-03-01"
    assert values.day("2027-02-30") == values.day("bald") == ""


def test_the_place_of_performance_wins_over_the_buyers_seat():
    here, seat, leitweg = (
        [("nuts", "DEA29", ""), ("plz", "52511", "Geilenkirchen")],
        [("plz", "10115", "Berlin")],
        [("ags", "11000000", "")],
    )
    assert places.concerned(here, seat, leitweg) == tuple(here)
    assert places.concerned([], seat, leitweg) == tuple(leitweg)
    assert places.concerned([], seat, [("ars", "05370", "")]) == tuple(seat)
    assert places.concerned([], [], [("ars", "05370", "")]) == (("ars", "05370", ""),)
    assert places.concerned([("nuts", "DE", "")], seat, []) == tuple(seat)  # all of Germany is no place
    assert places.concerned([("nuts", "DE8", ""), ("nuts", "DE803", "")], seat, []) == (("nuts", "DE803", ""),)
    assert places.concerned([], [], []) == ()
    assert places.regions([("nuts", "DE", "")], [("nuts", "DE300", "")]) == ("DE300",)


def test_postcodes_in_prose():
    assert places.in_prose("22880  Wedel") == [("plz", "22880", "Wedel")]
    assert places.in_prose("Heinrich-Heine-Str. 3\n18119 Warnemünde.") == [("plz", "18119", "Warnemünde")]
    assert places.in_prose("Das Gebiet mit 8,17 km² und 123456 Bäumen") == []
