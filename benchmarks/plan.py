"""The paper plan: what it takes to tell everybody in Germany, computed from what was measured here.

    python benchmarks/plan.py [--recipients 84000000] [--minutes 5] [--inputs benchmarks/inputs.json]

The inputs are medians that the other benchmarks wrote into ``inputs.json``; what is missing there is taken from
``GUESSES`` and marked. A core is planned at half of what it reached. What a push service takes is its own affair: the
table says for which rate we need it, and what its documented ceiling makes of the minutes.
"""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

INPUTS = Path(__file__).with_name("inputs.json")
BATCH = 500  # recipients
# Medians of the sketches in November 2026, 2 shared cores; used until the benchmark has run on this machine.
GUESSES: Mapping[str, float] = {
    "pushes_per_second_core": 5_000,  # P1: encrypted, sent, state durable
    "planned_per_second": 50_000,  # P9: recipients into batches, one process
    "batches_per_second": 220,  # G8: claimed, checkpointed, closed, on one PostgreSQL
    "bytes_per_batch": 2_600,  # row, 2,000 bytes of ids, three index entries
    "bytes_per_subscriber": 1_100,  # subscriber, endpoint, subscriptions, ways, routes, with their indexes
    "rows_per_subscriber": 8.5,
    "bytes_per_push": 900,  # on the wire, both ways: HTTP/2 frames, 400 bytes of message, TLS
    "streams_per_connection": 100,  # what push services allow
    "round_trip": 0.05,  # seconds to the push service and its answer
}
# Share of browsers in Germany, and what the service documents as its ceiling in messages a minute (0: not documented).
SERVICES: Mapping[str, tuple[float, int]] = {
    "fcm.googleapis.com": (0.62, 600_000),
    "web.push.apple.com": (0.24, 0),
    "updates.push.services.mozilla.com": (0.11, 0),
    "notify.windows.com": (0.03, 0),
}
HALF = 0.5  # of what a core reached is planned with


@dataclass(frozen=True)
class Line:
    """One line of the plan."""

    what: str
    value: str
    how: str


def plan(recipients: int, minutes: float, measured: Mapping[str, float]) -> list[Line]:
    """Return the plan for ``recipients`` in ``minutes``; pure."""
    figure = {**GUESSES, **measured}
    rate = recipients / (minutes * 60)
    batches = math.ceil(recipients / BATCH)
    cores = math.ceil(rate / (figure["pushes_per_second_core"] * HALF))
    planners = max(1, math.ceil(rate / (figure["planned_per_second"] * HALF)))
    rows = recipients * figure["rows_per_subscriber"]
    people = recipients * figure["bytes_per_subscriber"]
    databases = max(1, math.ceil(rate / BATCH / (figure["batches_per_second"] * HALF)))
    lines = [
        Line("batches", f"{batches:,}", f"{BATCH} recipients each"),
        Line("bytes of batches", _bytes(batches * figure["bytes_per_batch"]), f"{figure['bytes_per_batch']:,.0f} each"),
        Line("rows of people", f"{rows:,.0f}", f"{figure['rows_per_subscriber']:g} a person, routes included"),
        Line("bytes of people", _bytes(people), f"{figure['bytes_per_subscriber']:,.0f} a person, indexes included"),
        Line("rate", f"{rate:,.0f}/s", f"{recipients:,} in {minutes:g} min"),
        Line("batches a second", f"{rate / BATCH:,.0f}", f"one database does {figure['batches_per_second']:,.0f}"),
        Line("databases", f"{databases}", "planned at half; municipalities may be spread over several"),
        Line("cores that send", f"{cores}", f"{figure['pushes_per_second_core']:,.0f}/s a core, planned at half"),
        Line("cores that plan", f"{planners}", f"{figure['planned_per_second']:,.0f} recipients/s, planned at half"),
        Line("bandwidth", f"{rate * figure['bytes_per_push'] * 8 / 1e6:,.0f} Mbit/s", "both ways"),
    ]
    per_connection = figure["streams_per_connection"] / figure["round_trip"]
    for service, (share, ceiling) in SERVICES.items():
        count = math.ceil(rate * share / per_connection)
        least = recipients * share / ceiling if ceiling else 0.0
        streams, trip = figure["streams_per_connection"], figure["round_trip"]
        how = f"{per_connection:,.0f}/s each: {streams:g} streams, {trip:g} s a trip"
        lines.append(Line(f"connections to {service}", f"{count}", how))
        if least > minutes:
            how = f"its documented {ceiling:,}/min; promise what is handed over, not arrival"
            lines.append(Line(f"minutes at {service}", f"{least:,.0f}", how))
    return lines


def _bytes(count: float) -> str:
    return f"{count / 1e9:,.1f} GB" if count > 1e9 else f"{count / 1e6:,.0f} MB"


def table(recipients: int, minutes: float, measured: Mapping[str, float]) -> str:
    """Return the plan as Markdown, with what it was computed from."""
    lines = [
        f"### {recipients:,} recipients in {minutes:g} minutes, on paper",
        "",
        "| what | how much | from |",
        "|---|---|---|",
    ]
    lines += [f"| {one.what} | {one.value} | {one.how} |" for one in plan(recipients, minutes, measured)]
    own = ", ".join(f"{name} {measured[name]:g}" for name in sorted(measured) if name in GUESSES) or "nothing yet"
    missing = ", ".join(sorted(set(GUESSES) - set(measured))) or "nothing"
    return "\n".join([*lines, "", f"Measured here: {own}. Assumed: {missing}.", ""])


def inputs(path: Path = INPUTS) -> dict[str, float]:
    """Return the measured medians; empty if no benchmark has run."""
    if not path.exists():
        return {}
    return {name: float(value) for name, value in json.loads(path.read_text(encoding="utf-8")).items()}


def note(measured: Mapping[str, float], path: Path = INPUTS) -> None:
    """Keep medians for the plan; those of other benchmarks stay."""
    known = {**inputs(path), **measured}
    path.write_text(json.dumps(known, indent=2, sort_keys=True) + "\n", encoding="utf-8")


def main() -> None:
    """Print the plan."""
    ask = argparse.ArgumentParser()
    ask.add_argument("--recipients", type=int, default=84_000_000)
    ask.add_argument("--minutes", type=float, default=60.0)
    ask.add_argument("--inputs", type=Path, default=INPUTS)
    given = ask.parse_args()
    print(table(given.recipients, given.minutes, inputs(given.inputs)))


if __name__ == "__main__":
    main()
