"""Full closure or not, and titles with the place first."""

import pytest

from feeds.roads.wording import is_full_closure, motorway_title, place_title


@pytest.mark.parametrize(
    ("text", "full"),
    [
        ("Vollsperrung", True),
        ("Gesamtsperrung Fahrbahn", True),
        ("Gesamtsperrung des Verkehrs; Sicherungsmaßnahmen", True),
        ("Vollsperrung - Eine Umleitung ist ausgeschildert.", True),
        ("Straße vollständig gesperrt", True),
        ("voll gesperrt wegen Kanalbau", True),
        ("VOLLSPERRUNG der B 170", True),
        ("Gesamtsperrung Gehweg", False),
        ("Gehweg: Vollsperrung des Gehwegs", False),
        ("Vollsperrung der AS Eutin Ostseite vom 17.07.2021", False),
        ("Vollsperrung am Parkplatz Resser Mark", False),
        ("Gehweg vollständig gesperrt", False),
        ("keine Vollsperrung", False),
        ("keine Sperrung", False),
        ("ohne Vollsperrung möglich", False),
        ("halbseitige Sperrung Fahrbahn", False),
        ("inkl. Parkplatz Schwarze Heide in Richtung Oberhausen gesperrt", False),
        ("Gesamtsperrung Gehweg; Vollsperrung der Fahrbahn", True),
        ("", False),
    ],
)
def test_full_closure(text, full):
    assert is_full_closure(text) is full


def test_place_title():
    assert place_title("B 170", "Baustelle", "Possendorf", blocked=True) == "B 170 gesperrt – Possendorf"
    assert place_title("Am Markt", "Baustelle", "", blocked=False) == "Am Markt: Baustelle"
    assert place_title("Am Markt", "", "", blocked=False) == "Am Markt: Verkehrseinschränkung"


def test_motorway_title():
    title = "A1 | AS Pansdorf (17) - AS Neustadt-Mitte (14)"
    assert motorway_title(title, "roadworks", blocked=False) == (
        "A1: Bauarbeiten – AS Pansdorf (17) bis AS Neustadt-Mitte (14)"
    )
    assert motorway_title(title, "closure", blocked=True).startswith("A1 gesperrt – AS Pansdorf")
    assert motorway_title("ohne Strich", "closure", blocked=True) == "ohne Strich"
