"""What every test may ask for: both databases, and a house with fakes at its doors."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import hypothesis  # noqa: F401 - its plugin would import it at the end, beside engines' threads (CPython 3.11: ast.parse)
import pytest

sys.path.insert(0, str(Path(__file__).parent))  # the shared fakes and foreign readers

from fakes.house import Town, make_town
from postgres_server import Server, start

from hub.store.database import Store


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Run a throw-away PostgreSQL for this worker."""
    server = start(tmp_path_factory.mktemp("postgres"))
    yield server
    server.stop()


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Give an empty database of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'ortsruf.sqlite'}"
    server: Server = request.getfixturevalue("postgres")
    return fresh_database(server, f"t{abs(hash(str(tmp_path)))}")


def fresh_database(server: Server, name: str) -> str:
    """Make an empty database on the running server and return its URL."""
    import psycopg

    with psycopg.connect(server.dsn, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    return server.url.rpartition("/")[0] + f"/{name}"


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    """Give a migrated store on each database."""
    made = Store(database_url)
    made.upgrade()
    yield made
    made.close()


@pytest.fixture
def town(store: Store) -> Town:
    """Give a town with a clock to turn, a gatherer and channels that note what they were asked, on each database."""
    return make_town(store)


@pytest.fixture
def village(tmp_path: Path) -> Iterator[Town]:
    """Give the same town on SQLite only, for what does not depend on the database."""
    made = Store(f"sqlite:///{tmp_path / 'village.sqlite'}")
    made.upgrade()
    yield make_town(made)
    made.close()
