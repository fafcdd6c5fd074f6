"""Delivery under load, with real processes, encryption and databases (G2, G8, G11, G12, E-07).

    python benchmarks/load.py [--engine sqlite|postgres|both] [--short] [--only G8,G11]

``--short`` is for a look in a minute or two; the figures of ``RESULTS.md`` are those of the long form. The sink runs in
a process of its own on the same cores; its own ceiling is told beside G8 where ``h2load`` is installed.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).parents[1])]

from sqlalchemy import select

from benchmarks import plan
from benchmarks.installation import Installation, database
from benchmarks.push_sink import Sink
from benchmarks.rounds import Row, show
from benchmarks.seed import TENTH, Seeded, audience, seed
from hub.bootstrap import now
from hub.core.notice import Severity
from hub.core.subscription import Action, Criteria
from hub.jobs.subscribe import SignUp, Wish, sign_up
from hub.store.schema import batch

PATIENCE = 900.0  # seconds for anything here


@dataclass(frozen=True)
class Sizes:
    """How much of everything."""

    people: int  # of G8: they last for a minute
    tenants: int  # of G11
    recipients: int  # of G11, in all
    rounds: int  # of G12, each a baseline and a surge
    town: int  # people of a town in G12
    bulk: int  # mails that wait in E-07


LONG = Sizes(people=200_000, tenants=50, recipients=20_000, rounds=5, town=1_000, bulk=20_000)
SHORT = Sizes(people=4_000, tenants=10, recipients=2_000, rounds=2, town=200, bulk=800)


@contextmanager
def running(engine: str, *, workers: int = 1, tick: int = 1, **people: Any) -> Iterator[tuple[Installation, Seeded]]:
    """Seed a database of kind ``engine`` for ``people`` and run what delivers to them."""
    with database(engine) as (url, folder):
        sink = Sink()
        here = Installation(url, folder, sink, tick=tick)
        try:
            seeded = seed(here.store, origin=sink.origin, **people)
            here.start(workers)
            here.wait(60, until=lambda: _alive(here))
            yield here, seeded
        finally:
            here.close()
            sink.close()


def _alive(here: Installation) -> bool:
    """Whether a first message to one town comes through: everything is imported and connected."""
    if not here.sink.ask(do="report")["total"]:
        if not getattr(here, "rung", False):
            here.rung = True  # type: ignore[attr-defined]
            here.publish([("town0", audience("053580000000", TENTH), "warm-up")])
        return False
    done = here.settled()
    if done:
        here.sink.ask(do="forget")
    return done


def arrivals(here: Installation) -> dict[str, list[float]]:
    """Return the times at which the sink was reached, by town."""
    groups: dict[str, list[float]] = here.sink.ask(do="report")["groups"]
    return groups


def late(times: Sequence[float], since: datetime, share: float) -> float:
    """Return after how many seconds ``share`` of these arrivals were there."""
    ordered = sorted(times)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] - since.timestamp()


def sustained(engine: str, sizes: Sizes) -> list[Row]:
    """G8: deliveries a second to everybody of one town, state in the database."""
    with running(engine, subscribers=sizes.people) as (here, seeded):
        slug, path = seeded.towns[0]
        at = here.publish([(slug, path, "to-all")], severity=Severity.SEVERE)
        here.wait(PATIENCE)
        report, books = here.sink.ask(do="report"), here.ledger()
        assert report["distinct"] == sizes.people, f"{report['distinct']} of {sizes.people} were told"
        assert here.balanced(), books
        times = sorted(report["groups"][slug])
        lasted = times[-1] - times[0]
        rate = (len(times) - 1) / lasted
        if sizes.people >= LONG.people:
            plan.note({"pushes_per_second_core": round(rate / (os.cpu_count() or 1), 1)})  # the sink's share included
        note = f"{len(times):,} in {lasted:.0f} s; first after {late(times, at, 0):.1f} s; errors {books['problems']}"
        note += f", repeats {report['repeats']}; sink alone {_ceiling(here.sink)}"
        return [Row("G8", f"pushes a second, {engine}", "≥ 1,000 for 60 s", rate, None, "/s", note=note)]


def _ceiling(sink: Sink) -> str:
    """Return what the sink takes from ``h2load`` on the same cores."""
    if shutil.which("h2load") is None:
        return "not measured (no h2load)"
    command = ["h2load", "--h1", "-n", "20000", "-c", "8", "-d", __file__, f"{sink.origin}/ceiling/1"]
    said = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    rates = [part for part in said.split() if part.replace(".", "").isdecimal() and "req/s" in said]
    found = said.partition("finished in ")[2].partition(", ")[2].partition(" req/s")[0]
    return f"{float(found):,.0f}/s" if rates and found else "not measured"


def same_second(engine: str, sizes: Sizes) -> list[Row]:
    """G11: many towns, one second."""
    with running(engine, towns=sizes.tenants, subscribers=sizes.recipients) as (here, seeded):
        at = here.publish([(slug, path, "at-once") for slug, path in seeded.towns], severity=Severity.SEVERE)
        here.wait(PATIENCE)
        groups = arrivals(here)
        assert sum(map(len, groups.values())) >= sizes.recipients
        assert here.balanced(), here.ledger()
        first = max(late(times, at, 0) for times in groups.values())
        last = max(late(times, at, 1) for times in groups.values())
        what = f"{sizes.tenants} towns, {sizes.recipients:,} people, {engine}"
        return [
            Row("G11", f"latest first, {what}", "≤ 5 s", first, None, "s"),
            Row("G11", f"all, {what}", "≤ 240 s", last, None, "s"),
        ]


def surge(engine: str, sizes: Sizes) -> list[Row]:
    """G12: the others' p95 while one town sends seven times everything, in turns with the same without it."""
    calm, wild = [], []
    with running(engine, towns=8, subscribers=8 * sizes.town) as (here, seeded):
        (noisy, noisy_path), others = seeded.towns[0], seeded.towns[1:]
        for number in range(sizes.rounds):
            for kind, figures in (("calm", calm), ("wild", wild)):
                here.sink.ask(do="forget")
                told = [(slug, audience(path, TENTH), f"{kind}{number}") for slug, path in others]
                loud = [(noisy, audience(noisy_path, TENTH), f"{kind}{number}-{at}") for at in range(7 * len(others))]
                at = here.publish([*loud[: 1 if kind == "calm" else None], *told])
                here.wait(PATIENCE)
                groups = arrivals(here)
                figures.append(late([one for slug, _ in others for one in groups[slug]], at, 0.95))
        assert here.balanced(), here.ledger()
    before, after = statistics.median(calm), statistics.median(wild)
    note = f"others' p95, {engine}: {before:.2f} s before; surge of {7 * 7} notices beside 7"
    return [Row("G12", f"others' p95 under a surge, {engine}", "≤ 2x", after, before, "s", after / before, note)]


