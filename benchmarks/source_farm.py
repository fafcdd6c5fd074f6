"""Measure whether one core can poll 10,000 sources every 15 minutes with headroom.

    python benchmarks/source_farm.py [--sources 10000] [--threads 4] [--changed 0.02]

Polls a loopback farm through the real client, parser processes and SQLite file, all due at once: first the silent
import, then a round in which nothing changed, then one in which ``--changed`` of them have a new entry. The share of
a core is the computing time of the hub (and of its parser children) per poll times 11.1 polls a second.
"""

from __future__ import annotations

import argparse
import logging
import os
import resource
import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[1])]

from sqlalchemy import func, select

from benchmarks.town import INTERVAL, add_sources, building, bump, farm, make_due, run_round
from hub import log, sandbox
from hub.store.schema import notice, source

LONGEST = 1800.0  # seconds of one round


def children_cpu() -> float:
    """Return the computing seconds of the parser server and the children that it has buried."""
    if sandbox._SERVER.pid is None:
        return 0.0
    fields = Path(f"/proc/{sandbox._SERVER.pid}/stat").read_text().rpartition(")")[2].split()
    return sum(int(fields[at]) for at in (11, 12, 13, 14)) / os.sysconf("SC_CLK_TCK")


def peak_rss() -> int:
    """Return the largest resident size of the hub's process in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def main() -> None:
    """Run from the command line."""
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--sources", type=int, default=10_000)
    ask.add_argument("--threads", type=int, default=4)
    ask.add_argument("--changed", type=float, default=0.02)
    ask.add_argument("--entries", type=int, default=20)
    wanted = ask.parse_args()
    log.configure("json", level=logging.WARNING)
    with farm(wanted.entries) as address, building(wanted.threads) as made:
        add_sources(made, [f"{address}/s/{number}" for number in range(wanted.sources)])
        made.engine.start()
        print(f"{wanted.sources} sources of {wanted.entries} entries, {wanted.threads} threads, {os.cpu_count()} cores")
        for name in ("import", "unchanged", "unchanged", "changed"):
            if name == "changed":
                bump(address, list(range(0, wanted.sources, round(1 / wanted.changed))))
            make_due(made)
            before = children_cpu()
            wall, own = run_round(made, seconds=LONGEST)
            theirs = children_cpu() - before
            per = (own + theirs) / wanted.sources
            share = per * wanted.sources / INTERVAL
            print(
                f"{name:10} {wall:8.1f} s  {wanted.sources / wall:7.1f} polls/s  CPU {1000 * per:6.2f} ms/poll "
                f"(parsers {1000 * theirs / wanted.sources:.2f})  share of a core at every {INTERVAL} s: {share:.1%}"
            )
        with made.store.read() as session:
            faults = session.scalar(select(func.count()).where(source.c.fault != ""))
            count = session.scalar(select(func.count()).select_from(notice))
        expected = wanted.sources * wanted.entries + len(range(0, wanted.sources, round(1 / wanted.changed)))
        assert (faults, count) == (0, expected), (faults, count, expected)
        print(f"notices {count}, faults {faults}, peak RSS {peak_rss()} MB")


if __name__ == "__main__":
    main()
