"""How everything here is measured: contestants take turns in one run, results are equal first, medians are compared."""

from __future__ import annotations

import gc
import platform
import statistics
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

Figure = TypeVar("Figure")
ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Row:
    """One line of ``RESULTS.md``: figures are medians in ``unit``; ``ratio`` says how many times better ours is."""

    goal: str  # P1 … P9, G8 …; what ``performance`` or ``reliability`` call it
    what: str
    wanted: str
    ours: float
    peer: float | None
    unit: str
    ratio: float | None = None
    note: str = ""


def clocked(work: Callable[[], object]) -> float:
    """Return the seconds that ``work`` takes."""
    gc.collect()
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def interleaved(contestants: Mapping[str, Callable[[], Figure]], *, rounds: int = 5) -> dict[str, list[Figure]]:
    """Let every contestant give its figure once a round, in turns, the order reversed every other round."""
    figures: dict[str, list[Figure]] = {name: [] for name in contestants}
    for number in range(rounds):
        order = list(contestants) if number % 2 == 0 else list(reversed(contestants))
        for name in order:
            figures[name].append(contestants[name]())
    return figures


def median(figures: Mapping[str, list[float]], name: str) -> float:
    """Return the median of one contestant's rounds."""
    return statistics.median(figures[name])


def machine() -> str:
    """Return date, processor count and versions, for the head of a table."""
    import os

    at = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
    return f"{at} · {os.cpu_count()} cores, {platform.machine()} · Python {platform.python_version()}"


def show(rows: list[Row]) -> None:
    """Print rows as a Markdown table."""
    print(f"\n{machine()} · `python {' '.join(sys.argv)}`\n")
    print("| goal | what | wanted | ours | peer | ratio | |\n|---|---|---|---|---|---|---|")
    for row in rows:
        peer = "" if row.peer is None else f"{row.peer:,.4g} {row.unit}"
        ratio = "" if row.ratio is None else f"{row.ratio:,.1f}x"
        print(
            f"| {row.goal} | {row.what} | {row.wanted} | {row.ours:,.4g} {row.unit} | {peer} | {ratio} | {row.note} |"
        )
