"""A search for tenders as an address: one clean form, every fault named, the same criteria read back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.core.procedures import KINDS
from hub.web.bidding import DAYS, FIELDS, RADII, Town, named, read
from hub.web.tenders import towns_around, towns_called

PATH = "053580016016"
DUEREN = Town("Düren", (6.4836, 50.8032))


def find(text: str) -> list[Town]:
    return [DUEREN] if text.lower().startswith("d") else []


def search(**given: str):
    return read({name: [value] for name, value in given.items()}, PATH, find)


fields = st.fixed_dictionaries({}, optional={
    "words": st.text(max_size=30), "without": st.text("ab, ;ß", max_size=20),
    "cpv": st.text("0123456789, -", max_size=20), "near": st.sampled_from(["düren", "D", "x", ""]),
    "km": st.sampled_from([*map(str, RADII), "7", ""]), "least": st.text("0123456789. €", max_size=8),
    "most": st.text("0123456789", max_size=8), "procedure": st.lists(st.sampled_from([*KINDS, "x"])).map(",".join),
    "days": st.sampled_from([*map(str, DAYS), "8", "²", ""]),
})  # fmt: skip


@given(fields)
def test_the_clean_form_means_the_same_and_is_clean_already(given_fields: dict[str, str]) -> None:
    found = search(**given_fields)
    again = search(**found.query)
    assert again.query == found.query
    assert again.criteria == found.criteria
    assert not again.faults


def test_all_fields_come_together() -> None:
    found = search(
        words="Dach; Ziegel", without="Miete", cpv="45000000-7, 45261210", near="düren", km="25", least="50.000 €",
        most="200000", procedure="restricted,open", days="14",
    )  # fmt: skip
    assert not found.faults
    assert found.query == {
        "words": "Dach,Ziegel", "without": "Miete", "cpv": "45", "near": "Düren", "km": "25", "least": "50000",
        "most": "200000", "procedure": "open,restricted", "days": "14",
    }  # fmt: skip
    assert (found.criteria.centre, found.criteria.radius_km) == (DUEREN.centre, 25.0)


@pytest.mark.parametrize(
    ("field", "value"),
    [("cpv", "4"), ("cpv", "abc"), ("near", "nirgends"), ("km", "7"), ("least", "viel"), ("procedure", "x"), ("days", "8"),
     ("words", ",".join(map(str, range(30))))],
)  # fmt: skip
def test_what_is_wrong_is_named(field: str, value: str) -> None:
    assert set(search(**{field: value}).faults) == {field}


def test_the_lowest_value_is_not_above_the_highest() -> None:
    assert set(search(least="5", most="4").faults) == {"most"}


@pytest.mark.parametrize("text", ["Hürtgenwald", "Duren", "52349", "35321 Laubach", "Neustadt", "Laubach"])
def test_a_town_is_found_again_by_what_it_is_called(text: str) -> None:
    one = towns_called(text)[0]
    assert towns_called(one.name)[0] == one
    assert named(one.centre, towns_around(one.centre)) == one.name
    assert named((one.centre[0] + 0.02, one.centre[1]), [one]) == ""


def test_every_field_is_known() -> None:
    assert set(search().values) == set(FIELDS)
