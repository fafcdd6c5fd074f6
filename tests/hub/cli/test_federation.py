"""``ortsruf federation`` as an operator calls it."""

from __future__ import annotations

import json
from pathlib import Path

from tests.hub.cli.test_cli import ortsruf


def told(*words: str, cwd: Path) -> dict:
    answer = ortsruf("federation", *words, "--json", cwd=cwd)
    assert answer.returncode == 0, answer.stderr
    assert "PRIVATE" not in answer.stdout
    return json.loads(answer.stdout)


def test_an_operator_sees_the_key_and_renews_it(tmp_path: Path) -> None:
    ortsruf("init", "--ars", "053580016016", cwd=tmp_path)
    first = told("key", cwd=tmp_path)
    (key,) = first["keys"]
    assert (len(key["key"]), len(key["fingerprint"].replace(" ", ""))) == (43, 64)
    assert first["feeds"] == {"huertgenwald": "http://127.0.0.1:8080/huertgenwald/federation.json"}
    shown = ortsruf("federation", "key", cwd=tmp_path).stdout
    assert key["key"] in shown
    assert key["fingerprint"] in shown
    second = told("rotate", cwd=tmp_path)
    assert [one["key"] for one in second["keys"]][1:] == [key["key"]]
    assert second["certificate"] == first["certificate"]
    third = told("rotate", "--at-once", cwd=tmp_path)
    assert len(third["keys"]) == 1
    assert third["keys"][0]["key"] not in {one["key"] for one in second["keys"]}
    assert told("rotate", "--certificate", cwd=tmp_path)["certificate"] != first["certificate"]
    assert told("key", cwd=tmp_path)["installation"] == first["installation"]
