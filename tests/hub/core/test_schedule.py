"""Wall-clock times against a brute-force clock, over every change of the clocks from 2026 to 2049."""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.core.notice import Occurrence
from hub.core.schedule import after_quiet, ends, local_day, next_monthly, next_wall, reminder_at, starts, wall
from hub.core.subscription import Lead

BERLIN = "Europe/Berlin"
MINUTE = timedelta(minutes=1)


@cache
def shown(day: date) -> dict[time, datetime]:
    """Look at a clock in Berlin every minute of a day; the first time that it shows each time."""
    found: dict[time, datetime] = {}
    at = datetime.combine(day - timedelta(days=1), time(20), UTC)
    while at < datetime.combine(day + timedelta(days=1), time(3), UTC):
        local = at.astimezone(ZoneInfo(BERLIN))
        if local.date() == day:
            found.setdefault(local.time(), at)
        at += MINUTE
    return found


def last_sunday(year: int, month: int) -> date:
    last = date(year, month, 31)
    return last - timedelta(days=(last.weekday() + 1) % 7)


CHANGES = [last_sunday(year, month) for year in range(2026, 2050) for month in (3, 10)]
around_change = st.builds(lambda day, off: day + timedelta(days=off), st.sampled_from(CHANGES), st.integers(-2, 2))
days = around_change | st.dates(date(2026, 1, 1), date(2049, 12, 31))
clocks = st.times().map(lambda at: at.replace(second=0, microsecond=0, fold=0))
instants = st.builds(lambda day, at: datetime.combine(day, at, UTC), days, clocks)


@given(days, clocks)
def test_wall_is_what_a_clock_shows(day: date, at: time) -> None:
    found = shown(day).get(at)
    if found is None:  # the hour that is skipped in spring: an hour later, as the clock before the change would show
        found = shown(day)[at.replace(hour=at.hour + 1)]
    assert wall(day, at, BERLIN) == found


@pytest.mark.parametrize("day", CHANGES)
def test_the_evening_before_is_the_evening_before_a_change_of_the_clocks(day: date) -> None:
    pickup = Occurrence("k", day)
    at = reminder_at(pickup, Lead(days=1, at=time(18)), BERLIN)
    assert at == shown(day - timedelta(days=1))[time(18)]
    assert at.astimezone(ZoneInfo(BERLIN)).utcoffset() == timedelta(hours=1 if day.month == 3 else 2)


@given(days, clocks, st.integers(0, 14), clocks)
def test_a_reminder_by_the_clock_comes_on_the_right_day(day: date, begin: time, before: int, at: time) -> None:
    lead = Lead(days=before, at=at)
    meeting = Occurrence("k", datetime.combine(day, begin, ZoneInfo(BERLIN)))
    asked = reminder_at(meeting, lead, BERLIN)
    assert asked == reminder_at(Occurrence("k", local_day(starts(meeting, BERLIN), BERLIN)), lead, BERLIN)
    assert local_day(asked, BERLIN) == local_day(starts(meeting, BERLIN), BERLIN) - timedelta(days=before)
    assert asked.utcoffset() == timedelta()


@given(instants, st.integers(0, 5000))
def test_a_span_is_elapsed_time(start: datetime, minutes: int) -> None:
    span = timedelta(minutes=minutes)
    assert reminder_at(Occurrence("k", start), Lead(span=span), BERLIN) == start - span


@given(days)
def test_a_day_lasts_from_midnight_to_midnight(day: date) -> None:
    whole = Occurrence("k", day)
    assert starts(whole, BERLIN) == shown(day)[time(0)]
    assert ends(whole, BERLIN) == shown(day + timedelta(days=1))[time(0)]
    assert ends(whole, BERLIN) == ends(Occurrence("k", day, day + timedelta(days=1)), BERLIN)
    hours = {3: 23, 10: 25}.get(day.month, 24) if day in CHANGES else 24
    assert ends(whole, BERLIN) - starts(whole, BERLIN) == timedelta(hours=hours)


@given(instants, clocks)
def test_next_wall_is_the_first_such_time_after(after: datetime, at: time) -> None:
    due = next_wall(after, at, BERLIN)
    assert after < due <= after + timedelta(hours=25)
    day = local_day(after, BERLIN)
    times = [wall(day + timedelta(days=off), at, BERLIN) for off in (-1, 0, 1, 2)]
    assert due == min(one for one in times if one > after)


@given(instants, clocks, clocks)
def test_quiet_hours_delay_to_their_end_and_never_longer(now: datetime, begin: time, end: time) -> None:
    at = after_quiet(now, (begin, end), BERLIN)
    clock = now.astimezone(ZoneInfo(BERLIN)).time()
    quiet = begin <= clock < end if begin <= end else not end <= clock < begin
    if quiet:
        assert at == next_wall(now, end, BERLIN)
        assert at - now <= timedelta(hours=25)
    else:
        assert at == now


def test_without_quiet_hours_nothing_waits() -> None:
    now = datetime(2026, 11, 23, 23, tzinfo=UTC)
    assert after_quiet(now, None, BERLIN) == now


