"""An installation on many machines, as real processes on a real PostgreSQL: kill -9, SIGSTOP, SIGTERM (G2, C-05, O-03)."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from aiosmtpd.controller import Controller
from conftest import fresh_database
from postgres_server import Server
from sqlalchemy import select

from hub.bootstrap import Building, add_municipality
from hub.core.subscription import Action, Criteria
from hub.engines.postgres import PostgresEngine
from hub.jobs.subscribe import SignUp, Wish, sign_up
from hub.settings import load
from hub.store import batches, subscribers, towns
from hub.store.schema import batch, endpoint

BOUND = 120.0  # seconds until a condition that must come true is given up
PEOPLE = 40
CHUNK = 10  # mails of one worker thread beyond its last checkpoint
THREADS = 2


def eventually(condition: Callable[[], Any]) -> Any:
    limit = time.monotonic() + BOUND
    while not (found := condition()):
        assert time.monotonic() < limit, "it did not happen in time"
        time.sleep(0.2)
    return found


class Postbox:
    """Takes mails slowly and notes for whom."""

    def __init__(self, pause: float) -> None:
        self.pause, self.mails = pause, Counter[str]()

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        await asyncio.sleep(self.pause)
        self.mails.update(envelope.rcpt_tos)
        return "250 OK"


class Port(Controller):
    def _trigger_server(self) -> None:  # port 0: the real one is known only now
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@dataclass
class Installation:
    """A database with people, a mail server, and processes."""

    connection: psycopg.Connection[Any]
    folder: Path
    postbox: Postbox
    building: Building
    environment: dict[str, str]
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self, *command: str) -> subprocess.Popen[bytes]:
        code = "import sys; from hub.cli import main; main(sys.argv[1:])"
        log = self.folder / f"{len(self.processes)}.log"
        with log.open("w") as sink:
            made = subprocess.Popen([sys.executable, "-c", code, *command], env=self.environment, stderr=sink)
        self.processes.append(made)
        eventually(lambda: "Stop with" in log.read_text(encoding="utf-8") or made.poll() is not None)
        assert made.poll() is None, log.read_text(encoding="utf-8")
        return made

    def ask(self, query: str, *parameters: object) -> list[Any]:
        return self.connection.execute(query, parameters).fetchall()

    def leader(self) -> int:
        found = self.ask("SELECT value FROM standing WHERE name = 'leader'")
        return pid(found[0][0]) if found else 0

    def workers(self) -> set[int]:
        return {pid(row[0].partition("/")[0]) for row in self.ask("SELECT owner FROM batch WHERE owner IS NOT NULL")}

    def tell(self, count: int = 3) -> None:
        """Leave batches for everybody; nobody is woken: the tick's sweep must find them."""
        now = datetime.now(UTC)
        values = {
            "notice_id": None, "revision": 0, "change": "test", "channel": "mail", "service": "example.org",
            "lane": "normal", "due_at": now, "valid_until": now + timedelta(hours=1),
        }  # fmt: skip
        with self.building.store.begin() as session:
            ids = list(session.scalars(select(endpoint.c.id).order_by(endpoint.c.id)))
            for _ in range(count):
                batches.add(session, "huertgenwald", values, ids, now)

    def busy(self, worker: int = 0) -> tuple[int, int]:
        """Leave work until a worker (this one, if named) is in the midst of it; returns it and the leader."""
        self.tell()
        before = self.postbox.mails.total()

        def wanted() -> bool:
            workers = self.workers()
            return self.postbox.mails.total() > before + CHUNK and bool({worker} & workers if worker else workers)

        eventually(wanted)
        return worker or min(self.workers()), self.leader()

    def settled(self) -> bool:
        return not self.ask("SELECT 1 FROM batch WHERE state = 'open'")

    @property
    def told(self) -> int:
        return int(self.ask("SELECT sum(sent) FROM batch")[0][0])

    def check(self, *, most_twice: int) -> None:
        """Everybody got every message, at most so many a second time, and the counts are true."""
        rows = self.ask("SELECT count(*), min(sent), max(sent), min(cursor) FROM batch")
        count = rows[0][0]
        assert rows == [(count, PEOPLE, PEOPLE, PEOPLE)]
        assert min(self.postbox.mails[f"p{number}@example.org"] for number in range(PEOPLE)) >= count
        assert self.postbox.mails.total() - count * PEOPLE <= most_twice


