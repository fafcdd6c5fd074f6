"""What only the engine on PostgreSQL has to prove: shared tables, dead workers, broken connections."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
from conftest import fresh_database
from postgres_server import Server
from sqlalchemy import text

from hub.engines.postgres import PostgresEngine
from hub.store.database import Store


def now() -> datetime:
    return datetime.now(UTC)


def eventually(condition: Callable[[], object]) -> None:
    limit = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < limit, "it did not happen in time"
        time.sleep(0.01)


@pytest.fixture
def queue(postgres: Server, tmp_path: Path) -> Iterator[Store]:
    store = Store(fresh_database(postgres, f"q{abs(hash(str(tmp_path)))}"))
    PostgresEngine({}, url(store), now).apply_schema()
    yield store
    store.close()


def url(store: Store) -> str:
    return store.engine.url.render_as_string(hide_password=False)


def engine(store: Store, ran: list[str], **options: object) -> PostgresEngine:
    return PostgresEngine({"note": ran.append}, url(store), now, **options)


def test_the_schema_may_be_applied_by_many_at_once(postgres: Server, tmp_path: Path) -> None:
    store = Store(fresh_database(postgres, f"s{abs(hash(str(tmp_path)))}"))
    made = engine(store, [])
    assert "tables are missing" in made.health()
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: made.apply_schema(), range(8)))
    assert made.health() == ""
    store.close()


def test_a_database_that_is_away_is_told_not_raised() -> None:
    made = PostgresEngine({}, "postgresql+psycopg://nobody@127.0.0.1:1/none", now)
    assert made.health() == "the database does not answer: OperationalError"


def test_a_job_deferred_before_is_not_run_until_the_second_transaction_has_committed(queue: Store) -> None:
    """A worker that took the waiting job early would not see what the second transaction wrote, and nobody would
    wake it again."""
    ran: list[str] = []
    made = engine(queue, ran)
    with queue.begin() as session:
        made.defer(session, "note", "one")
    with queue.begin() as session:
        made.defer(session, "note", "one", lane="emergency")
        with session.begin_nested():
            pass  # the savepoint's end writes what was deferred so far
        made.start()
        with queue.begin() as other:
            made.defer(other, "note", "two")
        eventually(lambda: ran == ["two"])
    eventually(lambda: ran == ["two", "one"])
    made.stop()


def test_the_jobs_of_a_dead_worker_go_to_a_living_one(queue: Store) -> None:
    ran: list[str] = []
    made = engine(queue, ran)
    with queue.begin() as session:
        made.defer(session, "note", "taken")
        made.defer(session, "note", "taken and deferred again")
    with queue.begin() as session:
        worker = session.scalar(
            text("INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '1 minute') RETURNING id")
        )
        session.execute(text("UPDATE procrastinate_jobs SET status = 'doing', worker_id = :id"), {"id": worker})
    with queue.begin() as session:
        made.defer(session, "note", "taken and deferred again")
    made.start()
    eventually(lambda: len(ran) == 2)
    made.stop()
    assert sorted(ran) == ["taken", "taken and deferred again"]
    with queue.read() as session:
        assert session.scalar(text("SELECT count(*) FROM procrastinate_jobs")) == 0


def test_the_workers_come_back_when_the_database_cuts_every_connection(queue: Store) -> None:
    ran: list[str] = []
    made = engine(queue, ran)
    made.start()
    with queue.begin() as session:
        made.defer(session, "note", "before")
    eventually(lambda: ran == ["before"])
    with queue.begin() as session:
        session.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )
    with queue.begin() as session:
        made.defer(session, "note", "after")
    eventually(lambda: "after" in ran)  # "before" may run again if the cut came before its end was written
    eventually(lambda: made.health() == "")
    made.stop()


def test_a_process_may_serve_some_lanes_only(queue: Store) -> None:
    ran: list[str] = []
    made = engine(queue, ran, lanes=["emergency"])
    with queue.begin() as session:
        made.defer(session, "note", "news")
        made.defer(session, "note", "storm", lane="emergency")
    made.start()
    eventually(lambda: ran == ["storm"])
    made.stop()
    assert dict(made.stats().waiting) == {"normal": 1}


def test_transactions_that_wake_the_same_jobs_in_any_order_do_not_block_each_other(queue: Store) -> None:
    made = engine(queue, [])
    barrier = threading.Barrier(2)

    def wake(names: list[str]) -> None:
        for _ in range(20):
            with queue.begin() as session:
                barrier.wait(10)
                for name in names:
                    made.defer(session, "note", name)

    names = [f"job {number}" for number in range(40)]
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(wake, [names, names[::-1]]))
    assert dict(made.stats().waiting) == {"normal": 40}
