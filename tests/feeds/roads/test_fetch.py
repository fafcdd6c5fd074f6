"""Which addresses are asked, and that one failing list fails the whole."""

import pytest

from feeds.roads.fetch import fetch, urls
from hub.core.errors import SourceConfigError, SourceRefused, SourceUnreachable
from hub.core.source import Fetched, FetchState, NotModified, Source

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
