"""Dates of road authorities: every form that was seen, and what must not be taken for one."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.roads.moments import as_day, ends, read_moment, starts

BERLIN = ZoneInfo("Europe/Berlin")


def at(*parts):
    return datetime(*parts, tzinfo=BERLIN)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-03-01", date(2026, 3, 1)),
        ("20260301", date(2026, 3, 1)),
        ("01.03.2026", date(2026, 3, 1)),
        ("1.3.26", date(2026, 3, 1)),
        ("So, 01.03.2026", date(2026, 3, 1)),
        ("1. März 2026", date(2026, 3, 1)),
        ("Montag, 2. März 2026, 07:00 Uhr", at(2026, 3, 2, 7)),
        ("01.03.2026 07:30", at(2026, 3, 1, 7, 30)),
        ("01.03.26 um 20:00 Uhr", at(2026, 3, 1, 20)),
        ("01.03.2026, 07.30 Uhr", at(2026, 3, 1, 7, 30)),
        ("31.03.2026 24:00", at(2026, 4, 1)),
        ("2026-03-01T06:00:00Z", datetime(2026, 3, 1, 6, tzinfo=UTC)),
        ("2021-06-29T09:00:00.000+0200", datetime(2021, 6, 29, 7, tzinfo=UTC)),
        ("2026-03-01T06:00", at(2026, 3, 1, 6)),
        ("2018/02/15 08:00:00+01", datetime(2018, 2, 15, 7, tzinfo=UTC)),
        (1_417_042_800_000, datetime(2014, 11, 26, 23, tzinfo=UTC)),
        ("1417042800000", datetime(2014, 11, 26, 23, tzinfo=UTC)),
        (1_417_042_800, datetime(2014, 11, 26, 23, tzinfo=UTC)),
    ],
)
def test_reads_each_form(text, moment):
    found = read_moment(text, BERLIN)
    assert found == moment
    assert isinstance(found, datetime) == isinstance(moment, datetime)


@pytest.mark.parametrize(
    "value",
    ["", "Frühjahr 2026", "31.02.2026", "31.12.9999", "1899-12-30", "25:00", "99.99.2026 10:00", 0, 7, -1, 1e300,
     float("nan"), float("inf"), True, None, [], {}, "9" * 5000, "01.03.2026 25:61", "2026-03-01T06:00+99:99"],
)  # fmt: skip
def test_takes_nothing_else_for_a_date(value):
    assert read_moment(value, BERLIN) is None


@pytest.mark.parametrize(
    ("text", "form", "moment"),
    [
        ("03/01/26", "%m/%d/%y", date(2026, 3, 1)),
        ("2026-03-01 7 Uhr", "%Y-%m-%d %H Uhr", at(2026, 3, 1, 7)),
        ("2026-03-01T07:00+0500", "%Y-%m-%dT%H:%M%z", datetime(2026, 3, 1, 2, tzinfo=UTC)),
        ("x", "%Y", None),
        ("2026", "%Y%", None),
    ],
)
def test_reads_a_given_format(text, form, moment):
    assert read_moment(text, BERLIN, form) == moment


def test_a_day_ends_at_the_next_local_midnight_also_when_the_clock_changes():
    assert starts(date(2026, 3, 29), BERLIN).astimezone(UTC) == datetime(2026, 3, 28, 23, tzinfo=UTC)
    assert ends(date(2026, 3, 29), BERLIN).astimezone(UTC) == datetime(2026, 3, 29, 22, tzinfo=UTC)


def test_local_midnight_may_stand_for_the_day():
    assert as_day(datetime(2018, 2, 14, 23, tzinfo=UTC), BERLIN) == date(2018, 2, 15)
    assert as_day(at(2018, 2, 15, 8), BERLIN) == at(2018, 2, 15, 8)
    assert as_day(None, BERLIN) is None


@given(st.datetimes(datetime(1990, 1, 1), datetime(2099, 12, 30)))
def test_german_and_iso_writing_say_the_same(naive):
    naive = naive.replace(second=0, microsecond=0)
    german = read_moment(f"{naive:%d.%m.%Y %H:%M} Uhr", BERLIN)
    assert german == read_moment(naive.isoformat(), BERLIN) == naive.replace(tzinfo=BERLIN)
    assert abs(ends(naive.date(), BERLIN) - german) <= timedelta(days=1)


@given(st.one_of(st.text(max_size=80), st.integers(), st.floats(), st.from_regex(r"\d{1,4}[-./]\d{1,4}[-./]\d{1,4}.*")))
def test_anything_gives_a_moment_or_none(value):
    found = read_moment(value, BERLIN)
    assert found is None or isinstance(found, date)
    if isinstance(found, datetime):
        assert found.astimezone(UTC)
