"""What people type as their place, and which names it finds."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.core.place import slug
from hub.core.placenames import (
    BEGINNING,
    EXACT,
    MISSPELT,
    Names,
    Typed,
    beginnings,
    likeness,
    misspellings,
    named,
    typed,
)

STREETS = (
    "Mühlenweg", "Hauptstraße", "Robert-Koch-Straße", "Straße des 17. Juni", "Am Bürgermeisteracker", "Große Öschgasse",
    "An der Lindenallee", "St.-Georgen-Platz", "Königswinterer Str.", "Übergartenweg",
)  # fmt: skip
STREET = st.sampled_from(STREETS)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Muehlenweg 3", Typed(("muehlenweg",), "", "3")),
        ("mühlenw.", Typed(("muehlenw",))),
        ("Hauptstr 5a", Typed(("hauptstrasse",), "", "5a")),
        ("Hauptstr. 5 A", Typed(("hauptstrasse",), "", "5a")),
        ("52393", Typed((), "52393")),
        ("523", Typed((), "523")),
        ("52393 Hürtgenwald", Typed(("huertgenwald",), "52393")),
        ("Mühlenweg 3, 52393 Hürtgenwald", Typed(("muehlenweg", "huertgenwald"), "52393", "3")),
        ("Hürtgenwald, Mühlenweg 12-14", Typed(("huertgenwald", "muehlenweg"), "", "12")),
        ("Straße des 17. Juni 135", Typed(("strasse", "des", "17", "juni"), "", "135")),
        ("Straße des 17. Juni", Typed(("strasse", "des", "17", "juni"))),
        ("3. Weg", Typed(("3", "weg"))),
        ("  ", Typed()),
    ],
)
def test_what_was_typed_is_taken_apart(text, found) -> None:
    assert typed(text) == found


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Muehlenweg", "Mühlenweg"), ("Muhlenweg", "Mühlenweg"), ("MÜHLEN-WEG", "Mühlenweg"), ("mühlenw.", "Mühlenweg"),
        ("Mülenweg", "Mühlenweg"), ("Mühlenewg", "Mühlenweg"), ("hauptstr", "Hauptstraße"),
        ("Haupt Strasse", "Hauptstraße"), ("Hauptstarsse", "Hauptstr."), ("rob. koch str.", "Robert-Koch-Straße"),
        ("17 juni", "Straße des 17. Juni"), ("Sankt Augustin", "St. Augustin"),
        ("Bgm.-Acker-Weg", "Bürgermeister-Acker-Weg"), ("Strasbourg", "Straßbourg"),
    ],
)  # fmt: skip
def test_a_name_is_found_as_people_write_it(text, name) -> None:
    assert likeness(typed(text).words, named(name)) is not None


@pytest.mark.parametrize(
    ("text", "name"), [("Kochstr", "Robert-Koch-Straße"), ("Hof", "Huf"), ("Mühlenweg", "Mühlweiher"), ("", "Bach")]
)
def test_another_name_is_not_found(text, name) -> None:
    assert likeness(typed(text).words, named(name)) is None


@settings(deadline=None)
@given(STREET, st.sampled_from(["12", "12a", "7", "100"]), st.sampled_from(["", "52393 ", "52393 Hürtgenwald, "]))
def test_the_number_and_the_town_do_not_hide_the_street(street, number, before) -> None:
    asked = typed(f"{before}{street} {number}")
    assert asked.number == number
    assert asked.postcode == before[:5]
    ways = [asked.words, *(part for part, _ in asked.splits())]
    assert min(rank for one in ways if (rank := likeness(one, named(street))) is not None) == EXACT


@settings(deadline=None)
@given(STREET, st.data())
def test_every_beginning_of_a_name_finds_it(street, data) -> None:
    end = data.draw(st.integers(1, len(street)))
    words = typed(street[:end]).words
    if words and not street[:end].lower().endswith("str"):  # then it is read as the whole word
        assert likeness(words, named(street)) in {EXACT, BEGINNING}


@pytest.mark.parametrize("street", STREETS)
def test_every_single_typing_error_in_a_long_name_is_forgiven_and_ranks_behind(street) -> None:
    for wrong in misspellings(slug(street).replace("-", "")):
        if "str" not in wrong:  # that is read as the whole word
            rank = likeness((wrong.replace("-", ""),), named(street))
            assert rank is not None, wrong
            assert rank <= MISSPELT + 1, wrong


@settings(deadline=None)
@given(st.text(max_size=200))
def test_nothing_that_is_typed_breaks_it(text) -> None:
    asked = typed(text)
    names = Names((named(one), one) for one in STREETS)
    assert all(one in STREETS for _, one in names.like(asked.words))
    cut = len(text) > 60 or len(named(text).words) > len(asked.words) == 8
    assert likeness(asked.words, named(text)) in {EXACT, None} or asked.number or asked.postcode or cut
    assert all(one.isalnum() and one.isascii() for one in asked.words)
    assert all(beginnings(asked.words))


@settings(deadline=None)
@given(st.lists(STREET, unique=True), STREET, st.integers(1, 12))
def test_many_names_find_the_same_as_each_alone(streets, sought, length) -> None:
    words = typed(sought[:length]).words
    prepared = [(named(one), one) for one in streets]
    alone = {(rank, one) for name, one in prepared if (rank := likeness(words, name, spelt=True)) is not None}
    assert set(Names(prepared).like(words, spelt=True)) == alone


@settings(deadline=None)
@given(STREET)
def test_the_index_is_asked_for_what_a_name_begins_with(street) -> None:
    assert any(slug(street).startswith(one) for one in beginnings(typed(street).words))
