"""What a new municipality may begin with, as the kinds know it without asking anybody."""

from __future__ import annotations

import pytest

import feeds
from hub import reference
from hub.sources import build_source
from hub.starters import starters


def of(ars: str) -> list[tuple[str, str, str]]:
    place = reference.municipality(ars)
    assert place is not None
    return [(one.kind, one.title, one.url) for one in starters(place)]


def test_every_municipality_has_warnings_and_tenders() -> None:
    assert of("053580016016") == [
        ("cap", "Warnungen für Hürtgenwald (NINA, mit DWD)", "nina:053580016016"),
        ("tenders", "Ausschreibungen in Düren (TED)", "ted:"),
    ]


@pytest.mark.parametrize(
    ("ars", "providers"),
    [
        ("066310009009", ["awido:fulda-stadt"]),  # a town with its own, in a district of its name
        ("066310010010", ["awido:fulda"]),
        ("053340002002", ["abfallnavi:aachen"]),
        ("091630000000", []),  # the city of Rosenheim, whose name the district around it bears
        ("110000000000", []),
    ],
)
def test_a_provider_is_offered_that_is_called_after_the_town_or_its_district(ars: str, providers: list[str]) -> None:
    assert [url for kind, _title, url in of(ars) if kind == "waste"] == providers


@pytest.mark.parametrize("ars", ["053580016016", "066310009009", "110000000000", "091630000000"])
def test_every_starter_is_a_source_that_can_be_built(ars: str) -> None:
    place = reference.municipality(ars)
    assert place is not None
    for one in starters(place):
        made = build_source(feeds.load(one.kind), one.url, one.settings, source_id="s", partial=True)
        assert [ref.value for ref in made.places] == [ars]