def confirmation(engine: str, sizes: Sizes) -> list[Row]:
    """E-07: somebody signs up while mails to everybody wait."""
    with running(engine, subscribers=sizes.bulk, mail=0.99) as (here, seeded):
        slug, path = seeded.towns[0]
        here.publish([(slug, audience(path, TENTH), f"bulk-{at}") for at in range(10)])
        here.wait(PATIENCE, until=lambda: here.sink.ask(do="report")["total"] > sizes.bulk // 50)
        waiting = here.ledger()
        at, wish = now(), Wish(Criteria(topics=("news",)), (("mail", Action.NOW, ""),))
        sign_up(_doors(here), slug, SignUp((wish,), {"mail": ("anna.confirm@example.org", {}, "example.org")}))
        here.wait(PATIENCE, until=lambda: "confirm" in arrivals(here))
        took = late(arrivals(here)["confirm"], at, 0)
        here.wait(PATIENCE)
        assert here.balanced(), here.ledger()
        left = waiting["size"] - waiting["sent"]
        return [Row("E-07", f"confirmation behind {left:,} mails, {engine}", "≤ 60 s", took, None, "s")]


def _doors(here: Installation) -> Any:
    """Return the house of a web process: it stores and wakes, and runs nothing."""
    from fakes.house import make_town

    house = make_town(here.store).house
    object.__setattr__(house, "now", now)
    if not here.store.sqlite:
        object.__setattr__(house, "engine", here.engine)
    return house


def takeover(engine: str, sizes: Sizes) -> list[Row]:
    """G2: kill -9 of the process that delivers; another one (PostgreSQL), or its next start, takes over."""
    people = sizes.people // 2
    with running(engine, workers=2, tick=10, subscribers=people) as (here, seeded):
        slug, path = seeded.towns[0]
        here.publish([(slug, path, "to-all")], severity=Severity.SEVERE)
        here.wait(PATIENCE, until=lambda: here.sink.ask(do="report")["total"] > people // 4)
        victim = [one for one in here.processes if one.poll() is None][-1]
        here.kill(victim)
        at, held = now(), _held(here)
        if engine == "sqlite":
            here.start()
        here.wait(PATIENCE, until=lambda: not held.items() & _held(here).items())
        took = (now() - at).total_seconds()
        here.wait(PATIENCE)
        report = here.sink.ask(do="report")
        assert report["distinct"] == people, f"{people - report['distinct']} lost"
        assert here.balanced(), here.ledger()
        note = f"{len(held)} batches held at the kill; 0 lost, {report['repeats']} repeated"
        return [Row("G2", f"work of a dead process taken over, {engine}", "≤ 30 s", took, None, "s", note=note)]


def _held(here: Installation) -> dict[int, str]:
    """Return the batches that somebody holds now, and who."""
    query = select(batch.c.id, batch.c.owner).where(batch.c.state == "open", batch.c.owner.is_not(None))
    with here.store.read() as session:
        return {row.id: row.owner for row in session.execute(query)}


MEASURES = {"G8": sustained, "G11": same_second, "G12": surge, "E-07": confirmation, "G2": takeover}


def measure(
    sizes: Sizes = LONG, engines: Sequence[str] = ("sqlite", "postgres"), only: Sequence[str] = ()
) -> list[Row]:
    """Return the rows of every goal on every engine."""
    rows: list[Row] = []
    for goal in only or MEASURES:
        for engine in engines:
            rows += MEASURES[goal](engine, sizes)
    return rows


def main() -> None:
    """Measure and print."""
    ask = argparse.ArgumentParser()
    ask.add_argument("--engine", choices=("sqlite", "postgres", "both"), default="both")
    ask.add_argument("--short", action="store_true")
    ask.add_argument("--only", default="", help="goals, joined by commas")
    given = ask.parse_args()
    engines = ("sqlite", "postgres") if given.engine == "both" else (given.engine,)
    only = [one for one in given.only.split(",") if one]
    show(measure(SHORT if given.short else LONG, engines, only))


if __name__ == "__main__":
    main()
