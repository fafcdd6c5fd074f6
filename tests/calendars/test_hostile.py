"""Hostile input: nothing but ``SourceError`` leaves, and everything ends."""

from __future__ import annotations

import contextlib
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from calendars.read import read
from hub.core.errors import SourceError

CORPUS = Path(__file__).parents[1] / "corpus" / "waste"
WINDOW = (date(2026, 9, 1), date(2027, 12, 31))
FILES = sorted(path.read_bytes() for path in CORPUS.rglob("*.ics") if path.stat().st_size < 6_000)
HEAD, TAIL = "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART:20270104\r\nSUMMARY:Bio\r\n", "END:VEVENT\r\nEND:VCALENDAR\r\n"


@pytest.mark.parametrize("name", sorted(str(path.relative_to(CORPUS)) for path in CORPUS.rglob("ics-nasty/*.ics")))
def test_every_nasty_calendar_is_read_or_refused_in_a_sentence(reading, name):
    try:
        found = reading((CORPUS / name).read_bytes())
    except SourceError as refusal:
        assert str(refusal).endswith(".")  # noqa: PT017 - either outcome is right, an unnamed one is not
    else:
        assert all(fault.endswith(".") for fault in found.faults)


@pytest.mark.parametrize(
    ("inside", "events"),
    [
        ("BEGIN:VALARM\r\n" * 50_000, 1),
        ("BEGIN:VALARM\r\n" * 50_000 + "END:VALARM\r\n" * 50_000, 1),
        ("BEGIN:VALARM\r\nREPEAT:1000000000\r\nTRIGGER:-PT1S\r\nDURATION:PT1S\r\nEND:VALARM\r\n", 1),
        ("DESCRIPTION:" + "x" * 4_900_000 + "\r\n", 1),
        ("DESCRIPTION:" + "\r\n x" * 1_200_000 + "\r\n", 1),
        ('X-A;B="' + 'a";"' * 1_000_000 + "\r\n", 1),
        ("X-A" + ";" * 90_000 + "\r\n", 1),
        ("\0\0\0\r\n", 1),
        ("!\r\n" * 500_000, 1),
        ("\r\n" * 1_000_000, 1),
        ("RDATE:" + "," * 90_000 + "\r\n", 1),
        ("DTSTART:99999999\r\n", 1),
        ("DTEND:00000000\r\nDURATION:P99999D\r\nSEQUENCE:99999999999\r\n", 1),
    ],
)
def test_bombs_leave_the_event(reading, inside, events):
    assert len(reading(HEAD + inside + TAIL).events) == events


def test_an_overlong_line_is_left_out_and_only_a_date_loses_its_event(reading):
    long = "2" * 200_000
    found = reading(HEAD + f"DESCRIPTION:{long}\r\nLOCATION:Hof\r\n" + TAIL)
    assert [(one.description, one.location) for one in found.events] == [("", "Hof")]
    assert "overlong-line" in found.repairs
    found = reading(HEAD + f"RDATE:{long}\r\n" + TAIL)
    assert found.events == ()
    assert found.faults == ("The event 'Bio' was left out: its RDATE is longer than 100,000 characters.",)


def test_fifty_thousand_nested_events_are_refused(reading):
    with pytest.raises(SourceError, match="20,000 events"):
        reading("BEGIN:VCALENDAR\r\n" + "BEGIN:VEVENT\r\n" * 50_000 + TAIL)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(data=st.data())
def test_mutated_calendars_raise_nothing_else(data):
    body = bytearray(data.draw(st.sampled_from(FILES)))
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, max(0, len(body) - 1)))
        piece = data.draw(
            st.one_of(
                st.binary(max_size=6),
                st.sampled_from(
                    [b"RRULE:FREQ=DAILY\n", b"\nEND:VEVENT\n", b"99999999", b"\r", b";TZID=", b"T", b"-", b":"]
                ),
            )
        )
        body[at : at + data.draw(st.integers(0, 12))] = piece
    with contextlib.suppress(SourceError):
        found = read(bytes(body), content_type="", zone="Europe/Berlin", window=WINDOW)
        names = [(one.uid, one.recurrence) for one in found.events]
        assert len(set(names)) == len(names)
        assert all(type(one.end) is type(one.start) and one.end > one.start for one in found.events if one.end)
        assert all(fault.endswith(".") for fault in found.faults)
