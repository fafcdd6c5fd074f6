"""Sources, answers and a fake client for the road closures."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from feeds.roads.normalise import normalise
from feeds.roads.parse import parse
from hub.core.notice import PlaceRef
from hub.core.ports import Answer
from hub.core.source import Document, Fetched, FetchState, Source

CORPUS = Path(__file__).parents[2] / "corpus" / "roads"
TOWN = (PlaceRef("ars", "053340002002", "Musterstadt"),)


class Roads:
    """Parses and normalises bytes, objects or corpus files."""

    def source(self, **config):
        named = {name.replace("__", "."): value for name, value in config.items()}
        return Source(id="s1", kind="roads", url="https://roads.example/x", places=TOWN, config=named)

    def fetched(self, *bodies, **config):
        documents = tuple(Document("https://roads.example/x", "", one) for one in bodies)
        return Fetched(documents, datetime(2026, 3, 15, tzinfo=UTC), FetchState(), self.source(**config))

    def body(self, answer):
        if isinstance(answer, bytes):
            return answer
        return (CORPUS / answer).read_bytes() if isinstance(answer, str) else json.dumps(answer).encode()

    def items(self, answer, **config):
        return parse(self.fetched(self.body(answer), **config))

    def notices(self, answer, **config):
        fetched = self.fetched(self.body(answer), **config)
        return [normalise(item, fetched.source) for item in parse(fetched) if not (item.fault or item.note)]

    def notes(self, answer, **config):
        return [item.note for item in self.items(answer, **config) if item.note]

    def feature(self, properties, geometry=None, **more):
        return {"type": "Feature", "properties": properties, "geometry": geometry, **more}

    def collection(self, *features, **more):
        return {"type": "FeatureCollection", "features": list(features), **more}


class Server:
    """A client that answers from a table: URL to body or status."""

    def __init__(self, answers):
        self.answers = answers
        self.asked = []

    def get(self, url, *, headers=None, limits=None):
        self.asked.append(url)
        found = self.answers.get(url, 404)
        if isinstance(found, int):
            return Answer(found, {}, b"", url)
        return Answer(200, {"content-type": "application/json"}, found, url)

    def post(self, url, *, body, headers=None, limits=None):
        raise AssertionError("nothing is posted")


@pytest.fixture
def roads():
    return Roads()


@pytest.fixture
def server():
    return Server
