"""From recorded calendars to series: what a resident subscribes to."""

from __future__ import annotations

from datetime import UTC, date, datetime
from itertools import pairwise

import pytest

from calendars.window import months_around
from feeds.waste.normalise import normalise
from feeds.waste.parse import parse
from hub.core.codec import from_json, to_json
from hub.core.errors import SourceConfigError, SourceError, SourceRefused, SourceTooLarge
from hub.core.notice import PlaceRef, Status, notice_id

GOLDEN = {
    "ics-real/geilenkirchen_bezirk_1.ics": {
        "green:gruenschnittabfuhr:": 3,
        "organic:bioabfall-braune-tonne:": 32,
        "packaging:leichtverpackungen-gelbe-tonne:": 26,
        "paper:altpapier-blaue-tonne:": 14,
        "residual:restabfall-graue-tonne:": 26,
    },
    # One date of the yellow bin stands twice in the file.
    "ics-real/geilenkirchen_bezirk_2.ics": {
        "green:gruenschnittabfuhr:": 3,
        "organic:bioabfall-braune-tonne:": 33,
        "packaging:leichtverpackungen-gelbe-tonne:": 26,
        "paper:altpapier-blaue-tonne:": 13,
        "residual:restabfall-graue-tonne:": 26,
    },
    "ics-real/regioit_aachen_2020.ics": {
        "organic:bio-2woe:": 27,
        "packaging:gelber-sack:": 27,
        "paper:altpapier-4woe:": 13,
        "residual:restabfall:": 53,
    },
    "ics-real/birkenfeld_ort.ics": {
        "glass:glas:": 5,
        "organic:bio-restmuell:": 9,
        "packaging:leichtverpackungen:": 5,
        "paper:papier:": 5,
    },
    "ics-real/bremen_c-ware.ics": {"organic:bioabfall:": 1},
    "ics-real/abfallplus_aichwald.ics": {
        "organic:biotonne:": 34,
        "packaging:gelbe-r-sack-tonne:": 26,
        "paper:papiertonne:": 13,
        "residual:restmuell-2-woechentlich:": 26,
        "residual:restmuell-4-woechentlich:": 13,
    },
    "csv/bremen.csv": {
        "christmas-tree:tannenbaumabfuhr:": 3,
        "organic:bioabfall:": 3,
        "paper:papier-gelber-sack:": 3,
        "residual:restmuell:": 3,
    },
    "synthetic/awido.ics": {
        "hazardous:schadstoffmobil:": 1,
        "organic:biotonne:": 2,
        "paper:papiertonne:": 1,
        "residual:restmuelltonne:": 1,
    },
    "synthetic/awido_getData.json": {"organic:biotonne:": 2, "residual:restmuelltonne:": 1},
    "synthetic/mymuell_sabre.ics": {"packaging:gelber-sack:": 1, "residual:restmuell:": 1},
    "synthetic/mymuell_dates.json": {"packaging:gelber-sack:": 1, "residual:restmuell:": 1},
    "synthetic/regioit_termine.json": {"other:abfuhr-fraktion-1:": 1, "other:abfuhr-fraktion-3:": 1},
    "synthetic/matrix_zones.csv": {
        "christmas-tree:weihnachtsbaum:a": 1,
        "christmas-tree:weihnachtsbaum:b": 1,
        "packaging:gelber-sack:1": 2,
        "packaging:gelber-sack:3": 2,
        "paper:papier:1": 1,
        "paper:papier:2": 1,
        "residual:restmuell:a": 2,
        "residual:restmuell:b": 2,
    },
    "synthetic/dates_by_zone_cp1252.csv": {
        "organic:biotonne:nord": 2,
        "organic:biotonne:sued": 1,
        "residual:restmuell:nord": 1,
        "residual:restmuell:sued": 1,
    },
}


@pytest.mark.parametrize("name", sorted(GOLDEN))
def test_series_of_recorded_calendars(corpus, notices, name):
    found = notices((corpus / name).read_bytes())
    assert {one.key: len(one.occurrences) for one in found} == GOLDEN[name]
    for one in found:
        assert from_json(to_json(one)) == one
        assert one.series
        assert one.topic == one.kind == "waste"
        assert one.id == notice_id("s1", one.key)
        assert one.category == one.key.partition(":")[0]
        assert all(date_.all_day and date_.key == date_.start.isoformat() for date_ in one.occurrences)


