"""Calendars written by hand, and the corpus of real and broken ones."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from calendars.event import Reading
from calendars.read import read

CORPUS = Path(__file__).parents[1] / "corpus" / "waste"
WINDOW = (date(2026, 9, 1), date(2027, 12, 31))


@pytest.fixture
def corpus() -> Path:
    return CORPUS


@pytest.fixture
def reading() -> Callable[..., Reading]:
    """``reading(body, content_type=, zone=, window=)`` of bytes or text."""

    def make(
        body: bytes | str, content_type: str = "text/calendar", zone: str = "Europe/Berlin", window=WINDOW
    ) -> Reading:
        data = body.encode() if isinstance(body, str) else body
        return read(data, content_type=content_type, zone=zone, window=window)

    return make


@pytest.fixture
def calendar() -> Callable[..., str]:
    """``calendar(event, …, head=)``: event texts (lines separated by LF, without BEGIN and END) as one calendar."""

    def make(*events: str, head: str = "") -> str:
        parts = [f"BEGIN:VEVENT\n{one.strip()}\nEND:VEVENT\n" for one in events]
        text = f"BEGIN:VCALENDAR\nVERSION:2.0\n{head}{''.join(parts)}END:VCALENDAR\n"
        return text.replace("\n", "\r\n")

    return make
