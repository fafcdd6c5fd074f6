"""Fetched tables, and what becomes of them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from feeds.table.normalise import normalise
from feeds.table.parse import parse
from hub.core.notice import Notice, PlaceRef
from hub.core.source import Document, Fetched, FetchState, Item, Source

CORPUS = Path(__file__).parents[2] / "corpus"
AT = datetime(2026, 11, 23, 9, tzinfo=UTC)


@pytest.fixture
def corpus() -> Path:
    return CORPUS


@pytest.fixture
def make_fetched() -> Callable[..., Fetched]:
    """``make_fetched(body, …, topic=, **config)``: what a fetch of these bodies would have given."""

    def make(*bodies: bytes | str, topic: str = "events", at: datetime = AT, **config: str) -> Fetched:
        data = [one.encode() if isinstance(one, str) else one for one in bodies]
        source = Source(
            id="s1", kind="table", url="https://gemeinde.example/liste.csv", topic=topic, name="Gemeinde Musterdorf",
            places=(PlaceRef("ars", "053580016016"),), config=config,
        )  # fmt: skip
        return Fetched(tuple(Document(source.url, "", one) for one in data), at, FetchState(), source)

    return make


@pytest.fixture
def items(make_fetched) -> Callable[..., list[Item]]:
    return lambda *bodies, **settings: parse(make_fetched(*bodies, **settings))


@pytest.fixture
def notices(make_fetched) -> Callable[..., list[Notice]]:
    def make(*bodies: bytes | str, **settings) -> list[Notice]:
        fetched = make_fetched(*bodies, **settings)
        return [normalise(item, fetched.source) for item in parse(fetched) if item.data]

    return make
