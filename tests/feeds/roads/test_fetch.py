"""Which addresses are asked, and that one failing list fails the whole."""

from pathlib import Path

import pytest

from feeds.roads.fetch import fetch, urls
from feeds.roads.parse import parse
from hub.core.errors import SourceConfigError, SourceRefused, SourceUnreachable
from hub.core.source import Fetched, FetchState, NotModified, Source

CORPUS = Path(__file__).parents[2] / "corpus" / "roads"
API = "https://verkehr.autobahn.example/o/autobahn"


def source(url=f"{API}/", **config):
    return Source(id="s1", kind="roads", url=url, config=config)


def test_the_address_itself_or_one_list_per_road_and_service():
    assert urls(source("https://town.example/x.geojson")) == ("https://town.example/x.geojson",)
    assert urls(source(f"{API}/A9/services/closure", road="A1, a 2", service="roadworks,closure")) == (
        f"{API}/A1/services/roadworks",
        f"{API}/A1/services/closure",
        f"{API}/A2/services/roadworks",
        f"{API}/A2/services/closure",
    )


@pytest.mark.parametrize(
    "config",
    [
        {"road": "B170"},
        {"road": "A1/../x"},
        {"road": "A1", "service": "webcam"},
        {"road": ",".join(f"A{n}" for n in range(1, 99))},
    ],
)
def test_bad_roads_and_services_are_named(config):
    with pytest.raises(SourceConfigError):
        urls(source(**config))


def test_all_lists_are_documents_and_the_same_again_is_nothing_new(server):
    http = server({f"{API}/A{n}/services/roadworks": b'{"roadworks": [%d]}' % n for n in (1, 2)})
    first = fetch(source(road="A1,A2"), FetchState(), http)
    assert isinstance(first, Fetched)
    assert len(first.documents) == 2
    assert isinstance(fetch(source(road="A1,A2"), first.state, http), NotModified)


@pytest.mark.parametrize(("status", "error"), [(503, SourceUnreachable), (404, SourceRefused)])
def test_one_failing_list_fails_the_whole(server, status, error):
    http = server({f"{API}/A1/services/roadworks": b'{"roadworks": []}', f"{API}/A2/services/roadworks": status})
    with pytest.raises(error):
        fetch(source(road="A1,A2"), FetchState(), http)


WFS = "https://geo.example/wfs?service=WFS&version=2.0.0&request=GetFeature&typeNames=b&outputFormat=application/json&count=2"
NEXT = (
    "https://geo.example/wfs?service=WFS&version=2.0.0&request=GetFeature&typeNames=baustellen"
    "&outputFormat=application%2Fjson&count=2&startIndex=2"
)


def page(name):
    return (CORPUS / "synthetic" / name).read_bytes()


def test_the_short_form_names_the_public_api():
    assert urls(source("autobahn:A4", service="closure")) == (
        "https://verkehr.autobahn.de/o/autobahn/A4/services/closure",
    )
    with pytest.raises(SourceConfigError, match="autobahn:A1"):
        urls(source("autobahn:"))


def test_pages_are_followed_by_their_links_and_are_one_list(server):
    http = server({WFS: page("wfs_page_1.json"), NEXT: page("wfs_page_2.json")})
    found = fetch(source(WFS), FetchState(), http)
    assert (len(found.documents), found.partial, found.snapshot) == (2, False, True)
    assert len(parse(found)) == 3
    assert isinstance(fetch(source(WFS), found.state, http), NotModified)
    http.answers[NEXT] = page("wfs_page_2.json").replace(b"Kirchgasse", b"Marktgasse")
    assert isinstance(fetch(source(WFS), found.state, http), Fetched), (
        "an unchanged first page says nothing of the others"
    )


def test_a_link_to_an_inner_host_is_not_followed_but_counted_on(server):
    inner = page("wfs_page_1.json").replace(b"https://geo.example", b"http://10.0.0.7:8080")
    counted = WFS.replace("application/json", "application%2Fjson") + "&startIndex=2"
    http = server({WFS: inner, counted: page("wfs_page_2.json")})
    assert len(fetch(source(WFS), FetchState(), http).documents) == 2
    assert all(url.startswith("https://geo.example/") for url in http.asked)


def test_endless_pages_end_and_are_no_snapshot(server):
    class Endless(server):
        def get(self, url, *, headers=None, limits=None):
            self.answers[url] = (
                b'{"type":"FeatureCollection","features":[{"type":"Feature"}],"links":[{"rel":"next","href":"?p=%d"}]}'
                % len(self.asked)
            )
            return super().get(url, headers=headers, limits=limits)

    found = fetch(source("https://geo.example/items"), FetchState(), Endless({}))
    assert (found.partial, found.snapshot, len(found.documents)) == (True, False, 40)
    assert any("more pages" in item.note for item in parse(found))


def test_open511_pages_are_followed(server):
    first = b'{"events":[{"id":"1","headline":"a"}],"pagination":{"offset":0,"next_url":"/events?offset=1"}}'
    second = b'{"events":[{"id":"2","headline":"b"}],"pagination":{"offset":1}}'
    http = server({"https://api.example/events": first, "https://api.example/events?offset=1": second})
    # A page without features by GeoJSON's name still counts by its events.
    assert len(parse(fetch(source("https://api.example/events"), FetchState(), http))) == 2


@pytest.mark.parametrize(
    ("body", "whole"),
    [
        (b'{"roadworks": []}', True),
        (b'{"type":"FeatureCollection","features":[]}', True),
        (b"<incidents/>", True),
        (b'<d2:payload xmlns:d2="x"/>', True),
        (b'{"type":"Feature","properties":{}}', False),
        (b'{"identifier":"x","title":"A1"}', False),
        (
            b"<d2LogicalModel><exchange><updateMethod>singleElementUpdate</updateMethod></exchange></d2LogicalModel>",
            False,
        ),
        (b"<html>", False),
    ],
)
def test_only_whole_lists_are_snapshots(server, body, whole):
    assert fetch(source("https://x.example/a"), FetchState(), server({"https://x.example/a": body})).snapshot is whole
