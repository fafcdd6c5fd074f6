"""The repairs that real servers need: times, agenda, places, called-off words."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from feeds.council.meeting import is_called_off, read_meeting
from feeds.council.places import place_of

BERLIN = ZoneInfo("Europe/Berlin")


def record(**more):
    return read_meeting({"id": "m", "start": "2026-03-20T18:00:00+01:00"} | more, BERLIN)


@pytest.mark.parametrize(
    ("start", "end", "begin", "over"),
    [
        (
            "2026-03-20T18:00:00+01:00",
            "2026-03-20T20:00:00+01:00",
            "2026-03-20T17:00:00+00:00",
            "2026-03-20T19:00:00+00:00",
        ),
        ("2026-03-20T18:00:00", None, "2026-03-20T17:00:00+00:00", None),
        ("2026-03-20T18:00:00Z", "", "2026-03-20T18:00:00+00:00", None),
        ("2006-02-21T15:30:00+01:00", "2006-02-21T00:00:00+01:00", "2006-02-21T14:30:00+00:00", None),
        ("2026-03-20T18:00:00+01:00", "2026-03-20T18:00:00+01:00", "2026-03-20T17:00:00+00:00", None),
        (
            "2026-03-20T18:00:00+01:00",
            "2026-03-20T00:30:00+01:00",
            "2026-03-20T17:00:00+00:00",
            "2026-03-20T23:30:00+00:00",
        ),
        ("2026-03-20T18:00:00+01:00", "2026-03-20T08:00:00+01:00", "2026-03-20T17:00:00+00:00", None),
        ("2026-03-20T18:00:00+01:00", "1970-01-01T00:00:00+01:00", "2026-03-20T17:00:00+00:00", None),
        ("2019-08-06T00:00:00+02:00", "2019-08-06T00:00:00+02:00", "2019-08-06", None),
        ("2019-08-06", "2019-08-06", "2019-08-06", None),
    ],
)
def test_times(start, end, begin, over):
    found = record(start=start, end=end)
    assert (found["start"], found["end"]) == (begin, over)


@pytest.mark.parametrize(
    "start",
    [None, "", "bald", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", 7, [], "1970-01-01T00:00:00+01:00"],
)
def test_no_usable_start_is_a_fault(start):
    with pytest.raises(ValueError, match="no start"):
        record(start=start)


def test_a_deleted_meeting_needs_no_start():
    found = read_meeting({"id": "m", "deleted": True, "modified": "2026-03-01T08:00:00Z"}, BERLIN)
    assert found["cancelled"]
    assert found["start"] is None
    assert datetime.fromisoformat(found["sent"])


@pytest.mark.parametrize(
    ("name", "state", "off"),
    [
        ("Gemeinderat", "abgesagt", True),
        ("Gemeinderat", "Sitzung verschoben", True),
        ("Gemeinderat", "entfällt", True),
        ("Gemeinderat", "cancelled", True),
        ("Gemeinderat", "nicht abgesagt", False),
        ("Gemeinderat", "eingeladen", False),
        ("Gemeinderat", "durchgeführt", False),
        ("ABGESAGT: Gemeinderat", "", True),
        ("Gemeinderat (entfällt)", "", True),
        ("Gemeinderat - fällt aus!", "", True),
        ("Ausschuss für abgesagte Feste", "", False),
        ("Beirat verlegt seinen Sitz", "", False),
    ],
)
def test_called_off(name, state, off):
    assert is_called_off(name, state) is off


@pytest.mark.parametrize("value", [True, "true", False, "false", None, 1, "ja"])
def test_cancelled_is_a_truth_value(value):
    assert record(cancelled=value)["cancelled"] is (
        (value in {True, "true"} and not isinstance(value, int)) or value is True
    )


def agenda(*items):
    return record(agendaItem=[dict(zip(("number", "name", "public"), one, strict=False)) for one in items])["agenda"]


def test_non_public_items_never_leave():
    assert agenda(("1", "Haushalt", True), ("2", "Geheim", False), ("3", "Geheim", "false"), ("4", "Bau")) == [
        "1 Haushalt",
        "4 Bau",
    ]
    assert agenda(
        ("A", "Öffentliche Sitzung"), ("1.", "Bau"), ("B", "Nichtöffentliche Sitzung"), ("2.", "Grundstück")
    ) == ["1. Bau"]
    assert agenda(("", "Nicht öffentlicher Teil"), ("1", "Grundstück"), ("", "Öffentlicher Teil"), ("2", "Bau")) == [
        "2 Bau"
    ]
    assert agenda(("Ö 1", "Bau"), ("N 2", "Grundstück"), ("NÖ3", "Personal")) == ["Ö 1 Bau"]
    assert agenda(("1", "Geheim", 0), ("2", "Geheim", "nein")) == []


def test_plain_numbers_are_put_in_order_and_others_stay():
    assert agenda(("2", "b"), ("10", "d"), ("1", "a"), ("2.1", "c")) == ["1 a", "2 b", "2.1 c", "10 d"]
    assert agenda(("Ö 2", "b"), ("Ö 1", "a")) == ["Ö 2 b", "Ö 1 a"]
    assert agenda(("9" * 5000, "x"), ("1", "a"))


@pytest.mark.parametrize("value", [None, 7, "x", [None, 7, "url", {}], {"name": "einzeln"}])
def test_an_odd_agenda_is_no_fault(value):
    assert record(agendaItem=value)["agenda"] in ([], ["einzeln"])


def test_files_by_property_with_web_addresses_only():
    found = record(
        invitation={"name": "Einladung", "accessUrl": "https://x.example/e.pdf"},
        resultsProtocol={
            "name": "Protokoll",
            "accessUrl": "javascript:alert(1)",
            "downloadUrl": "https://x.example/p.pdf",
        },
        verbatimProtocol="https://x.example/file/3",
        auxiliaryFile=[{"fileName": "a.pdf", "accessUrl": "https://x.example/a.pdf"}] * 2
        + [7, {"accessUrl": "file:///etc"}],
    )["files"]
    assert [(one["rel"], one["href"], one["title"]) for one in found] == [
        ("invitation", "https://x.example/e.pdf", "Einladung"),
        ("resultsProtocol", "https://x.example/p.pdf", "Protokoll"),
        ("auxiliaryFile", "https://x.example/a.pdf", "a.pdf"),
    ]


@pytest.mark.parametrize(
    ("pair", "point"),
    [
        ([6.39, 50.72], [6.39, 50.72]),
        ([50.72, 6.39], [6.39, 50.72]),
        ([1e999, 1], None),
        (["x", 1], None),
        ("50,6", None),
        ([0, 0], None),
        ([500, 500], None),
    ],
)
def test_swapped_positions_are_turned_round(pair, point):
    location = {"geojson": {"type": "Feature", "geometry": {"type": "Point", "coordinates": pair}}}
    assert record(location=location)["point"] == point


def test_location_in_one_line():
    room = {
        "room": "Saal",
        "streetAddress": "Markt 1",
        "postalCode": "52393\u00a0",
        "locality": "Ort",
        "description": "",
    }
    assert record(location=room)["location"] == "Saal, Markt 1, 52393 Ort"
    assert record(location=room | {"description": "Rathaus\nSaal"})["location"] == "Rathaus Saal"
    assert record(location="https://x.example/location/1")["location"] == ""


@pytest.mark.parametrize(
    ("ags", "rgs", "place"),
    [
        ("05315000", "053150000000", ("ars", "053150000000")),
        ("5358016", "", ("ags", "05358016")),
        ("05358016", "", ("ags", "05358016")),
        ("051140000", "", ("ags", "05114000")),
        ("051140000", "051140000000", ("ars", "051140000000")),
        ("53580160016", "", ("ars", "053580160016")),
        ("05 358 016", "", ("ags", "05358016")),
        ("12064", "", ("ars", "12064")),
        ("051140001", "", ("", "")),
        ("", "", ("", "")),
        ("unbekannt", "x", ("", "")),
    ],
)
def test_the_bodys_key_is_repaired(ags, rgs, place):
    assert place_of(ags, rgs) == place
