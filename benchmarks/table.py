"""Run every benchmark and write ``RESULTS.md``: date, machine, command, figures and ratios (``make bench``).

    python benchmarks/table.py [--short] [--only push,load] [--with 'mail:--mails 2000' …] [--append]

A benchmark is a script of this folder with a ``measure`` and a ``main`` that prints rows (``rounds.show``). Each runs
in a process of its own, those that take long at the end, and what one lacks (a peer that is not installed) is told and
stops no other. The file is never edited by hand.
"""

from __future__ import annotations

import argparse
import ast
import shlex
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.parent)]

from benchmarks.plan import inputs, table
from benchmarks.rounds import machine

_LAST = ("load", "growth")  # the longest
_MOST = 3 * 3600.0  # seconds for one script
_SAID = 2000  # characters of what a failed one said
_HEAD = """# Results

Written by `benchmarks/table.py`, never by hand: a section for each run, the newest last.

`ours` and `peer` are medians of interleaved rounds in one run; `ratio`: how many times better ours is."""
_PAPER = "## What it would take, on paper"


@dataclass(frozen=True)
class Run:
    """What one script gave: its rows as Markdown, or why there are none."""

    name: str
    command: str
    rows: list[str]
    seconds: float
    fault: str = ""


def scripts() -> list[Path]:
    """Return the benchmarks of this folder, those that take long at the end."""
    found = [path for path in sorted(HERE.glob("*.py")) if path.name != Path(__file__).name and _measures(path)]
    return sorted(found, key=lambda path: _LAST.index(path.stem) if path.stem in _LAST else -1)


def _measures(path: Path) -> bool:
    names = {one.name for one in ast.parse(path.read_text(encoding="utf-8")).body if isinstance(one, ast.FunctionDef)}
    return {"measure", "main"} <= names


def takes_short(path: Path) -> bool:
    """Whether a script has a short form."""
    return '"--short"' in path.read_text(encoding="utf-8")


def run(path: Path, *, short: bool, more: Sequence[str] = ()) -> Run:
    """Run one script with the options ``more`` and take the rows of the table that it prints."""
    options = [*(["--short"] if short and takes_short(path) else []), *more]
    begin = time.monotonic()
    try:
        done = subprocess.run(
            [sys.executable, str(path), *options], capture_output=True, text=True, check=False, timeout=_MOST
        )
        said = (done.stderr or done.stdout).replace(f"{HERE.parent}/", "").replace(f"{sys.base_prefix}/", "")
        fault = "" if done.returncode == 0 else said[-_SAID:].strip()
        printed = done.stdout
    except subprocess.TimeoutExpired:
        fault, printed = f"not done within {_MOST:g} s", ""
    rows = [line for line in printed.splitlines() if line.startswith("| ") and not line.startswith("| goal ")]
    command = f"python benchmarks/{path.name} {' '.join(options)}".strip()
    return Run(path.stem, command, rows, time.monotonic() - begin, fault or ("" if rows else "no rows were printed"))


def written(runs: list[Run], command: str, before: str = "") -> str:
    """Return the whole file: the sections that ``before`` has, one for these runs, and the plan as it is now."""
    at, _, here = machine().partition(" · ")
    parts = [
        before.partition(_PAPER)[0].rstrip() or _HEAD, "", f"## {at}", "", f"{here} · `{command}`", "",
        "| goal | what | wanted | ours | peer | ratio | |", "|---|---|---|---|---|---|---|",
    ]  # fmt: skip
    parts += [row for one in runs for row in one.rows]
    parts += [
        "",
        "| command | seconds |",
        "|---|---|",
        *(f"| `{one.command}` | {one.seconds:,.0f} |" for one in runs),
        "",
    ]
    for one in runs:
        if one.fault:
            parts += [f"`{one.command}` did not come to its end:", "", "```", one.fault, "```", ""]
    measured = inputs()
    parts += [_PAPER, "", table(84_000_000, 60.0, measured), table(10_000_000, 5.0, measured)]
    return "\n".join(parts)


def main() -> None:
    """Run all, write the file, end with 1 if one failed."""
    ask = argparse.ArgumentParser()
    ask.add_argument("--short", action="store_true", help="the short form of each, for a look")
    ask.add_argument("--only", default="", help="names of scripts, joined by commas")
    ask.add_argument("--with", dest="more", action="append", default=[], metavar="NAME:OPTIONS", help="sizes of one")
    ask.add_argument("--append", action="store_true", help="keep the runs that the file has")
    ask.add_argument("--out", type=Path, default=HERE / "RESULTS.md")
    given = ask.parse_args()
    more = {name: options.split() for name, _, options in (one.partition(":") for one in given.more)}
    only = {one for one in given.only.split(",") if one}
    runs: list[Run] = []
    for path in scripts():
        if not only or path.stem in only:
            print(f"{path.name} …", file=sys.stderr, flush=True)
            runs.append(run(path, short=given.short, more=more.get(path.stem, ())))
            print("\n".join([*runs[-1].rows, runs[-1].fault]).strip(), file=sys.stderr, flush=True)
    command = f"python benchmarks/table.py {shlex.join(sys.argv[1:])}".strip()
    before = given.out.read_text(encoding="utf-8") if given.append and given.out.exists() else ""
    given.out.write_text(written(runs, command, before), encoding="utf-8")
    sys.exit(1 if any(one.fault for one in runs) else 0)


if __name__ == "__main__":
    main()
