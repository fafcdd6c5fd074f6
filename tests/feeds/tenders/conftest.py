"""Sources, fetched documents and a scripted HTTP client for the tender tests."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from feeds.tenders.normalise import normalise
from feeds.tenders.parse import parse
from hub.core.notice import Notice
from hub.core.ports import Answer
from hub.core.source import Document, Fetched, FetchState, Source

CORPUS = Path(__file__).parents[2] / "corpus" / "tenders"


@pytest.fixture
def corpus() -> Path:
    return CORPUS


@pytest.fixture
def make_fetched() -> Callable[..., Fetched]:
    """``make_fetched(body, …, url=, at=, **config)``: what a fetch of these bodies would have given."""

    def make(*bodies: bytes, url: str = "https://example.org/x", at: datetime | None = None, **config: str) -> Fetched:
        return Fetched(
            documents=tuple(Document(url, "", body) for body in bodies),
            at=at or datetime(2020, 1, 1, tzinfo=UTC),
            state=FetchState(),
            source=Source(id="s1", kind="tenders", url=url, config=config),
        )

    return make


@pytest.fixture
def notices(make_fetched) -> Callable[..., list[Notice]]:
    """``notices(body, …)``: parse and normalise, refusing faults; notes are left out."""

    def read(*bodies: bytes, **options) -> list[Notice]:
        fetched = make_fetched(*bodies, **options)
        return [normalise(item, fetched.source) for item in parse(fetched) if not item.note]

    return read


class ScriptedHttp:
    """Answers by URL: a body (200), a status, or an exception to raise; remembers what was asked."""

    def __init__(self, answers: dict[str, bytes | int | Exception], default: bytes | int | Exception = 404) -> None:
        self.answers = answers
        self.default = default
        self.asked: list[str] = []

    def get(self, url, *, headers=None, limits=None) -> Answer:
        self.asked.append(url)
        found = self.answers.get(url, self.default)
        if isinstance(found, Exception):
            raise found
        if isinstance(found, int):
            return Answer(found, {}, b"", url)
        return Answer(200, {"content-type": "application/zip"}, found, url)

    def post(self, url, *, body, headers=None, limits=None) -> Answer:
        raise AssertionError("tenders are only read")


@pytest.fixture
def scripted() -> type[ScriptedHttp]:
    return ScriptedHttp
