"""Kill -9 between any two steps: nothing is lost, and nothing is shown twice (architecture, rules 1 to 4)."""

from __future__ import annotations

import contextlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import psycopg
import pytest
from conftest import fresh_database
from crash.child import first_poll
from fakes.house import make_town
from postgres_server import Server
from sqlalchemy import func, select

from hub.core.notice import Notice
from hub.engines.postgres import PostgresEngine
from hub.store.database import Store
from hub.store.schema import batch

PEOPLE = 25
CHUNK = 10
THREADS = 4
RESTARTS = 4  # a process that dies once must be done after the next one; a margin for random deaths
EXPECTED = {("a", 1, "new"), ("b", 2, "revised"), ("c", 2, "withdrawn")}


@dataclass
class Sink:
    """What arrived on the wire, by the path it was posted to."""

    posts: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))

    def __post_init__(self) -> None:
        posts = self.posts

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                posts[self.path].append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                self.send_response(201)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self.thread.start()

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}{path}"

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


class Children:
    """The process that forks the ones that die."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, str(Path(__file__).parent / "child.py")],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        )  # fmt: skip

    def run(self, order: dict[str, Any], kill_after: float | None = None) -> dict[str, Any]:
        """Let one process carry out ``order``; kill it after so many seconds. Returns all it said and its end."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        said: dict[str, Any] = {}
        timer: threading.Timer | None = None
        while "status" not in said:
            said |= json.loads(self.process.stdout.readline())
            if kill_after is not None and timer is None and "pid" in said:
                # Its end is reaped by its parent only after the kill or the exit: the pid cannot be another's yet.
                timer = threading.Timer(kill_after, _kill, [said["pid"]])
                timer.start()
        if timer is not None:
            timer.cancel()
            timer.join()
        return said

    def close(self) -> None:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.close()
        self.process.wait(10)
        self.process.stdout.close()


