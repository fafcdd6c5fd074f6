"""A hub with many sources on a throw-away SQLite file, and the farm beside it: what the source benchmarks share."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import httpx2
from sqlalchemy import func, select, update

from hub.bootstrap import Building, add_municipality, initialise, now
from hub.core.notice import PlaceRef
from hub.core.source import Source
from hub.settings import Settings
from hub.store import sources
from hub.store.schema import source as table

ARS = "053580016016"
INTERVAL = 900  # seconds
HERE = Path(__file__).parent


@contextmanager
def farm(entries: int = 20) -> Iterator[str]:
    """Run the farm; yields its address."""
    process = subprocess.Popen(
        [sys.executable, str(HERE / "farm.py"), "--entries", str(entries)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        yield f"http://127.0.0.1:{process.stdout.readline().strip()}"  # type: ignore[union-attr]
    finally:
        process.stdin.close()  # type: ignore[union-attr]
        process.wait(10)


@contextmanager
def building(threads: int) -> Iterator[Building]:
    """Open a hub that may dial the loopback interface."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data=Path(folder), workers=threads, allow_hosts=("127.0.0.1",), log="json")
        initialise(settings)
        made = Building(settings)
        add_municipality(made.store, ars=ARS)
        try:
            yield made
        finally:
            made.close()


def add_sources(made: Building, urls: list[str], *, first: int = 0) -> None:
    """Store a source per address, due at once, numbered from ``first``."""
    with made.store.begin() as session:
        for number, url in enumerate(urls, first):
            place = (PlaceRef("ars", ARS),)
            one = Source(f"s{number}", "rss", url, "huertgenwald", topic="news", interval=INTERVAL, places=place)
            sources.add(session, "huertgenwald", one, now())


def make_due(made: Building) -> None:
    """Let every source be due now."""
    with made.store.begin() as session:
        session.execute(update(table).values(next_poll_at=now(), lease_until=None))


def waiting(made: Building) -> int:
    """Return how many sources are due or being polled."""
    with made.store.read() as session:
        return int(
            session.scalar(
                select(func.count()).where((table.c.next_poll_at <= now()) | table.c.lease_until.is_not(None))
            )
            or 0
        )


def run_round(made: Building, *, seconds: float) -> tuple[float, float]:
    """Poll all that is due with the hub's own ticks and threads; returns (wall, CPU) seconds of this process.

    Raises ``TimeoutError`` after ``seconds``.
    """
    wall, spent, end = time.perf_counter(), time.process_time(), now() + timedelta(seconds=seconds)
    while waiting(made):
        if now() > end:
            raise TimeoutError(f"{waiting(made)} sources still wait after {seconds:g} s")
        made.tick()
        while made.engine.stats().waiting or made.engine.stats().running:
            time.sleep(0.02)
    return time.perf_counter() - wall, time.process_time() - spent


def bump(address: str, numbers: list[int]) -> None:
    """Give these sources of the farm a new entry."""
    with httpx2.Client() as client:
        for number in numbers:
            client.get(f"{address}/bump?{number}")
