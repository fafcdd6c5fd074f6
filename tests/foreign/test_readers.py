"""Our feed in the hands of others: every reader must understand the same, and none may find fault."""

from datetime import UTC, date, datetime

import pytest

from tests.foreign.readers import (
    icaljs_types,
    libical_errors,
    read_with_icalendar,
    read_with_icaljs,
    read_with_libical,
    store_with_vdirsyncer,
)
from tests.foreign.samples import golden_entries, golden_feed, meant


@pytest.mark.parametrize("read", [read_with_libical, read_with_icaljs, read_with_icalendar])
@pytest.mark.parametrize("language", ["de", "en"])
def test_every_reader_understands_what_was_meant(read, language):
    expected = meant()
    if language == "en":
        for one in expected:
            one["summary"] = one["summary"].replace("ABGESAGT", "CANCELLED")
    assert read(golden_feed(language=language).body) == expected


def test_libical_finds_the_faults_that_the_profile_avoids():
    body = golden_feed().body
    assert libical_errors(body) == 0
    assert libical_errors(body.replace(b"CALSCALE", b"METHOD:PUBLISH\r\nCALSCALE")) > 0
    assert libical_errors(body.replace(b"BEGIN:STANDARD", b"COMMENT:x\r\nBEGIN:STANDARD", 1)) > 0


@pytest.mark.parametrize("read", [read_with_libical, read_with_icaljs])
def test_readers_compute_from_our_vtimezone(read):
    body = golden_feed().body.replace(b"BYMONTH=10;BYDAY=-1SU", b"BYMONTH=6;BYDAY=-1SU")
    summer = next(one for one in read(body) if "summer" in one["uid"])
    assert summer["start"] == datetime(2027, 7, 1, 18, tzinfo=UTC)


def test_ical_js_takes_the_refresh_interval_for_a_duration():
    types = icaljs_types(golden_feed().body)
    assert (types["refresh-interval"], types["source"]) == ("duration", "uri")


def test_vdirsyncer_stores_every_event(httpserver):
    feed = golden_feed()
    httpserver.expect_request("/k.ics").respond_with_data(feed.body, headers=dict(feed.headers))
    assert store_with_vdirsyncer(httpserver.url_for("/k.ics")) == len(golden_entries())


def test_recurring_ical_events_finds_the_days():
    import icalendar
    import recurring_ical_events

    query = recurring_ical_events.of(icalendar.Calendar.from_ical(golden_feed().body))
    found = [str(one["SUMMARY"]) for one in query.at(date(2045, 7, 6))]
    assert found == ["Sitzung des Rates"]
    assert [str(one["SUMMARY"]) for one in query.at(date(2026, 12, 8))] == ["Restmüll 🗑️"]


def test_x_wr_timezone_has_nothing_to_put_right():
    import icalendar
    import x_wr_timezone

    calendar = icalendar.Calendar.from_ical(golden_feed().body)
    assert x_wr_timezone.to_standard(calendar).to_ical() == calendar.to_ical()


def test_an_empty_feed_is_a_calendar_for_all():
    body = golden_feed([]).body
    assert read_with_libical(body) == read_with_icaljs(body) == read_with_icalendar(body) == []
