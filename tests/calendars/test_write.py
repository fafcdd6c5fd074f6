import re
from datetime import UTC, date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar

from calendars import write
from calendars.content import clean, duration_value, fold, uri_value
from calendars.write import CalendarEvent, etag, write_calendar, write_event
from tests.foreign.readers import libical_errors

CHANGED = datetime(2026, 11, 20, 8, 30, tzinfo=UTC)
START = datetime(2026, 12, 3, 18, tzinfo=UTC)


def event(**given) -> CalendarEvent:
    plain = {
        "uid": "a@ortsruf.example", "sequence": 0, "changed": CHANGED, "start": START, "end": START + timedelta(hours=2),
        "zone": "Europe/Berlin", "summary": "Sitzung",
    }  # fmt: skip
    return CalendarEvent(**(plain | given))


def calendar(*events: CalendarEvent, **given) -> bytes:
    plain = {
        "name": "Ort", "zones": ["Europe/Berlin"], "colour": "#171a2b", "refresh": timedelta(hours=1),
        "source_url": "https://ortsruf.example/k/x.ics",
    }  # fmt: skip
    return write_calendar(map(write_event, events), **(plain | given))


def lines(body: bytes) -> list[str]:
    return body.replace(b"\r\n ", b"").decode().split("\r\n")


def read(body: bytes):
    return Calendar.from_ical(body).walk("VEVENT")


