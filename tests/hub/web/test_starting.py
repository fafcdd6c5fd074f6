"""The sources that a founding may begin with: looked at, asked back about, and what is broken is said."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from fakes.house import NOON
from fakes.kinds import plug_kind

import feeds
from hub.gatherer import RealGatherer
from hub.jobs.begun import Begun
from hub.web.operating.starting import chosen, known, looked
from tests.hub.cli.test_add_awido import DISCOVER, FETCH, KIND

STARTERS = """
from hub.core.source import Offer
def starters(ars, name):
    return [Offer(f"Waste of {name}", "awido:kreis"), Offer("Broken", "awido:down")]
"""
PLACE = {"ars": "053580016016", "slug": "huertgenwald"}


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Give what a look needs of a house; the only kind is one that asks for town, street and house number."""
    plug_kind(
        tmp_path, "awido", __init__=KIND.replace('"stub"', '"awido"'), fetch=FETCH, discover=DISCOVER, starters=STARTERS
    )
    monkeypatch.setenv("ORTSRUF_PLUGINS", str(tmp_path))
    monkeypatch.setattr(feeds, "kinds", lambda _extra=(): ["awido"])
    outlet = SimpleNamespace(http=None)
    return SimpleNamespace(outlet=lambda _name: outlet, now=lambda: NOON, gatherer=RealGatherer(None))


def test_a_provider_is_answered_until_it_asks_no_more(house: Any) -> None:
    begun = Begun(PLACE)
    first, _broken = known(begun)
    told = looked(house, begun, first, [])
    assert (told["made"], told["offers"]) == (None, ["Hauptstraße", "Am Mühlenbach", "Mühlenweg"])
    while told["offers"]:
        told = looked(house, begun, first, [*told["chosen"], told["offers"][1]])
    assert told["chosen"][0] == "Am Mühlenbach"
    assert told["made"]["config"]["street"] == "Am Mühlenbach"
    assert told["titles"]
    (source,) = Begun({**PLACE, "sources": {"x": {**told, "take": True}}}).sources
    assert (source.kind, source.config["street"]) == ("awido", "Am Mühlenbach")


def test_what_is_broken_is_said_and_holds_the_step_until_it_is_left(house: Any) -> None:
    begun = Begun(PLACE)
    told = chosen(house, begun, {"q2.take": "1", "do": "next"})
    assert told["stays"]
    (broken,) = [one for name, one in told["sources"].items() if name.endswith("down")]
    assert broken["fault"]
    assert broken["todo"]
    left = chosen(house, Begun({**PLACE, **told}), {"do": "next"})
    assert not left["stays"]
    assert not [one for one in left["sources"].values() if one["take"]]


def test_an_answer_is_taken_from_the_form(house: Any) -> None:
    asked = chosen(house, Begun(PLACE), {"do": "look:q1"})
    answered = chosen(house, Begun({**PLACE, **asked}), {"do": "look:q1", "q1.offer": "Mühlenweg", "q1.take": "1"})
    (told,) = [one for name, one in answered["sources"].items() if name.endswith("kreis")]
    assert told["chosen"][:1] == ["Mühlenweg"]
    assert answered["stays"]


def test_a_place_of_which_nothing_is_known_has_none(house: Any) -> None:
    assert known(Begun()) == []