def pid(owner: str) -> int:
    """Read the process out of a name such as host-123-abcdef."""
    return int(owner.split("-")[-2])


@pytest.fixture
def installation(postgres: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Installation]:
    url, postbox = fresh_database(postgres, f"r{abs(hash(str(tmp_path)))}"), Postbox(0.05)
    server = Port(postbox, hostname="127.0.0.1", port=0)
    server.start()
    values = {
        "DATABASE": url, "ENGINE": "postgres", "DATA": str(tmp_path), "WORKERS": str(THREADS), "GATHERERS": "1",
        "TICK_SECONDS": "1", "MAIL__HOST": "127.0.0.1", "MAIL__PORT": str(server.server.sockets[0].getsockname()[1]),
        "MAIL__SENDER": "rathaus@example.org", "CANARY_MINUTES": "0",
    }  # fmt: skip
    for name, value in values.items():
        monkeypatch.setenv(f"ORTSRUF_{name}", value)
    settings, _ = load()
    building = prepared(settings)
    dsn = url.replace("postgresql+psycopg", "postgresql")
    with psycopg.connect(dsn, autocommit=True) as connection:
        made = Installation(connection, tmp_path, postbox, building, dict(os.environ))
        yield made
    for process in made.processes:
        process.kill()
        process.wait()
    building.close()
    server.stop()


def prepared(settings: Any) -> Building:
    """Make a database with a town of people who want mails."""
    from hub.store.database import Store

    store = Store(settings.database_url)
    store.upgrade()
    PostgresEngine({}, settings.database_url, lambda: datetime.now(UTC)).apply_schema()
    with store.begin() as session:
        for name in ("links", "vapid_private", "vapid_public"):
            towns.add_secret(session, name, "key", datetime.now(UTC))
    add_municipality(store, ars="053580016016")
    store.close()
    building = Building(settings)
    for number in range(PEOPLE):
        wish = Wish(Criteria(), (("mail", Action.NOW, ""),))
        address = {"mail": (f"p{number}@example.org", {}, "example.org")}
        person = sign_up(building.house, "huertgenwald", SignUp((wish,), address))
        with building.store.begin() as session:
            subscribers.confirm(session, subscribers.endpoints_of(session, person)[0]["id"], datetime.now(UTC))
    with building.store.begin() as session:  # the confirmation mails are another test's matter
        session.execute(batch.delete())
    return building


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_work_goes_on_whatever_becomes_of_a_process(installation: Installation) -> None:
    """Stopped and woken, killed, told to end: each time others take over, and nothing is repeated beyond the window."""
    ticks = {one.pid: one for one in (installation.start("tick"), installation.start("tick"))}
    works = {one.pid: one for one in (installation.start("work"), installation.start("work", "--lanes", "normal"))}
    assert sorted(row[0] for row in installation.ask("SELECT role FROM heartbeat")) == ["tick", "tick", "work", "work"]
    sleeper, leader = installation.busy()
    os.kill(sleeper, signal.SIGSTOP)
    os.kill(leader, signal.SIGSTOP)
    eventually(lambda: installation.leader() not in (0, leader))
    eventually(installation.settled)
    os.kill(sleeper, signal.SIGCONT)
    os.kill(leader, signal.SIGCONT)
    victim, second = installation.busy()
    works[victim].kill()
    ticks[second].kill()
    eventually(installation.settled)
    assert installation.leader() == leader
    installation.check(most_twice=2 * CHUNK * THREADS)
    twice = installation.postbox.mails.total() - installation.told
    leaving = installation.start("work")
    installation.busy(leaving.pid)
    leaving.terminate()
    assert leaving.wait(BOUND) == 0
    assert leaving.pid not in installation.workers()
    eventually(installation.settled)
    installation.check(most_twice=twice)


@pytest.mark.slow
def test_pages_are_served_by_processes_of_their_own(installation: Installation, unused_port: int) -> None:
    import urllib.error
    import urllib.request

    installation.environment |= {"ORTSRUF_LISTEN": f"127.0.0.1:{unused_port}"}
    web = installation.start("web", "--workers", "1")

    def page() -> str:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{unused_port}/huertgenwald", timeout=10) as answer:
                return answer.read().decode()
        except urllib.error.URLError:
            return ""

    assert "Hürtgenwald" in eventually(page)
    web.terminate()
    assert web.wait(BOUND) == 0
    assert installation.ask("SELECT role FROM heartbeat") == []


@pytest.fixture
def unused_port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
