"""Settings: file < environment < *_FILE; every fault at once; secrets never shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from hub.core.errors import SettingsError
from hub.settings import load


def test_file_environment_and_secret_files_win_in_this_order(tmp_path: Path) -> None:
    file, secret = tmp_path / "ortsruf.toml", tmp_path / "password"
    file.write_text('base_url = "https://file.example"\nworkers = 3\n[mail]\nhost = "a"\nsender = "a@example.org"\n')
    secret.write_text("hush\n")
    environ = {
        "ORTSRUF_BASE_URL": "https://environment.example",
        "ORTSRUF_MAIL__PASSWORD": "overridden",
        "ORTSRUF_MAIL__PASSWORD_FILE": str(secret),
    }
    settings, rows = load(file, environ)
    assert (settings.base_url, settings.workers) == ("https://environment.example", 3)
    assert settings.channels["mail"].password.get_secret_value() == "hush"
    shown = {row.name: (row.value, row.origin) for row in rows}
    assert shown["workers"] == ("3", str(file))
    assert shown["base_url"] == ("https://environment.example", "environment ORTSRUF_BASE_URL")
    assert shown["mail.password"][0] == "***"
    assert shown["tick_seconds"][1] == "default"


def test_all_faults_are_named_at_once(tmp_path: Path) -> None:
    environ = {
        "ORTSRUF_BASE_URL": "ftp://x/",
        "ORTSRUF_LISTEN": "nowhere",
        "ORTSRUF_WORKERS": "many",
        "ORTSRUF_TYPO": "1",
        "ORTSRUF_MAIL__PORT": "smtp",
        "ORTSRUF_SECRET_FILE": str(tmp_path / "absent"),
    }
    with pytest.raises(SettingsError) as caught:
        load(None, environ)
    for name in ("base_url", "listen", "workers", "typo", "mail.port", "ORTSRUF_SECRET_FILE"):
        assert name in str(caught.value)


@pytest.mark.parametrize("text", ["= broken", "\xff\xfe"])
def test_a_broken_file_is_one_plain_fault(tmp_path: Path, text: str) -> None:
    file = tmp_path / "ortsruf.toml"
    file.write_bytes(text.encode("latin-1"))
    with pytest.raises(SettingsError, match=r"ortsruf\.toml"):
        load(file, {})


def test_lists_may_be_written_with_commas() -> None:
    settings, _ = load(None, {"ORTSRUF_ALLOW_HOSTS": "127.0.0.1, 10.0.0.0/8"})
    assert settings.allow_hosts == ("127.0.0.1", "10.0.0.0/8")
