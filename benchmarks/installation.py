"""Ortsruf as an operator runs it, for a while: a seeded database, real processes, notices, and the books.

On SQLite one ``ortsruf serve``; on PostgreSQL ``ortsruf work`` and ``ortsruf tick`` where they exist, else ``serve``
with the setting ``engine = postgres``.
"""

from __future__ import annotations

import functools
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[1] / "tests")]

from postgres_server import start as start_postgres
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from benchmarks.push_sink import Sink
from hub.bootstrap import now
from hub.core.changes import decide
from hub.core.fanout import lane
from hub.core.message import Change
from hub.core.notice import Notice, NoticeText, Severity, notice_id
from hub.store import notices
from hub.store.database import Store
from hub.store.schema import batch, problem, publication

COUNTS = ("sent", "failed", "gone", "expired", "suppressed")
COMMAND = str(Path(sys.executable).with_name("ortsruf"))


class Installation:
    """One database, its processes, and a sink beside them. Only what is started here is ever ended here."""

    def __init__(self, url: str, folder: Path, sink: Sink, *, tick: int = 1, **settings: str) -> None:
        """Take the URL of a prepared database; ``settings`` are further ``ORTSRUF_…`` variables."""
        self.url, self.folder, self.sink = url, folder, sink
        self.store = Store(url)
        self.processes: list[subprocess.Popen[bytes]] = []
        self._engine: Any = None
        self.settings = {
            "DATA": str(folder), "DATABASE": url, "ENGINE": "inline" if self.store.sqlite else "postgres",
            "TICK_SECONDS": str(tick), "ALLOW_HOSTS": "127.0.0.1", "WEBPUSH__ALLOWED_HOSTS": sink.origin,
            "MAIL__HOST": "127.0.0.1", "MAIL__PORT": str(sink.smtp), "MAIL__SENDER": "rathaus@example.org",
            "LOG": "json", "WEBSUB": "off", "CANARY_MINUTES": "0", "BURST_MINUTES": "0",
            **settings,
        }  # fmt: skip

    def start(self, workers: int = 1, **environment: str) -> list[subprocess.Popen[bytes]]:
        """Start the processes that this database needs; returns those that deliver."""
        if self.store.sqlite:
            return [self._run("serve", **environment)]
        if not _knows("work"):
            return [self._run("serve", **environment) for _ in range(workers)]
        self._run("tick")
        return [self._run("work", **environment) for _ in range(workers)]

    def _run(self, *command: str, **environment: str) -> subprocess.Popen[bytes]:
        settings = {f"ORTSRUF_{name}": value for name, value in self.settings.items()}
        settings["ORTSRUF_LISTEN"] = f"127.0.0.1:{_free_port()}"
        with (self.folder / f"{command[0]}-{len(self.processes)}.log").open("wb") as log:
            process = subprocess.Popen(
                [COMMAND, *command], env={**os.environ, **settings, **environment}, stdout=log, stderr=log
            )
        self.processes.append(process)
        return process

    def kill(self, process: subprocess.Popen[bytes]) -> None:
        """End one of our own processes without a word."""
        process.send_signal(signal.SIGKILL)
        process.wait(10)

    def close(self) -> None:
        """End every process in order, then the connections."""
        for process in self.processes:
            if process.poll() is None:
                process.terminate()
        for process in self.processes:
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(10)
        self.store.close()

    def publish(self, told: Sequence[tuple[str, str, str]], *, severity: Severity = Severity.UNKNOWN) -> datetime:
        """Commit one notice for each (slug, place, key), all in one transaction; returns the time of the commit.

        A place with a zone is an audience of topic ``events``; a whole town with a severity is a warning for all.
        """
        with self.store.begin() as session:
            for slug, place, key in told:
                self._tell(session, slug, place, key, severity)
        return now()

    def _tell(self, session: Session, slug: str, place: str, key: str, severity: Severity) -> None:
        topic = "warnings" if severity >= Severity.SEVERE else "events"
        text = NoticeText(
            "de", f"Nachricht {key}", "Was geschieht, wo, wann und für wen, in zwei Sätzen. Mehr im Rathaus."
        )
        notice = Notice(
            id=notice_id(slug, key), key=key, kind="bench", topic=topic, texts=(text,), severity=severity, sent=now()
        )
        publication_id = notices.save(
            session, slug, None, decide(notice, None, now()), places=(place,), zone="Europe/Berlin", now=now(), names=()
        )
        if not self.store.sqlite:
            urgency = lane(Change.NEW, severity)
            self.engine.defer(session, "publish", str(publication_id), lane=urgency)

    @functools.cached_property
    def engine(self) -> Any:
        """Return the queue as a web process has it: it wakes, and runs nothing."""
        from hub.engines.postgres import PostgresEngine

        return PostgresEngine(dict.fromkeys(("publish", "deliver", "backfill"), print), self.url, now)

    def wait(self, seconds: float, *, until: Callable[[], bool] | None = None) -> float:
        """Wait until nothing is open any more (or ``until`` holds); returns the seconds, else ``TimeoutError``."""
        begin = time.monotonic()
        while not (until or self.settled)():
            if time.monotonic() - begin > seconds:
                raise TimeoutError(f"not done after {seconds:g} s: {self.ledger()}")
            dead = [one for one in self.processes if one.poll() not in (None, -signal.SIGKILL)]
            if dead:
                raise RuntimeError(f"a process ended by itself, see {self.folder}")
            time.sleep(0.2)
        return time.monotonic() - begin

    def settled(self) -> bool:
        """Whether every publication and every batch is done."""
        with self.store.read() as session:
            waiting = session.scalar(select(publication.c.id).where(publication.c.stage != "done").limit(1))
            waiting = waiting or session.scalar(select(batch.c.id).where(batch.c.state == "open").limit(1))
        return waiting is None

    def ledger(self) -> dict[str, int]:
        """Return what the books say, over all batches; ``size`` is who was meant."""
        with self.store.read() as session:
            columns = [func.coalesce(func.sum(batch.c[name]), 0).label(name) for name in ("size", *COUNTS)]
            row = session.execute(select(*columns)).one()
            problems = session.scalar(select(func.count()).select_from(problem))
        return {**{name: int(value) for name, value in row._mapping.items()}, "problems": int(problems or 0)}

    def balanced(self) -> bool:
        """Whether everybody who was meant is accounted for."""
        books = self.ledger()
        return books["size"] == sum(books[name] for name in COUNTS)


@functools.cache
def _knows(command: str) -> bool:
    """Whether this version has ``ortsruf work``."""
    return subprocess.run([COMMAND, command, "--help"], capture_output=True, check=False).returncode == 0


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def resident(process: subprocess.Popen[bytes], name: str = "VmHWM") -> float:
    """Return the memory of a process in MB: its highest (``VmHWM``) or present (``VmRSS``), from /proc."""
    for line in Path(f"/proc/{process.pid}/status").read_text(encoding="ascii").splitlines():
        if line.startswith(name):
            return int(line.split()[1]) / 1024
    raise RuntimeError("the process is gone")


@contextmanager
def database(engine: str) -> Iterator[tuple[str, Path]]:
    """Give the URL of an empty database of the kind ``sqlite`` or ``postgres`` (queue included), and a folder."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if engine == "sqlite":
            yield f"sqlite:///{folder / 'ortsruf.sqlite'}", folder
            return
        server = start_postgres(folder / "postgres")
        try:
            from hub.engines.postgres import PostgresEngine

            PostgresEngine({}, server.url, now).apply_schema()
            yield server.url, folder
        finally:
            server.stop()