def _kill(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


@pytest.fixture(scope="module")
def sink() -> Iterator[Sink]:
    made = Sink()
    yield made
    made.close()


@pytest.fixture(scope="module")
def children() -> Iterator[Children]:
    made = Children()
    yield made
    made.close()


def prepare(url: str) -> datetime:
    """Fill a database with 25 people who were told of the first poll; returns when the second one is due."""
    store = Store(url)
    store.upgrade()
    town = make_town(store)
    for _ in range(PEOPLE):
        town.person()
    town.source()
    found: tuple[Notice, ...] = first_poll()
    town.poll("s1", *found)
    assert len(town.push.sent) == PEOPLE * len(found)
    store.close()
    return town.clock.forward(minutes=15)


@dataclass
class Case:
    """One database that lives through one death."""

    url: str
    at: datetime
    sink: Sink
    children: Children
    path: str
    engine: str = "inline"

    def run(self, die: str = "", kill_after: float | None = None) -> dict[str, Any]:
        order = {
            "url": self.url, "sink": self.sink.url(self.path), "at": self.at.isoformat(), "die": die,
            "engine": self.engine,
        }  # fmt: skip
        return self.children.run(order, kill_after)

    def survive(self, die: str = "", kill_after: float | None = None) -> bool:
        """Die once, start again until all is settled, and check what arrived; returns whether it really died."""
        said = self.run(die, kill_after)
        died = said["status"] == -signal.SIGKILL
        assert died or said["status"] == 0
        for _ in range(RESTARTS):
            if said.get("settled"):
                break
            self.at += timedelta(minutes=10)  # leases have ended
            said = self.run()
            assert said["status"] == 0, die
        assert said.get("settled"), f"not settled after {die}"
        self.check(die)
        return died

    def check(self, die: str) -> None:
        posts = self.sink.posts[self.path]
        wanted = {(str(person), *what) for person in range(1, PEOPLE + 1) for what in EXPECTED}
        arrived = Counter((one["endpoint"], one["notice"], one["revision"], one["change"]) for one in posts)
        assert set(arrived) == wanted, f"{die}: lost {wanted - set(arrived)}, never meant {set(arrived) - wanted}"
        serials = {(one["endpoint"], one["notice"], one["revision"], one["serial"], one["thread"]) for one in posts}
        assert len(serials) == len(wanted), f"{die}: a repeat would be shown twice"
        assert len({one[3] for one in serials}) == len(wanted), f"{die}: two messages share a serial"
        flying = CHUNK * (1 if self.engine == "inline" else THREADS)
        assert arrived.total() - len(wanted) <= flying, f"{die}: more repeated than the chunks in flight"
        store = Store(self.url)
        with store.read() as session:
            sent = session.scalar(select(func.sum(batch.c.sent)).where(batch.c.revision == 2))
            most = session.scalar(select(func.max(batch.c.sent)))
        store.close()
        assert (sent, most) == (2 * PEOPLE, PEOPLE), f"{die}: counted wrongly"


class Sqlite:
    """A filled SQLite file and its copies."""

    def __init__(self, folder: Path, sink: Sink, children: Children) -> None:
        self.folder, self.sink, self.children = folder, sink, children
        self.at = prepare(f"sqlite:///{folder / 'first.sqlite'}")
        self.count = 0

    def case(self) -> Case:
        self.count += 1
        target = self.folder / f"{self.count}.sqlite"
        shutil.copy(self.folder / "first.sqlite", target)
        return Case(f"sqlite:///{target}", self.at, self.sink, self.children, f"/sqlite/{self.count}")


class Postgres:
    """A filled PostgreSQL database and its copies."""

    def __init__(self, server: Server, sink: Sink, children: Children) -> None:
        self.server, self.sink, self.children = server, sink, children
        self.url = fresh_database(server, f"crash_{os.getpid()}")
        PostgresEngine({}, self.url, datetime.now).apply_schema()
        self.at = prepare(self.url)
        self.count = 0

    def case(self, engine: str = "inline") -> Case:
        self.count += 1
        name = f"crash_{os.getpid()}_{self.count}"
        with psycopg.connect(self.server.dsn, autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "crash_{os.getpid()}"')
        url = self.url.rpartition("/")[0] + f"/{name}"
        return Case(url, self.at, self.sink, self.children, f"/postgres/{self.count}", engine)


@pytest.fixture(scope="module")
def sqlite(tmp_path_factory: pytest.TempPathFactory, sink: Sink, children: Children) -> Sqlite:
    return Sqlite(tmp_path_factory.mktemp("crash"), sink, children)


@pytest.fixture(scope="module")
def distributed(postgres: Server, sink: Sink, children: Children) -> Postgres:
    return Postgres(postgres, sink, children)


def steps(case: Case) -> dict[str, int]:
    """Run without dying; returns how often each step is passed."""
    said = case.run()
    assert said["settled"]
    case.check("nothing")
    counts: dict[str, int] = said["counts"]
    return counts


@pytest.mark.slow
def test_a_death_at_any_commit_loses_nothing(sqlite: Sqlite) -> None:
    count = steps(sqlite.case())["before-commit"]
    assert count > 20
    for number in range(1, count + 1):
        assert sqlite.case().survive(f"before-commit {number}")
        assert sqlite.case().survive(f"after-commit {number}")


@pytest.mark.slow
@pytest.mark.parametrize("step", ["before-post", "after-post"])
def test_a_death_while_a_chunk_is_on_the_wire_repeats_but_shows_nothing_twice(sqlite: Sqlite, step: str) -> None:
    for number in (1, 5, 10, 11, 25, 26, 50, 75):
        assert sqlite.case().survive(f"{step} {number}")


@pytest.mark.slow
def test_a_death_at_any_moment_loses_nothing(sqlite: Sqlite) -> None:
    began = time.monotonic()
    steps(sqlite.case())
    lasts = time.monotonic() - began
    chance = random.Random(7)
    died = [sqlite.case().survive(kill_after=chance.uniform(0, lasts)) for _ in range(8)]
    assert any(died)


@pytest.mark.slow
def test_postgresql_keeps_the_same_promise(distributed: Postgres) -> None:
    count = steps(distributed.case())["before-commit"]
    for number in range(2, count, 9):
        assert distributed.case().survive(f"before-commit {number}")
        assert distributed.case().survive(f"after-commit {number + 1}")
    assert distributed.case().survive("after-post 33")


@pytest.mark.slow
def test_workers_on_postgresql_keep_the_same_promise(distributed: Postgres) -> None:
    count = steps(distributed.case("postgres"))["before-commit"]
    for die in ("before-commit 3", f"after-commit {count // 2}", "after-post 33"):
        assert distributed.case("postgres").survive(die)
