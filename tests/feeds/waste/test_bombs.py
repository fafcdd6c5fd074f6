"""Bombs in the limited child: a typed refusal or bounded dates, two seconds of computing at most (P-02, P-03)."""

from __future__ import annotations

import pytest

from hub.core.errors import SourceError, SourceRefused, SourceTooLarge
from hub.sandbox import ParseLimits, parse_safely

LIMITS = ParseLimits(cpu_seconds=2, wall_seconds=60, memory=256 * 1024 * 1024)
HEAD, TAIL = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\n", "END:VCALENDAR\r\n"
START = "DTSTART;TZID=Europe/Berlin:20261201T060000"
NEVER = "BYMONTH=2;BYMONTHDAY=30"
RULES = [
    *(f"RRULE:FREQ={often}" for often in ("SECONDLY", "MINUTELY", "HOURLY", "secondly", "DAILY", "WEEKLY", "YEARLY")),
    *(f"RRULE:FREQ=DAILY;INTERVAL={number}" for number in ("0", "-1", "1e9", "99999999999999999999", "1000", "00")),
    *(f"RRULE:FREQ=DAILY;COUNT={number}" for number in ("1000000000", "0", "-1", "20000", "2147483648")),
    *(f"RRULE:FREQ={often};{NEVER}" for often in ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")),
    "RRULE:FREQ=YEARLY;BYWEEKNO=1;BYMONTH=7",
    "RRULE:FREQ=MONTHLY;BYSETPOS=366;BYDAY=MO",
    "RRULE:FREQ=DAILY;BYHOUR=0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23",
    "RRULE:FREQ=DAILY;BYHOUR=1,2,3,4,5,6,7,8;BYMINUTE=1,2,3,4,5,6,7,8;BYSECOND=1,2,3",
    "RRULE:FREQ=DAILY;BYSECOND=" + ",".join(map(str, range(60))),
    "RRULE:FREQ=YEARLY;BYYEARDAY=" + ",".join(map(str, range(1, 367))),
    "RRULE:FREQ=YEARLY;BYDAY=" + ",".join(f"{at}MO" for at in range(1, 54)),
    "RRULE:FREQ=DAILY;BYMONTH=" + "1," * 2_000 + "1",
    "\r\n".join(f"RRULE:FREQ=DAILY;INTERVAL={at}" for at in range(1, 12)),
    "\r\n".join(["RRULE:FREQ=DAILY"] * 5_000),
    "EXRULE:FREQ=SECONDLY",
    "RRULE:FREQ=DAILY\r\nEXRULE:FREQ=DAILY;INTERVAL=2",
    "RDATE:" + ",".join(["20270101T000000Z"] * 1_501),
    "RDATE:" + ",".join(f"2027{at // 28 % 12 + 1:02}{at % 28 + 1:02}T{at // 336 % 24:02}0000Z" for at in range(8_000)),
    "RDATE;VALUE=PERIOD:" + ",".join(["20270101T000000Z/P9999D"] * 1_000),
    "RRULE:FREQ=DAILY\r\n" + "\r\n".join(["EXDATE:20270101T000000Z"] * 7_000),
    "RRULE:FREQ=DAILY;UNTIL=99991231T235959Z",
    "RRULE:FREQ=DAILY;UNTIL=",
]


def event(at: int, *lines: str) -> str:
    return "\r\n".join(["BEGIN:VEVENT", f"UID:{at}", f"SUMMARY:Restmüll {at}", START, *lines, "END:VEVENT", ""])


def test_there_are_forty_rules():
    assert len(set(RULES)) >= 40


def test_forty_rule_bombs_lose_themselves_only(make_fetched):
    body = HEAD + "".join(event(at, rule) for at, rule in enumerate(RULES)) + event(99) + TAIL
    found = parse_safely("waste", make_fetched(body), limits=LIMITS)
    dates = {notice.title: len(notice.occurrences) for notice in found.notices}
    assert dates["Restmüll 99"] == 1
    assert max(dates.values()) <= 1_500
    assert len(dates) + len(found.refused) == len(RULES) + 1
    assert all(one.reason.endswith(".") for one in found.refused)
    assert dates["Restmüll 4"] > 365


@pytest.mark.parametrize("rule", RULES)
def test_each_bomb_alone_is_refused_or_bounded(make_fetched, notices, rule):
    try:
        found = notices(HEAD + event(1, rule) + TAIL)
    except SourceError as refusal:
        assert "left out" in str(refusal)  # noqa: PT017 - either outcome is right, an endless one is not
    else:
        assert sum(len(one.occurrences) for one in found) <= 1_500


@pytest.mark.parametrize(
    "inside",
    [
        "BEGIN:VALARM\r\nREPEAT:1000000000\r\nTRIGGER:-PT1S\r\nDURATION:PT1S\r\nEND:VALARM\r\n" * 1_000,
        "BEGIN:VALARM\r\n" * 50_000,
        "DESCRIPTION:" + "x" * 4_900_000 + "\r\n",
        "DESCRIPTION:" + "<script>" * 500_000 + "\r\n",
        *(f"DESCRIPTION:{'<a ' * 3_000}\r\nBEGIN:X{at}\r\n" for at in range(1)),
    ],
)
def test_bombs_inside_an_event_leave_it(make_fetched, inside):
    body = HEAD + event(1).replace("END:VEVENT\r\n", inside + "END:VEVENT\r\n") + TAIL
    found = parse_safely("waste", make_fetched(body), limits=LIMITS)
    assert [one.title for one in found.notices] == ["Restmüll 1"]


def test_a_thousand_changed_dates_are_bounded(make_fetched):
    changed = "".join(
        event(1, f"RECURRENCE-ID;TZID=Europe/Berlin:2027{at // 28 % 12 + 1:02}{at % 28 + 1:02}T060000")
        for at in range(1_400)
    )
    body = HEAD + event(1, "RRULE:FREQ=DAILY") + changed + event(2) + TAIL
    found = parse_safely("waste", make_fetched(body), limits=LIMITS)
    assert "Restmüll 2" in {one.title for one in found.notices}


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (HEAD + "X-A:" + "a" * 20_000_000, SourceTooLarge),
        (HEAD + "BEGIN:VEVENT\r\n" * 50_000 + TAIL, SourceRefused),
        (HEAD + event(1) * 20_001 + TAIL, SourceRefused),
    ],
)
def test_what_is_too_much_is_refused_whole(make_fetched, body, error):
    with pytest.raises(error):
        parse_safely("waste", make_fetched(body), limits=LIMITS)