@given(instants, clocks, st.sets(st.sampled_from("1234567"), min_size=1).map("".join))
def test_a_digest_comes_on_the_next_chosen_weekday_at_its_hour(now: datetime, at: time, weekdays: str) -> None:
    found = next_wall(now, at, BERLIN, weekdays)
    first = local_day(now, BERLIN)
    ahead = [wall(first + timedelta(days=count), at, BERLIN) for count in range(9)
             if str((first + timedelta(days=count)).isoweekday()) in weekdays]  # fmt: skip
    assert found == next(one for one in ahead if one > now)


def test_a_digest_on_no_day_is_refused() -> None:
    with pytest.raises(ValueError, match="weekday"):
        next_wall(datetime(2026, 11, 26, tzinfo=UTC), time(7), BERLIN, "")


def test_no_hour_of_any_day_until_2049_is_reminded_of_at_another_time() -> None:
    """8,766 dates x 24 hours, against a clock that is looked at every hour (G17)."""
    first: dict[tuple[date, int], datetime] = {}
    at, zone = datetime(2025, 12, 30, tzinfo=UTC), ZoneInfo(BERLIN)
    while at.year < 2050:
        local = at.astimezone(zone)
        first.setdefault((local.date(), local.hour), at)
        at += timedelta(hours=1)
    wrong, count, day = [], 0, date(2026, 1, 1)
    while day < date(2050, 1, 1):
        pickup = Occurrence("k", day)
        for hour in range(24):
            eve = day - timedelta(days=1)
            wanted = first.get((eve, hour)) or first[eve, hour + 1]
            wrong += [(day, hour)] if reminder_at(pickup, Lead(days=1, at=time(hour)), BERLIN) != wanted else []
            count += 1
        day += timedelta(days=1)
    assert (count, wrong) == (8766 * 24, [])


@pytest.mark.parametrize("change", [last_sunday(2027, 3), last_sunday(2027, 10)])
def test_each_quarter_hour_comes_once_on_the_days_when_clocks_change(change: date) -> None:
    """96 quarter-hours x both changes, seen by a scheduler that looks every five minutes (C-02, G17)."""
    for quarter in range(96):
        at = time(quarter // 4, quarter % 4 * 15)
        now = wall(change - timedelta(days=2), time(12), BERLIN)
        due, came = next_wall(now, at, BERLIN), []
        while now < wall(change + timedelta(days=2), time(12), BERLIN):
            if due <= now:
                came.append(local_day(due, BERLIN))
                due = next_wall(now, at, BERLIN)
            now += 5 * MINUTE
        assert came.count(change) == 1, at
        assert len(came) == len(set(came))


ZONES = st.sampled_from(["Europe/Berlin", "Europe/London", "America/St_Johns", "Australia/Lord_Howe", "Asia/Kathmandu"])
MOMENTS = st.datetimes(datetime(2024, 1, 1), datetime(2031, 1, 1), timezones=st.just(UTC))
HOURS = st.sampled_from([time(hour) for hour in range(24)])


@given(after=MOMENTS, day=st.integers(1, 31), at=HOURS, zone=ZONES)
def test_a_monthly_time_is_the_next_one_on_its_day(after: datetime, day: int, at: time, zone: str) -> None:
    due = next_monthly(after, day, at, zone)
    here, last = local_day(due, zone), monthrange(local_day(due, zone).year, local_day(due, zone).month)[1]
    assert due > after
    assert due - after <= timedelta(days=32)
    assert here.day == min(day, last)
    assert wall(here, at, zone) == due


@given(
    begin=MOMENTS, day=st.integers(1, 31), at=HOURS, zone=ZONES, late=st.timedeltas(timedelta(0), timedelta(days=20))
)
def test_there_is_exactly_one_in_each_month(begin, day, at, zone, late) -> None:
    """Whether the ticker comes at once or up to 20 days late, no month is left out and none has two."""
    due, months = next_monthly(begin, day, at, zone), []
    for _ in range(14):
        here = local_day(due, zone)
        months.append(here.year * 12 + here.month)
        due = next_monthly(due + min(late, timedelta(days=20)), day, at, zone)
    assert months == list(range(months[0], months[0] + 14))


@pytest.mark.parametrize(
    ("after", "day", "due"),
    [
        ("2027-01-31T06:00+01:00", 31, "2027-02-28T06:00+01:00"),
        ("2028-01-31T06:00+01:00", 31, "2028-02-29T06:00+01:00"),
        ("2027-02-28T06:00+01:00", 31, "2027-03-31T06:00+02:00"),  # summer time began on the 28th
        ("2027-12-15T06:00+01:00", 15, "2028-01-15T06:00+01:00"),
        ("2027-12-15T05:59+01:00", 15, "2027-12-15T06:00+01:00"),
    ],
)
def test_monthly_times_by_example(after: str, day: int, due: str) -> None:
    found = next_monthly(datetime.fromisoformat(after), day, time(6), "Europe/Berlin")
    assert found == datetime.fromisoformat(due)
