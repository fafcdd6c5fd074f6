"""From an index to the alerts behind it: NINA's lists, Atom and RSS, the DWD's folders; only what is new is fetched."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from feeds.cap.discover import discover
from feeds.cap.fetch import address, fetch
from feeds.cap.follow import MOST
from feeds.cap.parse import parse
from hub.core.errors import SourceConfigError, SourceRefused, SourceUnreachable
from hub.core.source import Fetched, FetchState, NotModified, Source
from tests.fakes.http import FakeHttp

API = "https://warnung.bund.de/api31"
LIST = f"{API}/dashboard/053580000000.json"
NINA = Source("s1", "cap", "nina:053580016016", config={"areas": "053580016016"})
IDS = ("pol.DE-NW-DN-2026-11-20-001", "kat.0f1e2d3c4b5a69788796a5b4_public_topics")


def entry(name: str, version: int = 1) -> dict:
    return {"id": name, "payload": {"version": version, "hash": f"h{version}"}, "sent": "2026-11-20T10:00:00+01:00"}


def listing(*entries: dict) -> bytes:
    return json.dumps(entries).encode()


@pytest.fixture
def nina(corpus) -> FakeHttp:
    """NINA with two warnings for Düren, one of them with an outline beside it."""
    http = FakeHttp().answers(LIST, body=listing(*map(entry, IDS)), headers={"ETag": '"1"'})
    for name, file in zip(IDS, ("polizei", "katwarn"), strict=True):
        http.answers(f"{API}/warnings/{name}.json", body=(corpus / f"synthetic/nina_{file}.json").read_bytes())
    http.answers(f"{API}/warnings/{IDS[0]}.geojson", 404)
    return http.answers(
        f"{API}/warnings/{IDS[1]}.geojson", body=(corpus / "synthetic/nina_katwarn.geojson").read_bytes()
    )


def keys(fetched: Fetched | NotModified) -> list[str]:
    assert isinstance(fetched, Fetched)
    return [one.key for one in parse(fetched) if not one.note]


def test_a_municipality_is_asked_for_by_its_district() -> None:
    assert address("nina:053580016016") == address("NINA:05358") == LIST
    assert address("https://a.example/x") == "https://a.example/x"
    with pytest.raises(SourceConfigError, match="ARS"):
        address("nina:Düren")


def test_the_warnings_of_a_list_are_read_once_and_outlines_beside_them(nina) -> None:
    first = fetch(NINA, FetchState(), nina)
    assert keys(first) == list(IDS)
    assert (first.partial, first.snapshot) == (True, False), "what is not listed any more is not called off"
    outline = next(one for one in parse(first) if one.key == IDS[1]).data
    assert (len(outline["polygons"]), len(outline["exclusions"])) == (1, 1)
    again = len(nina.asked)
    assert isinstance(fetch(NINA, first.state, nina), NotModified)
    assert [one.url for one in nina.asked[again:]] == [LIST]
    assert nina.asked[again].headers["if-none-match"] == '"1"'


def test_only_a_warning_that_changed_is_fetched_again(nina) -> None:
    state = fetch(NINA, FetchState(), nina).state
    nina.answers(LIST, body=listing(entry(IDS[0], 2), entry(IDS[1])))
    before = len(nina.asked)
    assert keys(fetch(NINA, replace(state, body_hash=""), nina)) == [IDS[0]]
    assert f"{API}/warnings/{IDS[1]}.json" not in [one.url for one in nina.asked[before:]]


def test_a_list_that_lost_its_warnings_is_nothing_new(nina) -> None:
    state = fetch(NINA, FetchState(), nina).state
    nina.answers(LIST, body=b"[]")
    assert isinstance(fetch(NINA, state, nina), NotModified)


def test_a_warning_that_cannot_be_had_is_asked_for_again_and_loses_no_other(nina) -> None:
    broken = f"{API}/warnings/{IDS[0]}.json"
    nina._script[broken].insert(0, nina._script[LIST][0].__class__(503, {}, b"", broken))
    first = fetch(NINA, FetchState(), nina)
    assert keys(first) == [IDS[1]]
    assert first.state.validators == {}, "or the list would be 304 and the lost warning never asked for again"
    second = fetch(NINA, first.state, nina)
    assert keys(second) == [IDS[0]]


def test_if_no_warning_can_be_had_the_source_has_a_fault() -> None:
    http = FakeHttp().answers(LIST, body=listing(entry(IDS[0]))).answers(f"{API}/warnings/{IDS[0]}.json", 503)
    with pytest.raises(SourceUnreachable):
        fetch(NINA, FetchState(), http)


def test_map_data_and_rss_lead_to_the_same_warnings(corpus) -> None:
    mowas = "mow.DE-HE-KS-SE106-20250313-106-001"
    body = (corpus / f"nina/{mowas}.json").read_bytes()
    flood = (corpus / "synthetic/nina_lhp.json").read_bytes()
    http = FakeHttp().answers(f"{API}/mowas/mapData.json", body=(corpus / "synthetic/nina_mapdata.json").read_bytes())
    for name, found in ((mowas, body), ("lhp.HOCHWASSERZENTRALEN.DE.NW", flood)):
        http.answers(f"{API}/warnings/{name}.json", body=found).answers(f"{API}/warnings/{name}.geojson", 404)
    lists = fetch(Source("s1", "cap", f"{API}/mowas/mapData.json"), FetchState(), http)
    assert keys(lists) == [mowas, "lhp.HOCHWASSERZENTRALEN.DE.NW"]
    rss = f"{API}/mowas/rss/053580000000.rss"
    named = "mow.DE-NW-DN-SE030-20261120-30-000"
    http.answers(rss, body=(corpus / "synthetic/nina_mowas.rss").read_bytes())
    http.answers(f"{API}/warnings/{named}.json", body=body.replace(mowas.encode(), named.encode()))
    http.answers(f"{API}/warnings/{named}.geojson", 404)
    assert keys(fetch(Source("s1", "cap", rss), FetchState(), http)) == [named]


def test_discover_offers_the_list_of_the_district(nina) -> None:
    (offer,) = discover(NINA, nina)
    assert (offer.url, offer.settings, offer.places[0].value) == (
        LIST, {"areas": "053580016016"}, "053580016016",
    )  # fmt: skip
    assert "05358" in offer.title
    assert discover(Source("s1", "cap", "https://a.example/x"), nina) == []
    with pytest.raises(SourceRefused, match="no list"):
        discover(NINA, FakeHttp().answers(LIST, body=b"{}"))


def atom(*links: str, head: str = "") -> bytes:
    entries = "".join(
        f'<entry><id>{one}</id><updated>2026-11-20T10:00:00Z</updated><link type="application/cap+xml" href="{one}"/></entry>'
        for one in links
    )
    return f'<?xml version="1.0"?>{head}<feed xmlns="http://www.w3.org/2005/Atom">{entries}</feed>'.encode()


INDEX = Source("s1", "cap", "https://warn.example/index.atom")


def test_the_alerts_an_atom_feed_points_to_are_read_and_relative_links_too(make_alert) -> None:
    http = FakeHttp().answers(INDEX.url, body=atom("a1.cap", "https://warn.example/a2.cap", "file:///etc/passwd"))
    for name in ("a1", "a2"):
        http.answers(f"https://warn.example/{name}.cap", body=make_alert(name))
    assert keys(fetch(INDEX, FetchState(), http)) == ["a1", "a2"]


def test_a_feed_that_points_to_very_much_is_read_in_parts(make_alert) -> None:
    links = [f"https://warn.example/{number}.cap" for number in range(MOST + 5)]
    http = FakeHttp().answers(INDEX.url, body=atom(*links), headers={"ETag": '"1"'})
    for number, one in enumerate(links):
        http.answers(one, body=make_alert(f"a{number}"))
    first = fetch(INDEX, FetchState(), http)
    second = fetch(INDEX, first.state, http)
    assert (len(keys(first)), len(keys(second))) == (MOST, 5)
    assert isinstance(fetch(INDEX, second.state, http), NotModified)


@pytest.mark.parametrize("name", ["cap-google/ny_index.rss", "cap-google/weather_index.atom"])
def test_recorded_indexes_point_to_their_alerts(name, corpus, make_alert) -> None:
    body = (corpus / name).read_bytes()
    http = FakeHttp().answers(INDEX.url, body=body)
    with pytest.raises(AssertionError, match="nobody scripted http"):  # it asked for the first alert
        fetch(INDEX, FetchState(), http)
    assert len(http.asked) == 2


def test_meteoalarm_is_followed_once_per_alert_not_once_per_area(corpus, make_alert) -> None:
    body = (corpus / "meteoalarm/meteoalarm-legacy-atom-germany.xml").read_bytes()
    http = FakeHttp().answers(INDEX.url, body=body)

    class Any(FakeHttp):
        def get(self, url, **kinds):
            self.asked.append(url)
            return http.get(url, **kinds) if url == INDEX.url else http._script[INDEX.url][0].__class__(
                200, {}, make_alert(url), url)  # fmt: skip

    wide = Any()
    assert len(keys(fetch(INDEX, FetchState(), wide))) == 21
    assert len(wide.asked) == 22


def test_a_plain_news_feed_is_not_followed() -> None:
    body = b'<?xml version="1.0"?><rss><channel><item><title>x</title><link>https://a.example/1</link></item></channel></rss>'
    fetched = fetch(INDEX, FetchState(), FakeHttp().answers(INDEX.url, body=body))
    with pytest.raises(SourceRefused, match="news feed"):
        parse(fetched)


FOLDER = "https://opendata.example/weather/alerts/cap/COMMUNEUNION_DWD_DIFF/"


def test_bundles_of_changes_are_read_in_one_language_and_conclude_nothing_from_what_is_missing(
    corpus, make_alert
) -> None:
    http = FakeHttp().answers(FOLDER, body=(corpus / "synthetic/dwd_diff_listing.html").read_bytes())
    for minute in ("1200", "1210"):
        name = f"Z_CAP_C_EDZW_20261120{minute}00_PVW_DIFFERENCE_PREMIUMDWD_COMMUNEUNION_MUL.zip"
        http.answers(FOLDER + name, body=make_alert(minute))
    source = Source("s1", "cap", FOLDER)
    fetched = fetch(source, FetchState(), http)
    assert (keys(fetched), fetched.partial) == (["1210", "1200"], True)
    assert isinstance(fetch(source, fetched.state, http), NotModified)


@pytest.mark.parametrize(("folder", "partial"), [("COMMUNEUNION_DWD_STAT", False), ("DISTRICT_DWD_DIFF", True)])
def test_a_bundle_by_its_address_is_whole_or_changes_only(folder, partial, corpus) -> None:
    url = f"https://opendata.example/weather/alerts/cap/{folder}/Z_CAP_LATEST_MUL.zip"
    bundle = next(corpus.glob("dwd/*.zip")).read_bytes()
    fetched = fetch(Source("s1", "cap", url), FetchState(), FakeHttp().answers(url, body=bundle))
    assert (len(keys(fetched)), fetched.partial, fetched.snapshot) == (3, partial, False)


def test_of_a_status_folder_only_the_latest_bundle_is_read(corpus) -> None:
    url = FOLDER.replace("_DIFF", "_STAT")
    body = b'<html><a href="Z_LATEST_PVW_MUL.zip">a</a><a href="Z_20261120_PVW_MUL.zip">b</a><a href="Z_LATEST_PVW_DE.zip">c</a>'
    bundle = next(corpus.glob("dwd/*.zip")).read_bytes()
    http = FakeHttp().answers(url, body=body).answers(f"{url}Z_LATEST_PVW_MUL.zip", body=bundle)
    assert len(keys(fetch(Source("s1", "cap", url), FetchState(), http))) == 3


def test_a_web_page_is_no_listing() -> None:
    http = FakeHttp().answers(INDEX.url, body=b"<!DOCTYPE html><html><body>Anmelden</body></html>")
    with pytest.raises(SourceRefused, match="web page"):
        fetch(INDEX, FetchState(), http)


def test_an_index_with_a_document_type_is_refused(make_alert) -> None:
    http = FakeHttp().answers(INDEX.url, body=atom("a1.cap", head="<!DOCTYPE feed>"))
    with pytest.raises(SourceRefused, match="document type"):
        fetch(INDEX, FetchState(), http)


def test_a_heartbeat_is_no_alert(corpus, notes, read) -> None:
    body = (corpus / "synthetic/naad_heartbeat.xml").read_bytes()
    assert read(body) == ([], [])
    assert "status System" in notes(body)[0]
