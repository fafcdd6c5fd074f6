"""From a short address and a town to complete sources."""

from __future__ import annotations

import pytest
from fakes.http import FakeHttp

import feeds
from feeds.tenders.discover import discover
from feeds.tenders.ted_request import SEARCH
from hub.core.errors import SourceConfigError
from hub.core.notice import PlaceRef
from hub.core.source import Source
from hub.sources import build_source

TOWN = (PlaceRef("ars", "053580016016"),)


def offers(url, places=TOWN, **config):
    http = FakeHttp()
    found = discover(Source("s", "tenders", url, places=places, config={"format": "auto", **config}), http)
    assert http.asked == []
    return [(one.title, one.url, dict(one.settings)) for one in found]


def test_a_town_is_offered_its_district_its_region_and_its_land():
    assert offers("oeffentlichevergabe:") == [
        (f"Datenservice Öffentlicher Einkauf: {name}", "https://oeffentlichevergabe.de", {"format": "eforms", "nuts": nuts})
        for name, nuts in (("Düren (DEA26)", "DEA26"), ("Köln (DEA2)", "DEA2"), ("Nordrhein-Westfalen (DEA)", "DEA"))
    ]  # fmt: skip
    assert offers("https://www.oeffentlichevergabe.de/") == offers("oeffentlichevergabe:")
    assert [(url, settings["nuts"]) for _, url, settings in offers("ted:")] == [
        (SEARCH, "DEA26"), (SEARCH, "DEA2"), (SEARCH, "DEA"),
    ]  # fmt: skip


def test_a_city_that_is_its_own_land_is_offered_once():
    assert [settings["nuts"] for _, _, settings in offers("ted:", (PlaceRef("ars", "110000000000"),))] == ["DE300"]


def test_a_short_address_with_its_choice_is_written_out():
    assert offers("ted:DEA26,dea27") == [
        ("TED (EU-weite Ausschreibungen): DEA26,DEA27", SEARCH, {"format": "ted", "nuts": "DEA26,DEA27"})
    ]
    assert offers("oeffentlichevergabe:", cpv="45", format="both")[0][2] == {"format": "both", "cpv": "45"}


@pytest.mark.parametrize(
    ("url", "config"),
    [
        (SEARCH, {"nuts": "DEA26"}),
        ("https://oeffentlichevergabe.de", {"cpv": "45"}),
        ("https://oeffentlichevergabe.de/api/notice-exports?pubDay=2026-11-01&format=ocds.zip", {}),
        ("https://portal.example/rss.xml", {}),
        ("https://portal.example/{day}.zip", {}),
    ],
)
def test_a_complete_source_is_offered_nothing(url, config):
    assert offers(url, **config) == []


def test_without_a_place_it_says_what_is_missing():
    with pytest.raises(SourceConfigError, match="place=ars"):
        offers("ted:", ())


def test_every_offer_is_a_source_that_can_be_built():
    for _, url, settings in [*offers("ted:"), *offers("oeffentlichevergabe:")]:
        made = build_source(feeds.load("tenders"), url, settings, source_id="x")
        assert made.config["nuts"]
