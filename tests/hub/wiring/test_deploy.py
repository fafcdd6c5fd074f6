"""What ``deploy/`` says is true: every setting stands in its table, every unit calls a command that exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from hub.cli import main
from hub.cli.municipality import municipality
from hub.settings import Settings
from hub.web.operating.founding import MOST_UPLOAD

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


def test_the_web_server_in_front_knows_every_name_and_no_other() -> None:
    text = re.sub(r"#.*", "", (DEPLOY / "nginx.conf").read_text(encoding="utf-8"))
    assert text.count("{") == text.count("}")
    (table,) = re.findall(r"map \$ssl_server_name \$certificate \{(.*?)\}", text, re.DOTALL)
    rows = dict(re.findall(r"(\S+)\s+(\S+);", table))
    names = {rows.pop("default"), *rows}
    assert all(name == folder for name, folder in rows.items())
    servers = [part for part in re.split(r"\bserver \{", text)[1:] if "server_name" in part]
    named = [set(re.findall(r"server_name ([^;]+);", one)[0].split()) for one in servers]
    assert named == [{"_"}, names, names], "the default refuses; HTTP and HTTPS serve the same names"
    assert "ssl_reject_handshake on;" in servers[0]
    assert "return 444;" in servers[0]
    assert "proxy_set_header Host $host;" in servers[2]
    assert all(f"ssl_certificate{part} /etc/nginx/tls/$certificate/" in servers[2] for part in ("", "_key"))
    (most,) = re.findall(r"client_max_body_size (\d+)m;", text)
    assert int(most) * 1024 * 1024 > MOST_UPLOAD


def test_the_commands_of_the_manual_exist() -> None:
    text = (DEPLOY / "README.md").read_text(encoding="utf-8")
    for called in re.findall(r"ortsruf municipality (\w+)((?:[^`\n]|\\\n)*)", text):
        command = municipality.commands[called[0]]
        known = {name for parameter in command.params for name in parameter.opts}
        assert set(re.findall(r"(?<![\w-])--[a-z-]+", called[1])) <= known, called
