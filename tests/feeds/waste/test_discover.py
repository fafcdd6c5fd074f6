"""From a provider's name to a whole source, a choice at a time."""

from __future__ import annotations

import pytest
from fakes.waste import SERVERS, Awido, Town

import feeds
from feeds.waste import providers
from feeds.waste.discover import discover
from hub.core.errors import SourceConfigError, SourceError
from hub.core.source import Source


def offers(url, server=None, **config):
    return discover(Source("s", "waste", url, config=config), server or Awido(Town()))


def test_the_kind_has_the_door():
    assert feeds.load("waste").discover is discover
    assert set(providers.families()) <= set(feeds.load("waste").schemes)


def test_no_name_offers_every_provider_that_is_known():
    found = offers("provider:")
    assert len(found) == len(providers.rows()) > 200
    assert offers("") == found
    assert offers("awido:")[0].url.startswith("awido:")
    assert len(offers("awido:")) == sum(one.family == "awido" for one in providers.rows())


def test_half_a_name_offers_what_sounds_like_it():
    assert [(one.title, one.url) for one in offers("provider:Rosenheim")] == [
        ("Landkreis Rosenheim (awido)", "awido:rosenheim")
    ]
    assert {one.url for one in offers("provider:aschaffenburg landkreis")} == {"awido:lra-ab"}
    assert len(offers("provider:Atlantis")) == len(providers.rows())


def test_a_whole_name_goes_on_to_its_towns():
    found = offers("provider:Landkreis Rosenheim")
    assert [one.title for one in found] == ["Musterdorf", "Nachbarort"]
    assert found[0].url == "awido:rosenheim"
    assert found[0].settings == {"town": "Musterdorf"}


def test_an_unknown_family_is_refused_by_name():
    with pytest.raises(
        SourceConfigError, match="'awidoo'; there are abfallio, abfallio-graphql, abfallnavi, awido, c-trace"
    ):
        offers("awidoo:x")


@pytest.mark.parametrize("url", ["https://example.org/a.ics", "webcal://example.org/a.ics", "/tmp/a.ics", "wcs:x?y=z"])
def test_what_is_no_provider_is_complete(url):
    assert offers(url) == []


@pytest.mark.parametrize("family", sorted(SERVERS))
def test_streets_and_house_numbers_are_offered_on_request(family):
    make, url = SERVERS[family]
    server = make(Town())
    towns = offers(url, server)
    assert all(one.settings.get("town") for one in towns)
    assert offers(url, server, town="Musterdorf") == []
    if family == "insert-it":  # its search wants the beginning of a name
        assert [one.settings["street"] for one in offers(url, server, town="Musterdorf", street="Lang?")[1:]] == [
            "Lange Straße"
        ]
        return
    streets = offers(url, server, town="Musterdorf", street="?")
    assert (streets[0].title, streets[0].settings["street"]) == ("Musterdorf (all streets)", "*")
    assert [one.settings["street"] for one in streets[1:]] == ["Ahornweg", "Birkenweg", "Lange Straße"]
    assert [(one.scheme, one.value) for one in streets[1].places] == [("street", "Ahornweg")]
    assert [one.settings["street"] for one in offers(url, server, town="Musterdorf", street="birken")[1:]] == [
        "Birkenweg"
    ]
    assert offers(url, server, town="Musterdorf", street="Ahornweg") == []
    houses = offers(url, server, town="Musterdorf", street="Lange Str.", house="?")
    assert [one.settings.get("house") for one in houses] == ["*", "1-57", "58-99"]
    assert [(one.scheme, one.value) for one in houses[1].places] == [("house", "Lange Straße/1-57")]
    assert offers(url, server, town="Musterdorf", street="Lange Str.", house="12") == []


@pytest.mark.parametrize("family", sorted(SERVERS))
def test_what_goes_wrong_is_a_source_error(family):
    make, url = SERVERS[family]
    server = make(Town())
    server.shows_login()
    with pytest.raises(SourceError):
        offers(url, server, town="Musterdorf", street="?")
