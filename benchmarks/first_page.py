"""Measure how long the server takes for the first page of a visit (goal: 100 ms), and for what leads on from it.

    python benchmarks/first_page.py [--notices 2000] [--rounds 5]

A town with many notices on SQLite, the whole application without a network around it: routing, reading, rendering. A
second figure is the very first answer of a process that has just been made ready.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[1] / "tests")]

from fakes.house import make_town, news

from benchmarks.rounds import Row, clocked, show
from hub.settings import Settings
from hub.store.database import Store
from hub.web import create_app
from hub.web.front import settle

PATHS = {
    "the town": "/huertgenwald/", "sign-up": "/huertgenwald/start", "all notices": "/huertgenwald/notices",
    "the map": "/huertgenwald/map", "tenders": "/huertgenwald/tenders",
}  # fmt: skip
AGENT = {"User-Agent": "Mozilla/5.0", "Accept-Language": "de"}


def measure(notices: int, rounds: int) -> list[Row]:
    """Return the milliseconds of each page, the median of 20 visits a round."""
    with tempfile.TemporaryDirectory() as folder:
        store = Store(f"sqlite:///{Path(folder) / 'town.sqlite'}")
        store.upgrade()
        town = make_town(store)
        town.source()
        for start in range(0, notices, 20):  # more in one poll would be held as a flood
            town.poll(
                "s1", *(news(f"n{at}", f"Meldung {at}", body="Aus dem Rathaus. " * 20) for at in range(start + 20))
            )
        base = "https://ortsruf.example"
        application = create_app(town.house, Settings(base_url=base))
        ready = 1000 * clocked(lambda: settle(application))
        browser = application.test_client()

        def visit(path: str) -> None:
            answer = browser.get(path, base_url=base, headers=AGENT)
            assert answer.status_code == 200, answer.status

        first = 1000 * clocked(lambda: visit(PATHS["the town"]))
        made = f"made ready in {ready:.0f} ms"
        rows = [Row("W1", "first page of a fresh process: the town", "≤ 100 ms", first, None, "ms", note=made)]
        for name, path in PATHS.items():
            visit(path)
            found = [clocked(lambda path=path: visit(path)) for _ in range(20 * rounds)]
            note = f"{notices:,} notices; slowest of {len(found)}: {1000 * max(found):.0f} ms"
            rows.append(
                Row(
                    "W1",
                    f"a page on the server: {name}",
                    "≤ 100 ms",
                    1000 * statistics.median(found),
                    None,
                    "ms",
                    note=note,
                )
            )
        store.close()
    return rows


def main() -> None:
    """Run from the command line."""
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--notices", type=int, default=2000)
    ask.add_argument("--rounds", type=int, default=5)
    ask.add_argument("--short", action="store_true", help="200 notices, one round")
    wanted = ask.parse_args()
    show(measure(200 if wanted.short else wanted.notices, 1 if wanted.short else wanted.rounds))


if __name__ == "__main__":
    main()
