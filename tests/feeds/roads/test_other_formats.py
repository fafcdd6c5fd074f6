"""WZDx, Open511, CIFS and GML: what one answer of each becomes, the same thing in two forms, and broken entries."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hub.core.codec import content_hash, from_json, to_json
from hub.core.errors import SourceError, SourceRefused
from hub.core.notice import Severity, Status


def facts(notice):
    return {one.name: one.value for one in notice.facts}


def wzdx(*features, **more):
    return {
        "type": "FeatureCollection",
        "feed_info": {"publisher": "DOT", "version": "4.2"},
        "features": list(features),
        **more,
    }


def event(ident, kind="work-zone", related=(), **properties):
    core = {"event_type": kind, "road_names": ["B 170"], "direction": "northbound",
            "related_road_events": [{"type": name, "id": other} for name, other in related]}  # fmt: skip
    return {"type": "Feature", "id": ident, "geometry": {"type": "Point", "coordinates": [13.7, 50.9]},
            "properties": {"core_details": core, "start_date": "2030-03-04T06:00:00Z", "end_date": "2030-03-08T16:00:00Z"} | properties}  # fmt: skip


def test_a_detour_becomes_a_fact_of_its_work_zone(roads):
    (notice,) = roads.notices("wzdx/scenario4_detour_linestring_example.geojson")
    assert facts(notice)["detour"] == "F22 (I-35 – US 69); US 69 (NE 126th Avenue – IA 210); IA 210 (US 69 – I-35)"
    assert facts(notice)["speed_limit"] == "88.5 km/h"
    assert "Höchstgeschwindigkeit 88,5 km/h" in notice.text("de").body


def test_a_detour_without_its_work_zone_is_told_alone(roads):
    (notice,) = roads.notices(wzdx(event("d", "detour", [("related-work-zone", "elsewhere")])))
    assert notice.title == "B 170: Umleitung"


def test_recurring_events_are_one_notice_with_dates_whichever_are_left(roads):
    body = json.loads(roads.body("wzdx/scenario5_recurring_linestring_example.geojson"))
    (whole,) = roads.notices(body)
    assert [one.key for one in whole.occurrences] == ["2022-01-01", "2022-01-02", "2022-01-03", "2022-01-04"]
    (rest,) = roads.notices(body | {"features": body["features"][2:]})
    assert rest.key == whole.key


@pytest.mark.parametrize(
    ("impact", "severity", "title"),
    [
        ("all-lanes-closed", Severity.MODERATE, "B 170 gesperrt"),
        ("alternating-one-way", Severity.MINOR, "B 170: Bauarbeiten, Einspurig im Wechsel"),
        ("unknown", Severity.MINOR, "B 170: Bauarbeiten"),
    ],
)
def test_vehicle_impact(roads, impact, severity, title):
    (notice,) = roads.notices(wzdx(event("1", vehicle_impact=impact)))
    assert (notice.severity, notice.title, notice.places[0].value) == (severity, title, "B 170")


def test_restrictions_lanes_and_the_end(roads):
    lanes = [
        {"status": "closed", "type": "general"},
        {"status": "open", "type": "general"},
        {"status": "closed", "type": "shoulder"},
    ]
    limits = [{"type": "reduced-width", "value": 3.25, "unit": "meters"}, {"type": "no-trucks"}]
    (notice,) = roads.notices(
        wzdx(event("1", "restriction", lanes=lanes, restrictions=limits, event_status="completed"))
    )
    assert facts(notice)["lanes_closed"] == facts(notice)["lanes_open"] == "1"
    assert "Geringere Breite: 3,25 meters" in notice.text("de").body
    assert notice.status is Status.CANCELLED


def test_a_feed_of_devices_is_refused_by_name(roads):
    device = {"type": "Feature", "properties": {"core_details": {"device_type": "arrow-board"}}}
    with pytest.raises(SourceRefused, match="field devices"):
        roads.items(wzdx(device))


def test_open511_says_the_same_in_json_and_in_xml(roads):
    body = json.loads(roads.body("synthetic/open511_v1.json"))
    (one,) = roads.notices(body | {"events": body["events"][:1]})
    (other,) = roads.notices("synthetic/open511_v1.xml")
    texts = [(text.lang, text.title, text.body) for text in one.texts]
    assert [(text.lang, text.title, text.body) for text in other.texts] == texts
    assert (one.key, one.geometry, one.occurrences, one.facts) == (
        other.key,
        other.geometry,
        other.occurrences,
        other.facts,
    )
    assert [day.key for day in one.occurrences] == ["2030-03-04", "2030-03-06", "2030-03-08"]


def test_open511_ends_and_leaves_out_what_is_only_possible(roads):
    notices = roads.notices("synthetic/open511_v1.json")
    assert [one.status for one in notices] == [Status.ACTIVE, Status.CANCELLED]
    assert roads.notes("synthetic/open511_v1.json") == ["Not shown (1): only possible so far."]


def test_cifs_days_and_the_crossing_of_summer_time(roads):
    (xml,) = roads.notices("synthetic/cifs_v2.xml")
    assert xml.occurrences[0].end.isoformat() == "2030-04-12T15:00:00+00:00"
    assert facts(xml)["detour"] == "über L 123"
    market, _ = roads.notices("synthetic/cifs_v2.json")
    assert [day.key for day in market.occurrences] == ["2030-03-05", "2030-03-08"]
    assert roads.notes("synthetic/cifs_v2.json") == ["Not shown (1): jam, police check or chat, no closure."]


def test_gml_2_and_3_in_either_order_of_axes(roads):
    line, point = roads.notices("synthetic/wfs_2_degrees.gml")
    assert line.geometry.lines == (((10.01, 53.7), (10.02, 53.71)),)
    assert point.geometry.points == ((10.03, 53.72),)
    assert [one.value for one in (*line.places, *point.places)] == ["Am Markt", "Hauptstr."]


def test_gml_in_an_unreadable_grid_is_refused_with_the_way_out(roads):
    body = roads.body("synthetic/norderstedt_wfs.gml").replace(b"EPSG::25832", b"EPSG::31467")
    with pytest.raises(SourceRefused, match=r"EPSG:31467.*srsName=EPSG:4326"):
        roads.items(body)


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        ("synthetic/wfs_exception.xml", "The map server .WFS. refuses: Feature type baustelle unknown"),
        ("synthetic/wfs_service_exception.xml", "The map server .WFS. refuses: This layer is not public"),
        ("synthetic/wfs_capabilities.xml", "choose one of its feature types"),
        ("synthetic/datex2_measured_data.xml", "MeasuredDataPublication"),
    ],
)
def test_what_is_not_meant_is_refused_by_name(roads, path, sentence):
    with pytest.raises(SourceRefused, match=sentence):
        roads.items(path)


def test_karlsruhes_point_and_area_are_one_and_other_towns_are_left_out(roads):
    (notice,) = roads.notices("synthetic/karlsruhe_wfs.json", only="gemeinde=Karlsruhe")
    assert (len(notice.geometry.points), len(notice.geometry.polygons)) == (1, 1)
    assert roads.notes("synthetic/karlsruhe_wfs.json", only="gemeinde=Karlsruhe") == [
        "Not shown (1): not of Karlsruhe."
    ]
    body = json.loads(roads.body("synthetic/karlsruhe_wfs.json"))
    (other,) = roads.notices(body | {"features": body["features"][::-1]}, only="gemeinde=Karlsruhe")
    assert content_hash(other) == content_hash(notice)


def test_one_broken_entry_keeps_the_others(roads):
    items = roads.items(wzdx(7, {"type": "Feature"}, event("1")))
    assert [bool(item.fault) for item in items] == [False, True, True]
    items = roads.items({"events": [None, {}, {"id": "1", "headline": "x"}]})
    assert [bool(item.fault) for item in items] == [False, True, True]
    items = roads.items({"incidents": [[], {"id": "1"}, {"id": "2", "type": "ROAD_CLOSED", "street": "Markt"}]})
    assert [bool(item.fault) for item in items] == [False, True, True]


def test_an_end_set_into_the_past_reopens_only_if_it_was_set_afterwards(roads):
    def status(**more):
        (notice,) = roads.notices(roads.collection(roads.feature({"strasse": "Am Markt", "ende": "2026-03-01"} | more)))
        return notice.status

    assert status() is Status.ACTIVE, "it ended as announced: nothing to take back"
    assert status(stand="2026-02-20T08:00:00Z") is Status.ACTIVE
    assert status(stand="2026-03-02T08:00:00Z") is Status.CANCELLED
    assert status(status="abgeschlossen") is Status.CANCELLED


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-400, 400) | st.floats(allow_nan=False) | st.text(max_size=12)
    | st.sampled_from(["CLOSED", "2030-03-04T06:00:00Z", "2030-03-04/", "work-zone", "detour", "51.5 7.5 51.6", "08:00", "08:00-25:00"]),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(
            ["id", "type", "properties", "core_details", "related_road_events", "road_names", "lanes", "restrictions", "geometry",
             "coordinates", "roads", "schedule", "intervals", "recurring_schedules", "start_date", "end_date", "days", "status",
             "daily_start_time", "daily_end_time", "headline", "event_type", "geography", "polyline", "street", "incident", "monday",
             "location", "name", "state", "vehicle_impact", "value"]
        ),
        inner, max_size=5,
    ),
    max_leaves=20,
)  # fmt: skip


@settings(max_examples=120, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(_VALUES)
def test_any_entry_gives_notices_or_a_source_error(roads, value):
    for answer in (
        wzdx(value, {"type": "Feature", "properties": value}, {"properties": {"core_details": value}}),
        {"events": [value, {"id": "1", "schedule": value, "roads": [value]}]},
        {"incidents": [value, {"type": "HAZARD", "schedule": value, "polyline": value}]},
    ):
        try:
            found = roads.notices(json.dumps(answer).encode())
        except SourceError:
            continue
        assert all(from_json(to_json(one)) == one for one in found)
