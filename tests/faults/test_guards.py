"""Each fault of the catalogue has a test that fails as soon as its guard is gone: the guard is taken away to see it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.faults.sabotage import rows

ROOT = Path(__file__).parents[2]
EXPECTED = {*(f"S-{n:02}" for n in range(1, 11)), *(f"P-{n:02}" for n in range(1, 13)), "C-07"}
ROWS = rows()
# One row a fault at each run, every row by `make guards`: each is a test run of its own.
CHOSEN = [name for name in ROWS if name in EXPECTED or os.environ.get("ORTSRUF_GUARDS") == "all"]


@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", CHOSEN)
def test_without_its_guard_the_test_fails(name: str) -> None:
    plain = ["-p", "tests.faults.sabotage", "-p", "no:randomly", "-p", "no:xdist", "-p", "no:cacheprovider"]
    # A hang is a failure too, and must be told as one.
    words = [*plain, "-q", "-x", "--no-header", "--timeout=20", "-o", "timeout_method=signal", *ROWS[name]["tests"]]
    environ = {**os.environ, "ORTSRUF_SABOTAGE": name, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests'}"}
    environ.pop("PYTEST_XDIST_WORKER", None)
    run = subprocess.run(
        [sys.executable, "-m", "pytest", *words], cwd=ROOT, env=environ, capture_output=True, text=True, check=False
    )
    assert run.returncode == 1, run.stdout[-3000:] + run.stderr[-1000:]  # 1: tests failed; 2 to 5: none ran
    assert re.search(r"\d+ failed", run.stdout), run.stdout[-3000:]


def test_every_fault_of_the_gatherer_has_a_row() -> None:
    assert set(ROWS) >= EXPECTED


@pytest.mark.parametrize("name", ROWS)
def test_a_row_says_what_is_guarded(name: str) -> None:
    assert len(ROWS[name]["guard"]) > 20
    assert ROWS[name]["sabotage"]
    assert ROWS[name]["tests"]
