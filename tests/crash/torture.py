"""The whole of G1: die 500 times and more, at named places and by chance, on SQLite and on PostgreSQL's workers.

    python tests/crash/torture.py [--kills 500] [--seed 1]

A third of the deaths fall on PostgreSQL. Every database dies one to six times in a row before it may live; a fifth of
them at a moment of the clock instead of a named place. Ends with 1 at the first loss, and says which deaths led there.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[2]), str(Path(__file__).parents[1])]

from crash.cases import Case, Children, Postgres, Sqlite  # noqa: E402
from crash.names import named_failpoints  # noqa: E402
from postgres_server import start  # noqa: E402

LONGEST = 6


@dataclass
class Tally:
    """What came of all deaths."""

    deaths: int = 0
    repeats: int = 0
    worst: float = 0.0  # repeats for each death
    places: Counter[str] = field(default_factory=Counter)

    def note(self, died: list[str], repeats: int) -> None:
        self.deaths += len(died)
        self.repeats += repeats
        self.worst = max(self.worst, repeats / max(1, len(died)))
        self.places.update(die.partition(":")[0] or "by the clock" for die in died)


def torture(make: Callable[[], Case], kills: int, chance: random.Random, tally: Tally) -> None:
    """Let databases die until there were ``kills`` deaths more; every named place comes first."""
    began = time.monotonic()
    steps = make().steps()
    lasts = time.monotonic() - began
    todo = list(steps)
    goal = tally.deaths + kills
    while tally.deaths < goal:
        if chance.random() < 0.2 and not todo:
            tally.note(*make().survive(kill_after=chance.uniform(0, lasts)))
            continue
        first = [todo.pop()] if todo else []
        more = chance.sample(sorted(steps), chance.randint(0, LONGEST - 1))
        ordered = first + sorted(more, key=list(steps).index)
        tally.note(*make().survive(*(f"{name}:{chance.randint(1, steps[name])}" for name in ordered)))
        print(f"\r{tally.deaths} deaths, {tally.repeats} repeats", end="", file=sys.stderr, flush=True)


def main() -> None:
    """Torture both databases and print what was seen."""
    ask = argparse.ArgumentParser()
    ask.add_argument("--kills", type=int, default=int(os.environ.get("ORTSRUF_KILLS", "500")))
    ask.add_argument("--seed", type=int, default=1)
    given = ask.parse_args()
    chance, tally, children = random.Random(given.seed), Tally(), Children()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        torture(Sqlite(folder, children).case, given.kills * 2 // 3, chance, tally)
        server = start(folder / "server")
        try:
            distributed = Postgres(server, folder, children)
            torture(lambda: distributed.case("postgres"), given.kills - tally.deaths, chance, tally)
        finally:
            server.stop()
            children.close()
    unseen = [
        one
        for one in named_failpoints()
        if one not in tally.places and not one.startswith(("webpush.", "mail.", "deliver.prekeys-"))
    ]
    print(
        f"\n{tally.deaths} deaths at {len(tally.places)} places: 0 lost, 0 shown twice, {tally.repeats} repeats on the wire"
    )
    print(f"at most {tally.worst:g} repeats for each death; places never died at: {', '.join(unseen) or 'none'}")
    sys.exit(1 if unseen else 0)


if __name__ == "__main__":
    main()
