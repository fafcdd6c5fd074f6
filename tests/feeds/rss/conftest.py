"""Sources, fetched documents and feeds written from parts for the news tests."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from feeds.rss.normalise import normalise
from feeds.rss.parse import parse
from hub.core.notice import Notice
from hub.core.source import Document, Fetched, FetchState, Source

CORPUS = Path(__file__).parents[2] / "corpus" / "news"
URL = "https://verein.example/feed.xml"


@pytest.fixture
def corpus() -> Path:
    return CORPUS


@pytest.fixture
def make_fetched() -> Callable[..., Fetched]:
    def make(body: bytes | str, *, content_type: str = "", language: str = "de") -> Fetched:
        data = body.encode() if isinstance(body, str) else body
        return Fetched(
            documents=(Document(URL, content_type, data),),
            at=datetime(2030, 3, 17, tzinfo=UTC),
            state=FetchState(),
            source=Source(id="s1", kind="rss", url=URL, language=language, name="Verein"),
        )

    return make


@pytest.fixture
def read(make_fetched: Callable[..., Fetched]) -> Callable[..., list[Notice]]:
    """``read(body)`` -> notices; faulty entries are left out."""

    def read_all(body: bytes | str, **options: str) -> list[Notice]:
        fetched = make_fetched(body, **options)
        return [normalise(one, fetched.source) for one in parse(fetched) if not (one.fault or one.note)]

    return read_all


@pytest.fixture
def rss() -> Callable[..., str]:
    """``rss(item, …)``: an RSS 2.0 feed with these items' inner XML."""

    def make(*items: str, channel: str = "<title>Verein</title><link>https://verein.example/</link>") -> str:
        inner = "".join(f"<item>{one}</item>" for one in items)
        return f'<?xml version="1.0"?><rss version="2.0"><channel>{channel}{inner}</channel></rss>'

    return make
