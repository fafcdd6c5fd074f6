"""Measure P9: what matching and fan-out cost as subscribers grow, while the distinct interests stay as they are.

    python benchmarks/matching.py [--sizes 10000,100000,1000000] [--databases sqlite,postgres]

Each size in a process of its own, so that its peak memory is its own. Beside it the interests grow tenfold
while the subscribers stay. One subscription in ten fits the notice.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[1] / "tests")]

from sqlalchemy import func, select

from benchmarks import crowd
from benchmarks.fanout import announce, database, plan
from benchmarks.rounds import Row, clocked, show
from hub.core.codec import from_json
from hub.jobs.publish import fitting
from hub.store import notices, towns
from hub.store.schema import batch, match, publication, route

_LIMIT_MB = 300


def one(kind: str, subscribers: int, distinct: int, rounds: int) -> dict[str, float]:
    """Return the figures of one size, measured in this process."""
    with tempfile.TemporaryDirectory() as folder, database(kind, Path(folder)) as store:
        crowd.settle(store, subscribers, distinct)
        house = crowd.house(store)
        match_ms, whole_ms = [], []
        for _ in range(rounds):
            notice_id, made = announce(store)
            with store.read() as session:
                row = notices.get(session, crowd.TOWN, notice_id)
                town = towns.get(session, crowd.TOWN)
                assert row is not None
                assert town is not None
                notice = from_json(row["content"])
                match_ms.append(clocked(lambda: fitting(session, town, notice)) * 1e3)  # noqa: B023 - called at once
            whole_ms.append(clocked(lambda: plan(house)) * 1e3)
        with store.read() as session:
            counts = session.execute(select(publication).where(publication.c.id == made)).one()
            rows = {
                "routes": session.scalar(select(func.count()).select_from(route)),
                "matches": session.scalar(select(func.count()).where(match.c.notice_id == notice_id)),
                "batches": session.scalar(select(func.count()).where(batch.c.notice_id == notice_id)),
            }
    assert counts.stage == "done"
    assert counts.meant == subscribers // 10
    return {
        "match_ms": statistics.median(match_ms), "whole_ms": statistics.median(whole_ms), "reach": counts.meant,
        "memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, **rows,
    }  # fmt: skip


def measure(
    *, sizes: tuple[int, ...] = (10_000, 100_000, 1_000_000), databases: tuple[str, ...] = ("sqlite", "postgres"),
    rounds: int = 5,
) -> list[Row]:  # fmt: skip
    """Return rows for each database and size, then for ten times the interests at the smallest size."""
    rows = []
    for kind in databases:
        for subscribers, many in [*((size, 1000) for size in sizes), (sizes[0], 10_000)]:
            distinct = min(many, subscribers)
            call = [sys.executable, __file__, "--one", json.dumps([kind, subscribers, distinct, rounds])]
            found = json.loads(subprocess.run(call, check=True, capture_output=True, text=True).stdout)
            what = f"{subscribers:,} subscribers, {distinct:,} distinct interests, {kind}"
            note = (f"{found['reach']:,.0f} reached, {found['routes']:,.0f} routes, {found['matches']:,.0f} matches, "
                    f"{found['batches']:,.0f} batches")  # fmt: skip
            rows += [
                Row("P9", f"match: {what}", "with interests", found["match_ms"], None, "ms"),
                Row("P9", f"match and fan out: {what}", "linear", found["whole_ms"], None, "ms", note=note),
                Row("P9", f"peak memory: {what}", f"≤ {_LIMIT_MB} MB", found["memory_mb"], None, "MB"),
            ]
    return rows


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", default="10000,100000,1000000")
    parser.add_argument("--databases", default="sqlite,postgres")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--one", default="", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        kind, subscribers, distinct, rounds = json.loads(given.one)
        print(json.dumps(one(kind, subscribers, distinct, rounds)))
        return
    sizes = tuple(int(size) for size in given.sizes.split(","))
    show(measure(sizes=sizes, databases=tuple(given.databases.split(",")), rounds=given.rounds))


if __name__ == "__main__":
    main()
