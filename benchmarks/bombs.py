"""Measure what each named bomb costs, and how late the polls of others get meanwhile (goals: 5 s, 256 MB, 10 %).

    python benchmarks/bombs.py [--only PATTERN] [--threads 4] [--interval 30] [--healthy 200] [--periods 3]

First every bomb of ``tests/bombs`` through the parser child: seconds by the clock, peak resident memory of the child
(sampled every 5 ms). Then a hub polls ``--healthy`` sources every ``--interval`` seconds, once alone and once beside
the farm's seven hostile servers (hang, drip, endless, double gzip, entities, nesting, one huge token): how late after
its due time a healthy poll ended, as a share of the interval.
"""

from __future__ import annotations

import argparse
import contextlib
import logging
import re
import statistics
import sys
import threading
import time
from datetime import datetime, timedelta
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[1])]

from sqlalchemy import select, update

from benchmarks.farm import BOMBS as SERVERS
from benchmarks.town import add_sources, building, farm
from hub import log, sandbox
from hub.bootstrap import now
from hub.core.errors import SourceError
from hub.core.source import Document, Fetched, FetchState, Source
from hub.sandbox import parse_safely
from hub.store.schema import source
from tests.bombs.catalogue import BOMBS, Bomb


class Peak(threading.Thread):
    """Samples the largest resident size among the parser server's children."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.kilobytes, self.ended = 0, False

    def run(self) -> None:
        """Sample until ``ended``."""
        while not self.ended:
            with contextlib.suppress(OSError, ValueError, TypeError):
                server = sandbox._SERVER.pid
                for child in Path(f"/proc/{server}/task/{server}/children").read_text().split():
                    status = Path(f"/proc/{child}/status").read_text()
                    self.kilobytes = max(self.kilobytes, int(re.search(r"VmHWM:\s+(\d+)", status)[1]))  # type: ignore[index]
            time.sleep(0.005)


def throw(bomb: Bomb) -> tuple[float, int, str]:
    """Return (seconds, peak MB of the child, outcome) of one bomb."""
    one = Source("bomb", bomb.kind, "https://town.example/x", topic=bomb.kind, config={"mapping.title": "name"})
    answer = Fetched((Document(one.url, bomb.media, bomb.write()),), now(), FetchState(), one)
    peak = Peak()
    peak.start()
    begin = time.perf_counter()
    try:
        outcome = f"{len(parse_safely(bomb.kind, answer).notices)} notices"
    except SourceError as error:
        outcome = str(error)
    spent = time.perf_counter() - begin
    peak.ended = True
    peak.join()
    return spent, peak.kilobytes // 1024, outcome


def lateness(*, bombs: bool, healthy: int, interval: int, threads: int, periods: int) -> list[float]:
    """Return how late each healthy poll ended, as a share of the interval."""
    late: list[float] = []
    with farm() as address, building(threads) as made:
        urls = [f"{address}/s/{number}" for number in range(healthy)]
        add_sources(made, urls)
        made.tick()
        made.run_all()  # the first import is not what is measured
        if bombs:
            add_sources(made, [f"{address}/bombs/{name}" for name in SERVERS], first=healthy)
        with made.store.begin() as session:
            session.execute(update(source).values(interval=interval))
            for number in range(healthy):  # spread over the interval, as jitter does in time
                due = now() + timedelta(seconds=number * interval / healthy)
                session.execute(update(source).where(source.c.id == f"s{number}").values(next_poll_at=due))
        gather = made.engine._jobs["gather"]  # type: ignore[attr-defined]

        def timed(subject: str) -> None:
            with made.store.read() as session:
                due: datetime = session.scalar(select(source.c.next_poll_at).where(source.c.id == subject))  # type: ignore[assignment]
            gather(subject)
            if int(subject[1:]) < healthy:
                late.append((now() - due).total_seconds() / interval)

        made.engine._jobs["gather"] = timed  # type: ignore[attr-defined]
        made.engine.start()
        end = time.monotonic() + interval * periods
        while time.monotonic() < end:
            made.tick()
            time.sleep(1)
    return late


def main() -> None:
    """Run from the command line."""
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, default in (("threads", 4), ("interval", 30), ("healthy", 200), ("periods", 3)):
        ask.add_argument(f"--{name}", type=int, default=default)
    ask.add_argument("--only", default=".")
    wanted = ask.parse_args()
    log.configure("json", level=logging.CRITICAL)
    rows = [(name, *throw(bomb)) for name, bomb in BOMBS.items() if re.search(wanted.only, name)]
    for name, seconds, megabytes, outcome in sorted(rows, key=lambda row: -row[1])[:12]:
        print(f"{name:28} {seconds:6.2f} s {megabytes:5} MB  {outcome[:80]}")
    most = [max(row[at] for row in rows) for at in (1, 2)]
    print(f"{len(rows)} bombs: slowest {most[0]:.2f} s, largest child {most[1]} MB")
    sizes = {"healthy": wanted.healthy, "interval": wanted.interval, "threads": wanted.threads}
    for bombs in (False, True):
        late = lateness(bombs=bombs, periods=wanted.periods, **sizes)
        p99 = statistics.quantiles(late, n=100)[98]
        who = f"beside {len(SERVERS)} hostile servers" if bombs else "alone"
        print(
            f"{len(late)} healthy polls {who}: ended late by median {statistics.median(late):.1%}, "
            f"p99 {p99:.1%}, most {max(late):.1%} of the interval of {wanted.interval} s"
        )


if __name__ == "__main__":
    main()
