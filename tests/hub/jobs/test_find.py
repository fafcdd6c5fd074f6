"""Finding a place in one municipality and in an installation of several, on both databases."""

from __future__ import annotations

import pytest
from fakes.house import PLACE, Town

from hub.core.place import local_path, slug
from hub.jobs.find import Finder
from hub.store import towns

STREETS = ("Mühlenweg", "Hauptstraße", "Kirchstraße", "A 399")
ELSEWHERE = {"dueren": ("Düren", "053580008008"), "aachen": ("Aachen", "053340002002")}


@pytest.fixture
def village_streets(town: Town) -> Town:
    """Let sources have named streets and a zone of the village."""
    with town.store.begin() as session:
        places = [(local_path(PLACE, "street", one), "street", one) for one in STREETS]
        towns.add_places(session, "huertgenwald", [*places, (f"{PLACE}/zone:bezirk-3", "zone", "Bezirk 3")])
    return town


@pytest.fixture
def county(village_streets: Town) -> Town:
    """Give two more municipalities, each with a Hauptstraße of its own."""
    with village_streets.store.begin() as session:
        for one, (name, path) in ELSEWHERE.items():
            values = {
                "id": one,
                "name": name,
                "path": path,
                "language": "de",
                "zone": "Europe/Berlin",
                "colour": "#000000",
            }
            towns.add(session, values, village_streets.clock())
            streets = ["Hauptstraße", f"{name}er Weg"]
            towns.add_places(session, one, [(f"{path}/street:{slug(each)}", "street", each) for each in streets])
    return village_streets


def found(town: Town, text: str, within: str = "") -> list[tuple[str, str, str]]:
    hits = Finder(town.store, town.clock).find(text, within=within)
    return [(one.name, one.town, one.number) for one in hits]


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("Muehlenweg 3", ("Mühlenweg", "huertgenwald", "3")), ("mühlenw.", ("Mühlenweg", "huertgenwald", "")),
        ("Hauptstr 5a", ("Hauptstraße", "huertgenwald", "5a")), ("52393", ("Hürtgenwald", "huertgenwald", "")),
        ("Mülenweg 3, 52393 Hürtgenwald", ("Mühlenweg", "huertgenwald", "3")),
        ("bezirk 3", ("Bezirk 3", "huertgenwald", "")), ("Hürtgenwld", ("Hürtgenwald", "huertgenwald", "")),
    ],
)  # fmt: skip
def test_in_a_single_municipality_no_town_is_needed(village_streets: Town, text: str, first: tuple) -> None:
    assert found(village_streets, text)[0] == first


@pytest.mark.parametrize("text", ["", "52249", "Nirgendwo", "\0"])
def test_what_is_not_there_is_not_found(village_streets: Town, text: str) -> None:
    assert found(village_streets, text) == []


@pytest.mark.parametrize(
    ("text", "all_of_them"),
    [
        ("Düren", {("Düren", "dueren", "")}),
        ("Hauptstraße 1", {("Hauptstraße", one, "1") for one in ("huertgenwald", "dueren", "aachen")}),
        ("Hauptstr. 1 Düren", {("Hauptstraße", "dueren", "1")}),
        ("duren hauptstrasse", {("Hauptstraße", "dueren", "")}),
        ("52393 Hauptstraße", {("Hauptstraße", "huertgenwald", "")}),
        ("Kirchstrase", {("Kirchstraße", "huertgenwald", "")}),
        ("52393", {("Hürtgenwald", "huertgenwald", "")}),
    ],
)
def test_many_municipalities_are_searched_together(county: Town, text: str, all_of_them: set) -> None:
    assert set(found(county, text)) == all_of_them


def test_one_of_many_is_searched_alone(county: Town) -> None:
    assert found(county, "Hauptstr", within="aachen") == [("Hauptstraße", "aachen", "")]
    assert found(county, "Hauptstr", within="nowhere") == []


def test_who_lives_elsewhere_is_told_so(county: Town) -> None:
    finder = Finder(county.store, county.clock)
    assert finder.elsewhere("Nideggen") == ["Nideggen"]
    assert finder.elsewhere("Hürtgenwald") == []


def test_a_new_street_is_found_within_a_minute(village_streets: Town) -> None:
    finder = Finder(village_streets.store, village_streets.clock)
    assert finder.find("Neubauring") == []
    with village_streets.store.begin() as session:
        towns.add_places(session, "huertgenwald", [(f"{PLACE}/street:neubauring", "street", "Neubauring")])
    village_streets.clock.forward(minutes=1)
    assert [one.name for one in finder.find("Neubauring")] == ["Neubauring"]
