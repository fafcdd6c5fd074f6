"""A recorded feed with the headers that signed it, and what a source of it makes of that."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from fakes.http import FakeHttp

from feeds.ortsruf.normalise import normalise
from feeds.ortsruf.parse import parse
from hub.core.notice import Notice, PlaceRef
from hub.core.source import Document, Fetched, FetchState, Item, Source

CORPUS = Path(__file__).parents[2] / "corpus" / "federation" / "recorded"
URL = "https://huertgenwald.example/huertgenwald/federation.json"
KEY = "dxAtHNFOxQB-_uB65D9H8nDSeNsujSpIS3lWJH5YRbY"
PLACE = PlaceRef("ars", "053580020020")  # Kreuzau, which reads Hürtgenwald's feed


@pytest.fixture
def good() -> bytes:
    return (CORPUS / "good.json").read_bytes()


@pytest.fixture
def headers() -> dict[str, str]:
    found: dict[str, str] = json.loads((Path(__file__).parent / "headers.json").read_text())
    return found


@pytest.fixture
def make_source() -> Callable[..., Source]:
    def make(url: str = URL, places: tuple[PlaceRef, ...] = (PLACE,), **config: str) -> Source:
        return Source("s1", "ortsruf", url, "kreuzau", topic="news", places=places, config={"key": KEY, **config})

    return make


@pytest.fixture
def http(good, headers) -> FakeHttp:
    return FakeHttp().answers(URL, 200, good, headers)


@pytest.fixture
def items(make_source) -> Callable[..., list[Item]]:
    """``items(body, …)``: what a source with these settings reads in a body."""

    def read(body: bytes | dict[str, Any], **config: Any) -> list[Item]:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        at = datetime(2026, 11, 23, 13, tzinfo=UTC)
        return parse(Fetched((Document(URL, "", data),), at, FetchState(), make_source(**config)))

    return read


@pytest.fixture
def notices(items, make_source) -> Callable[..., dict[str, Notice]]:
    """``notices(body, …)``: the notices by their title, bare ends by their key."""

    def read(body: bytes | dict[str, Any], **config: Any) -> dict[str, Notice]:
        found = [normalise(one, make_source(**config)) for one in items(body, **config) if not (one.fault or one.note)]
        return {one.title or one.key: one for one in found}

    return read
