"""Search in words: umlauts however they are typed, parts of words, nothing that only looks like a pattern."""

from __future__ import annotations

from dataclasses import replace

import pytest
from fakes.house import news
from hypothesis import given
from hypothesis import strategies as st

from hub.core.notice import NoticeText, PlaceRef
from hub.core.sought import MOST_WORDS, sought, sought_words


def found(query: str, text: str) -> bool:
    known = sought(news(title=text))
    return all(word in known for word in sought_words(query))


@pytest.mark.parametrize(
    "query", ["Müll", "müll", "MÜLL", "Muell", "mull", "abfuhr", "Müllabfuhr Hauptstr.", "hauptstrasse", "Hauptstraße"]
)
def test_words_are_found_however_they_are_typed(query: str) -> None:
    assert found(query, "Müllabfuhr in der Hauptstraße verschoben")


@pytest.mark.parametrize("query", ["Sperrmüll", "müll nirgends", "100%"])
def test_every_word_must_be_there(query: str) -> None:
    assert not found(query, "Müllabfuhr in der Hauptstraße")


def test_all_that_a_reader_sees_is_searched() -> None:
    made = replace(
        news(title="a"), publisher="Bauhof", places=(PlaceRef("street", "x", "Ahornweg"),),
        texts=(NoticeText("de", "Titel", "Text", instruction="Fenster schließen"), NoticeText("uk", "Вода")),
    )  # fmt: skip
    for word in ("Bauhof", "ahornweg", "schliessen", "вода"):
        assert all(one in sought(made) for one in sought_words(word)), word


@given(st.text(max_size=300))
def test_any_search_is_a_few_plain_words(text: str) -> None:
    words = sought_words(text)
    assert len(words) <= MOST_WORDS
    assert all(word and " " not in word and "\0" not in word for word in words)


@given(st.text(max_size=100))
def test_a_title_is_found_by_itself(title: str) -> None:
    assert found(title, title)
