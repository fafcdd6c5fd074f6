"""What ``deploy/`` says is true: every setting stands in its table, every unit calls a command that exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from hub.cli import main
from hub.settings import Settings

DEPLOY = Path(__file__).parents[3] / "deploy"


def test_the_table_of_settings_is_true() -> None:
    table = (DEPLOY / "README.md").read_text(encoding="utf-8").partition("## Settings")[2]
    rows = dict(re.findall(r"^\| `(\w+)` \| .* \| (.+) \|$", table, re.MULTILINE))
    assert rows == {name: field.description for name, field in Settings.model_fields.items() if name != "channels"}


@pytest.mark.parametrize("unit", sorted(DEPLOY.glob("*.service")), ids=lambda path: path.name)
def test_units_call_commands_that_exist(unit: Path) -> None:
    start = re.search(r"^ExecStart=.*ortsruf\.toml (\w+)", unit.read_text(encoding="utf-8"), re.MULTILINE)
    assert start is not None
    assert start[1] in main.commands
    assert "TimeoutStopSec=15" in unit.read_text(encoding="utf-8")


@pytest.mark.parametrize("compose", ["compose.one.yaml", "compose.many.yaml"])
def test_containers_call_commands_that_exist(compose: str) -> None:
    commands = re.findall(r"^    command: (\w+)", (DEPLOY / compose).read_text(encoding="utf-8"), re.MULTILINE)
    assert commands
    assert set(commands) <= set(main.commands)