def test_a_rule_is_followed_from_sixty_days_back_to_four_hundred_ahead(corpus, notices):
    found = {one.title: one for one in notices((corpus / "ics-real/recurring.ics").read_bytes())}
    dates = [one.start for one in found["Poubelle jaune"].occurrences]
    assert (dates[0], dates[-1]) == (date(2026, 9, 10), date(2027, 12, 30))
    assert {(b - a).days for a, b in pairwise(dates)} == {14}
    assert months_around(date(2026, 11, 23)) == (date(2026, 9, 1), date(2027, 12, 31))
    assert months_around(date(2027, 11, 27)) == (date(2027, 9, 1), date(2028, 12, 31))


def test_a_series_is_valid_from_its_first_to_the_end_of_its_last_day(notices):
    (found,) = notices("Datum;Art\n26.03.2027;Bio\n29.03.2027;Bio\n")  # the clocks change between the two
    assert found.valid_from == datetime(2027, 3, 25, 23, tzinfo=UTC)
    assert found.expires == datetime(2027, 3, 29, 22, tzinfo=UTC)


def test_places_are_the_zone_if_one_is_known_else_the_sources(corpus, notices):
    body = (corpus / "csv/bremen.csv").read_bytes()
    assert {one.places for one in notices(body)} == {(PlaceRef("ars", "053700008008", ""),)}
    assert {one.places for one in notices(body, collection_zone="Bezirk 1")} == {
        (PlaceRef("zone", "Bezirk 1", "Bezirk 1"),)
    }
    matrix = (corpus / "synthetic/matrix_zones.csv").read_bytes()
    assert {one.places[0].value for one in notices(matrix, collection_zone="A,3")} == {"A", "3"}


def test_a_zone_that_is_not_there_is_the_clerks_to_mend(corpus, notices):
    with pytest.raises(SourceConfigError, match="no collection zone 'X'; it has 1, 2, 3, A, B"):
        notices((corpus / "synthetic/matrix_zones.csv").read_bytes(), collection_zone="X")


def test_where_the_hazardous_waste_van_stops_and_when(corpus, notices):
    found = {one.category: one.occurrences[0] for one in notices((corpus / "synthetic/awido.ics").read_bytes())}
    assert found["hazardous"].summary == "Schadstoffmobil, 14:00–15:30 Uhr"
    assert found["hazardous"].location == "Parkplatz Sportheim"
    assert found["organic"].location == ""  # the household's own address is nobody's business


def test_local_day_of_a_pickup_in_utc(make_fetched, notices):
    body = "BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:Bio\nDTSTART:20270103T233000Z\nEND:VEVENT\nEND:VCALENDAR"
    assert notices(body)[0].occurrences[0].start == date(2027, 1, 4)


def test_called_off_and_moved_dates(notices):
    event = "BEGIN:VEVENT\nSUMMARY:{}\nDTSTART:{}\n{}END:VEVENT\n"
    body = "".join(
        event.format(*one)
        for one in (
            ("Restmüll", "20270104", ""),
            ("Restmüll", "20270111", "STATUS:CANCELLED\n"),
            ("Restmüll entfällt", "20270118", ""),
            ("Restmüll (verschoben vom 25.01.)", "20270126", ""),
        )
    )
    (found,) = notices(f"BEGIN:VCALENDAR\n{body}END:VCALENDAR\n")
    assert [(one.key, one.status, one.summary) for one in found.occurrences] == [
        ("2027-01-04", Status.ACTIVE, ""),
        ("2027-01-11", Status.CANCELLED, ""),
        ("2027-01-18", Status.CANCELLED, ""),
        ("2027-01-26", Status.ACTIVE, "Restmüll (verschoben vom 25.01.)"),
    ]


def test_two_stops_on_one_day_are_two_dates(notices):
    body = "Datum;Art;Standort\n04.01.2027;Schadstoffmobil;Markt\n04.01.2027;Schadstoffmobil;Bahnhof\n"
    (found,) = notices(body)
    assert [(one.key, one.location) for one in found.occurrences] == [
        ("2027-01-04", "Bahnhof"),
        ("2027-01-04-2", "Markt"),
    ]


def test_holidays_are_left_out_and_other_entries_are_other(notices):
    body = "Datum;Termin Art;Abfuhrart\n01.01.2027;;Neujahr\n04.01.2027;;Restmüll\n05.01.2027;;Flohmarkt\n"
    assert [(one.category, one.title) for one in notices(body)] == [("other", "Flohmarkt"), ("residual", "Restmüll")]


