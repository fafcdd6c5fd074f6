"""Facts out of prose, and what is no content at all."""

import pytest

from feeds.roads.prose_facts import detour_in, facts_in, is_ended, says_free, without_writing_time


def test_facts():
    text = (
        "Art der Maßnahme: Deckenerneuerung\nEinschränkungen: Es steht nur 1 Fahrstreifen zur Verfügung.\n"
        "Länge: 1.18 km | Max. 100 km/h | Maximale Durchfahrtsbreite: 7 m\nFahrtrichtung Dresden\n"
        "Umleitung ist über die B 170 und Goldene Höhe ausgeschildert."
    )
    assert facts_in(text) == {
        "reason": "Deckenerneuerung",
        "restriction": "Es steht nur 1 Fahrstreifen zur Verfügung.",
        "length": "1.18 km",
        "speed_limit": "100 km/h",
        "width": "7 m",
        "direction": "Fahrtrichtung Dresden",
        "detour": "über die B 170 und Goldene Höhe ausgeschildert",
    }
    assert facts_in("Gehweg gesperrt") == {}


@pytest.mark.parametrize(
    ("text", "detour"),
    [
        ("Umleitung über L 123", "über L 123"),
        ("Umleitung: über Hauptstr. und Markt. Danke.", "über Hauptstr. und Markt"),
        ("Eine Umleitung ist ausgeschildert.", "ausgeschildert"),
        ("keine Umleitung", ""),
    ],
)
def test_detour(text, detour):
    assert detour_in(text) == detour


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Kanalbau, Stand: 12.03.2026 08:00 Uhr", "Kanalbau"),
        ("Kanalbau (Stand: 12. März 2026)", "Kanalbau"),
        ("Zuletzt aktualisiert am 2026-03-12T08:00:00Z\nKanalbau", "\nKanalbau"),
        ("Am Stand: 5 Buden", "Am Stand: 5 Buden"),
        ("bis 12.03.2026", "bis 12.03.2026"),
    ],
)
def test_when_it_was_written_is_no_content(text, left):
    assert without_writing_time(text) == left


@pytest.mark.parametrize(
    ("text", "free"),
    [
        ("wieder frei", True),
        ("Kanalbau\nDie Straße ist wieder für den Verkehr freigegeben.", True),
        ("Sperrung aufgehoben!", True),
        ("Bauarbeiten vorzeitig beendet", True),
        ("Ab 12.3. ist die Straße wieder frei", False),
        ("bis die Sperrung aufgehoben ist", False),
        ("Fußgänger frei", False),
    ],
)
def test_only_a_line_that_says_just_that_means_free(text, free):
    assert says_free(text) is free


def test_states():
    assert [is_ended(one) for one in ("Beendet", " abgeschlossen ", "aktiv", "")] == [True, True, False, False]
