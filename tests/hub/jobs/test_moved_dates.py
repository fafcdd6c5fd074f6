"""A collection that moves (C-07): its reminder follows; who was reminded already gets one correction, nobody else.

The dates come from calendars and tables as a town edits them, through the doors that every source has.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

import pytest
from fakes.house import Town

from feeds.waste.normalise import normalise
from feeds.waste.parse import parse
from hub.core.message import Result
from hub.core.notice import Notice, PlaceRef
from hub.core.source import Document, Fetched, FetchState, Source
from hub.core.subscription import Action, Criteria
from tests.fakes.office import xlsx

TUESDAY, WEDNESDAY, THURSDAY = date(2026, 11, 24), date(2026, 11, 25), date(2026, 11, 26)
LATER = (date(2026, 12, 8), date(2026, 12, 22), date(2027, 1, 5))
Writer = Callable[..., bytes]


def ics(*days: date, cancelled: tuple[date, ...] = ()) -> bytes:
    events = [
        f"BEGIN:VEVENT\r\nUID:{at}\r\nDTSTAMP:20260101T000000Z\r\nSUMMARY:Restmüll\r\nDTSTART;VALUE=DATE:{day:%Y%m%d}\r\n"
        f"{'STATUS:CANCELLED' if day in cancelled else 'STATUS:CONFIRMED'}\r\nEND:VEVENT\r\n"
        for at, day in enumerate(days)
    ]
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{''.join(events)}END:VCALENDAR\r\n".encode()


def ics_without_uid(*days: date, cancelled: tuple[date, ...] = ()) -> bytes:
    lines = ics(*days, cancelled=cancelled).decode().split("\r\n")
    return "\r\n".join(line for line in lines if not line.startswith(("UID", "DTSTAMP"))).encode()


def table(*days: date, cancelled: tuple[date, ...] = ()) -> bytes:
    rows = [f"{day:%d.%m.%Y};Restmüll{' (entfällt)' if day in cancelled else ''}" for day in days]
    return "\r\n".join(["Datum;Abfuhrart", *rows]).encode()


def office(*days: date, cancelled: tuple[date, ...] = ()) -> bytes:
    rows = [[day, f"Restmüll{' entfällt' if day in cancelled else ''}"] for day in days]
    return xlsx({"2026": [["Datum", "Abfuhrart"], *rows]})


@pytest.fixture(params=[ics, table, office], ids=lambda one: one.__name__)
def written(request) -> Writer:
    return request.param


def notices(body: bytes, at: datetime) -> list[Notice]:
    source = Source(
        "s1", "waste", "https://town.example/abfuhr", places=(PlaceRef("ars", "053580016016"),), topic="waste"
    )
    fetched = Fetched((Document(source.url, "", body),), at, FetchState(), source)
    return [normalise(item, source) for item in parse(fetched) if not item.fault and not item.note]


@pytest.fixture
def poll(village: Town) -> Callable[[bytes], None]:
    def do(body: bytes) -> None:
        village.poll("s1", *notices(body, village.clock()))

    return do


@pytest.fixture
def reminded(village: Town, written: Writer, poll) -> int:
    """The endpoint of somebody who wants to be reminded at six in the evening before; Tuesday's bins are known."""
    village.clock.to("2026-11-20T12:00:00+01:00")
    person = village.person(Criteria(topics=("waste",)), ("webpush", Action.REMINDER, "P1D@18:00"))
    village.source(topic="waste")
    poll(written(TUESDAY, *LATER))
    return person


def told_to(village: Town, endpoint: int) -> list[str]:
    """Return ``change day`` of each message that went to ``endpoint``."""
    found = [(one, message) for one, message in village.push.sent if one.endpoint == str(endpoint)]
    return [f"{message.change.value} {message.entries[0].occurrence.start:%d.%m.}" for _, message in found]


EVENING = ["reminder 25.11."]


one_format = pytest.mark.parametrize("written", [ics_without_uid], indirect=True, ids=["ics"])
OLD, CORRECTED, NEW = "reminder 24.11.", "correction 25.11.", "reminder 25.11."


