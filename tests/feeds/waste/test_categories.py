"""Providers' names of waste, as they stand in real calendars, and the canonical fractions."""

from __future__ import annotations

import pytest

from feeds.waste.categories import CATEGORIES, category, is_holiday

NAMES = {
    "residual": "Restmüll|RESTMÜLL|Restmüll 14-täglich|Restmuelltonne 1100 l|Restabfall (graue Tonne)|Rest- und Biomüll|"
    "Hausmüll|Graue Tonne|Schwarze Tonne|Müllabfuhr|Müllgroßbehälter|Windelsack|Rest|Umleerbehälter Restabfall|"
    "Restmüll 2-wöchentlich|Haushaltsrestmüll|Karfreitag: Restmüll|grey (big)",
    "organic": "Bioabfall|Biotonne|Biomülltonne|Bio- / Restmüll|Bio 2wö|Braune Tonne|Biogut|Kompost|Speisereste|"
    "Bioabfall (braune Tonne)|Küchenabfälle",
    "paper": "Papier|Altpapier|Papiertonne|Papier / Gelber Sack|Blaue Tonne|PPK|Pappe und Papier|Altpapier 4wö|"
    "Blaue Papiertonne|Kartonagen|Blau",
    "packaging": "Gelber Sack|Gelbe Säcke|Gelbe Tonne|Gelbe/r Sack/Tonne|Wertstofftonne|Wertstoffe|LVP|"
    "Leichtverpackungen (Gelbe Tonne)|Gelbe Wertstofftonne|Gelber Sack – Straßenseite|Kunststoffe|Poubelle jaune",
    "glass": "Glas|Altglas|Glastonne|Glas/Dosen|Weißglas|Grünglas",
    "bulky": "Sperrmüll|Sperrgut|Sperrige Abfälle|Encombrants|Altholz",
    "hazardous": "Schadstoffmobil|Schadstoffsammlung|Sondermüll|Sonderabfall|Problemmüll|Problemstoffsammlung|Giftmobil|"
    "Umweltmobil|Gefährliche Abfälle",
    "green": "Grünschnitt|Grünschnittabfuhr|Gruenschnitt|Grünabfall|Grüngut|Gartenabfälle|Baum- und Strauchschnitt|"
    "Laubsäcke|Häckselgut|Astschnitt|Strauchgut|Heckenschnitt",
    "christmas-tree": "Weihnachtsbaum|Weihnachtsbäume|Christbaumsammlung|Tannenbaumabfuhr",
    "other": "Elektroschrott|Altkleider|Altmetall|Grüne Tonne|Wertstoffhof geöffnet|Infostand|Sommerfest|Neujahr|",
}


@pytest.mark.parametrize(
    ("wanted", "name"), [(fraction, name) for fraction, all_ in NAMES.items() for name in all_.split("|")]
)
def test_names_map_to_fractions(wanted, name):
    assert category(name) == wanted


def test_every_fraction_is_tested_and_known():
    assert set(NAMES) == set(CATEGORIES)


@pytest.mark.parametrize(
    "name",
    ["Neujahr", "Karfreitag", " Ostermontag ", "1. Mai", "Tag der Arbeit", "Christi Himmelfahrt", "Fronleichnam", "Silvester",
     "Tag der Deutschen Einheit", "1. Weihnachtstag", "Zweiter Weihnachtsfeiertag", "Heiligabend", "Allerheiligen (NW)",
     "Buß- und Bettag", "Sommerferien Sachsen", "Heilige Drei Könige"],
)  # fmt: skip
def test_holidays_are_no_pickups(name):
    assert is_holiday(name)


@pytest.mark.parametrize(
    "name",
    [
        "Karfreitag: Restmüll",
        "Restmüll",
        "Weihnachtsbaum",
        "Sammlung der Feuerwehr",
        "Abfuhr nach Neujahr",
        "",
        "Infostand",
    ],
)
def test_what_may_be_a_pickup_is_no_holiday(name):
    assert not is_holiday(name)
