"""The command as a person calls it: in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ICS = b"""BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//x//y//DE
BEGIN:VEVENT
UID:1
SUMMARY:Restm\xc3\xbcll
DTSTART;VALUE=DATE:20261201
END:VEVENT
END:VCALENDAR
"""


def ortsruf(*arguments: str, cwd: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run the command in ``cwd``."""
    return subprocess.run(
        [sys.executable, "-c", "from hub.cli import main; main()", *arguments],
        cwd=cwd, capture_output=True, text=True, timeout=90, check=False,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(Path(__file__).parents[3]), "COLUMNS": "200", **environ},
    )  # fmt: skip


def test_help_teaches_the_first_steps(tmp_path: Path) -> None:
    answer = ortsruf("--help", cwd=tmp_path)
    assert answer.returncode == 0
    for step in ("ortsruf demo", "municipality add", "ortsruf init", "source preview", "source add", "ortsruf serve"):
        assert step in answer.stdout


def test_a_village_from_init_to_the_first_poll(tmp_path: Path) -> None:
    (tmp_path / "abfall.ics").write_bytes(ICS)
    made = ortsruf("init", "--ars", "053580016016", "--json", cwd=tmp_path)
    assert json.loads(made.stdout)["municipality"] == "huertgenwald", made.stderr
    again = ortsruf("init", "--ars", "053580016016", "--json", cwd=tmp_path)
    assert again.returncode == 0, again.stderr
    added = ortsruf("source", "add", "huertgenwald", "waste", "http://127.0.0.1:9/a.ics", "--json", "--yes", "--force",
                    cwd=tmp_path)  # fmt: skip
    source_id = json.loads(added.stdout)["id"]
    checked = ortsruf("source", "check", source_id, "--json", cwd=tmp_path)
    assert checked.returncode == 1
    assert json.loads(checked.stdout)["fault"]
    rows = json.loads(ortsruf("source", "list", "--json", cwd=tmp_path).stdout)
    assert [(row["id"], row["failures"]) for row in rows] == [(source_id, 1)]


def test_preview_needs_no_database(tmp_path: Path) -> None:
    (tmp_path / "abfall.ics").write_bytes(ICS)
    answer = ortsruf("source", "preview", "waste", "abfall.ics", "--set", "place=zone:Nord", "--json", cwd=tmp_path)
    result = json.loads(answer.stdout)
    assert (result["kind"], result["refused"]) == ("waste", None)
    assert result["items"][0]["title"] == "Restmüll"
    assert result["items"][0]["occurrences"][0]["start"] == "2026-12-01"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["abfall.ics"]


def test_preview_refuses_a_web_page_in_plain_words(tmp_path: Path) -> None:
    (tmp_path / "a.ics").write_text("<!DOCTYPE html><html><body>Login</body></html>")
    answer = ortsruf("source", "preview", "waste", "a.ics", "--json", cwd=tmp_path)
    assert answer.returncode == 1
    assert "web page" in json.loads(answer.stdout)["refused"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("source", "preview", "wste", "x.ics"), "known: "),
        (("source", "preview", "waste", "absent.ics"), "There is no file"),
        (("source", "preview", "waste", "x.ics", "--set", "nonsense"), "KEY=VALUE"),
        (("source", "add", "nowhere", "waste", "https://example.org/a.ics"), "database"),
        (("serve",), "ortsruf init"),
    ],
)
def test_wrong_use_is_one_plain_line(tmp_path: Path, arguments: tuple[str, ...], words: str) -> None:
    answer = ortsruf(*arguments, cwd=tmp_path)
    assert answer.returncode == 1
    assert words in answer.stderr
    assert "Traceback" not in answer.stderr


def test_config_names_every_fault(tmp_path: Path) -> None:
    answer = ortsruf("config", cwd=tmp_path, ORTSRUF_BASE_URL="x", ORTSRUF_WORKERS="0")
    assert answer.returncode == 1
    assert "base_url" in answer.stderr
    assert "workers" in answer.stderr