def test_abfallnavi_names_come_from_a_second_document_or_the_settings(corpus, notices):
    dates = (corpus / "synthetic/regioit_termine.json").read_bytes()
    names = (corpus / "synthetic/regioit_fraktionen.json").read_bytes()
    assert [one.title for one in notices(dates, names)] == ["Gelber Sack", "Restabfall"]
    assert [one.title for one in notices(dates, fractions="1=Restmüll, 3=Gelbe Tonne")] == ["Gelbe Tonne", "Restmüll"]


def test_faults_of_single_entries_are_items_of_their_own(corpus, make_fetched):
    fetched = make_fetched((corpus / "synthetic/mymuell_dates.json").read_bytes())
    faults = [item for item in parse(fetched) if item.fault]
    assert [one.fault for one in faults] == ["Entry 4: no date or no kind of waste."]
    with pytest.raises(SourceRefused, match="Entry 4"):
        normalise(faults[0], fetched.source)


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ("", "The address answered with nothing at all, not with a calendar."),
        ("{}", "The address answered with JSON data of another form, not with a waste calendar."),
        ('{"calendar": [', "The JSON data are broken or cut off."),
        ('{"calendar": []}', "The calendar contains no collection dates."),
        ("[" * 100_000, "The JSON data are broken or cut off."),
        ("%PDF-1.7", "The address answered with a PDF document, not with a calendar."),
        ("Datum;Abfuhrart\n", "The calendar contains no collection dates."),
        ("Datum;Abfuhrart\nbald;Bio\n", "The calendar contains no collection dates. Row 2: no date."),
        ("Guten Tag", "The address answered with something else, not with a waste calendar."),
        (
            "Name;Alter\nEva;7\n",
            "The address answered with a table without dates and kinds of waste, not with a waste calendar.",
        ),
        ("Datum;Wochentag\n04.01.2027;Mo\n", "The table names no kind of waste."),
        (
            "Datum;Abfuhrart\n01.01.2027;Neujahr\n",
            "The calendar contains no collection dates. All its dates are holidays.",
        ),
    ],
)
def test_what_is_no_waste_calendar_is_refused_in_a_sentence(notices, body, sentence):
    with pytest.raises(SourceRefused) as caught:
        notices(body)
    assert str(caught.value) == sentence


def test_recorded_empty_and_broken_answers(corpus, notices):
    with pytest.raises(SourceRefused, match=r"^The calendar contains no collection dates\.$"):
        notices((corpus / "synthetic/empty.ics").read_bytes())
    with pytest.raises(SourceRefused, match=r"web page \(HTML\) called 'Wartung', not with a calendar"):
        notices((corpus / "synthetic/maintenance.html").read_bytes())
    with pytest.raises(SourceRefused, match="cut off"):
        notices((corpus / "ics-real/birkenfeld_ort.ics").read_bytes()[:6_000])
    with pytest.raises(SourceTooLarge):
        notices(b" " * 5_000_001)


def test_settings_that_cannot_work(notices):
    body = "Wann;Was\n04.01.2027;Bio\n"
    assert [one.title for one in notices(body, column_date="Wann", column_fraction="was")] == ["Bio"]
    with pytest.raises(SourceConfigError, match="no column 'Woher'"):
        notices(body, column_date="Woher")
    with pytest.raises(SourceConfigError, match="no pair"):
        notices(body, fractions="RM")


@pytest.mark.parametrize("name", ["ics", "csv", "awido", "json"])
def test_a_chosen_format_is_kept_to(notices, name):
    with pytest.raises(SourceError):
        notices("<html><body>Wartung</body></html>", format=name)


def test_more_kinds_of_waste_than_any_town_has_are_refused(notices):
    rows = "".join(f"04.01.2027;Tonne {at}\n" for at in range(2_001))
    with pytest.raises(SourceRefused, match="more than 2,000 kinds of waste"):
        notices("Datum;Art\n" + rows)


def test_a_calendar_that_ends_soon_says_so_to_the_clerk(make_fetched):
    body = "Datum;Abfuhrart\n01.12.2026;Bio\n17.12.2026;Bio\n"
    notes = [item.note for item in parse(make_fetched(body)) if item.note]
    assert notes == ["calendar-end: no dates after 17.12.2026"]
    assert not [item for item in parse(make_fetched(body + "17.03.2027;Bio\n")) if item.note]
    assert not [item for item in parse(make_fetched("Bio: jeden Montag bis 17.12.2026")) if item.note]


def test_a_calendar_without_its_beginning_is_named(notices):
    with pytest.raises(SourceRefused, match="a part of a calendar whose beginning"):
        notices("BEGIN:VEVENT\nDTSTART:20270104\nSUMMARY:Bio\nEND:VEVENT\nEND:VCALENDAR\n")
