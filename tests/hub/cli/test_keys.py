"""``ortsruf keys`` as an operator calls it."""

from __future__ import annotations

import json
from pathlib import Path

from tests.hub.cli.test_cli import ortsruf


def test_keys_are_listed_and_rotated_and_private_halves_stay_private(tmp_path: Path) -> None:
    assert ortsruf("keys", "list", cwd=tmp_path).returncode == 1
    ortsruf("init", cwd=tmp_path)
    (first,) = json.loads(ortsruf("keys", "list", "--json", cwd=tmp_path).stdout)
    assert (first["current"], first["subscriptions"]) == (True, 0)
    answer = ortsruf("keys", "rotate", "--yes", cwd=tmp_path)
    assert answer.returncode == 0, answer.stderr
    assert "PRIVATE" not in answer.stdout
    rows = json.loads(ortsruf("keys", "list", "--json", cwd=tmp_path).stdout)
    assert [one["current"] for one in rows] == [True, False]
    assert rows[1]["public"] == first["public"]
