"""Kill -9 between any two steps: nothing is lost, and nothing is shown twice (architecture, rules 1 to 4; G1).

Here every named failpoint is visited once, and a few moments by chance; ``make torture`` visits 500 and more.
"""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest
from crash.cases import Children, Postgres, Sqlite
from crash.names import named_failpoints
from postgres_server import Server

WIRE = ("webpush.", "mail.")  # visited by the real channels, in test_wire.py
QUEUE = "postgres."
PREKEYS = "deliver.prekeys-"  # likewise, in test_prekeys.py
CHAINS = 6  # towns that die again and again


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
    unseen = [one for one in named_failpoints() if one not in steps and not one.startswith((*WIRE, QUEUE, PREKEYS))]
    assert unseen == []


@pytest.mark.slow
def test_a_death_at_every_named_place_loses_nothing(sqlite: Sqlite, steps: dict[str, int]) -> None:
    left = list(steps)  # in the order in which the story comes by
    for chain in range(CHAINS):
        died, _ = sqlite.case().survive(*(f"{name}:1" for name in list(steps)[chain::CHAINS]))
        left = [name for name in left if f"{name}:1" not in died]
    assert len(left) < len(steps) / 4, left
    for name in left:
        died, _ = sqlite.case().survive(f"{name}:{steps[name]}")
        assert died, name


@pytest.mark.slow
def test_a_death_at_any_moment_loses_nothing(sqlite: Sqlite, steps: dict[str, int]) -> None:
    chance = random.Random(7)
    for _ in range(2):
        assert sqlite.case().survive(f"wire.after-post:{chance.randint(1, steps['wire.after-post'])}")[0]


@pytest.mark.slow
def test_workers_on_postgresql_keep_the_same_promise(distributed: Postgres) -> None:
    steps = distributed.case("postgres").steps()
    queue = [one for one in named_failpoints() if one.startswith(QUEUE)]
    assert [one for one in queue if one not in steps] == []
    places = [f"{name}:{2 + at}" for at, name in enumerate(queue)]
    died, _ = distributed.case("postgres").survive(*places, "wire.after-post:9", "deliver.cursor-moved:2")
    assert len(died) >= len(queue)
