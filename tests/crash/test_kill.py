"""Kill -9 between any two steps: nothing is lost, and nothing is shown twice (architecture, rules 1 to 4; G1).

Here every named failpoint is visited once, and a few moments by chance; ``make torture`` visits 500 and more.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterator

import pytest
from crash.cases import Children, Postgres, Sqlite
from crash.names import named_failpoints
from postgres_server import Server

WIRE = ("webpush.", "mail.")  # visited by the real channels, in test_wire.py
QUEUE = "postgres."
PARTS = 4


@pytest.fixture(scope="module")
def children() -> Iterator[Children]:
    made = Children()
    yield made
    made.close()


@pytest.fixture(scope="module")
def sqlite(tmp_path_factory: pytest.TempPathFactory, children: Children) -> Sqlite:
    return Sqlite(tmp_path_factory.mktemp("crash"), children)


@pytest.fixture(scope="module")
def steps(sqlite: Sqlite) -> dict[str, int]:
    return sqlite.case().steps()


@pytest.fixture(scope="module")
def distributed(postgres: Server, tmp_path_factory: pytest.TempPathFactory, children: Children) -> Postgres:
    return Postgres(postgres, tmp_path_factory.mktemp("crash"), children)


def test_the_story_passes_every_failpoint(steps: dict[str, int]) -> None:
    unseen = [one for one in named_failpoints() if one not in steps and not one.startswith((*WIRE, QUEUE))]
    assert unseen == []


@pytest.mark.slow
@pytest.mark.parametrize("part", range(PARTS))
def test_a_death_at_any_named_place_loses_nothing(sqlite: Sqlite, steps: dict[str, int], part: int) -> None:
    chance = random.Random(part)
    for name in sorted(steps)[part::PARTS]:
        died, _ = sqlite.case().survive(f"{name}:{chance.randint(1, steps[name])}")
        assert died, name


@pytest.mark.slow
def test_a_death_at_any_moment_loses_nothing(sqlite: Sqlite) -> None:
    began = time.monotonic()
    sqlite.case().steps()
    lasts = time.monotonic() - began
    chance = random.Random(7)
    died = [sqlite.case().survive(kill_after=chance.uniform(0, lasts))[0] for _ in range(4)]
    assert any(died)


@pytest.mark.slow
def test_workers_on_postgresql_keep_the_same_promise(distributed: Postgres) -> None:
    steps = distributed.case("postgres").steps()
    assert [one for one in named_failpoints() if one.startswith(QUEUE) and one not in steps] == []
    for name in sorted(one for one in steps if one.startswith(QUEUE)):
        assert distributed.case("postgres").survive(f"{name}:{steps[name] // 2}")[0], name
    assert distributed.case("postgres").survive("wire.after-post:33")[0]
    assert distributed.case().survive("deliver.cursor-moved:9")[0]
