"""Dates as feeds write them, and as German sites write them."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds._syndication.dates import read_date

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(("text", "meant"), [
    ("Mon, 04 Mar 2030 09:00:00 +0100", "2030-03-04T09:00:00+01:00"), ("So, 03 Mär 2030 10:00:00 +0100", "2030-03-03T10:00:00+01:00"),
    ("Mi, 01 Mai 2030 10:00:00 +0200", "2030-05-01T10:00:00+02:00"), ("Do, 31 Okt 2030 10:00:00 MEZ", "2030-10-31T10:00:00+01:00"),
    ("Di, 24 Dez 2030 18:00:00 GMT", "2030-12-24T18:00:00+00:00"), ("3. März 2030, 10.30 Uhr", "2030-03-03T10:30:00+01:00"),
    ("28.02.2030 20:00", "2030-02-28T20:00:00+01:00"), ("Samstag, 6.4.2030 um 19.30 Uhr", "2030-04-06T19:30:00+02:00"),
    ("1.7.2030", "2030-07-01T00:00:00+02:00"), ("2030-03-02", "2030-03-02T00:00:00+01:00"), ("2030-03-02T10:00:00Z", "2030-03-02T10:00:00+00:00"),
    ("2030-03-02 10:00", "2030-03-02T10:00:00+01:00"), ("Sat, 07 Sep 02 00:00:01 GMT", "2002-09-07T00:00:01+00:00"),
    ("Sun, 03 Mar 2030 10:00:00 EST", "2030-03-03T10:00:00-05:00"), ("Sun, 03 Mar 2030 10:00:00 -0000", "2030-03-03T10:00:00+00:00"),
    ("15. Juni 2030", "2030-06-15T00:00:00+02:00"), ("Jänner", None), ("Thu, 01 Jan 1970 01:00:00 +0100", None), ("01.01.1970", None),
    ("", None), ("gestern", None), ("31.02.2030", None), ("32 Mär 2030", None), ("0000-00-00 00:00:00", None), ("20300301", None),
])  # fmt: skip
def test_dates(text, meant) -> None:
    assert read_date(text, BERLIN) == (datetime.fromisoformat(meant) if meant else None)


def test_the_library_has_the_last_word() -> None:
    parsed = datetime(2030, 3, 3, 9, 0, tzinfo=UTC).timetuple()
    assert read_date("unreadable", BERLIN, parsed) == datetime(2030, 3, 3, 9, 0, tzinfo=UTC)


@given(st.text(alphabet="0123456789.:-+ TZUhrMäonApGC,", max_size=40))
def test_any_text_is_an_aware_time_or_none(text) -> None:
    found = read_date(text, BERLIN)
    assert found is None or found.astimezone(UTC)
