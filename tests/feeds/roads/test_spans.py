"""German prose into begin and end: what authorities write, and whatever else."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.roads.moments import is_reversed
from feeds.roads.spans import find_span

ZONE = ZoneInfo("Europe/Berlin")
NAMES = ("Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November",
         "Dezember")  # fmt: skip


def day(text):
    return date.fromisoformat(text) if text else None


@pytest.mark.parametrize(
    ("text", "begin", "end"),
    [
        ("vom 3. bis 14. März 2026", "2026-03-03", "2026-03-14"),
        ("Vollsperrung vom 28.12. bis 05.01.2027", "2026-12-28", "2027-01-05"),
        ("03.03.–14.03.2026", "2026-03-03", "2026-03-14"),
        ("3. bis 14.3.2026", "2026-03-03", "2026-03-14"),
        ("vom 3.3.2026 - 14.3.2026", "2026-03-03", "2026-03-14"),
        ("2026-03-01 bis 2026-03-05", "2026-03-01", "2026-03-05"),
        ("bis voraussichtlich Ende Mai 2027", "", "2027-05-31"),
        ("bis vsl. Mitte Februar 2027", "", "2027-02-15"),
        ("von Anfang März bis Anfang Mai 2027", "2027-03-01", "2027-05-10"),
        ("vom 01.04. bis Ende Februar 2028", "2027-04-01", "2028-02-29"),
        ("seit 1. März 2026", "2026-03-01", ""),
        ("ab sofort bis 30.11.26", "", "2026-11-30"),
        ("am 5.3.2026 und am 7.3.2026", "2026-03-05", "2026-03-07"),
        ("Beginn: 01.03.2026", "2026-03-01", ""),
        ("Anordnung vom 3.2.2026: gesperrt ab 4.5.2026", "2026-05-04", ""),
        ("Stand: 12.03.2026 08:00", "", ""),
        ("bis 31.12.", "", ""),
        ("bis Frühjahr 2027", "", ""),
        ("am 31.02.2026", "", ""),
        ("vom 14.3.2026 bis 3.3.2026", "2026-03-14", ""),
        ("Bauabschnitt 1.2, Hausnummer 5.3", "", ""),
    ],
)
def test_days(text, begin, end):
    assert find_span(text, ZONE) == (day(begin), day(end))


@pytest.mark.parametrize(
    ("text", "begin", "end"),
    [
        ("ab 02.03.2026, 7:00 Uhr bis 05.03.2026, 17 Uhr", "2026-03-02T07:00", "2026-03-05T17:00"),
        ("ab Montag, 2. März 2026, 7 Uhr, bis Freitag, 6. März 2026, 18:30 Uhr", "2026-03-02T07:00", "2026-03-06T18:30"),
        ("am 5.3.2026 von 7 bis 17 Uhr", "2026-03-05T07:00", "2026-03-05T17:00"),
        ("Mo., 02.03.2026, 20:00 Uhr bis Di., 03.03.2026, 05:00 Uhr", "2026-03-02T20:00", "2026-03-03T05:00"),
    ],
)  # fmt: skip
def test_times_are_local(text, begin, end):
    found = find_span(text, ZONE)
    assert found == tuple(datetime.fromisoformat(one).replace(tzinfo=ZONE) for one in (begin, end))


@given(
    st.dates(date(2020, 1, 1), date(2035, 12, 31)), st.integers(0, 400), st.sampled_from(["num", "two", "name", "iso"])
)
def test_any_span_is_read_back(begin, length, form):
    end = date.fromordinal(begin.toordinal() + length)

    def shown(one):
        return {
            "num": f"{one.day:02}.{one.month:02}.{one.year}",
            "two": f"{one.day}.{one.month}.{one.year % 100}",
            "name": f"{one.day}. {NAMES[one.month - 1]} {one.year}",
            "iso": one.isoformat(),
        }[form]

    assert find_span(f"Die Straße ist vom {shown(begin)} bis zum {shown(end)} gesperrt.", ZONE) == (begin, end)


WORDS = st.lists(
    st.sampled_from(
        ["vom", "bis", "ab", "am", "3.", "31.2.2026", "14. März", "2026", "99.99.9999", "Ende Mai", "Uhr", "7", "7:00", "-",
         "und", "\n", "Stand:", "25:61 Uhr", "0.0.0", "im Mai 2026", "29.02.2027"]
    ) | st.text(max_size=8),
    max_size=25,
)  # fmt: skip


@given(WORDS)
def test_any_text_gives_a_span_in_order(words):
    begin, end = find_span(" ".join(words), ZONE)
    assert not (begin and end and is_reversed(begin, end, ZONE))
