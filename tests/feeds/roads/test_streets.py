"""Which streets and districts prose names, and what only looks like one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.roads.streets import MOST_STREETS, listed_streets, named_districts, named_streets


@pytest.mark.parametrize(
    ("text", "streets"),
    [
        ("Hauptstraße zwischen Bahnhofstr. und Marktplatz", ("Hauptstraße", "Bahnhofstr.", "Marktplatz")),
        ("Musterstraße zwischen Am Markt und An der Kirche gesperrt", ("Musterstraße", "Am Markt", "An der Kirche")),
        ("B170 und L 123 gesperrt", ("B 170", "L 123")),
        ("Vollsperrung Hauptstraße wegen Kanalbau", ("Hauptstraße",)),
        ("Die Alte Poststraße und der Wolgograder Allee", ("Alte Poststraße", "Wolgograder Allee")),
        ("Kreuzungsbereich Schulstr./Kirchgasse", ("Schulstr.", "Kirchgasse")),
        ("Rosa-Luxemburg-Straße, Hans-Link-Str.", ("Rosa-Luxemburg-Straße", "Hans-Link-Str.")),
        ("Kanalerneuerung Dresdner Str. von Haus-Nr. 5", ("Dresdner Str.",)),
        ("Am Uferweg. Umleitung über Lindenweg und B 170. Auch der Ringweg.", ("Uferweg", "Ringweg")),
        ("Vollsperrung - Umleitung über Lindenallee: Uferweg", ("Uferweg",)),
        ("Gehweg gesperrt, Parkplatz nicht nutzbar, Einbahnstraße aufgehoben", ()),
        ("Auf dem Wochenmarkt, am Sportplatz und im Baustellenbereich", ()),
        ("A1 | AS Pansdorf (17)", ()),
        ("Länge 3 km, Breite B 2,5 m, Gewicht L 7 t", ()),
        ("", ()),
    ],
)
def test_named(text, streets):
    assert named_streets(text) == streets


@pytest.mark.parametrize(
    ("text", "districts"),
    [
        ("L 123 Possendorf", ("Possendorf",)),
        ("B 170 in Possendorf: Vollsperrung", ("Possendorf",)),
        ("Ortsdurchfahrt Bannewitz OT Possendorf", ("Bannewitz", "Possendorf")),
        ("Ortsteil Klein Sedlitz", ("Klein Sedlitz",)),
        ("B 170 Vollsperrung", ()),
        ("S 191 Kanalbau", ()),
        ("B 170 zwischen Hauptstraße und Markt", ()),
    ],
)
def test_districts(text, districts):
    assert named_districts(text) == districts


@pytest.mark.parametrize(
    ("text", "streets"),
    [
        ("Reichsstraße, Treffurthstraße", ("Reichsstraße", "Treffurthstraße")),
        ("Am Markt, Tor / Wall", ("Am Markt", "Tor", "Wall")),
        ("Hauptstr. 5-9", ("Hauptstr.",)),
        ("Borwinstr. 12 a; Lange Straße", ("Borwinstr.", "Lange Straße")),
        ("Hauptstraße zwischen Markt und Tor", ("Hauptstraße",)),
        ("Straße des 17. Juni", ("Straße des 17. Juni",)),
        ("B170/S 191", ("B 170", "S 191")),
        (" - ", ()),
    ],
)
def test_listed(text, streets):
    assert listed_streets(text) == streets


@given(st.text(max_size=200))
def test_any_text_gives_few_plain_names(text):
    for found in (named_streets(text), listed_streets(text), named_districts(text)):
        assert len(found) <= MOST_STREETS
        assert all(one.strip() and "\n" not in one for one in found)


def test_a_long_hostile_text_is_no_trouble():
    for piece in ("A" * 50, "Aß-", "zwischen und ", "Umleitung str.", "Am Am "):
        assert len(named_streets(piece * 20_000)) <= MOST_STREETS
        assert len(listed_streets((piece * 2_000)[:10_000])) <= MOST_STREETS
