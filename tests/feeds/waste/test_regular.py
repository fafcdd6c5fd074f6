"""Regular collections as towns say them."""

from __future__ import annotations

import contextlib
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feeds.waste.regular import NoPlanError, Plan, is_plan, lines_as_rows, read_plan
from feeds.waste.table import read_table
from hub.core.source import Document
from tests.fakes.office import xlsx

TODAY = date(2026, 11, 23)
WINDOW = (date(2026, 9, 1), date(2027, 12, 31))
WEDNESDAY = date(2026, 1, 7)


@pytest.mark.parametrize(
    ("text", "plan"),
    [
        ("jeden Mittwoch", Plan(2)),
        ("wöchentlich dienstags", Plan(1)),
        ("mittwochs", Plan(2)),
        ("jeden Sonnabend", Plan(5)),
        ("Freitag, wöchentlich", Plan(4)),
        ("jeden zweiten Mittwoch ab 7.1.", Plan(2, 2, first=WEDNESDAY)),
        ("jeden 2. Mittwoch ab 7.1.2026", Plan(2, 2, first=WEDNESDAY)),
        ("14-täglich Mittwoch, ab 07.01.26", Plan(2, 2, first=WEDNESDAY)),
        ("14-tägig mittwochs ab dem 7. 1. 2026", Plan(2, 2, first=WEDNESDAY)),
        ("alle 2 Wochen Mi, beginnend am 2026-01-07", Plan(2, 2, first=WEDNESDAY)),
        ("alle zwei Wochen am Mittwoch ab 7.1.", Plan(2, 2, first=WEDNESDAY)),
        ("2-wöchentlich Mi ab 7.1.", Plan(2, 2, first=WEDNESDAY)),
        ("zweiwöchentlich Mi. ab 7.1.", Plan(2, 2, first=WEDNESDAY)),
        ("vierwöchentlich Mittwoch ab 7.1.", Plan(2, 4, first=WEDNESDAY)),
        ("28-täglich, mittwochs, ab 7.1.", Plan(2, 4, first=WEDNESDAY)),
        ("jeden dritten Donnerstag ab 7.1.2027", Plan(3, 3, first=date(2027, 1, 7))),
        ("jeden Montag ab 1.4. bis 31.10.2027", Plan(0, first=date(2027, 4, 1), last=date(2027, 10, 31))),
        ("1. und 3. Montag im Monat", Plan(0, nth=(1, 3))),
        ("jeden zweiten Mittwoch im Monat", Plan(2, nth=(2,))),
        ("monatlich, letzter Freitag", Plan(4, nth=(-1,))),
        ("am ersten Samstag des Monats", Plan(5, nth=(1,))),
        ("Dienstag, ungerade Kalenderwoche", Plan(1, parity=1)),
        ("gerade KW, Do", Plan(3, parity=0)),
    ],
)
def test_plans(text, plan):
    assert is_plan(text)
    assert read_plan(text, TODAY) == plan


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("jeden zweiten Mittwoch", "from which day"),
        ("14-täglich Montag ab 7.1.2026", "another day of the week"),
        ("alle 2 Wochen Mittwoch ab 31.2.", "31.2. is no day"),
        ("jeden Montag im Monat", "which of the month's days"),
        ("wöchentlich", "no day of the week"),
    ],
)
def test_a_plan_that_leaves_something_open_is_no_guess(text, why):
    with pytest.raises(NoPlanError, match=why):
        read_plan(text, TODAY)


@pytest.mark.parametrize(
    "text", ["04.01.2027", "Mo, 04.01.27", "Nord", "1", "x", "", "Mittwoch", "ab 7.1.2027", "Montag 4.1."]
)
def test_dates_and_zones_are_no_plans(text):
    assert not is_plan(text)


def test_days_of_plans():
    assert list(read_plan("jeden zweiten Mittwoch ab 7.1.2026", TODAY).days(date(2026, 12, 1), date(2027, 1, 10))) == [
        date(2026, 12, 9), date(2026, 12, 23), date(2027, 1, 6),
    ]  # fmt: skip
    assert list(Plan(0, nth=(-1,)).days(date(2026, 12, 1), date(2027, 1, 31))) == [
        date(2026, 12, 28),
        date(2027, 1, 25),
    ]
    weeks = {day.isocalendar().week % 2 for day in Plan(1, parity=1).days(*WINDOW)}
    assert weeks == {1}


@settings(max_examples=200)
@given(st.integers(0, 5), st.integers(1, 4), st.dates(date(2025, 1, 1), date(2027, 12, 31)), st.integers(0, 400))
def test_all_days_of_a_plan_lie_its_weeks_apart_from_its_first(weekday, weeks, day, length):
    first = day - timedelta(days=(day.weekday() - weekday) % 7)
    found = list(Plan(weekday, weeks, first=first).days(day, day + timedelta(days=length)))
    assert all(one.weekday() == weekday and (one - first).days % (7 * weeks) == 0 for one in found)
    assert len(found) >= length // (7 * weeks)


@settings(max_examples=200)
@given(st.text(alphabet="jeden zweiMtochab7.1täglch4-KWur", max_size=60))
def test_any_text_is_a_plan_or_says_why_not(text):
    with contextlib.suppress(NoPlanError):
        assert len(list(read_plan(text, TODAY).days(*WINDOW))) <= 71


LINES = "Abfuhr in Musterdorf\n\nRestmüll: jeden zweiten Mittwoch ab 7.1.\n- Bio: jeden Dienstag\nPapier: 1. Freitag im Monat\n"


def pickups(body, config=None):
    found = read_table(Document("u", "", body), config or {}, TODAY, WINDOW)
    assert all(one.regular for one in found.pickups)
    return {
        (one.title, one.zone): sum(other.title == one.title for other in found.pickups) for one in found.pickups
    }, found.faults


@pytest.mark.parametrize(
    "body",
    [
        LINES.encode(),
        b"Abfuhrart;Turnus\nRestm\xc3\xbcll;jeden zweiten Mittwoch ab 7.1.\nBio;jeden Dienstag\nPapier;1. Freitag im Monat\n",
        "Abfuhrart;Turnus;Abfuhrtag;Beginn\nRestmüll;14-täglich;Mittwoch;07.01.2026\nBio;wöchentlich;Di;\nPapier;1. im Monat;Freitag;\n".encode(),
        xlsx(
            {
                "A": [
                    ["Abfuhrart", "Turnus", "Wochentag", "Ab"],
                    ["Restmüll", "14-täglich", "Mittwoch", WEDNESDAY],
                    ["Bio", "wöchentlich", "Di", None],
                    ["Papier", "1. im Monat", "Freitag", None],
                ]
            }
        ),
    ],
    ids=["lines", "table", "columns", "xlsx"],
)
def test_one_plan_in_many_forms(body):
    assert pickups(body) == ({("Restmüll", ""): 35, ("Bio", ""): 70, ("Papier", ""): 16}, ())


def test_a_column_per_fraction_and_a_row_per_zone():
    body = "Bezirk;Restmüll;Bio\nNord;jeden Montag;jeden Dienstag\nSüd;jeden zweiten Mittwoch;\n".encode()
    found, faults = pickups(body)
    assert found == {("Restmüll", "Nord"): 69, ("Bio", "Nord"): 70}
    assert faults == (
        "Row 3: 'jeden zweiten Mittwoch' cannot be followed, it does not say from which day on (for example: ab 7.1.2027).",
    )


def test_prose_is_no_list():
    assert lines_as_rows("Sehr geehrte Damen und Herren:\n\nwir leeren\nnicht mehr jeden Montag.\n") == []
