"""Golden notices of real rows, places, spans and severity."""

import json
from datetime import date
from pathlib import Path

import pytest

from feeds.roads.normalise import normalise
from hub.core.codec import to_json
from hub.core.errors import SourceRefused
from hub.core.notice import Severity
from hub.core.source import Item

GOLDEN = Path(__file__).parent / "golden"


@pytest.mark.parametrize(
    ("name", "path", "config", "title"),
    [
        ("a1_closure", "autobahn/A1_services_closure.json", {}, "A1"),
        ("a1_roadworks", "autobahn/A1_services_roadworks.json", {}, "A1"),
        ("a2_nights", "autobahn/A2_roadworks_2026_part_a.geojson", {"preset": "autobahn-geojson"},
         "A2: Bauarbeiten – Bielefeld-Süd bis Bielefeld"),
        ("chemnitz", "geojson/chemnitz_baustellen.geojson", {"preset": "chemnitz"}, "Wolgograder"),
        ("rostock", "geojson/rostock_baustellen.json", {"preset": "rostock"}, "Kämmereistr."),
        ("viz", "synthetic/viz_berlin_like.json", {"preset": "viz-berlin"}, "Am Markt"),
        ("karlsruhe", "synthetic/karlsruhe_wfs.json", {"only": "gemeinde=Karlsruhe"}, "Kaiserstraße"),
        ("norderstedt", "synthetic/norderstedt_wfs.gml", {}, "Ochsenzoller"),
        ("a4_closure", "synthetic/autobahn_warning.json", {}, "A4 gesperrt"),
        ("a4_warning", "synthetic/autobahn_warning.json", {}, "A4: Verkehrsmeldung"),
        ("datex2_v2_german", "synthetic/datex2_v2_german.xml", {}, "B 170"),
        ("datex2_v2_ended", "synthetic/datex2_v2_german.xml", {}, "L 123"),
        ("datex2_v2_finnish", "datex2/fi_roadworks.xml", {}, "Bauarbeiten"),
        ("datex2_v2_publishers", "datex2/fi_Datex2_2019-11-26-14-35-08-487.xml", {"restricted": "publishers"}, "Unfall"),
        ("datex2_v3_dutch", "datex2/nl_situations_v3.xml", {}, "Bauarbeiten"),
        ("datex2_v3_regulation", "datex2/fr_dialog_regulations_v3.xml", {}, "Avenue"),
        ("wzdx_simple", "wzdx/scenario1_simple_linestring_example.geojson", {}, "I-80"),
        ("wzdx_detour", "wzdx/scenario4_detour_linestring_example.geojson", {}, "I-35"),
        ("wzdx_recurring", "wzdx/scenario5_recurring_linestring_example.geojson", {}, "NE 150th"),
        ("open511_tmdd", "open511/tmdd-output-1.json", {}, "SR-1"),
        ("open511_recurring", "synthetic/open511_v1.json", {}, "Main Street"),
        ("cifs_xml", "synthetic/cifs_v2.xml", {}, "Hauptstraße"),
        ("cifs_json", "synthetic/cifs_v2.json", {}, "Am Markt"),
    ],
)  # fmt: skip
def test_golden(roads, name, path, config, title):
    notice = next(one for one in roads.notices(path, **config) if one.title.startswith(title))
    assert to_json(notice) == json.loads((GOLDEN / f"{name}.json").read_text())


