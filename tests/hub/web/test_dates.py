"""Calendars over HTTP."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from fakes.house import news
from fakes.pickups import pickups, private, with_waste

from hub.core.notice import Occurrence
from hub.web.drawn import span


@pytest.fixture
def waste(pages):
    with_waste(pages.town)
    return pages


def test_the_public_calendar_of_a_zone_holds_its_dates_only(waste) -> None:
    answer = waste.get("/huertgenwald/calendar/waste/vossenack.ics")
    assert answer.status_code == 200
    assert answer.mimetype == "text/calendar"
    assert answer.text.count("BEGIN:VEVENT") == 2
    assert "DTSTART;VALUE=DATE:20261125" in answer.text
    assert "BEGIN:VEVENT" not in waste.get("/huertgenwald/calendar/waste/gey.ics").text
    assert waste.get("/huertgenwald/calendar/waste.ics").text.count("BEGIN:VEVENT") == 2
    assert waste.get("/huertgenwald/calendar/roads.ics").status_code == 200


@pytest.mark.parametrize(
    "path",
    ["/huertgenwald/calendar/lost.ics", "/huertgenwald/calendar/waste/nowhere.ics", "/no/calendar/waste.ics"],
)
def test_unknown_calendars_are_404(waste, path) -> None:
    assert waste.get(path).status_code == 404


def test_a_reader_that_has_the_feed_gets_304(waste) -> None:
    path = "/huertgenwald/calendar/waste.ics"
    first = waste.get(path)
    again = waste.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["ETag"] == first.headers["ETag"]
    since = waste.get(path, headers={"If-Modified-Since": first.headers["Last-Modified"]})
    assert since.status_code == 304
    head = waste.client.head(path, base_url="https://ortsruf.example")
    assert (head.status_code, head.data, head.headers["ETag"]) == (200, b"", first.headers["ETag"])
    waste.town.poll("w", pickups(day=26))
    assert waste.get(path, headers={"If-None-Match": first.headers["ETag"]}).status_code == 200


def test_a_feed_sets_no_cookie(waste) -> None:
    assert "Set-Cookie" not in waste.get("/huertgenwald/calendar/waste.ics").headers


def test_the_private_calendar_mixes_topics_and_reminds_on_request(waste) -> None:
    address = private(waste)
    plain = waste.get(address)
    assert plain.status_code == 200
    assert plain.text.count("BEGIN:VEVENT") == 2
    assert "BEGIN:VALARM" not in plain.text
    assert "TRIGGER:-PT6H" in waste.get(address + "?alarms=1").text


def test_a_changed_choice_is_seen_by_readers_of_dates_too(waste) -> None:
    address = private(waste)
    seen = waste.get(address).headers["Last-Modified"]
    assert waste.get(address, headers={"If-Modified-Since": seen}).status_code == 200
    tag = waste.get(address).headers["ETag"]
    assert waste.get(address, headers={"If-None-Match": tag}).status_code == 304


def test_a_revoked_calendar_is_gone_and_a_forged_one_unknown(waste) -> None:
    address = private(waste)
    token = waste.client.get("/huertgenwald/", base_url="https://ortsruf.example").text
    mine = token.split('href="/m/')[1].partition('"')[0]
    waste.send(f"/m/{mine}", f"/m/{mine}/calendars/new")
    assert waste.get(address).status_code == 410
    waste.send(f"/m/{mine}/delete", f"/m/{mine}/delete")
    assert waste.get(address).status_code == 410
    assert waste.get("/calendar/WzEsMV0.x.ics").status_code == 404


@pytest.mark.parametrize(
    ("lead", "start", "hours"),
    [
        ("P1D@18:00", date(2026, 11, 25), 6),
        ("P0D@07:00", date(2026, 11, 25), -7),
        ("P1D@18:00", date(2027, 3, 28), 6),  # the clocks change that day
        ("PT1H", datetime(2026, 11, 25, 18, tzinfo=UTC), 1),
        ("P3D@08:00", datetime(2026, 11, 25, 11, tzinfo=UTC), 76),
    ],
)
def test_leads_count_from_the_start(lead, start, hours) -> None:
    assert span(lead, Occurrence("a", start), "Europe/Berlin") == timedelta(hours=hours)


def test_a_called_off_notice_stays_in_the_feed_as_cancelled(waste) -> None:
    town = waste.town
    town.source("c", "council")
    meeting = news(
        "m", "Rat", topic="council", source="c", occurrences=(Occurrence("x", NOW, NOW + timedelta(hours=2)),)
    )
    town.poll("c", meeting)
    from dataclasses import replace

    from hub.core.notice import Status

    town.poll("c", replace(meeting, status=Status.CANCELLED))
    assert "STATUS:CANCELLED" in waste.get("/huertgenwald/calendar/council.ics").text


NOW = datetime(2026, 11, 30, 17, tzinfo=UTC)
