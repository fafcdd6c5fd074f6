"""Sources, fetched documents and alerts written from parts for the CAP tests."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from feeds.cap.normalise import normalise
from feeds.cap.parse import parse
from hub.core.notice import Notice
from hub.core.source import Document, Fetched, FetchState, Source

CORPUS = Path(__file__).parents[2] / "corpus" / "weather"
AREA = "<area><areaDesc>Stadt Havelsee</areaDesc><geocode><valueName>WARNCELLID</valueName><value>812069270</value></geocode></area>"


@pytest.fixture
def corpus() -> Path:
    return CORPUS


@pytest.fixture
def make_fetched() -> Callable[..., Fetched]:
    def make(*bodies: bytes, **config: str) -> Fetched:
        url = "https://warnings.example/bundle"
        return Fetched(
            documents=tuple(Document(url, "", body) for body in bodies),
            at=datetime(2030, 3, 17, tzinfo=UTC),
            state=FetchState(),
            source=Source(id="s1", kind="cap", url=url, config=config),
        )

    return make


@pytest.fixture
def read(make_fetched: Callable[..., Fetched]) -> Callable[..., tuple[list[Notice], list[str]]]:
    """``read(body, …)`` -> (notices, faults), as the hub would get them."""

    def read_all(*bodies: bytes, **config: str) -> tuple[list[Notice], list[str]]:
        fetched = make_fetched(*bodies, **config)
        items = parse(fetched)
        good = [one for one in items if not one.fault and not one.note]
        return [normalise(one, fetched.source) for one in good], [one.fault for one in items if one.fault]

    return read_all


@pytest.fixture
def notes(make_fetched: Callable[..., Fetched]) -> Callable[..., list[str]]:
    """``notes(body, …)``: the remarks on an answer that the clerk sees."""
    return lambda *bodies, **config: [one.note for one in parse(make_fetched(*bodies, **config)) if one.note]


@pytest.fixture
def make_alert() -> Callable[..., bytes]:
    """``make_alert(identifier=…, infos=[…])``: a CAP 1.2 alert; an info is (language, inner XML) and gets ``area``."""

    def make(
        identifier: str = "a1", *, status: str = "Actual", scope: str = "Public", message: str = "Alert",
        references: str = "", infos: list[tuple[str, str]] | None = None, area: str = AREA,
        sent: str = "2030-03-17T18:00:00+01:00", head: str = "",
    ) -> bytes:  # fmt: skip
        blocks = "".join(
            f"<info><language>{lang}</language>{inner}{area}</info>"
            for lang, inner in (infos if infos is not None else [("de-DE", "<headline>Sturm</headline>")])
        )
        return (
            f'<?xml version="1.0" encoding="UTF-8"?>{head}<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2">'
            f"<identifier>{identifier}</identifier><sender>warn@town.example</sender><sent>{sent}</sent>"
            f"<status>{status}</status><msgType>{message}</msgType><scope>{scope}</scope>"
            f"<references>{references}</references>{blocks}</alert>"
        ).encode()

    return make
