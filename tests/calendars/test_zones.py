from datetime import UTC, datetime, timedelta
from functools import cache
from importlib import resources
from io import BytesIO
from zoneinfo import ZoneInfo

import pytest
from dateutil.rrule import rrulestr
from icalendar import Calendar, Timezone

from calendars import zones
from calendars.zones import is_utc, vtimezone, yearly

BERLIN = b"""BEGIN:VTIMEZONE
TZID:Europe/Berlin
BEGIN:STANDARD
DTSTART:19701025T030000
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
TZNAME:CET
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:19700329T020000
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
TZNAME:CEST
END:DAYLIGHT
END:VTIMEZONE
""".replace(b"\n", b"\r\n")


def names() -> list[str]:
    return resources.files("tzdata").joinpath("zones").read_text().split()


@cache
def from_tzdata(zone: str) -> ZoneInfo:
    data = resources.files("tzdata").joinpath("zoneinfo", *zone.split("/")).read_bytes()
    return ZoneInfo.from_file(BytesIO(data), key=zone)


def one_per_rule() -> list[str]:
    return [zone for footer, zone in {zones._footer(one): one for one in reversed(names())}.items() if footer != "UTC0"]


def changes(text: bytes) -> list[tuple[datetime, timedelta]]:
    """The instants from 2025 to 2046 at which an offset begins, worked out from the VTIMEZONE by dateutil."""
    found = []
    for part in Timezone.from_ical(text).subcomponents:
        start, before = part["DTSTART"].dt, part["TZOFFSETFROM"].td
        if "RRULE" in part:
            rule = rrulestr(part["RRULE"].to_ical().decode(), dtstart=start)
            assert rule[0] == start, "DTSTART must be the rule's own first date (RFC 5545, 3.8.5.3)"
            local = rule.between(datetime(2025, 1, 1), datetime(2047, 1, 1))
        else:
            local = [start]
        found += [((one - before).replace(tzinfo=UTC), part["TZOFFSETTO"].td) for one in local]
    return sorted(found)


def test_berlin_to_the_letter():
    assert vtimezone("Europe/Berlin") == BERLIN


@pytest.mark.parametrize("zone", ["UTC", "Etc/UTC", "Etc/Zulu"])
def test_utc_needs_no_zone(zone):
    assert is_utc(zone)
    assert vtimezone(zone) == b""


@pytest.mark.parametrize("zone", ["Europe/London", "Africa/Abidjan", "Etc/GMT-1"])
def test_what_is_not_utc_gets_a_zone(zone):
    assert not is_utc(zone)
    assert f"TZID:{zone}\r\n".encode() in vtimezone(zone)


@pytest.mark.parametrize("zone", one_per_rule())
def test_every_vtimezone_says_what_its_yearly_rule_says(zone):
    rule, found = yearly(zone), changes(vtimezone(zone))
    for instant, offset in found:
        if instant.year >= 2026:
            assert instant.astimezone(rule).utcoffset() == offset
            assert (instant - timedelta(seconds=1)).astimezone(rule).utcoffset() != offset
    for at in days():
        assert at.astimezone(rule).utcoffset() == [offset for instant, offset in found if instant <= at][-1], at


def test_the_yearly_rule_is_tzdata_but_for_single_years():
    other = {
        zone
        for zone in names()
        for at in days()
        if at.astimezone(from_tzdata(zone)).utcoffset() != at.astimezone(yearly(zone)).utcoffset()
    }
    assert other <= {"America/Havana", "Cuba", "Asia/Gaza", "Asia/Hebron"}


def days() -> list[datetime]:
    """Noon of every seventh day from now to 2046."""
    return [datetime(2026, 11, 23, 12, tzinfo=UTC) + timedelta(days=day) for day in range(0, 20 * 365, 7)]


def test_every_zone_of_tzdata_can_be_told_and_has_no_lists():
    told = [vtimezone(zone) for zone in names()]
    assert len(told) > 500
    assert not any(b"RDATE" in one or b"COMMENT" in one for one in told)
    assert all(Timezone.from_ical(one) for one in told if one)


def test_the_egyptian_midnight_may_fall_into_november():
    text = vtimezone("Africa/Cairo")
    assert text.count(b"BEGIN:STANDARD") == 2
    autumn = [instant for instant, offset in changes(text) if offset == timedelta(hours=2)]
    assert len({one.year for one in autumn}) == len(autumn) == 22


def test_irish_summer_is_daylight_time():
    text = Timezone.from_ical(vtimezone("Europe/Dublin"))
    assert {part.name: str(part["TZNAME"]) for part in text.subcomponents} == {"STANDARD": "GMT", "DAYLIGHT": "IST"}


@pytest.mark.parametrize(
    "zone", ["Europe/Nirgendwo", "", "Europe", "tzdata.zi", "../zones", "/etc/passwd", "Europe/Berlin\r\nX", "a" * 300]
)
def test_no_zone(zone):
    with pytest.raises(ValueError, match="time zone"):
        vtimezone(zone)


@pytest.mark.parametrize(
    "footer", ["", "CET", "XYZ-1ABC,J60,J300", "XYZ-1ABC,M2.5.0/-1,M10.5.0/30", "XYZ-1ABC,M3.1.0/-1,M9.1.0"]
)
def test_rules_that_cannot_be_told_say_so(footer):
    with pytest.raises(ValueError, match="time zone"):
        [list(zones._when(period.onset)) for period in zones._periods(footer)]


def test_a_rule_with_seconds_and_a_day_before():
    period = zones._periods("<+012345>-1:23:45<+03>-3,M3.5.0/-1,M10.1.0/26:30")
    assert [zones._offset(one.offset) for one in period] == ["+012345", "+0300"]
    assert next(zones._when(period[1].onset)) == [
        "DTSTART:19700328T230000",
        "RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=SA;BYMONTHDAY=24,25,26,27,28,29,30",
    ]
    assert next(zones._when(period[0].onset))[0] == "DTSTART:19701005T023000"


def test_icalendar_reads_the_zone_alone():
    calendar = Calendar.from_ical(
        b"BEGIN:VCALENDAR\r\n" + BERLIN.replace(b"Europe/Berlin", b"Ort") + b"END:VCALENDAR\r\n"
    )
    zone = calendar.timezones[0].to_tz(lookup_tzid=False)
    at = [datetime(2026, 12, 3, 19), datetime(2027, 7, 1, 19), datetime(2037, 7, 1, 19)]
    assert [one.replace(tzinfo=zone).utcoffset() for one in at] == [timedelta(hours=h) for h in (1, 2, 2)]
