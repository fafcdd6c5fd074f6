"""Reading calendars: real ones whole, dialects with a named repair, wrong answers with a sentence."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from hub.core.errors import SourceRefused, SourceTooLarge

BERLIN = ZoneInfo("Europe/Berlin")
PICKUP = "UID:1\nDTSTAMP:20260101T000000Z\nSUMMARY:Restmüll\n"


@pytest.mark.parametrize(
    ("name", "events"),
    [
        ("ics-real/abfallplus_aichwald.ics", 112),
        ("ics-real/birkenfeld_ort.ics", 24),
        ("ics-real/bremen_c-ware.ics", 1),
        ("ics-real/geilenkirchen_bezirk_1.ics", 101),
        ("ics-real/geilenkirchen_bezirk_2.ics", 102),
        ("ics-real/regioit_aachen_2020.ics", 120),
        ("derived/bom_lf.ics", 15),
        ("derived/latin1_crlf.ics", 15),
        ("derived/mixed_line_endings.ics", 15),
        ("derived/no_uid_no_dtstamp.ics", 15),
        ("derived/php_warning_prefix.ics", 15),
        ("synthetic/awido.ics", 5),
        ("synthetic/mymuell_sabre.ics", 2),
    ],
)
def test_real_calendars_are_read_whole(corpus, reading, name, events):
    found = reading((corpus / name).read_bytes())
    assert (len(found.events), found.faults) == (events, ())
    assert len({(one.uid, one.recurrence) for one in found.events}) == events
    assert not any("Ã" in one.summary or "\ufffd" in one.summary for one in found.events)


@pytest.mark.parametrize(
    ("name", "repair"),
    [
        ("derived/latin1_crlf.ics", "not-utf-8"),
        ("derived/mixed_line_endings.ics", "line-endings"),
        ("derived/no_uid_no_dtstamp.ics", "missing-uid"),
        ("derived/no_uid_no_dtstamp.ics", "missing-dtstamp"),
        ("derived/php_warning_prefix.ics", "text-before-calendar"),
        ("synthetic/awido.ics", "blank-lines"),
        ("ics-real/regioit_aachen_2020.ics", "zero-length"),
        ("ics-real/geilenkirchen_bezirk_1.ics", "floating-time"),
        ("ics-nasty/ical_google_dtstart_until_mismatch.ics", "until-mismatch"),
        ("ics-nasty/ical_rrule-exdate-mismatch.ics", "exception-mismatch"),
        ("ics-nasty/icalendar_parsing_error.ics", "empty-date-list"),
        ("ics-nasty/icalendar_multiple_calendar_components.ics", "blank-lines"),
        ("ics-nasty/node-ical_bad_ms_tz.ics", "unknown-zone"),
        ("ics-nasty/node-ical_duplicate-uid-sequence.ics", "old-versions"),
    ],
)
def test_a_repair_is_told_by_its_name(corpus, reading, name, repair):
    assert repair in reading((corpus / name).read_bytes()).repairs


def test_a_clean_calendar_needs_no_repair(corpus, reading):
    for name in ("abfallplus_aichwald.ics", "birkenfeld_ort.ics"):
        assert reading((corpus / "ics-real" / name).read_bytes()).repairs == ()


def test_identity_from_content_is_stable(corpus, reading):
    body = (corpus / "derived/no_uid_no_dtstamp.ics").read_bytes()
    assert [one.uid for one in reading(body).events] == [one.uid for one in reading(body).events]


def test_values_are_unescaped_and_the_alarm_is_dropped(corpus, reading):
    event = reading((corpus / "ics-real/bremen_c-ware.ics").read_bytes()).events[0]
    assert event.location == "Bremen,Aachener Straße 22"
    assert event.description.startswith("Bitte stellen Sie Ihre Abfälle bis 6.00 Uhr an die Straße. Achten Sie")
    assert event.start == datetime(2022, 1, 3, 6, 0, tzinfo=BERLIN)
    assert event.end == datetime(2022, 1, 3, 6, 30, tzinfo=BERLIN)


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (b"", "The address answered with nothing at all, not with a calendar."),
        (b"<html><body>Login</body></html>", "The address answered with a web page (HTML), not with a calendar."),
        (
            b"<!DOCTYPE html><pre>\nBEGIN:VCALENDAR\nEND:VCALENDAR</pre>",
            "The address answered with a web page (HTML), not with a calendar.",
        ),
        (b'{"message": "Forbidden"}', "The address answered with JSON data, not with a calendar."),
        (b"%PDF-1.4\n", "The address answered with a PDF document, not with a calendar."),
        (b"Service unavailable", "The address answered with something else, not with a calendar."),
        (b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nSUMM", "The calendar is cut off: its end (END:VCALENDAR) is missing."),
        (
            b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART:20270101\r\nEND:VEVENT\r\n",
            "The calendar is cut off: its end (END:VCALENDAR) is missing.",
        ),
    ],
)
def test_what_is_no_whole_calendar_is_refused_in_a_sentence(reading, body, sentence):
    with pytest.raises(SourceRefused) as caught:
        reading(body)
    assert str(caught.value) == sentence


def test_sizes_are_bounded(reading, calendar):
    with pytest.raises(SourceTooLarge):
        reading(b" " * 5_000_001)
    with pytest.raises(SourceRefused, match="20,000 events"):
        reading(calendar(*["DTSTART:20270101"] * 20_001))


def test_one_broken_event_of_two_hundred_loses_only_itself(reading, calendar):
    events = [f"UID:{at}\nSUMMARY:Bio {at}\nDTSTART;VALUE=DATE:202701{at % 28 + 1:02d}" for at in range(200)]
    events[77] = "UID:77\nSUMMARY:Bio 77\nDTSTART;VALUE=DATE:20270231"
    found = reading(calendar(*events))
    assert len(found.events) == 199
    assert found.faults == ("The event 'Bio 77' was left out: '20270231' is no date.",)


def test_an_empty_calendar_is_an_empty_reading(reading, calendar):
    found = reading(calendar(head="X-WR-CALNAME:Abfuhr\\, Nord\n"))
    assert (found.events, found.name) == ((), "Abfuhr, Nord")


@pytest.mark.parametrize(
    ("lines", "start", "end", "repair"),
    [
        ("DTSTART;VALUE=DATE:20270104\nDTEND;VALUE=DATE:20270105", date(2027, 1, 4), date(2027, 1, 5), ""),
        ("DTSTART:20270104", date(2027, 1, 4), None, ""),
        ("DTSTART;VALUE=DATE:20270104\nDTEND;VALUE=DATE:20270104", date(2027, 1, 4), None, "zero-length"),
        ("DTSTART;VALUE=DATE:20270104\nDURATION:P2D", date(2027, 1, 4), date(2027, 1, 6), ""),
        ("DTSTART:20270103T230000Z\nDTEND:20270103T230000Z", date(2027, 1, 4), None, "midnight-as-day"),
        ("DTSTART:20270104T000000Z\nDTEND:20270104T000000Z", date(2027, 1, 4), None, "midnight-as-day"),
        ("DTSTART:20270104T000000\nDTEND:20270106T000000", date(2027, 1, 4), date(2027, 1, 6), "midnight-as-day"),
        ("DTSTART:20270328T000000\nDTEND:20270329T000000", date(2027, 3, 28), None, "midnight-as-day"),
        ("DTSTART;VALUE=DATE:20270104\nDTEND:20270106T000000Z", date(2027, 1, 4), date(2027, 1, 6), "mixed-end"),
        ("DTSTART;VALUE=DATE:20270104\nDTEND;VALUE=DATE:20270101", date(2027, 1, 4), None, "end-before-start"),
        ("DTSTART;VALUE=DATE:20270104\nDTEND:never", date(2027, 1, 4), None, "unreadable-end"),
        ("DTSTART;VALUE=DATE:20270104T060000", date(2027, 1, 4), None, "time-in-date"),
    ],
)
def test_days(reading, calendar, lines, start, end, repair):
    found = reading(calendar(PICKUP + lines))
    assert [(one.start, one.end) for one in found.events] == [(start, end)]
    assert not isinstance(found.events[0].start, datetime)
    assert set(found.repairs) - {"floating-time"} == ({repair} if repair else set())


def test_a_time_without_length_stays_a_time(reading, calendar):
    found = reading(calendar(PICKUP + "DTSTART:20270104T060000Z\nDTEND:20270104T060000Z"))
    assert (found.events[0].start, found.events[0].end) == (datetime(2027, 1, 4, 6, tzinfo=UTC), None)


@pytest.mark.parametrize(
    ("tzid", "hour", "note"),
    [
        ("Europe/Berlin", 18, ""),
        ("Europe/London", 19, ""),
        ("europe/berlin", 18, "zone-spelling"),
        ("W. Europe Standard Time", 18, "windows-zone"),
        ("/freeassociation.sourceforge.net/Europe/London", 19, "zone-in-path"),
        ("Europe/CUSTOM", 18, "unknown-zone"),
        ("/etc/passwd", 18, "unknown-zone"),
        ("../../../etc/passwd", 18, "unknown-zone"),
        ("Europe", 18, "unknown-zone"),
        (".", 18, "unknown-zone"),
        ("..", 18, "unknown-zone"),
        ("/", 18, "unknown-zone"),
        ("localtime", 18, "unknown-zone"),
        ("posixrules", 18, "unknown-zone"),
        ("Factory", 18, "unknown-zone"),
        ("zone.tab", 18, "unknown-zone"),
        ("TZID=Europe/Germany", 18, "unknown-zone"),
        ('"(UTC+01:00) Amsterdam, Berlin"', 18, "unknown-zone"),
        ("A" * 5_000, 18, "unknown-zone"),
        ("Köln", 18, "unknown-zone"),
        ("Mitteleuropäische Zeit", 18, "unknown-zone"),
        ("(UTC+01:00) Amsterdam, Berlin, Bern, Rome, Stockholm, Vienna", 18, "unknown-zone"),
        ("GMT Standard Time", 19, "windows-zone"),
        ("/mozilla.org/20050126_1/Europe/Berlin", 18, "zone-in-path"),
        ("/usr/share/zoneinfo/Europe/London", 19, "zone-in-path"),
        ("file:///etc/localtime", 18, "unknown-zone"),
        ("/proc/self/environ", 18, "unknown-zone"),
        ("Europe/../../../../etc/passwd", 18, "unknown-zone"),
        ("Europe/Berlin/../../../etc/passwd", 18, "unknown-zone"),
        ("Europe\\Berlin", 18, "unknown-zone"),
        ("%45urope/Berlin", 18, "unknown-zone"),
        ("tzdata.zi", 18, "unknown-zone"),
        ("__init__.py", 18, "unknown-zone"),
    ],
)
def test_zones_come_from_the_list_of_names_or_are_the_sources_own(reading, calendar, tzid, hour, note):
    found = reading(calendar(PICKUP + f"DTSTART;TZID={tzid}:20270104T190000"))
    assert found.events[0].start.astimezone(UTC).hour == hour
    assert found.repairs == ((note,) if note else ())


def test_a_lying_vtimezone_is_not_believed(reading, calendar):
    lie = (
        "BEGIN:VTIMEZONE\nTZID:Europe/Berlin\nBEGIN:STANDARD\nDTSTART:19700101T000000\n"
        "TZOFFSETFROM:+1100\nTZOFFSETTO:+1100\nEND:STANDARD\nEND:VTIMEZONE\n"
    )
    found = reading(calendar(PICKUP + "DTSTART;TZID=Europe/Berlin:20270104T190000", head=lie))
    assert found.events[0].start == datetime(2027, 1, 4, 18, tzinfo=UTC)


def test_floating_times_are_meant_in_the_declared_zone(reading, calendar):
    for declared, zone, hour in (("America/New_York", "America/New_York", 0), ("UTC", "Europe/Berlin", 18)):
        found = reading(calendar(PICKUP + "DTSTART:20270104T190000", head=f"X-WR-TIMEZONE:{declared}\n"))
        assert (found.zone, found.events[0].start.astimezone(UTC).hour) == (zone, hour)


def test_of_versions_with_one_uid_the_highest_sequence_stands(corpus, reading):
    found = reading((corpus / "ics-nasty/node-ical_duplicate-uid-sequence.ics").read_bytes())
    assert [one.summary for one in found.events] == [
        "Team Meeting (SEQUENCE 2)",
        "Updated version (SEQUENCE 3) - should win",
    ]


def test_different_events_with_one_uid_all_stay(reading, calendar):
    found = reading(calendar(*(f"UID:same\nSUMMARY:Bio\nDTSTART:2027010{day}" for day in (4, 5, 5, 6))))
    assert [one.start.day for one in found.events] == [4, 5, 6]
    assert len({one.uid for one in found.events}) == 3
    assert {"shared-uid", "duplicate-events"} <= set(found.repairs)


def test_a_foreign_alarm_says_nothing_of_the_event(reading, calendar):
    alarm = "BEGIN:VALARM\nACTION:DISPLAY\nDESCRIPTION:Erinnerung\nTRIGGER:-PT12H\nREPEAT:999999999\nDURATION:PT1S\nEND:VALARM"
    found = reading(calendar(PICKUP + f"{alarm}\nDTSTART;VALUE=DATE:20270104"))
    assert [(one.description, one.end, one.start) for one in found.events] == [("", None, date(2027, 1, 4))]


def test_raw_line_breaks_and_text_after_the_calendar(reading, calendar):
    text = calendar(PICKUP + "DTSTART:20270104\nDESCRIPTION:Bitte\nzeitig hinausstellen!") + "<br />Fatal error"
    found = reading(text)
    assert found.events[0].description == "Bitte\nzeitig hinausstellen!"
    assert {"raw-line-break", "text-after-calendar"} <= set(found.repairs)


def test_an_event_without_end_is_closed_by_the_next(reading):
    text = "BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:20270104\nBEGIN:VEVENT\nDTSTART:20270105\nEND:VEVENT\nEND:VCALENDAR"
    found = reading(text)
    assert len(found.events) == 2
    assert "unclosed-component" in found.repairs


def test_explicit_dates_are_not_bound_to_the_window(reading, calendar):
    found = reading(calendar("DTSTART:20200104", "DTSTART:20350104"))
    assert [one.start.year for one in found.events] == [2020, 2035]


def test_a_recorded_rule_is_followed_from_its_own_first_date(reading, calendar):
    found = reading(calendar("DTSTART:20200106\nRRULE:FREQ=WEEKLY;COUNT=3"))
    assert [one.start for one in found.events] == [date(2020, 1, 6) + timedelta(days=7) * at for at in range(3)]
