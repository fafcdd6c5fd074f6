"""What an address offers: motorways, layers, presets, and properties of an unknown GeoJSON."""

import json
from pathlib import Path

import pytest

from feeds.roads.discover import discover
from hub.core.errors import SourceConfigError, SourceRefused
from hub.core.source import Source

CORPUS = Path(__file__).parents[2] / "corpus" / "roads"
API = "https://verkehr.autobahn.de/o/autobahn"


def source(url, **config):
    return Source(
        id="s1", kind="roads", url=url, config={name.replace("__", "."): value for name, value in config.items()}
    )


def found(server, body, url="https://town.example/x", **config):
    return discover(
        source(url, **config), server({url: body if isinstance(body, bytes) else json.dumps(body).encode()})
    )


def collection(*properties):
    return {
        "type": "FeatureCollection",
        "features": [{"type": "Feature", "properties": one, "geometry": None} for one in properties],
    }


def test_a_motorway_that_is_named_needs_no_question(server):
    http = server({})
    (offer,) = discover(source("autobahn:a1"), http)
    assert (offer.url, offer.settings["road"], http.asked) == (API, "A1", [])
    with pytest.raises(SourceConfigError, match="B170"):
        discover(source("autobahn:B170"), http)


def test_the_api_lists_its_motorways(server):
    http = server({f"{API}/": b'{"roads": ["A10", "A2", "A1 ", "A99/A8", 7]}'})
    assert [one.title for one in discover(source("autobahn:"), http)] == ["Autobahn A1", "Autobahn A2", "Autobahn A10"]
    assert len(discover(source(API), http)) == 3
    with pytest.raises(SourceRefused, match="no motorway"):
        discover(source("autobahn:"), server({f"{API}/": b"{}"}))


def test_a_map_server_offers_its_layers_those_about_roads_first(server):
    asked = "https://geo.example/wfs?service=WFS&request=GetCapabilities"
    http = server({asked: (CORPUS / "synthetic/wfs_capabilities.xml").read_bytes()})
    first, second = discover(source("https://geo.example/wfs"), http)
    assert (first.title, second.title) == (
        "Baustellen und Sperrungen (stadt:baustellen)",
        "Baumkataster (stadt:baeume)",
    )
    assert first.url == (
        "https://geo.example/wfs?service=WFS&version=2.0.0&request=GetFeature&typeNames=stadt%3Abaustellen"
        "&srsName=EPSG%3A4326&outputFormat=application%2Fjson&count=1000"
    )


@pytest.mark.parametrize(
    ("path", "preset"),
    [
        ("geojson/rostock_baustellen.json", "rostock"),
        ("synthetic/viz_berlin_like.json", "viz-berlin"),
        ("synthetic/karlsruhe_wfs.json", "karlsruhe"),
        ("synthetic/norderstedt_wfs.gml", "norderstedt"),
    ],
)
def test_a_geojson_whose_properties_fit_a_preset_is_recognised(server, path, preset):
    (offer,) = found(server, (CORPUS / path).read_bytes())
    assert dict(offer.settings) == {"preset": preset}


@pytest.mark.parametrize(
    "path",
    ["geojson/chemnitz_baustellen.geojson", "autobahn/A1_services_closure.json", "datex2/nl_situations_v3.xml",
     "wzdx/scenario1_simple_linestring_example.geojson", "open511/tmdd-output-1.json", "synthetic/cifs_v2.xml"],
)  # fmt: skip
def test_what_can_be_read_as_it_is_offers_nothing(server, path):
    assert found(server, (CORPUS / path).read_bytes()) == []


def test_an_unknown_geojson_offers_the_properties_that_may_be_the_title(server):
    unknown = collection({"nr": 7, "vorhaben": "Kanalbau Hauptstraße", "x": {"a": 1}}, {"nr": 8, "vorhaben": "Gasbau"})
    offers = found(server, unknown)
    assert [(one.title, dict(one.settings)) for one in offers] == [
        ("Title from vorhaben, for instance “Kanalbau Hauptstraße”", {"mapping.title": "vorhaben"}),
    ]  # fmt: skip
    assert found(server, unknown, mapping__title="vorhaben") == []


def test_without_any_text_the_sentence_names_the_properties_and_the_command(server):
    with pytest.raises(SourceConfigError, match=r"there are: nr, q. .*--set mapping.title=NAME"):
        found(server, collection({"nr": 7, "q": "1"}))


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (b"<html><input type=password></html>", "login page"),
        ((CORPUS / "synthetic/wfs_exception.xml").read_bytes(), "Feature type baustelle unknown"),
        (b"{}", "neither of the formats"),
        (b"<rss/>", "news feed"),
    ],
)
def test_what_a_poll_would_refuse_is_refused(server, body, sentence):
    with pytest.raises(SourceRefused, match=sentence):
        found(server, body)
