"""Recurrence: refused before it can hang, followed as RFC 5545 says."""

from __future__ import annotations

import contextlib
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import icalendar
import pytest
import recurring_ical_events
from hypothesis import given, settings
from hypothesis import strategies as st

from calendars.rules import MOST_OCCURRENCES, RuleRefused, follow, read_rule
from hub.core.errors import SourceError

BERLIN = ZoneInfo("Europe/Berlin")
WINDOW = (date(2026, 9, 1), date(2027, 12, 31))


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=SECONDLY", "FREQ=MINUTELY;COUNT=10", "FREQ=HOURLY;INTERVAL=24", "FREQ=secondly",
        "FREQ=DAILY;FREQ=SECONDLY", "FREQ=DAILY;INTERVAL=0", "FREQ=DAILY;INTERVAL=-1", "FREQ=DAILY;INTERVAL=1e9",
        "FREQ=DAILY;INTERVAL=1001", "FREQ=DAILY;COUNT=1000000000", "FREQ=DAILY;COUNT=0", "FREQ=DAILY;COUNT=-3",
        "FREQ=DAILY;COUNT=99999999999999999999999", "FREQ=DAILY;COUNT=٣", "COUNT=3", "FREQ=", "FREQ=FORTNIGHTLY",
        "FREQ=WEEKLY;UNTL=20270101", "FREQ=YEARLY;BYEASTER=1", "FREQ=WEEKLY;BYDAY=XX", "FREQ=WEEKLY;BYDAY=",
        "FREQ=WEEKLY;BYDAY=MO,,TU", "FREQ=MONTHLY;BYMONTHDAY=32", "FREQ=MONTHLY;BYMONTHDAY=0", "FREQ=YEARLY;BYMONTH=13",
        "FREQ=YEARLY;BYWEEKNO=54", "FREQ=DAILY;BYHOUR=24", "FREQ=YEARLY;BYYEARDAY=367", "FREQ=DAILY;BYSETPOS=0",
        "FREQ=DAILY;BYHOUR=1,2,3,4,5;BYMINUTE=1,2,3,4,5", "FREQ=DAILY;WKST=9", "FREQ=DAILY;BYMONTH=" + "1," * 2_000 + "1",
    ],
)  # fmt: skip
def test_rules_that_no_citizens_calendar_can_have_are_refused(rule, reading, calendar):
    if rule != "FREQ=WEEKLY;BYDAY=":  # an empty part says nothing
        with pytest.raises(RuleRefused):
            read_rule(rule)
    found = reading(calendar(f"SUMMARY:a\nDTSTART:20270104\nRRULE:{rule}", "SUMMARY:b\nDTSTART:20270104"))
    assert "b" in {one.summary for one in found.events}
    assert len(found.faults) == (rule != "FREQ=WEEKLY;BYDAY=")


@pytest.mark.parametrize("often", ["SECONDLY", "MINUTELY", "HOURLY"])
def test_what_repeats_within_a_day_is_refused_by_that_name(often):
    with pytest.raises(RuleRefused, match=f"it repeats {often}, more often than daily"):
        read_rule(f"FREQ={often};COUNT=2")


def test_following_stops_at_the_most_that_an_event_may_have():
    hours = ",".join(map(str, range(24)))
    with pytest.raises(RuleRefused, match="more than 1,500 dates in the time asked for"):
        follow(read_rule(f"FREQ=DAILY;BYHOUR={hours}"), datetime(2026, 9, 7, tzinfo=BERLIN), None, WINDOW)


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30;COUNT=5",
        "FREQ=DAILY;INTERVAL=7;BYDAY=TU",
        "FREQ=YEARLY;BYWEEKNO=1;BYMONTH=7",
        "FREQ=MONTHLY;BYSETPOS=366;BYDAY=MO",
        "FREQ=WEEKLY;BYMONTH=2;BYMONTHDAY=30",
    ],
)
def test_a_rule_that_never_matches_ends_and_is_charged(rule):
    found = follow(read_rule(rule), date(2026, 9, 7), None, WINDOW)
    assert found.dates == ()
    assert found.cost > 100_000


def test_many_rules_together_are_bounded(reading, calendar):
    events = [f"UID:{at}\nDTSTART:20000103\nRRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30" for at in range(500)]
    found = reading(calendar(*events))
    assert len(found.faults) > 90
    assert "too much work" in found.faults[0]


@pytest.mark.parametrize(
    "lines",
    [
        "RDATE:" + ",".join(["20270101T000000Z"] * 1_501),
        "RDATE:" + ",".join(["20270101T000000Z"] * 50_000),
        "\n".join(["RDATE:20270101T000000Z"] * 7_000),
        "RRULE:FREQ=DAILY\n" + "\n".join(["EXDATE:20270101T000000Z"] * 7_000),
        "RRULE:FREQ=DAILY;BYHOUR=1,2,3,4,5,6",
        "EXRULE:FREQ=DAILY",
        "\n".join(f"RRULE:FREQ=DAILY;INTERVAL={at}" for at in range(1, 12)),
    ],
)
def test_bombs_of_dates_lose_their_event_only(lines, reading, calendar):
    found = reading(calendar(f"SUMMARY:a\nDTSTART:20261201T090000Z\n{lines}", "SUMMARY:b\nDTSTART:20270104"))
    assert [one.summary for one in found.events] == ["b"]
    assert len(found.faults) == 1


