"""What every test may ask for: both databases, and a house with fakes at its doors."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

# Imported now: its plugin would do so at the end, beside engines' threads (CPython 3.11: ast.parse).
import hypothesis
import pytest

sys.path.insert(0, str(Path(__file__).parent))  # the shared fakes and foreign readers

from fakes.house import Town, make_town
from fakes.stores import hastened
from postgres_server import Server, start

from hub.store.database import Store

# How quick a machine is decides nothing here: it may be busy with other tests.
hypothesis.settings.register_profile(
    "unhurried", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("unhurried")


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


def fresh_database(server: Server, name: str, like: str = "template1") -> str:
    """Make a database on the running server, empty or ``like`` another that nobody uses, and return its URL."""
    import psycopg

    with psycopg.connect(server.dsn, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{like}"')
    return server.url.rpartition("/")[0] + f"/{name}"


@pytest.fixture(scope="session")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Migrate one SQLite database, to be copied for each test."""
    file = tmp_path_factory.mktemp("empty") / "empty.sqlite"
    _migrate(f"sqlite:///{file}")
    return file


@pytest.fixture(scope="session")
def migrated(postgres: Server) -> str:
    """Migrate one PostgreSQL database, to be the template of each test's; returns its name."""
    _migrate(fresh_database(postgres, "migrated"))
    return "migrated"


def _migrate(url: str) -> None:
    made = Store(url)
    made.upgrade()
    made.close()


@pytest.fixture(params=["sqlite", "postgres"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """Give a migrated store on each database."""
    if request.param == "sqlite":
        url = f"sqlite:///{shutil.copy(request.getfixturevalue('empty'), tmp_path / 'ortsruf.sqlite')}"
    else:
        server, like = request.getfixturevalue("postgres"), request.getfixturevalue("migrated")
        url = fresh_database(server, f"t{abs(hash(str(tmp_path)))}", like)
    made = hastened(url)
    yield made
    made.close()


@pytest.fixture
def town(store: Store) -> Town:
    """Give a town with a clock to turn, a gatherer and channels that note what they were asked, on each database."""
    return make_town(store)


@pytest.fixture
def village(empty: Path, tmp_path: Path) -> Iterator[Town]:
    """Give the same town on SQLite only, for what does not depend on the database."""
    made = hastened(f"sqlite:///{shutil.copy(empty, tmp_path / 'village.sqlite')}")
    yield make_town(made)
    made.close()
