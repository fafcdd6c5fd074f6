"""``ortsruf demo --once --json``: the whole flow with real doors on loopback."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

KINDS = ["waste", "roads", "council", "cap", "rss", "tenders"]


def test_one_cycle_loses_nothing(tmp_path: Path) -> None:
    answer = subprocess.run(
        [sys.executable, "-c", "from hub.cli import main; main()", "demo", "--once", "--json"],
        cwd=tmp_path, capture_output=True, text=True, timeout=110, check=False,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(Path(__file__).parents[3])},
    )  # fmt: skip
    assert answer.returncode == 0, answer.stderr
    result = json.loads(answer.stdout)
    assert list(result["sources"]) == KINDS
    assert all(one["polled"] and not one["failed"] for one in result["sources"].values())
    assert all(result["notices"][kind] for kind in KINDS)
    assert result["matches"]
    for channel in ("webpush", "mail"):
        assert result["deliveries"][channel]["sent"]
        assert not result["deliveries"][channel]["failed"]
    assert result["deliveries"]["ical"]["feeds"] == 3
    assert result["deliveries"]["ical"]["events"]
    assert result["lost"] == 0
    assert list(tmp_path.iterdir()) == []