@pytest.mark.parametrize(
    ("moment", "messages"),
    [
        ("2026-11-21T10:00:00+01:00", [NEW]),  # days before the reminder
        ("2026-11-23T17:20:00+01:00", [NEW]),  # minutes before it
        ("2026-11-23T18:20:00+01:00", [OLD, CORRECTED, NEW]),  # just after it
        ("2026-11-24T05:30:00+01:00", [OLD, CORRECTED, NEW]),  # when the bins stand outside
        ("2026-11-24T17:20:00+01:00", [OLD, CORRECTED, NEW]),  # shortly before the new evening
        ("2026-11-24T20:00:00+01:00", [OLD, CORRECTED]),  # after it: the correction is reminder enough
    ],
)
def test_a_date_that_moves_at_six_moments(village: Town, written: Writer, poll, reminded: int, moment, messages):
    early = village.person(Criteria(topics=("waste",)), ("webpush", Action.REMINDER, "P1D@15:00"))
    late = village.person(Criteria(topics=("waste",)), ("webpush", Action.REMINDER, "P0D@23:00"))
    for tick in ("2026-11-23T15:01:00+01:00", "2026-11-23T18:01:00+01:00", moment):
        if datetime.fromisoformat(tick) <= datetime.fromisoformat(moment):
            village.clock.to(tick)
            village.run()
    poll(written(WEDNESDAY, *LATER))
    poll(written(WEDNESDAY, *LATER))
    for tick in ("2026-11-23T15:01:00+01:00", "2026-11-23T18:01:00+01:00", "2026-11-24T18:01:00+01:00"):
        if village.clock() < datetime.fromisoformat(tick):
            village.clock.to(tick)
            village.run()
    poll(written(WEDNESDAY, *LATER))
    assert told_to(village, reminded) == messages
    told_early = told_to(village, early)
    assert told_early.count(CORRECTED) == told_early.count(OLD)
    assert CORRECTED not in told_to(village, late)


@one_format
def test_after_the_old_day_nothing_is_corrected(village: Town, written: Writer, poll, reminded: int):
    village.clock.to("2026-11-23T18:01:00+01:00")
    village.run()
    village.clock.to("2026-11-25T12:00:00+01:00")
    poll(written(THURSDAY, *LATER))
    assert told_to(village, reminded) == ["reminder 24.11."]


@one_format
def test_moved_twice_is_corrected_twice_and_back_again(village: Town, written: Writer, poll, reminded: int):
    village.clock.to("2026-11-23T18:01:00+01:00")
    village.run()
    poll(written(WEDNESDAY, *LATER))
    poll(written(THURSDAY, *LATER))
    poll(written(TUESDAY, *LATER))
    assert told_to(village, reminded) == [
        "reminder 24.11.",
        "correction 25.11.",
        "correction 26.11.",
        "correction 24.11.",
    ]


@one_format
def test_a_date_that_is_called_off_after_the_reminder(village: Town, written: Writer, poll, reminded: int):
    village.clock.to("2026-11-23T18:01:00+01:00")
    village.run()
    poll(written(TUESDAY, *LATER, cancelled=(TUESDAY,)))
    poll(written(TUESDAY, *LATER, cancelled=(TUESDAY,)))
    assert told_to(village, reminded) == ["reminder 24.11.", "correction 24.11."]
    assert village.push.sent[-1][1].entries[0].occurrence.status == "cancelled"


@one_format
def test_a_reminder_that_is_still_on_its_way_says_the_new_date_or_is_corrected(
    village: Town, written: Writer, poll, reminded: int
):
    village.push.answers(reminded, Result.RETRY)
    village.clock.to("2026-11-23T18:01:00+01:00")
    village.run()
    assert told_to(village, reminded) == []
    poll(written(WEDNESDAY, *LATER))
    village.clock.forward(minutes=30)
    village.run()
    told = told_to(village, reminded)
    assert told
    assert told[-1].endswith("25.11.")
    assert len([one for one in told if one.startswith("correction")]) <= 1
