"""How cost grows with the town: 10,000, 100,000 and 1,000,000 subscribers (P9).

    python benchmarks/growth.py [--short] [--sizes 10000,100000,1000000]

For each size a SQLite database is seeded and a real ``ortsruf serve`` started on it; then two notices are told, one to
a hundredth and one to a tenth of the people. Time from the commit to the last batch made, to the first push and to the
last; rows and bytes of the database; and the highest resident memory of the process, from /proc, over all of that.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[1])]

from sqlalchemy import func, select

from benchmarks.installation import Installation, database, resident
from benchmarks.plan import note
from benchmarks.push_sink import Sink
from benchmarks.rounds import Row, show
from benchmarks.seed import HUNDREDTH, TENTH, audience, seed
from hub.store.schema import batch, endpoint, interest, notice, publication, route, subscription, way

SIZES = (10_000, 100_000, 1_000_000)
SHORT = (1_000, 10_000)
MOST_MEMORY = 300.0  # MB
PATIENCE = 1800.0
LEAST = 100_000  # subscribers from which a size counts for the paper plan


@dataclass(frozen=True)
class Told:
    """What telling one audience took, in seconds from the commit."""

    people: int
    planned: float
    first: float
    last: float


@dataclass(frozen=True)
class Point:
    """One size of the curve."""

    subscribers: int
    interests: int
    rows: int
    size: int  # bytes of the database
    told: tuple[Told, Told]
    memory: float  # MB


def point(subscribers: int, *, deliver: bool = True) -> Point:
    """Measure one size; without ``deliver`` the tenth is planned, not waited for."""
    with database("sqlite") as (url, folder):
        sink = Sink()
        here = Installation(url, folder, sink)
        try:
            seeded = seed(here.store, subscribers=subscribers, origin=sink.origin)
            rows = _rows(here)
            process = here.start()[0]
            slug, path = seeded.towns[0]
            here.publish([(slug, audience(path, "nobody"), "warm-up")])
            here.wait(PATIENCE)
            hundredth = tell(here, slug, audience(path, HUNDREDTH), "hundredth", subscribers // 100)
            tenth = tell(here, slug, audience(path, TENTH), "tenth", subscribers // 10, wait=deliver)
            memory = resident(process)
            size = sum(one.stat().st_size for one in folder.glob("ortsruf.sqlite*"))
        finally:
            here.close()
            sink.close()
    return Point(subscribers, seeded.interests, rows, size, (hundredth, tenth), memory)


def tell(here: Installation, slug: str, place: str, key: str, people: int, *, wait: bool = True) -> Told:
    """Publish to one audience and look on."""
    here.sink.ask(do="forget")
    at = here.publish([(slug, place, key)]).timestamp()
    here.wait(PATIENCE, until=lambda: _planned(here))
    planned = _made(here) - at
    here.wait(PATIENCE, until=here.settled if wait else lambda: here.sink.ask(do="report")["total"] > 0)
    report = here.sink.ask(do="report")
    times = sorted(one for group in report["groups"].values() for one in group)
    assert not wait or report["distinct"] == people, f"{report['distinct']} of {people} were told"
    assert not wait or here.balanced(), here.ledger()
    return Told(people, planned, times[0] - at, times[-1] - at)


def _planned(here: Installation) -> bool:
    with here.store.read() as session:
        return session.scalar(select(publication.c.id).where(publication.c.stage != "done").limit(1)) is None


def _made(here: Installation) -> float:
    """Return when the last batch was made."""
    with here.store.read() as session:
        return session.scalars(select(batch.c.created_at).order_by(batch.c.id.desc()).limit(1)).one().timestamp()


def _rows(here: Installation) -> int:
    tables = (endpoint, subscription, way, route, interest, notice, batch)
    with here.store.read() as session:
        return sum(session.scalar(select(func.count()).select_from(one)) or 0 for one in tables)


def measure(sizes: tuple[int, ...] = SIZES) -> list[Row]:
    """Return the curve as rows: ``ours`` at the size, ``peer`` at the size before, ``ratio`` the growth."""
    rows: list[Row] = []
    points = [point(size) for size in sizes]
    for before, one in zip([None, *points[:-1]], points, strict=True):
        for at, share in enumerate(("1 %", "10 %")):
            told = one.told[at]
            past = before.told[at].planned if before else None
            rows.append(
                Row(
                    "P9", f"{share} of {one.subscribers:,} into batches", "linear", told.planned, past, "s",
                    told.planned / past if past else None,
                    f"{told.people:,} people: first {told.first:.2f} s, last {told.last:.1f} s",
                )
            )  # fmt: skip
        detail = (
            f"{one.size / 1e6:,.0f} MB, {one.size / one.subscribers:,.0f} bytes a person; {one.interests} interests"
        )
        rows.append(Row("P9", f"rows for {one.subscribers:,} people", "linear", one.rows, None, "rows", note=detail))
        wanted = f"≤ {MOST_MEMORY:g} MB"
        rows.append(Row("P9", f"memory of serve, {one.subscribers:,} people", wanted, one.memory, None, "MB"))
    keep(points[-1])
    return rows


def keep(one: Point) -> None:
    """Write what the paper plan is computed from; a small town says nothing of a large one."""
    if one.subscribers >= LEAST:
        told = one.told[1]
        measured = {
            "bytes_per_subscriber": float(round(one.size / one.subscribers)),
            "rows_per_subscriber": round(one.rows / one.subscribers, 2),
            "planned_per_second": float(round(told.people / max(told.planned, 0.001))),
        }
        note(measured)


def main() -> None:
    """Measure and print."""
    ask = argparse.ArgumentParser()
    ask.add_argument("--short", action="store_true")
    ask.add_argument("--sizes", default="")
    given = ask.parse_args()
    sizes = tuple(int(one) for one in given.sizes.split(",") if one)
    show(measure(sizes or (SHORT if given.short else SIZES)))


if __name__ == "__main__":
    main()
