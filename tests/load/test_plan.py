"""The paper plan is arithmetic over what was measured, and says which figures were assumed."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.plan import GUESSES, inputs, note, plan, table


def value(lines, what: str) -> str:
    return next(one.value for one in lines if one.what == what)


def test_84_million_recipients_in_an_hour() -> None:
    lines = plan(84_000_000, 60.0, {"pushes_per_second_core": 10_000.0})
    assert value(lines, "batches") == "168,000"
    assert value(lines, "rate") == "23,333/s"
    assert value(lines, "cores that send") == "5"  # 23,333 / (10,000 / 2), rounded up
    assert value(lines, "minutes at fcm.googleapis.com") == "87"  # 62 % of them at 600,000 a minute


@pytest.mark.parametrize(("faster", "cores"), [(1, "10"), (2, "5"), (10, "1")])
def test_a_faster_core_needs_fewer_of_them(faster: int, cores: str) -> None:
    lines = plan(84_000_000, 60.0, {"pushes_per_second_core": 5_000.0 * faster})
    assert value(lines, "cores that send") == cores


def test_what_was_not_measured_is_said(tmp_path: Path) -> None:
    path = tmp_path / "inputs.json"
    assert inputs(path) == {}
    note({"bytes_per_push": 800.0}, path)
    note({"round_trip": 0.03}, path)
    assert inputs(path) == {"bytes_per_push": 800.0, "round_trip": 0.03}
    said = table(1000, 1.0, inputs(path))
    assert "Measured here: bytes_per_push 800, round_trip 0.03." in said
    assert all(name in said.partition("Assumed:")[2] for name in set(GUESSES) - {"bytes_per_push", "round_trip"})
