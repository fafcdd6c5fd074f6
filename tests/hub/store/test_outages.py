"""Databases that refuse for a while: pages go on, what was acknowledged stays, the rest is told (D-05, D-07)."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from fakes.house import Town
from postgres_server import Server, start
from sqlalchemy import func, select, text

from hub.core.errors import StoreError
from hub.core.permission import Sort
from hub.jobs.patience import TRIES, patiently
from hub.settings import load
from hub.store import database, towns
from hub.store.database import Store
from hub.store.schema import secret
from hub.web import create_app
from hub.web.access import needs

NOW = datetime(2026, 11, 23, 11, tzinfo=UTC)


def never() -> bool:
    return False


def test_while_another_holds_the_write_lock_pages_are_served_and_writers_are_told(
    monkeypatch: pytest.MonkeyPatch, village: Town, tmp_path: Path
) -> None:
    monkeypatch.setattr(database, "_PATIENCE", 0.05)
    client = create_app(village.house, load(None, {})[0]).test_client()
    other = database.sqlite_library().connect(tmp_path / "village.sqlite", isolation_level=None)
    village.store.close()  # connections with the shorter patience
    other.execute("BEGIN IMMEDIATE")
    assert client.get("/huertgenwald/").status_code == 200
    assert client.get("/readyz").status_code == 200
    tried: list[float] = []

    def write() -> None:
        with village.store.begin() as session:
            towns.add_secret(session, "acknowledged", "x", NOW)

    with pytest.raises(StoreError, match="locked"):
        patiently(write, stopping=never, pause=tried.append)
    assert len(tried) == TRIES - 1
    doubled = [0.05 * 2**attempt for attempt in range(TRIES - 1)]
    assert all(0.5 * one <= pause <= 1.5 * one for pause, one in zip(tried, doubled, strict=True)), tried
    with village.store.read() as session:
        assert "acknowledged" not in towns.secrets(session)
    patiently(write, stopping=never, pause=lambda _: other.execute("ROLLBACK"))
    other.close()
    with village.store.read() as session:
        assert "acknowledged" in towns.secrets(session)


def test_a_page_that_cannot_write_says_so_and_acknowledges_nothing(
    monkeypatch: pytest.MonkeyPatch, village: Town, tmp_path: Path
) -> None:
    monkeypatch.setattr(database, "_PATIENCE", 0.05)
    settings, _ = load(None, {})
    app = create_app(village.house, settings)

    def write() -> str:
        with village.store.begin() as session:
            towns.add_secret(session, "from a page", "x", NOW)
        return "done"

    app.add_url_rule("/write", "write", needs(sort=Sort.PUBLIC)(write))
    village.store.close()
    other = database.sqlite_library().connect(tmp_path / "village.sqlite", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    answer = app.test_client().get("/write")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "60")
    other.execute("ROLLBACK")
    other.close()
    assert app.test_client().get("/write").text == "done"


def test_a_job_is_not_tried_again_when_the_process_ends() -> None:
    tried: list[int] = []

    def refuse() -> None:
        tried.append(1)
        raise StoreError

    with pytest.raises(StoreError):
        patiently(refuse, stopping=lambda: True)
    assert tried == [1]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """A PostgreSQL of its own: it will be made to crash."""
    made = start(tmp_path / "server")
    yield made
    made.stop()


def test_a_crash_of_postgresql_loses_nothing_that_was_acknowledged(server: Server) -> None:
    store = Store(f"{server.url}?options=-csynchronous_commit%3Don")  # the tests' servers answer before they wrote
    with store.begin() as session:
        session.execute(text("CREATE TABLE secret (name text PRIMARY KEY, value text, created_at timestamptz)"))
    acknowledged: list[str] = []

    def write() -> None:
        name = f"s{len(acknowledged)}"
        with store.begin() as session:
            towns.add_secret(session, name, "x", NOW)
        acknowledged.append(name)

    for crash in range(4):
        with store.read() as session:
            backend = session.scalar(text("SELECT pg_backend_pid()"))
        if crash % 2:  # the whole server restarts: one of its processes died
            os.kill(backend, signal.SIGKILL)
        else:
            with psycopg.connect(server.dsn, autocommit=True) as connection:
                connection.execute("SELECT pg_terminate_backend(%s)", (backend,))
        _until_written(write)
    with store.read() as session:
        assert set(session.scalars(select(secret.c.name))) >= set(acknowledged)
    assert len(acknowledged) == 4
    store.close()


def _until_written(write: Callable[[], Any]) -> None:
    limit = time.monotonic() + 60
    while time.monotonic() < limit:
        try:
            patiently(write, stopping=never)
        except StoreError:
            continue
        return
    pytest.fail("the database did not come back")


def test_two_that_deadlock_both_come_to_their_end(store: Store) -> None:
    with store.begin() as session:
        for name in ("a", "b"):
            towns.add_secret(session, name, "0", NOW)
    meeting = threading.Barrier(2)

    def both(names: str) -> Callable[[], None]:
        met: list[bool] = []

        def job() -> None:
            with store.begin() as session:
                for name in names:
                    session.execute(secret.update().where(secret.c.name == name).values(value=secret.c.value + "1"))
                    if not met and not store.sqlite:
                        met.append(True)
                        meeting.wait(20)

        return job

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda names: patiently(both(names), stopping=never), ["ab", "ba"]))
    with store.read() as session:
        assert session.scalars(select(secret.c.value).order_by(secret.c.name)).all() == ["011", "011"]
        assert session.scalar(select(func.count()).select_from(secret)) == 2
    store.close()
