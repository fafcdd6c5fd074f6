"""An installation's address offers its municipalities with the key to pin."""

from __future__ import annotations

import json

import pytest
from fakes.http import FakeHttp

from feeds.ortsruf.discover import discover
from hub.core.errors import SourceRefused
from hub.core.source import Source

KEY = "A" * 43
TOLD = {
    "version": 1, "installation": "a", "keys": [{"kty": "OKP", "crv": "Ed25519", "x": KEY}],
    "municipalities": [
        {"id": "a", "name": "Hürtgenwald", "feed": "https://kreis.example/a/federation.json"},
        {"id": "b", "name": "Kreuzau", "feed": "https://kreis.example/b/federation.json"},
    ],
}  # fmt: skip
WELL_KNOWN = "https://kreis.example/.well-known/ortsruf.json"


def offers(url: str, told: object = TOLD, key: str = "") -> list[tuple[str, str]]:
    http = FakeHttp().answers(WELL_KNOWN, 200, json.dumps(told).encode())
    found = discover(Source("s", "ortsruf", url, config={"key": key} if key else {}), http)
    assert all(one.settings == {"key": KEY} for one in found)
    return [(one.title, one.url) for one in found]


def test_an_installation_offers_its_municipalities() -> None:
    found = offers("https://kreis.example")
    assert [one[1] for one in found] == [one["feed"] for one in TOLD["municipalities"]]
    assert [one[0] for one in found] == ["Ortsruf Hürtgenwald", "Ortsruf Kreuzau"]


def test_a_feeds_address_is_completed_with_its_key() -> None:
    ((title, url),) = offers("https://kreis.example/b/federation.json")
    assert (title, url) == ("Ortsruf Kreuzau", "https://kreis.example/b/federation.json")


def test_with_a_key_nobody_is_asked() -> None:
    assert discover(Source("s", "ortsruf", "https://kreis.example", config={"key": KEY}), FakeHttp()) == []


@pytest.mark.parametrize("told", [{}, [], "x", {"keys": [{"x": "short"}], "municipalities": TOLD["municipalities"]}])
def test_something_else_is_refused(told) -> None:
    with pytest.raises(SourceRefused):
        offers("https://kreis.example", told)