def test_wall_time_is_kept_across_clock_changes():
    start = datetime(2026, 10, 20, 19, 0, tzinfo=BERLIN)
    found = follow(read_rule("FREQ=WEEKLY;COUNT=30"), start, None, WINDOW).dates
    assert {one.hour for one in found} == {19}
    assert len({one.utcoffset() for one in found}) == 2


def test_leap_days_survive_the_shift_of_400_years():
    found = follow(read_rule("FREQ=YEARLY"), date(2024, 2, 29), None, (date(2024, 1, 1), date(2032, 12, 31))).dates
    assert found == (date(2024, 2, 29), date(2028, 2, 29), date(2032, 2, 29))


def test_exceptions_additions_and_changes(reading, calendar):
    found = reading(
        calendar(
            "UID:1\nSUMMARY:Rat\nDTSTART;TZID=Europe/Berlin:20261005T190000\nDTEND;TZID=Europe/Berlin:20261005T210000\n"
            "RRULE:FREQ=WEEKLY;COUNT=6\nEXDATE;TZID=Europe/Berlin:20261012T190000\nRDATE;TZID=Europe/Berlin:20261014T180000",
            "UID:1\nSUMMARY:Rat (verlegt)\nSEQUENCE:1\nRECURRENCE-ID;TZID=Europe/Berlin:20261019T190000\n"
            "DTSTART;TZID=Europe/Berlin:20261020T170000\nDTEND;TZID=Europe/Berlin:20261020T180000",
            "UID:1\nSUMMARY:Rat\nSTATUS:CANCELLED\nSEQUENCE:1\nRECURRENCE-ID;TZID=Europe/Berlin:20261102T190000\n"
            "DTSTART;TZID=Europe/Berlin:20261102T190000",
        )
    )
    assert found.faults == ()
    assert [(one.start.strftime("%m-%d %H"), one.recurrence[5:13], one.status) for one in found.events] == [
        ("10-05 19", "10-05T19", ""),
        ("10-14 18", "10-14T18", ""),
        ("10-20 17", "10-19T19", ""),
        ("10-26 19", "10-26T19", ""),
        ("11-02 19", "11-02T19", "CANCELLED"),
        ("11-09 19", "11-09T19", ""),
    ]
    assert found.events[2].summary == "Rat (verlegt)"
    assert all(one.end - one.start == timedelta(hours=2) for one in found.events[:2])


def test_until_as_a_day_includes_that_day(corpus, reading):
    found = reading((corpus / "ics-nasty/ical_google_dtstart_until_mismatch.ics").read_bytes())
    assert len(found.events) == 13  # the Thursdays from 5 October to 28 December 2023


def test_until_9999_means_without_end(reading, calendar):
    found = reading(calendar("DTSTART:20261201\nRRULE:FREQ=MONTHLY;UNTIL=99991231"))
    assert len(found.events) == 13


_rules = st.builds(
    lambda freq, interval, day, monthday, count: ";".join(
        [f"FREQ={freq}", f"INTERVAL={interval}", *filter(None, (day, monthday, count))]
    ),
    st.sampled_from(["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]),
    st.integers(1, 5),
    st.sampled_from(["", "BYDAY=MO", "BYDAY=TU,FR", "BYDAY=WE,SA,SU"]),
    st.sampled_from(["", "", "BYMONTHDAY=1,15", "BYMONTHDAY=-1"]),
    st.sampled_from(["", "COUNT=1", "COUNT=7", "COUNT=60"]),
)


@settings(max_examples=60, deadline=None)
@given(rule=_rules, day=st.dates(date(2025, 1, 1), date(2027, 6, 1)), timed=st.booleans())
def test_following_agrees_with_the_library(rule, day, timed):
    start = datetime(day.year, day.month, day.day, 19, 0, tzinfo=BERLIN) if timed else day
    event = icalendar.Event()
    event.add("uid", "1")
    event.add("dtstart", start)
    event.add("rrule", icalendar.vRecur.from_ical(rule))
    calendar = icalendar.Calendar()
    calendar.add_component(event)
    wanted = {one.start for one in recurring_ical_events.of(calendar).between(WINDOW[0], date(2028, 1, 1))}
    # The library counts DTSTART as a date even where the rule does not reach it.
    assert set(follow(read_rule(rule), start, None, WINDOW).dates) | {start} == wanted | {start}


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet="FREQ=DAILYWKMO;BHUNT0123456789,-:SCP", max_size=60).map(lambda tail: "FREQ=DAILY;" + tail))
def test_any_rule_is_refused_or_bounded(text):
    with contextlib.suppress(SourceError):
        assert len(follow(read_rule(text), date(2026, 9, 7), None, WINDOW).dates) <= MOST_OCCURRENCES
