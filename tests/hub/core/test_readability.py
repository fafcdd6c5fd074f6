"""Readability: the formulas on known texts, and the hints on sentences that carry them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.core.readability import Obstacle, reading, sentences, syllables

EASY = "Das Wasser ist weg. Ein Rohr ist kaputt. Wir reparieren das Rohr. Das dauert bis 18 Uhr."
HARD = (
    "Aufgrund eines Rohrbruches im Bereich der Trinkwasserversorgungshauptleitung wird die Wasserversorgung der "
    "angeschlossenen Haushalte bis zum Abschluss der umfangreichen Instandsetzungsarbeiten voraussichtlich abgestellt."
)


@pytest.mark.parametrize(
    ("word", "count"),
    [("Rohr", 1), ("Wasser", 2), ("Straße", 2), ("Feuerwehr", 3), ("Theater", 3), ("Quelle", 2), ("Haus", 1),
     ("Gemeinde", 3), ("See", 1), ("Trinkwasserversorgung", 6), ("Br", 1)],
)  # fmt: skip
def test_syllables_are_counted_by_vowels(word: str, count: int) -> None:
    assert syllables(word) == count


def test_a_full_stop_of_a_number_or_a_short_word_ends_no_sentence() -> None:
    assert sentences("Am 8. Mai ist z. B. die Kölner Str. gesperrt. Ab 7.30 Uhr!\nDanke") == [
        "Am 8. Mai ist z. B. die Kölner Str. gesperrt", "Ab 7.30 Uhr", "Danke",
    ]  # fmt: skip


def test_an_easy_text_is_for_children_and_an_official_one_is_not() -> None:
    easy, hard = reading(EASY, "de"), reading(HARD, "de")
    assert (easy.words, easy.sentences, easy.hints) == (16, 4, ())
    # By hand: 1 word of 16 has three syllables and more, 1 more than six letters, 10 have one; 4 words a sentence.
    assert easy.grade == 1.0
    assert easy.ease > 70
    assert hard.ease < 20
    assert hard.grade > 12
    assert {one.obstacle for one in hard.hints} == {
        Obstacle.SENTENCE, Obstacle.WORD, Obstacle.PASSIVE, Obstacle.GENITIVE,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "lang", "found"),
    [
        ("Die Straße wird gesperrt.", "de", [Obstacle.PASSIVE]), ("Es wird regnen.", "de", []),
        ("Das Formular wurde von uns verschickt.", "de", [Obstacle.PASSIVE]),
        ("Wegen Bauarbeiten geschlossen.", "de", [Obstacle.GENITIVE]),
        ("Das Ende des Umzugs ist offen.", "de", [Obstacle.GENITIVE]),
        ("Das Trinkwassernetz ist wieder offen.", "de", []),
        ("Das Trinkwassernetz ist wieder offen.", "de-simple", [Obstacle.WORD]),
        ("Das Trink-Wasser-Netz ist wieder offen.", "de-simple", []),
        ("Wir kommen, wir helfen, wir gehen.", "de-simple", [Obstacle.CLAUSES]),
        ("one two three " * 8, "en", [Obstacle.SENTENCE]), ("Wegen des Umzugs", "en", []),
    ],
)  # fmt: skip
def test_what_stands_in_the_way(text: str, lang: str, found: list[Obstacle]) -> None:
    assert [one.obstacle for one in reading(text, lang).hints] == found


def test_of_a_few_words_no_grade_is_given() -> None:
    assert (reading("Wasser weg", "de").grade, reading("", "de").words) == (0, 0)


@given(st.text(), st.sampled_from(["de", "de-simple", "tr"]))
def test_any_text_has_a_reading(text: str, lang: str) -> None:
    found = reading(text, lang)
    assert found.words >= found.sentences >= 0
    assert 0 <= found.ease <= 100
    assert len(found.hints) <= 8
