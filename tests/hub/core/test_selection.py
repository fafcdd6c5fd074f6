"""Today, this week, this month: spans of the municipality's own calendar."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from fakes.house import NOON, news
from hypothesis import given
from hypothesis import strategies as st

from hub.core.notice import Occurrence
from hub.core.selection import When, begins, is_over_at, window

BERLIN = "Europe/Berlin"


@pytest.mark.parametrize(
    ("when", "begin", "today", "end"),
    [
        (When.TODAY, "2026-11-25", "2026-11-25", "2026-11-26"),
        (When.TOMORROW, "2026-11-26", "2026-11-26", "2026-11-27"),
        (When.WEEK, "2026-11-23", "2026-11-25", "2026-11-30"),
        (When.MONTH, "2026-11-01", "2026-11-25", "2026-12-01"),
    ],
)
def test_spans_follow_the_local_calendar(when, begin, today, end) -> None:
    span = window(when, datetime(2026, 11, 24, 23, 30, tzinfo=UTC), BERLIN)  # 00:30 on Wednesday in Berlin
    local = [str(one.astimezone(ZoneInfo(BERLIN)).date()) for one in (span.begin, span.today, span.end)]
    assert local == [begin, today, end]


def test_december_ends_with_the_year() -> None:
    span = window(When.MONTH, datetime(2026, 12, 31, 12, tzinfo=UTC), BERLIN)
    assert span.end == datetime(2026, 12, 31, 23, tzinfo=UTC)


@given(st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC)), st.sampled_from(list(When)))
def test_now_lies_in_every_span_but_tomorrow(now, when) -> None:
    span = window(when, now, BERLIN)
    if span is None:
        assert when in {When.ALL, When.PAST}
    else:
        assert span.begin <= span.today < span.end
        assert (span.today <= now < span.end) == (when is not When.TOMORROW)


def test_a_notice_is_over_with_its_end_its_last_date_or_never() -> None:
    day = Occurrence("a", date(2026, 12, 1))
    assert is_over_at(news(expires=NOON), [day], BERLIN) == NOON
    assert is_over_at(news(), [day], BERLIN) == datetime(2026, 12, 1, 23, tzinfo=UTC)
    assert is_over_at(news(deadline=NOON), [], BERLIN) == NOON
    assert is_over_at(news(), [], BERLIN) is None
    assert begins(news(sent=NOON), [day], BERLIN) == datetime(2026, 11, 30, 23, tzinfo=UTC)
    assert begins(news(sent=NOON, valid_from=NOON + timedelta(1)), [], BERLIN) == NOON + timedelta(1)
