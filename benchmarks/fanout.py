"""Measure P3: match many subscriptions with all predicates and make their deliveries durable, beside the usual ORM.

    python benchmarks/fanout.py [--subscriptions 1000000] [--rounds 5] [--databases sqlite,postgres]

One subscription in ten fits. Both are given a stored notice; ours begins with the interests (all predicates), the
peer is told which interests fit. Before anything is timed, both must have found the same endpoints.
"""

from __future__ import annotations

import argparse
import itertools
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[1] / "tests")]

from sqlalchemy import delete, select

from benchmarks import crowd
from benchmarks.peers import orm
from benchmarks.rounds import Row, clocked, interleaved, median, show
from hub.core.changes import Decision
from hub.core.fanout import Lane
from hub.core.message import Change
from hub.jobs.course import Wake, carry, take
from hub.jobs.house import House
from hub.store import notices
from hub.store.database import Store
from hub.store.schema import batch, match, publication

_numbers = itertools.count(1)


@contextmanager
def database(kind: str, folder: Path) -> Iterator[Store]:
    """Give an empty, migrated database: a file, or a PostgreSQL of our own."""
    server = None
    url = f"sqlite:///{folder / 'bench.sqlite'}"
    if kind == "postgres":
        from postgres_server import start

        server = start(folder / "postgres")
        url = server.url
    store = Store(url)
    try:
        store.upgrade()
        yield store
    finally:
        store.close()
        if server is not None:
            server.stop()


def announce(store: Store) -> tuple[str, int]:
    """Store another notice; returns its id and that of its publication."""
    notice = crowd.call(next(_numbers))
    decision = Decision(Change.NEW, notice, revision=1, dates=(), announce=True)
    with store.begin() as session:
        made = notices.save(
            session, crowd.TOWN, None, decision, places=[crowd.PLACE],
            zone="Europe/Berlin", now=crowd.NOW, names=[notice.key],
        )  # fmt: skip
    assert made is not None
    return notice.id, made


def plan(house: House) -> None:
    """Put everybody whom the notice that waits means into batches."""
    with house.store.begin() as session:
        row = take(house, session, Lane.NORMAL)
    assert row is not None
    carry(house, row, Wake("publish", str(row["id"])))


class Contest:
    """Both ways on one database."""

    def __init__(self, store: Store) -> None:
        """Make the peer's table."""
        self.store, self.house = store, crowd.house(store)
        orm.delivery.create(store.engine, checkfirst=True)
        self.interests: list[int] = []

    def ours(self) -> float:
        """Return the seconds from the stored notice to the last durable batch."""
        announce(self.store)
        return clocked(lambda: plan(self.house))

    def peer(self) -> float:
        """Return the seconds of the object-relational way."""
        notice_id, _ = announce(self.store)
        seconds = clocked(lambda: orm.fan_out(self.store, notice_id, self.interests))
        with self.store.begin() as session:
            session.execute(delete(orm.delivery))
        return seconds

    def equal(self) -> int:
        """Check that both mean the same endpoints, each once; returns how many."""
        notice_id, made = announce(self.store)
        plan(self.house)
        with self.store.read() as session:
            of_notice = select(match.c.interest_id).where(match.c.notice_id == notice_id)
            self.interests = list(session.scalars(of_notice))
            packed = session.scalars(select(batch.c.ids).where(batch.c.notice_id == notice_id)).all()
            counts = session.execute(select(publication).where(publication.c.id == made)).one()
        found = sorted(one for ids in packed for one in ids)
        orm.fan_out(self.store, notice_id, self.interests)
        with self.store.begin() as session:
            theirs = sorted(session.scalars(select(orm.delivery.c.endpoint_id)))
            session.execute(delete(orm.delivery))
        assert found == theirs
        assert found
        assert counts.meant == len(found)
        assert counts.stage == "done"
        return len(found)


def measure(
    *, subscriptions: int = 1_000_000, rounds: int = 5, databases: tuple[str, ...] = ("sqlite", "postgres"),
    say: Callable[[str], None] = print,
) -> list[Row]:  # fmt: skip
    """Return a row for each database."""
    rows = []
    for kind in databases:
        with tempfile.TemporaryDirectory() as folder, database(kind, Path(folder)) as store:
            say(f"{kind}: {subscriptions:,} people move in …")
            crowd.settle(store, subscriptions)
            contest = Contest(store)
            reach = contest.equal()
            figures = interleaved({"ours": contest.ours, "peer": contest.peer}, rounds=rounds)
            ours, peer = median(figures, "ours") * 1e3, median(figures, "peer") * 1e3
            what = f"match {subscriptions:,} subscriptions, {reach:,} deliveries durable, {kind}"
            rows.append(Row("P3", what, "≥ 100x", ours, peer, "ms", peer / ours, "ORM select + add_all"))
    return rows


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--subscriptions", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--databases", default="sqlite,postgres")
    given = parser.parse_args()
    show(measure(
        subscriptions=given.subscriptions, rounds=given.rounds, databases=tuple(given.databases.split(","))
    ))  # fmt: skip


if __name__ == "__main__":
    main()
