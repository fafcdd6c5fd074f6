"""Times, codes and addresses as sources write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.tenders import values


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
    assert values.address_places("AT130", "1090", "Wien", "AUT") == [("nuts", "AT130", "")]
    assert values.address_places("", "16132", "Genova", "ITA") == []
    assert values.address_places("dea29 ", "D-52511", "Geilenkirchen\n") == [
        ("nuts", "DEA29", ""),
        ("plz", "52511", "Geilenkirchen"),
    ]
    assert values.address_places("London", "N11 1NP", "London") == []


def test_leitweg_id_is_checked():
    good = [
        f"05370-AB12-{check:02}" for check in range(98) if int(f"0537010111 2{check:02}".replace(" ", "")) % 97 == 1
    ]
    assert len(good) == 1
    assert values.leitweg_places(good) == [("ars", "05370", "")]
    assert values.leitweg_places([f"0204:{good[0].lower()}"]) == [("ars", "05370", "")]
    assert values.leitweg_places(["06151-12-66", "+49 6151126603", "DE112591347", "121000", ""]) == []


def test_clean_keeps_lines_and_drops_what_is_not_seen():
    assert values.clean("a\t\u00a0b\r\n\n\n\nc\x00\ud800\u200b ") == "a b\n\nc"
    assert values.one_line("a\n\tb") == "a b"
    assert values.clean("wort " * 100, 20) == "wort wort wort …"
