"""Measure the poll of an unchanged source beside ``feedparser.parse`` of it (goal: 1,000 times less).

    python benchmarks/unchanged_poll.py [--entries 200] [--rounds 7]

Interleaved in one run, medians: feedparser on the body; ours when the server says 304; ours when it sends the same
bytes again (no validators: sha256); and the whole poll (claim, HTTP over loopback, settle: two committed
transactions on SQLite). Before anything is timed, both must have found the same entries.
"""

from __future__ import annotations

import argparse
import logging
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[1])]

import feedparser

import feeds
from benchmarks.farm import feed
from benchmarks.town import add_sources, building, farm, make_due
from hub import log
from hub.core.ports import Answer, Limits
from hub.core.source import Fetched, FetchState, NotModified, Source
from hub.jobs import gather

SOURCE = Source("s", "rss", "https://town.example/feed", topic="news")


@dataclass
class Server:
    """Answers at once, as a server with or without validators does."""

    body: bytes
    tags: bool

    def get(self, url: str, *, headers: dict[str, str] | None = None, limits: Limits | None = None) -> Answer:
        """Answer 304 to the known tag, else the body."""
        del limits
        if self.tags and (headers or {}).get("if-none-match"):
            return Answer(304, {"etag": '"1"'}, b"", url)
        return Answer(200, {"etag": '"1"'} if self.tags else {}, self.body, url)

    def post(self, url: str, *, body: bytes, headers: object = None, limits: object = None) -> Answer:
        """Feeds never post."""
        raise NotImplementedError


def first(server: Server) -> Fetched:
    """Return what the first fetch found."""
    found = feeds.load("rss").fetch(SOURCE, FetchState(), server)
    assert isinstance(found, Fetched)
    return found


def same_entries(body: bytes) -> None:
    """Assert that both readers find the same entries."""
    ours = [one.data["title"] for one in feeds.load("rss").parse(first(Server(body, tags=True)))]
    theirs = [one.title for one in feedparser.parse(body).entries]
    assert ours == theirs, (len(ours), len(theirs))


def again(server: Server) -> Callable[[], None]:
    """Return a second poll of ``server``."""
    state, door = first(server).state, feeds.load("rss").fetch

    def poll() -> None:
        assert isinstance(door(SOURCE, state, server), NotModified)

    return poll


def timed(work: Callable[[], object], times: int) -> float:
    """Return the seconds of one call, the mean of ``times`` in a row."""
    begin = time.perf_counter()
    for _ in range(times):
        work()
    return (time.perf_counter() - begin) / times


def main() -> None:
    """Run from the command line."""
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--entries", type=int, default=200)
    ask.add_argument("--rounds", type=int, default=7)
    wanted = ask.parse_args()
    log.configure("json", level=logging.WARNING)
    body = feed(wanted.entries)
    same_entries(body)
    with farm(wanted.entries) as address, building(2) as made:
        add_sources(made, [f"{address}/s/1"])
        gather.gather_due(made.house)
        made.run_all()

        def whole() -> None:
            make_due(made)
            gather.gather(made.house, "s0")

        works: dict[str, tuple[Callable[[], object], int]] = {
            "feedparser.parse": (lambda: feedparser.parse(body), 1),
            "304, in the hub": (again(Server(body, tags=True)), 200),
            "same bytes, in the hub": (again(Server(body, tags=False)), 200),
            "whole poll with HTTP and SQLite": (whole, 10),
        }
        seen: dict[str, list[float]] = {name: [] for name in works}
        for _ in range(wanted.rounds):
            for name, (work, times) in works.items():
                seen[name].append(timed(work, times))
    peer = statistics.median(seen["feedparser.parse"])
    print(f"{wanted.entries} entries, {len(body)} bytes, {wanted.rounds} rounds interleaved")
    for name, values in seen.items():
        middle = statistics.median(values)
        print(f"{name:34} {1000 * middle:10.4f} ms  {peer / middle:10.1f} x")


if __name__ == "__main__":
    main()
