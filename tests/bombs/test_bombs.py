"""Each bomb costs one answer: a plain refusal or a bounded reading, and our own process stays small (P-01 to P-07, G6)."""

from __future__ import annotations

import resource
from datetime import UTC, datetime

import pytest

from hub.core.errors import SourceError
from hub.core.source import Document, Fetched, FetchState, Source
from hub.sandbox import parse_safely
from tests.bombs.catalogue import BOMBS, Bomb

NOW = datetime(2026, 11, 23, 11, tzinfo=UTC)
MOST_NOTICES = 20_000
GROWTH = 160_000  # KiB: the bomb itself, the answer's frame, and what Python keeps of both


def fetched(bomb: Bomb) -> Fetched:
    source = Source(
        "bomb", bomb.kind, "https://town.example/x", "town", topic=bomb.kind, config={"mapping.title": "name"}
    )
    return Fetched((Document("https://town.example/x", bomb.media, bomb.write()),), NOW, FetchState(), source)


def outcome(kind: str, answer: Fetched) -> tuple[str, int]:
    """Return what was told of the answer, and how many notices it gave."""
    try:
        found = parse_safely(kind, answer)
    except SourceError as error:
        return str(error), 0
    return f"read: {[one.texts for one in found.notices]}", len(found.notices)


@pytest.mark.parametrize("bomb", BOMBS.values(), ids=BOMBS)
def test_a_bomb_costs_one_answer(bomb: Bomb) -> None:
    answer = fetched(bomb)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    told, count = outcome(bomb.kind, answer)
    assert told.strip()
    assert "root:" not in told
    assert count <= MOST_NOTICES
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before <= GROWTH


def test_there_are_as_many_as_promised() -> None:
    assert len(BOMBS) >= 60
