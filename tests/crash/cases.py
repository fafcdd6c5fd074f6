"""One database per death: copies of the prepared one, the process that forks those who die, and what is asserted."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
from conftest import fresh_database
from crash import story
from postgres_server import Server

from hub.engines.postgres import PostgresEngine
from hub.store.database import Store

FLYING = 5 + 5  # WireChannel: CHUNK handed over since the last checkpoint, WINDOW under way
THREADS = 4  # that send at a time, on PostgreSQL
RESTARTS = 4  # who dies once must be done after the next life; a margin for deaths by chance


class Children:
    """The process that forks the ones that die."""

    def __init__(self, script: str = "child.py") -> None:
        self.process = subprocess.Popen(
            [sys.executable, str(Path(__file__).parent / script)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        )  # fmt: skip

    def _hear(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        said: dict[str, Any] = json.loads(self.process.stdout.readline())
        return said

    def run(self, order: dict[str, Any], kill_after: float | None = None) -> dict[str, Any]:
        """Let one process carry out ``order``; kill it after so many seconds. Returns all it said and its end."""
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        said: dict[str, Any] = {}
        timer: threading.Timer | None = None
        while "status" not in said:
            said |= self._hear()
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


@dataclass
class Case:
    """One database that lives through one death."""

    url: str
    wire: Path
    began: datetime
    roles: story.Roles
    tokens: dict[str, Any]
    children: Children
    engine: str = "inline"
    lives: int = field(default=0, init=False)

    def run(self, die: str = "", kill_after: float | None = None, **more: Any) -> dict[str, Any]:
        """Live once, three minutes after the last life: leases have ended."""
        order = {
            "url": self.url, "wire": str(self.wire), "at": (self.began + timedelta(minutes=3 * self.lives)).isoformat(),
            "began": self.began.isoformat(), "die": die, "engine": self.engine, "roles": self.roles,
            "tokens": self.tokens, **more,
        }  # fmt: skip
        self.lives += 1
        return self.children.run(order, kill_after)

    def survive(self, *dies: str, kill_after: float | None = None) -> tuple[list[str], int]:
        """Die at one place after the other, a life each, then live until all is settled, and check.

        Returns the places where it really died (a later life does not come by where an earlier one was done), and how
        many repeats were seen. ``kill_after`` instead kills the first life after so many seconds.
        """
        died: list[str] = []
        said: dict[str, Any] = {}
        for die in dies or ("",):
            said = self.run(die, kill_after)
            if said["status"] == -signal.SIGKILL:
                died.append(die)
            else:
                assert said["status"] == 0, f"{dies}: {die} ended with {said['status']}"
        for _ in range(RESTARTS):
            if said.get("left") == "":
                break
            said = self.run()
            assert said["status"] == 0, f"{dies}: the next life ended with {said['status']}"
        assert said.get("left") == "", f"{dies}: never settled, {said.get('left')}"
        repeats = self.check(f"{dies or kill_after}", deaths=len(died))
        self.forget()
        return died, repeats

    def check(self, die: str = "nothing", deaths: int = 0) -> int:
        """Look at wire and books."""
        posts = [json.loads(line) for line in self.wire.read_text(encoding="utf-8").splitlines()]
        flying = FLYING * (1 if self.engine == "inline" else THREADS)
        keys = set(self.tokens["desk"]["keys"])
        repeats = story.check(posts, self.roles, flying=flying * deaths, die=die, released=keys)
        store = Store(self.url)
        story.check_rows(store, self.roles, self.tokens, die)
        store.close()
        return repeats

    def steps(self) -> dict[str, int]:
        """Live without dying; returns how often each failpoint is passed."""
        said = self.run()
        assert said["left"] == ""
        self.check()
        counts: dict[str, int] = said["counts"]
        return counts

    def forget(self) -> None:
        """Delete what a survived case leaves."""
        self.wire.unlink()
        if self.url.startswith("sqlite"):
            for path in self.wire.parent.glob(f"{self.wire.stem}.sqlite*"):
                path.unlink()


class Sqlite:
    """A filled SQLite file and its copies."""

    def __init__(self, folder: Path, children: Children) -> None:
        self.folder, self.children = folder, children
        self.prepared = story.prepare(f"sqlite:///{folder / 'first.sqlite'}")
        self.count = 0
        self.case().run(warm=True)

    def case(self) -> Case:
        self.count += 1
        target = self.folder / f"{self.count}.sqlite"
        shutil.copy(self.folder / "first.sqlite", target)
        return Case(f"sqlite:///{target}", self.folder / f"{self.count}.wire", *self.prepared, self.children)


class Postgres:
    """A filled PostgreSQL database and its copies."""

    def __init__(self, server: Server, folder: Path, children: Children) -> None:
        self.server, self.folder, self.children = server, folder, children
        self.name = f"crash_{os.getpid()}"
        self.url = fresh_database(server, self.name)
        PostgresEngine({}, self.url, datetime.now).apply_schema()
        self.prepared = story.prepare(self.url)
        self.count = 0
        self.case().run(warm=True)

    def case(self, engine: str = "inline") -> Case:
        self.count += 1
        name = f"{self.name}_{self.count}"
        with psycopg.connect(self.server.dsn, autocommit=True) as connection:
            if self.count > 1:  # the last one has been checked
                connection.execute(f'DROP DATABASE "{self.name}_{self.count - 1}" WITH (FORCE)')
            connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{self.name}" STRATEGY FILE_COPY')
        url = self.url.rpartition("/")[0] + f"/{name}"
        return Case(url, self.folder / f"postgres-{self.count}.wire", *self.prepared, self.children, engine)
