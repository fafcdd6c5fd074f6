"""Titles without prefixes, addresses and marks of single dates."""

from __future__ import annotations

import pytest

from feeds.waste.wording import clean


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("Abfuhr: Bioabfall", "Bioabfall"),
        ("  Gelber \n Sack ", "Gelber Sack"),
        ("Gelber Sack – Straßenseite", "Gelber Sack – Straßenseite"),
        ("Papier / Gelber Sack", "Papier / Gelber Sack"),
        ("Bio- / Restmüll", "Bio- / Restmüll"),
        ("Biotonne in Musterdorf", "Biotonne"),
        ("Biotonne in der Nordstadt", "Biotonne in der Nordstadt"),
        ("Restmüll 14-täglich", "Restmüll 14-täglich"),
    ],
)
def test_titles_stay_the_providers(text, title):
    found = clean(text, "Abfuhrkalender-Musterdorf-2030")
    assert (found.title, found.cancelled, found.marked, found.address) == (title, False, False, "")


@pytest.mark.parametrize("text", ["Restmüll - Lindenallee 1", "Lindenallee 1 - Restmüll", "Restmüll, Lindenallee 1"])
def test_an_address_is_taken_out(text):
    assert (clean(text).title, clean(text).address) == ("Restmüll", "Lindenallee 1")


@pytest.mark.parametrize(
    "text", ["Restmüll entfällt", "ABGESAGT: Restmüll", "Restmüll (fällt aus)", "Restmüll - entfällt!"]
)
def test_a_called_off_date_is_known_by_its_words(text):
    assert (clean(text).title, clean(text).cancelled) == ("Restmüll", True)


@pytest.mark.parametrize(
    "text",
    [
        "Restmüll (verschoben vom 25.12.)",
        "Restmüll (Nachholtermin)",
        "Restmüll (wegen Feiertag verlegt)",
        "Restmüll [vorverlegt]",
    ],
)
def test_a_moved_date_stays_in_its_series(text):
    assert (clean(text).title, clean(text).marked) == ("Restmüll", True)
