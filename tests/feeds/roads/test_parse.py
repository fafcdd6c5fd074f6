"""Formats told apart by content, hostile answers, keys, joining, and the circle around a point."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from feeds.roads.parse import parse
from hub.core.codec import from_json, to_json
from hub.core.errors import SourceConfigError, SourceError, SourceRefused, SourceTooLarge
from hub.core.source import Document, Fetched, FetchState, Source

POINT = {"type": "Point", "coordinates": [13.4, 52.5]}


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (b"", "nothing at all"),
        (b"  \n", "nothing at all"),
        (b"<!doctype html><html><body>Login</body></html>", "web page"),
        (b"<html><form><input type='password'></form></html>", "login page"),
        (b'<?xml version="1.0"?><rss version="2.0"><channel/></rss>', "news feed"),
        (b'<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2"/>', "CAP alert"),
        (b"<kml/>", "KML"),
        (b"<beet/>", "begins with <beet>"),
        (b"<incidents>", "XML is broken"),
        (b'<!DOCTYPE incidents [<!ENTITY a "b">]><incidents>&a;</incidents>', "document type"),
        ('<?xml version="1.0" encoding="utf-16"?><!DOCTYPE a><incidents/>'.encode("utf-16"), "document type"),
        (b"<incidents>" + b"<a>" * 300 + b"</a>" * 300 + b"</incidents>", "nested too deeply"),
        (b"<WFS_Capabilities/>", "feature types"),
        (b"\xef\xbb\xbf<html>", "web page"),
        (b"BEGIN:VCALENDAR", "calendar"),
        (b"{", "broken JSON"),
        (b'{"type": NaN}', "broken JSON"),
        (b"[" * 200_000, "nested too deeply"),
        (b'{"type":"FeatureCollection"}', "no list of features"),
        (b'{"type":"FeatureCollection","features":{}}', "no list of features"),
        (b'{"error":"no such layer"}', "neither of the formats"),
        (b"[]", "neither of the formats"),
        (b"null", "neither of the formats"),
        (b"7", "neither of the formats"),
        (b'{"roadworks":"x"}', "neither of the formats"),
        (b"\xff\xfe\x00\x00", "nothing at all"),
        (b"\x80\x81\x82", "broken JSON"),
    ],
)
def test_what_is_no_list_of_closures_is_refused_in_one_sentence(roads, body, sentence):
    with pytest.raises(SourceRefused, match=sentence):
        roads.items(body)


def test_a_grid_that_needs_a_datum_shift_is_refused_by_name(roads):
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::31467"}}
    with pytest.raises(SourceRefused, match="EPSG::31467"):
        roads.items(roads.collection(crs=crs))
    crs["properties"]["name"] = "urn:ogc:def:crs:OGC:1.3:CRS84"
    assert roads.items(roads.collection(crs=crs)) == []


def test_a_grid_in_metres_becomes_degrees_and_an_unnamed_one_is_asked_for(roads):
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::25832"}}
    feature = roads.feature({"titel": "Sperrung"}, {"type": "Point", "coordinates": [456447.518, 5428668.258]})
    (named,) = roads.notices(roads.collection(feature, crs=crs))
    assert named.geometry.points == ((8.40444, 49.00937),)
    (chosen,) = roads.notices(roads.collection(feature), crs="EPSG:25832")
    assert chosen.geometry == named.geometry
    assert "set crs=EPSG:25832" in roads.notes(roads.collection(feature))[0]


@pytest.mark.parametrize("body", [b'{"roadworks": []}', b'{"type":"FeatureCollection","features":[]}'])
def test_an_empty_list_is_no_error(roads, body):
    assert roads.items(body) == []


@pytest.mark.parametrize(
    ("body", "wanted"),
    [
        ({"type": "FeatureCollection", "features": []}, "autobahn"),
        ({"roadworks": []}, "geojson"),
        (b"<incidents/>", "datex2"),
        ({"events": []}, "cifs"),
    ],
)
def test_the_format_setting_forbids_the_others_and_names_them(roads, body, wanted):
    with pytest.raises(SourceRefused, match=f"not {wanted} as the setting format says; known: .*open511"):
        roads.items(body, format=wanted)
    assert roads.items({"type": "FeatureCollection", "features": []}, format="wfs") == []


def test_broken_entries_become_faults_and_the_others_go_on(roads):
    good = roads.feature({"titel": "Sperrung Am Markt"}, POINT)
    broken = ["text", None, {"type": "Feature"}, roads.feature({}), roads.feature({"x": "<b></b>"}, POINT), {"a": 1}]
    items = roads.items(roads.collection(*broken, good))
    assert [bool(item.fault) for item in items] == [False] + [True] * len(broken)
    autobahn = roads.items({"roadworks": [7, {}, {"title": "A1 | x - y"}]})
    assert [bool(item.fault) for item in autobahn if not item.note] == [False, True, True]


@pytest.mark.parametrize("geometry", ["POINT(7 50)", {"type": "Point", "coordinates": [10**400, 2]}, [], 7])
def test_a_closure_with_an_unreadable_geometry_is_still_news(roads, geometry):
    (notice,) = roads.notices(roads.collection(roads.feature({"titel": "Sperrung"}, geometry)))
    assert notice.geometry is None
    assert notice.places == (), "it is the source's own place that is meant"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "cp1252"])
def test_encodings(roads, encoding):
    text = json.dumps(roads.collection(roads.feature({"titel": "Straße gesperrt – Höhe Mühle"})), ensure_ascii=False)
    (notice,) = roads.notices(text.encode(encoding))
    assert notice.title == "Straße gesperrt – Höhe Mühle"


def test_html_control_characters_and_surrogates_never_reach_a_notice(roads):
    properties = {
        "titel": "<script>alert(1)</script>Am <b>Markt</b>\x00\ud800 &amp; Tor\u202e",
        "beschreibung": "Eins<br>Zwei<p>Drei</p><style>x</style>",
        "link": "javascript:alert(1)",
    }
    (notice,) = roads.notices(roads.collection(roads.feature(properties)))
    assert notice.title == "Am Markt & Tor"
    assert notice.texts[0].body == "Eins\nZwei\nDrei"
    assert notice.url == ""
    assert not notice.texts[0].html


def test_too_many_entries_are_refused(roads):
    body = b'{"type":"FeatureCollection","features":[' + b",".join([b"1"] * 20_001) + b"]}"
    with pytest.raises(SourceTooLarge):
        roads.items(body)


def test_a_change_of_dates_keeps_the_key_and_another_place_has_another(roads):
    def key(**change):
        properties = {"titel": "Kanalbau", "beginn": "01.03.2026"} | change.pop("properties", {})
        geometry = change.pop("geometry", POINT)
        return roads.items(roads.collection(roads.feature(properties, geometry, **change)))[0].key

    assert key() == key(properties={"beginn": "05.03.2026", "ende": "06.03.2026"})
    assert key() != key(geometry={"type": "Point", "coordinates": [13.5, 52.5]})
    assert key() != key(properties={"titel": "Gasbau"})
    assert key(id="baustelle.7") == "baustelle.7"
    assert key(id="layer.fid--72e0_18") == key(), "a map server made this up for one answer"
    assert key(properties={"uuid": "u-1"}) == "u-1"


def test_the_same_works_entered_night_by_night_are_one_closure(roads):
    nights = [
        roads.feature({"title": "A2 | a - b", "description": [f"{day}.03.26 von 20:00 bis 23:00 Uhr"]}, POINT)
        for day in (17, 16)
    ]
    (notice,) = roads.notices(roads.collection(*nights), preset="autobahn-geojson")
    assert notice.valid_from.isoformat() == "2026-03-16T19:00:00+00:00"
    assert notice.expires.isoformat() == "2026-03-17T22:00:00+00:00"
    assert notice.texts[0].body.count("Uhr") == 2


def test_an_open_end_among_joined_closures_stays_open(roads):
    both = [roads.feature({"id": "1", "titel": "x", "von": "01.03.2026", "bis": end}) for end in ("02.03.2026", None)]
    (notice,) = roads.notices(roads.collection(*both))
    assert notice.expires is None
    assert notice.occurrences == ()


def test_near_leaves_out_what_is_far_or_has_no_position(roads):
    berlin = roads.feature({"titel": "Berlin"}, POINT)
    dresden = roads.feature({"titel": "Dresden"}, {"type": "Point", "coordinates": [13.74, 51.05]})
    nowhere = roads.feature({"titel": "Irgendwo"}, None)
    answer = roads.collection(berlin, dresden, nowhere)
    assert [one.title for one in roads.notices(answer, near="51.05, 13.74", radius_km="30")] == ["Dresden"]
    assert len(roads.notices(answer, near="51.05,13.74", radius_km="400")) == 2
    assert len(roads.notices(answer)) == 3


@pytest.mark.parametrize(
    "config",
    [{"near": "Dresden"}, {"near": "51"}, {"near": "91,200"}, {"near": "51,13", "radius_km": "0"}, {"preset": "x"}],
)
def test_settings_that_cannot_work_are_named(roads, config):
    with pytest.raises(SourceConfigError):
        roads.items(roads.collection(roads.feature({"titel": "x"})), **config)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                [
                    "type",
                    "features",
                    "properties",
                    "geometry",
                    "coordinates",
                    "geometries",
                    "roadworks",
                    "title",
                    "titel",
                    "identifier",
                    "description",
                    "beginn",
                    "strasse",
                    "isBlocked",
                    "coordinate",
                    "lat",
                    "long",
                    "id",
                    "crs",
                ]
            ),
            inner | st.sampled_from(["Feature", "FeatureCollection", "Point", "LineString", "Vollsperrung"]),
            max_size=5,
        )
    ),
    max_leaves=25,
)


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(value=_JSON)
def test_any_json_gives_notices_or_a_source_error(roads, value):
    for wrapped in (value, {"roadworks": [value]}, roads.collection(value, roads.feature(value, value))):
        try:
            found = roads.notices(json.dumps(wrapped).encode())
        except SourceError:
            continue
        assert all(from_json(to_json(one)) == one for one in found)


@given(st.binary(max_size=300))
def test_any_bytes_give_items_or_a_source_error(data):
    source = Source(id="s", kind="roads", url="https://x.example")
    fetched = Fetched(
        (Document("https://x.example", "", data),), datetime(2026, 1, 1, tzinfo=UTC), FetchState(), source
    )
    try:
        assert isinstance(parse(fetched), list)
    except SourceError as error:
        assert str(error)  # noqa: PT017
