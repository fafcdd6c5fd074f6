"""A small campaign over all kinds at each test run, and proof that a campaign sees what it looks for."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fakes.kinds import plug_kind
from tests.fuzz.run import read

RUN = Path(__file__).parent / "run.py"
FOUND = Path(__file__).parent / "found"  # inputs of earlier campaigns that broke a parser
SUFFIXES = {9830: ".atom", 13246: ".rss", 33709: ".json"}


def campaign(*words: str, plugins: Path | None = None) -> subprocess.CompletedProcess[str]:
    environ = {**os.environ, **({"ORTSRUF_PLUGINS": str(plugins)} if plugins else {})}
    return subprocess.run(
        [sys.executable, str(RUN), "--workers", "1", *words], env=environ, capture_output=True, text=True, check=False
    )


@pytest.mark.timeout(600)
def test_nothing_but_a_source_error_leaves_the_doors() -> None:
    found = campaign("--inputs", "2000", "--seed", "2026")
    assert found.returncode == 0, found.stdout
    assert "2000 inputs, seed 2026: 0 findings" in found.stdout


@pytest.mark.parametrize(
    ("parse", "seen"),
    [
        ("def parse(f): return [][len(f.documents[0].body)]\n", "IndexError"),
        ("def parse(f):\n    while True: pass\n", "more than 2 s"),
        ("def parse(f):\n    try:\n        while True: pass\n    except Exception: return []\n", "more than 2 s"),
    ],
)
def test_a_planted_fault_is_found_and_kept(tmp_path: Path, parse: str, seen: str) -> None:
    words = ("--inputs", "1", "--kind", "stub", "--keep", str(tmp_path / "kept"))
    found = campaign(*words, plugins=plug_kind(tmp_path, parse=parse))
    assert found.returncode == 1
    assert seen in found.stdout
    assert (tmp_path / "kept" / "stub-1-0.input").is_file()


@pytest.mark.parametrize(("kind", "number"), [("cap", 9830), ("cap", 13246), ("waste", 33709)])
def test_what_was_found_once_is_found_no_more(kind: str, number: int) -> None:
    found = FOUND / f"{kind}-1-{number}.input"
    assert read(kind, f"x{SUFFIXES[number]}", found.read_bytes()) in {"items", "nothing", "refused"}
