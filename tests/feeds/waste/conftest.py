"""Fetched waste calendars, and what becomes of them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from feeds.waste.normalise import normalise
from feeds.waste.parse import parse
from hub.core.notice import Notice, PlaceRef
from hub.core.source import Document, Fetched, FetchState, Source

CORPUS = Path(__file__).parents[2] / "corpus" / "waste"
TOWN = PlaceRef("ars", "053700008008", "")


@pytest.fixture
def corpus() -> Path:
    return CORPUS


@pytest.fixture
def make_fetched() -> Callable[..., Fetched]:
    """``make_fetched(body, …, at=, content_type=, **config)``: what a fetch of these bodies would have given."""

    def make(*bodies: bytes | str, at: datetime | None = None, content_type: str = "", **config: str) -> Fetched:
        data = [one.encode() if isinstance(one, str) else one for one in bodies]
        return Fetched(
            documents=tuple(Document("https://example.org/kalender", content_type, one) for one in data),
            at=at or datetime(2026, 11, 23, 9, tzinfo=UTC),
            state=FetchState(),
            source=Source(
                id="s1", kind="waste", url="https://example.org/kalender", topic="waste", places=(TOWN,), config=config
            ),
        )

    return make


@pytest.fixture
def notices(make_fetched) -> Callable[..., list[Notice]]:
    """``notices(body, …, **config)``: parsed and normalised, faults left aside."""

    def make(*bodies: bytes | str, **settings) -> list[Notice]:
        fetched = make_fetched(*bodies, **settings)
        return [normalise(item, fetched.source) for item in parse(fetched) if not item.fault and not item.note]

    return make