@pytest.mark.parametrize(
    ("path", "config", "count", "full", "dated"),
    [
        ("autobahn/A2_roadworks_2026_part_a.geojson", {}, 57, 0, 57),
        ("geojson/chemnitz_baustellen.geojson", {}, 13, 2, 0),
        ("geojson/rostock_baustellen.json", {}, 84, 11, 83),
        ("geojson/rostock_baustellen.json", {"preset": "rostock"}, 84, 11, 83),
        ("synthetic/viz_berlin_like.json", {}, 3, 1, 1),
        ("datex2/nl_situations_v3.xml", {}, 2, 1, 2),
        ("datex2/fi_roadworks.xml", {}, 1, 1, 1),
        ("datex2/fi_GUID50456943.xml", {"restricted": "publishers"}, 0, 0, 0),
        ("datex2/fi_InfoXML_2016-11-17-00-30-57-241.xml", {}, 0, 0, 0),
        ("datex2/fi_InfoXML_2016-11-17-00-30-57-241.xml", {"restricted": "publishers"}, 1, 0, 0),
        ("datex2/fi_roadworks_GUID50013753.xml", {"restricted": "publishers"}, 1, 0, 0),
        ("datex2/fr_dialog_regulations_v3.xml", {}, 2, 0, 0),
        ("wzdx/scenario1_simple_linestring_example.geojson", {}, 5, 0, 5),
        ("wzdx/scenario4_detour_linestring_example.geojson", {}, 1, 0, 1),
        ("wzdx/scenario5_recurring_linestring_example.geojson", {}, 1, 0, 1),
        ("open511/tmdd-output-1.json", {}, 5, 0, 4),
        ("synthetic/wfs_2_degrees.gml", {}, 2, 1, 1),
    ],
)
def test_whole_files_with_and_without_a_preset(roads, path, config, count, full, dated):
    notices = roads.notices(path, **config)
    assert len(notices) == len({one.id for one in notices}) == count
    assert sum(one.severity is Severity.MODERATE for one in notices) == full
    assert sum(bool(one.occurrences) for one in notices) == dated


def one(roads, **properties):
    (notice,) = roads.notices(roads.collection(roads.feature(properties)))
    return notice


def test_whole_days_last_until_the_end_of_the_last_day(roads):
    notice = one(roads, strasse="Am Markt", beginn="01.03.2026", ende="02.03.2026")
    (span,) = notice.occurrences
    assert (span.key, span.start, span.end) == ("closure", date(2026, 3, 1), date(2026, 3, 3))
    assert notice.expires.isoformat() == "2026-03-03T00:00:00+01:00"


def test_a_day_and_a_time_make_a_span_of_times(roads):
    notice = one(roads, strasse="Am Markt", beginn="01.03.2026 08:00", ende="02.03.2026")
    (span,) = notice.occurrences
    assert span.start.isoformat() == "2026-03-01T07:00:00+00:00"
    assert span.end == notice.expires


@pytest.mark.parametrize("end", ["", None, "31.12.9999", "Frühjahr 2027", "28.02.2026"])
def test_without_a_usable_end_it_stays_open(roads, end):
    notice = one(roads, strasse="Am Markt", beginn="01.03.2026", ende=end)
    assert notice.valid_from
    assert notice.expires is None
    assert notice.occurrences == ()
    assert ("Ende: Frühjahr 2027" in notice.texts[0].body) is (end == "Frühjahr 2027")


def test_streets_and_district_are_places_and_else_the_sources_own(roads):
    notice = one(roads, strasse="Am Markt, Tor / Wall", ortsteil="Mitte", ars="05 334 0002 002")
    assert [(place.scheme, place.value) for place in notice.places] == [
        ("ars", "053340002002"), ("district", "Mitte"), ("street", "Am Markt"), ("street", "Tor"), ("street", "Wall"),
    ]  # fmt: skip
    assert one(roads, titel="x", ars="12 Affen").places == ()


def test_detour_and_closure_are_told(roads):
    notice = one(roads, strasse="B 170", abschnitt="Possendorf", sperrung="Vollsperrung", umleitung="über S 191")
    assert notice.title == "B 170 gesperrt – Possendorf"
    assert notice.severity is Severity.MODERATE
    assert "Umleitung: über S 191" in notice.texts[0].body


def test_autobahn_says_blocked_in_text_or_truth(roads):
    def severity(value):
        return roads.notices({"closure": [{"title": "A1 | a - b", "isBlocked": value}]})[0].severity

    assert [severity(value) for value in (True, "true", "false", False, None, 1)] == [
        Severity.MODERATE, Severity.MODERATE, *[Severity.MINOR] * 4,
    ]  # fmt: skip


@pytest.mark.parametrize(
    "item",
    [
        Item("k"),
        Item("k", {"title": "x"}),
        Item("k", fault="no title"),
        Item("k", {"geometry": 7, "begin": "x", "end": 1, "lines": None}),
    ],
)
def test_what_is_no_closure_is_refused(roads, item):
    with pytest.raises(SourceRefused):
        normalise(item, roads.source())
