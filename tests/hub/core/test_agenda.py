"""Dates as days of the municipality: each once, bins first, what is over left out."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hub.core.agenda import Agenda, Dated, Day, agenda, next_bins, page
from hub.core.notice import Occurrence, Status
from hub.core.schedule import ends, local_day, starts, wall

slow_machines = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
ZONE = "Europe/Berlin"
NOW = datetime(2026, 11, 23, 11, tzinfo=UTC)  # Monday, 12:00 in Berlin
TODAY = date(2026, 11, 23)
DAY = timedelta(days=1)


def dated(start, end=None, topic="events", notice="n", status=Status.ACTIVE) -> Dated:
    return Dated(notice, f"{notice}-{start}", topic, Occurrence("k", start, end, status=status))


def laid(*dates, days=7, first=TODAY, now=NOW) -> Agenda:
    return agenda(dates, first, first + days * DAY, now, ZONE)


def test_a_day_begins_with_its_bins_then_whole_days_then_the_clock():
    evening, morning = dated(NOW + timedelta(hours=7), notice="e"), dated(NOW + timedelta(hours=1), notice="m")
    market, bin_ = dated(TODAY, notice="market"), dated(TODAY, topic="waste", notice="bin")
    assert laid(evening, market, morning, bin_).on(TODAY) == (bin_, market, morning, evening)


def test_days_are_those_of_the_town_also_when_it_is_another_day_in_utc():
    late = dated(datetime(2026, 11, 23, 23, 30, tzinfo=UTC))  # half past midnight in Berlin
    assert [one.day for one in laid(late).days] == [TODAY + DAY]


def test_what_was_earlier_today_stays_what_was_yesterday_goes():
    assert laid(dated(NOW - timedelta(hours=3))).on(TODAY)
    assert laid(dated(NOW - timedelta(days=1)), dated(TODAY - DAY)) == Agenda(())


def test_what_began_before_and_is_not_over_is_going_on():
    closure = dated(TODAY - 9 * DAY, TODAY + 3 * DAY, topic="roads")
    assert laid(closure) == Agenda((), (closure,))
    assert laid(closure, first=TODAY + 5 * DAY) == Agenda(())


moments = st.integers(-5000, 15000).map(lambda minutes: NOW + timedelta(minutes=minutes))
spans = st.one_of(
    st.tuples(moments, st.none() | st.integers(1, 5000).map(lambda length: timedelta(minutes=length))),
    st.tuples(st.integers(-4, 10).map(lambda days: TODAY + days * DAY), st.none() | st.integers(1, 9).map(lambda n: n * DAY)),
)  # fmt: skip
found = st.lists(
    st.builds(
        lambda span, number, topic, status: dated(
            span[0], span[0] + span[1] if span[1] else None, topic, f"n{number}", status
        ),
        spans, st.integers(0, 3), st.sampled_from(["waste", "events"]), st.sampled_from(Status),
    ),
    unique_by=lambda one: (one.notice, one.slot), max_size=12,
)  # fmt: skip


@slow_machines
@given(found, st.integers(1, 9))
def test_every_date_of_the_span_stands_there_once(dates, days):
    shown = laid(*dates, days=days)
    listed = [one for day in shown.days for one in day.dates] + list(shown.going_on)
    assert sorted(listed, key=repr) == sorted(set(listed), key=repr)
    begin, end = wall(TODAY, time(), ZONE), wall(TODAY + days * DAY, time(), ZONE)
    for one in dates:
        starting, over = starts(one.occurrence, ZONE), ends(one.occurrence, ZONE)
        assert (one in listed) == (begin <= starting < end or (starting < begin and over > NOW))
    for day in shown.days:
        assert day.dates
        assert {local_day(starts(one.occurrence, ZONE), ZONE) for one in day.dates} == {day.day}
    assert all(one.day < other.day for one, other in pairwise(shown.days))


@slow_machines
@given(found)
def test_the_next_bins_are_the_first_of_each_kind_that_stands(dates):
    bins = next_bins(dates, NOW, ZONE)
    ahead = [one for one in dates if one.topic == "waste" and one.occurrence.status is Status.ACTIVE
             and ends(one.occurrence, ZONE) > NOW]  # fmt: skip
    assert {one.notice for one in bins} == {one.notice for one in ahead}
    assert len({one.notice for one in bins}) == len(bins)
    for one in bins:
        assert starts(one.occurrence, ZONE) == min(starts(each.occurrence, ZONE) for each in ahead
                                                   if each.notice == one.notice)  # fmt: skip


@slow_machines
@given(st.lists(st.integers(1, 9), max_size=9), st.integers(1, 12))
def test_pages_of_days_lose_none(sizes, most):
    days = [Day(TODAY + number * DAY, (dated(TODAY),) * size) for number, size in enumerate(sizes)]
    seen, rest, after = [], days, None
    while rest:
        shown, after = page(rest, most)
        assert len(shown) == 1 or sum(len(one.dates) for one in shown) <= most
        seen += shown
        rest = [one for one in rest if after is not None and one.day >= after]
    assert (seen, after) == (days, None)
