"""Failpoints: nothing in ordinary life, a sudden end at the chosen place, and names that can be listed."""

from __future__ import annotations

import ast
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from crash.names import named_failpoints

from hub import failpoints

PROGRAM = "from hub.failpoints import reached\nfor _ in range(3):\n    reached('a.b')\n    print('alive', flush=True)"


@pytest.fixture(autouse=True)
def disarmed() -> Iterator[None]:
    yield
    failpoints.arm("")


def run(value: str | None) -> subprocess.CompletedProcess[str]:
    environment = {name: text for name, text in os.environ.items() if name != failpoints.VARIABLE}
    environment |= {} if value is None else {failpoints.VARIABLE: value}
    return subprocess.run([sys.executable, "-c", PROGRAM], env=environment, capture_output=True, text=True, check=False)


def test_without_the_variable_nothing_happens() -> None:
    done = run(None)
    assert (done.returncode, done.stdout.split()) == (0, ["alive"] * 3)


def test_the_process_dies_at_the_nth_time_without_a_word() -> None:
    done = run("a.b:2")
    assert (done.returncode, done.stdout.split(), done.stderr) == (-signal.SIGKILL, ["alive"], "")


def test_a_failpoint_may_raise_instead() -> None:
    plan = failpoints.arm("a.b:2:raise")
    failpoints.reached("a.b")
    with pytest.raises(failpoints.FailpointReached, match=r"a\.b for time 2"):
        failpoints.reached("a.b")
    failpoints.reached("a.b")
    assert plan is not None
    assert plan.counts == {"a.b": 3}


@pytest.mark.parametrize("text", ["a.b", "a.b:x", ":1", "a.b:1:sleep", "a.b:1:raise:2"])
def test_a_wrong_wish_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a failpoint"):
        failpoints.arm(text)


def test_the_settings_know_that_the_variable_is_not_theirs() -> None:
    from hub.settings import load

    settings, _ = load(environ={failpoints.VARIABLE: "a.b:0"})
    assert settings.engine == "inline"


def test_every_failpoint_has_a_literal_name_and_there_are_enough() -> None:
    names = named_failpoints()
    assert len(names) >= 40
    root = Path(__file__).parents[2]
    for path in [*(root / "hub").rglob("*.py"), *(root / "push").rglob("*.py")]:
        if path.name == "failpoints.py":
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "reached":
                assert isinstance(node.args[0], ast.Constant), f"{path}:{node.lineno}"
                assert node.args[0].value in names
