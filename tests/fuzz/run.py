"""``make fuzz``: recorded answers, mutated, through the doors of every kind; only ``SourceError`` may leave, within 2 s.

    python tests/fuzz/run.py [--inputs 100000] [--seed 1] [--workers 2] [--kind waste] [--only 4711] [--keep DIR]

``--only`` repeats one input and shows what it raised. What failed is written to ``--keep``
(``build/fuzz/``). Exit code 1 if
anything but a ``SourceError`` left ``parse`` or ``normalise``, or if one input needed more than two seconds of
computing time.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import multiprocessing
import random
import resource
import signal
import sys
import time
import traceback
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from types import FrameType

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from fuzz.mutate import mutate  # noqa: E402

import feeds  # noqa: E402 - run by path
from hub.core.codec import from_json, to_json  # noqa: E402
from hub.core.errors import SourceError  # noqa: E402
from hub.core.notice import PlaceRef  # noqa: E402
from hub.core.source import Document, Fetched, FetchState, Source  # noqa: E402
from hub.preview import media_type  # noqa: E402

CORPUS = ROOT / "tests" / "corpus"
FOLDERS = {  # a kind's corpus, if not of its name
    "cap": ("weather",), "rss": ("news",), "ical": ("waste", "events"), "table": ("events", "lost"),
    "ortsruf": ("federation",),
}  # fmt: skip
MOST_SECONDS = 2.0
_MEMORY = 1024 * 1024 * 1024
_MOST_FILE = 400_000  # bytes of a recorded answer that is worth mutating
_STRANGER = 0.08  # so often a kind gets another kind's answer
NOW = datetime(2026, 11, 23, 11, tzinfo=UTC)


@dataclass(frozen=True)
class Finding:
    """What went wrong with one input: its ``number``, the ``kind``, the recorded ``file``, and what was seen."""

    number: int
    kind: str
    file: str
    fault: str
    trace: str = ""


class TooSlow(BaseException):
    """The input needed more computing time than it may; no parser may catch this."""


@cache
def answers(kind: str) -> tuple[tuple[str, bytes], ...]:
    """Return the recorded answers of a kind by name; a plug-in gets those of all kinds."""
    named = [CORPUS / name for name in FOLDERS.get(kind, (kind,))]
    folders = [one for one in named if one.is_dir()] or [CORPUS]
    found = [one for folder in folders for one in folder.rglob("*")]
    files = sorted(one for one in found if one.is_file() and one.stat().st_size <= _MOST_FILE)
    return tuple((one.relative_to(CORPUS).as_posix(), one.read_bytes()) for one in files)


def input_of(seed: int, number: int, only: str = "") -> tuple[str, str, bytes]:
    """Return (kind, recorded file, mutated bytes) of one input."""
    dice = random.Random(f"{seed}:{number}")
    kind = only or dice.choice(feeds.kinds())
    theirs = answers(dice.choice(feeds.kinds()) if dice.random() < _STRANGER else kind)
    file, data = dice.choice(theirs)
    return kind, file, mutate(dice, data, [one for _, one in theirs])


def source_of(kind: str) -> Source:
    """Return a source of ``kind`` as a clerk would set it up."""
    config = {one.name: one.default for one in feeds.load(kind).CONFIG if one.default}
    config |= {"table": {"topic": "events"}}.get(kind, {})
    places = (PlaceRef("ars", "053580016016"),)
    return Source(
        "fuzz",
        kind,
        "https://town.example/feed",
        "town",
        topic={"table": "events"}.get(kind, kind),
        config=config,
        places=places,
    )


def read(kind: str, file: str, data: bytes) -> str:
    """Take ``data`` through parse and normalise; return ``items`` or ``refused``. Raises what leaves the doors."""
    found, source = feeds.load(kind), source_of(kind)
    document = Document("https://town.example/feed", media_type(Path(file)), data)
    try:
        items = found.parse(Fetched((document,), NOW, FetchState(), source))
    except SourceError:
        return "refused"
    for item in items:
        if item.fault or item.note:
            continue
        try:
            notice = found.normalise(item, source)
        except SourceError:
            continue
        from_json(json.loads(json.dumps(to_json(notice))))
    return "items" if items else "nothing"


def run(number: int, seed: int, only: str = "") -> tuple[str, str, float, Finding | None]:
    """Try one input: (kind, outcome, seconds of computing, finding)."""
    kind, file, data = input_of(seed, number, only)
    before, finding, outcome = time.process_time(), None, "failed"
    signal.setitimer(signal.ITIMER_VIRTUAL, MOST_SECONDS)
    try:
        outcome = read(kind, file, data)
    except TooSlow:
        finding = Finding(number, kind, file, f"more than {MOST_SECONDS:g} s", traceback.format_exc(limit=-6))
    except Exception as error:  # noqa: BLE001 - that is what is sought
        finding = Finding(number, kind, file, type(error).__name__, traceback.format_exc(limit=-6))
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    spent = time.process_time() - before
    if spent > MOST_SECONDS and finding is None:
        finding = Finding(number, kind, file, f"{spent:.1f} s in a library")
    return kind, outcome, spent, finding


def _prepare() -> None:
    def stop(_signal: int, _frame: FrameType | None) -> None:
        raise TooSlow

    signal.signal(signal.SIGVTALRM, stop)
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    for kind in feeds.kinds():  # imports are not the input's time
        signal.setitimer(signal.ITIMER_VIRTUAL, MOST_SECONDS)
        with contextlib.suppress(Exception, TooSlow):
            read(kind, "warm-up", b"x")
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)


def _share(job: tuple[range, int, str]) -> list[tuple[str, str, float, Finding | None]]:
    numbers, seed, only = job
    return [run(number, seed, only) for number in numbers]


def campaign(
    inputs: int, seed: int, *, workers: int, only: str = ""
) -> Iterator[tuple[str, str, float, Finding | None]]:  # fmt: skip
    """Try ``inputs`` inputs in ``workers`` processes."""
    jobs = [(range(start, min(start + 100, inputs)), seed, only) for start in range(0, inputs, 100)]
    if workers == 1:
        _prepare()
        for job in jobs:
            yield from _share(job)
        return
    with multiprocessing.get_context("spawn").Pool(workers, _prepare) as pool:
        for share in pool.imap_unordered(_share, jobs):
            yield from share


def main() -> int:
    """Run from the command line."""
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--inputs", type=int, default=100_000)
    ask.add_argument("--seed", type=int, default=1)
    ask.add_argument("--workers", type=int, default=multiprocessing.cpu_count())
    ask.add_argument("--kind", default="", choices=["", *feeds.kinds()])
    ask.add_argument("--only", type=int)
    ask.add_argument("--keep", type=Path, default=ROOT / "build" / "fuzz")
    wanted = ask.parse_args()
    if wanted.only is not None:
        _prepare()
        found = run(wanted.only, wanted.seed, wanted.kind)[3]
        print(f"{found.file}: {found.fault}\n{found.trace}" if found else "nothing found")
        return 1 if found else 0
    return report(wanted, campaign(wanted.inputs, wanted.seed, workers=wanted.workers, only=wanted.kind))


def report(wanted: argparse.Namespace, results: Iterator[tuple[str, str, float, Finding | None]]) -> int:
    """Print what came of it and keep what failed."""
    outcomes: Counter[tuple[str, str]] = Counter()
    slowest: dict[str, float] = {}
    findings: list[Finding] = []
    for kind, outcome, spent, finding in results:
        outcomes[kind, outcome] += 1
        slowest[kind] = max(slowest.get(kind, 0.0), spent)
        if finding:
            findings.append(finding)
    print(f"{'kind':10} {'inputs':>8} {'items':>8} {'nothing':>8} {'refused':>8} {'failed':>7} {'slowest':>9}")
    for kind in sorted(slowest):
        counts = [outcomes[kind, one] for one in ("items", "nothing", "refused", "failed")]
        print(
            f"{kind:10} {sum(counts):8} {counts[0]:8} {counts[1]:8} {counts[2]:8} {counts[3]:7} {slowest[kind]:7.3f} s"
        )
    print(
        f"{wanted.inputs} inputs, seed {wanted.seed}: {len(findings)} findings, slowest {max(slowest.values(), default=0):.3f} s"
    )
    _keep(findings, wanted)
    return 1 if findings else 0


def _keep(findings: list[Finding], wanted: argparse.Namespace) -> None:
    """Write one input of each place that failed, and print where."""
    seen: Counter[str] = Counter()
    for one in sorted(findings, key=lambda each: each.number):
        where = f"{one.kind} {one.fault} {one.trace.strip().splitlines()[-3:-1]}"
        seen[where] += 1
        if seen[where] > 1:
            continue
        wanted.keep.mkdir(parents=True, exist_ok=True)
        name = f"{one.kind}-{wanted.seed}-{one.number}"
        (wanted.keep / f"{name}.input").write_bytes(input_of(wanted.seed, one.number, wanted.kind)[2])
        (wanted.keep / f"{name}.txt").write_text(f"{one.file}\n{one.fault}\n{one.trace}", encoding="utf-8")
        print(f"\n{one.kind} input {one.number} (of {one.file}): {one.fault}\n{one.trace}")
    for where, count in seen.most_common():
        print(f"{count:6} x {where}")


if __name__ == "__main__":
    sys.exit(main())