TEXTS = st.text(st.characters(codec=None), max_size=300) | st.sampled_from(
    [
        "x\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nUID:evil",
        "x\nATTACH:file:///etc/passwd",
        "x\u2028END:VEVENT\x85END:VCALENDAR",
        "a\\nb \\; \\, \\\\ \\",
        "\x00\x07\x1b[31m\x7f\ud800",
        "👩‍👩‍👧‍👦🗑️🚧" * 60,
        "ä" * 5000,
        "BEGIN:VALARM",
        '"quoted"; a=b, c:d',
    ]
)
ZONES = st.sampled_from(
    ["Europe/Berlin", "UTC", "America/New_York", "Africa/Cairo", "Asia/Kolkata", "Europe/Dublin", "Asia/Gaza"]
)
TIMES = st.datetimes(datetime(2026, 9, 1), datetime(2046, 1, 1), timezones=st.just(UTC), allow_imaginary=False).map(
    lambda one: one.replace(microsecond=0)
)
SPANS = st.timedeltas(timedelta(seconds=1), timedelta(days=400)).map(
    lambda one: timedelta(seconds=one // timedelta(seconds=1))
)
ALARMS = st.lists(
    st.timedeltas(timedelta(days=-40), timedelta(days=2)).map(
        lambda one: timedelta(seconds=one // timedelta(seconds=1))
    ),
    max_size=3,
)


@given(
    texts=st.tuples(TEXTS, TEXTS, TEXTS, TEXTS),
    uid=TEXTS.filter(lambda one: clean(one).strip()),
    start=TIMES,
    span=SPANS | st.none(),
    zone=ZONES,
    alarms=ALARMS.map(tuple),
    sequence=st.integers(0, 10**6),
    flags=st.tuples(st.sampled_from(["confirmed", "cancelled"]), st.booleans()),
    geo=st.none() | st.tuples(st.floats(-180, 180), st.floats(-90, 90)),
)
def test_icalendar_reads_back_what_was_written(texts, uid, start, span, zone, alarms, sequence, flags, geo):
    given_ = event(
        uid=uid, start=start, end=None if span is None else start + span, zone=zone, summary=texts[0],
        description=texts[1], location=texts[2], categories=(texts[3], "Abfall"), alarms=alarms, sequence=sequence,
        status=flags[0], transparent=flags[1], geo=geo, url="https://ortsruf.example/n/1",
    )  # fmt: skip
    body = calendar(given_, zones=[zone])
    assert all(len(line) <= 75 for line in body.split(b"\r\n"))
    (found,) = read(body)
    assert found.errors == []
    assert str(found["UID"]) == clean(uid)
    assert (str(found["SUMMARY"]), str(found.get("DESCRIPTION", "")), str(found.get("LOCATION", ""))) == tuple(
        map(clean, texts[:3])
    )
    assert [str(one) for one in found["CATEGORIES"].cats] == [clean(texts[3]), "Abfall"]
    assert found["DTSTART"].dt.astimezone(UTC) == start
    assert ("DTEND" in found) == (span is not None)
    assert span is None or found["DTEND"].dt.astimezone(UTC) == start + span
    assert (found["SEQUENCE"], found["STATUS"], found["TRANSP"] == "TRANSPARENT") == (
        sequence,
        flags[0].upper(),
        flags[1],
    )
    assert found["DTSTAMP"].dt == found["LAST-MODIFIED"].dt == CHANGED
    assert sorted(one["TRIGGER"].dt for one in found.walk("VALARM")) == sorted(set(alarms))
    if geo is not None:
        assert (found["GEO"].latitude, found["GEO"].longitude) == pytest.approx((geo[1], geo[0]), abs=1e-6)


@given(start=st.dates(date(2026, 1, 1), date(2046, 1, 1)), days=st.none() | st.integers(0, 400))
def test_days_are_read_back_and_end_exclusive(start, days):
    (found,) = read(calendar(event(start=start, end=None if days is None else start + timedelta(days=days))))
    assert found["DTSTART"].dt == start
    assert found["DTSTART"].params["VALUE"] == "DATE"
    assert found["DTEND"].dt == start + timedelta(days=max(days or 1, 1))


@given(st.text(max_size=400))
def test_folding_is_undone_by_unfolding_and_cuts_no_character(text):
    line = "X:" + clean(text).replace("\n", "")
    folded = fold(line)
    for part in folded.split(b"\r\n"):
        part.decode()
        assert len(part) <= 75
    assert folded.replace(b"\r\n ", b"") == line.encode() + b"\r\n"


@pytest.mark.parametrize("size", range(70, 80))
@pytest.mark.parametrize("sign", ["a", "ü", "€", "🚧"])
def test_folding_around_the_limit(size, sign):
    line = "a" * size + sign * 40
    first, *rest = fold(line).split(b"\r\n ")
    assert 72 <= len(first) <= 75
    assert len(first) == 75 or sign != "a"
    assert all(len(one) > 0 for one in rest)


def test_an_injected_title_stays_a_title():
    body = calendar(event(summary="Hallo\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nUID:x\r\nSUMMARY:böse\x00"))
    assert body.count(b"BEGIN:VEVENT") == 1 + body.count(b"\\nBEGIN:VEVENT")
    assert len(read(body)) == 1
    assert libical_errors(body) == 0


@given(TEXTS)
def test_no_url_ends_its_line(text):
    (found,) = read(calendar(event(url="https://ortsruf.example/" + text)))
    url = str(found["URL"])
    assert re.fullmatch(r"[!-~]+", url)
    assert url.startswith("https://ortsruf.example/")


def test_urls_that_are_right_stay_as_they_are():
    url = "https://ortsruf.example:8443/a%20b/c;d,e?q=1&r=%C3%BC#z"
    assert uri_value(url) == url
    assert uri_value(" https://müll.example/a b\n") == "https://m%C3%BCll.example/a%20b"


def test_the_profile():
    found = lines(calendar(event(), description="Alles"))
    assert found[:3] == ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Ortsruf//Ortsruf//DE"]
    assert found[-2:] == ["END:VCALENDAR", ""]
    head = found[: found.index("BEGIN:VTIMEZONE")]
    assert "REFRESH-INTERVAL;VALUE=DURATION:PT1H" in head
    assert {
        "X-PUBLISHED-TTL:PT1H",
        "X-WR-CALNAME:Ort",
        "NAME:Ort",
        "COLOR:black",
        "X-APPLE-CALENDAR-COLOR:#171A2B",
    } <= set(head)
    assert "SOURCE;VALUE=URI:https://ortsruf.example/k/x.ics" in head
    assert not [line for line in head if line.startswith(("METHOD", "UID"))]
    assert "DTSTART;TZID=Europe/Berlin:20261203T190000" in found


@pytest.mark.parametrize(
    ("start", "written"),
    [
        (datetime(2027, 10, 31, 0, 30, tzinfo=UTC), "DTSTART;TZID=Europe/Berlin:20271031T023000"),
        (datetime(2027, 10, 31, 1, 30, tzinfo=UTC), "DTSTART:20271031T013000Z"),  # the second 02:30
        (datetime(2027, 10, 31, 2, 0, tzinfo=UTC), "DTSTART;TZID=Europe/Berlin:20271031T030000"),
        (datetime(2027, 3, 28, 1, 0, tzinfo=UTC), "DTSTART;TZID=Europe/Berlin:20270328T030000"),
        (
            datetime(2027, 7, 1, 19, 0, tzinfo=timezone(timedelta(hours=2))),
            "DTSTART;TZID=Europe/Berlin:20270701T190000",
        ),
    ],
)
def test_local_times_and_the_hour_that_comes_twice(start, written):
    assert written in lines(write_event(event(start=start, end=None)))


def test_a_year_that_the_rule_does_not_tell_is_written_in_utc(monkeypatch):
    monkeypatch.setattr(write, "yearly", lambda zone: ZoneInfo("Europe/London"))
    assert "DTSTART:20261203T180000Z" in lines(write_event(event()))


def test_utc_is_written_as_utc():
    body = calendar(event(zone="UTC"), zones=["UTC"])
    assert "DTSTART:20261203T180000Z" in lines(body)
    assert b"VTIMEZONE" not in body


def test_alarms_are_display_once_and_in_order():
    day, hours = timedelta(days=-1), timedelta(hours=-6)
    found = lines(write_event(event(start=date(2026, 12, 8), end=None, alarms=(hours, day, hours))))
    assert [one for one in found if one.startswith(("TRIGGER", "ACTION"))] == [
        "ACTION:DISPLAY", "TRIGGER:-P1D", "ACTION:DISPLAY", "TRIGGER:-PT6H",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("span", "written"),
    [
        (timedelta(0), "PT0S"),
        (timedelta(hours=-30), "-P1DT6H"),
        (timedelta(hours=7), "PT7H"),
        (timedelta(days=14), "P14D"),
        (timedelta(minutes=-90, seconds=-5), "-PT1H30M5S"),
        (timedelta(microseconds=-5), "PT0S"),
    ],
)
def test_durations(span, written):
    assert duration_value(span) == written


def test_order_is_by_instant_then_uid():
    midnight = event(start=date(2026, 12, 4), end=None, uid="b")
    before = event(start=datetime(2026, 12, 3, 22, 59, tzinfo=UTC), end=None, uid="z")
    at = event(start=datetime.combine(date(2026, 12, 4), time(), ZoneInfo("Europe/Berlin")), end=None, uid="c")
    assert sorted([at, midnight, before], key=lambda one: one.order) == [before, midnight, at]


def test_same_content_same_bytes_other_content_other_tag():
    assert calendar(event()) == calendar(event())
    assert re.fullmatch(r'"[0-9a-f]{32}"', etag(calendar(event())))
    assert etag(calendar(event())) != etag(calendar(event(sequence=1)))


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"uid": " \x00"}, "UID"),
        ({"sequence": -1}, "sequence"),
        ({"start": datetime(2026, 12, 3, 18)}, "time zone"),
        ({"changed": datetime(2026, 12, 3, 18)}, "time zone"),
        ({"end": START - timedelta(seconds=1)}, "before it begins"),
        ({"end": date(2026, 12, 4)}, "time and end with a day"),
        ({"start": date(2026, 12, 4)}, "time and end with a day"),
        ({"geo": (7.0, 91.0)}, "longitude"),
        ({"geo": (float("nan"), 50.0)}, "longitude"),
    ],
)
def test_what_no_calendar_can_hold(wrong, why):
    with pytest.raises(ValueError, match=why):
        event(**wrong)


@pytest.mark.parametrize(
    ("wrong", "why"),
    [({"zones": ["Nirgendwo"]}, "time zone"), ({"colour": "rot"}, "colour"), ({"refresh": timedelta(0)}, "refresh")],
)
def test_calendars_that_cannot_be(wrong, why):
    with pytest.raises(ValueError, match=why):
        calendar(**wrong)


def test_an_event_in_an_unknown_zone():
    with pytest.raises(ValueError, match="time zone"):
        write_event(event(zone="Nirgendwo"))
