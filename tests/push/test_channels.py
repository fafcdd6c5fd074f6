"""Channels are found by scanning, like kinds."""

from __future__ import annotations

from pathlib import Path

import pytest

import push
from hub.core.errors import SettingsError

STUB = """
CHANNEL = "stub"
PULL = False
CHUNK = 10
Settings = dict
def check(address, keys, settings): return address, keys
def service(address): return "stub"
"""


def plug(root: Path, init: str = STUB) -> Path:
    """Write a plug-in channel below ``root``."""
    folder = root / "push" / "stub"
    folder.mkdir(parents=True)
    (folder / "__init__.py").write_text(init)
    (folder / "words.py").write_text("WORD = b'hello'\n")
    (folder / "render.py").write_text("from .words import WORD\ndef render(message, recipient, site): return WORD\n")
    return root


def test_a_plug_in_channel_is_found_and_renders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "stub" not in push.channels()
    monkeypatch.setenv("ORTSRUF_PLUGINS", str(plug(tmp_path)))
    assert "stub" in push.channels()
    channel = push.load("stub")
    assert (channel.CHANNEL, channel.PULL, channel.CHUNK, channel.service("x")) == ("stub", False, 10, "stub")
    assert channel.folder == tmp_path / "push" / "stub"
    assert channel.render(None, None, None) == b"hello"  # type: ignore[arg-type, comparison-overlap]


def test_an_unknown_or_broken_channel_is_a_plain_error(tmp_path: Path) -> None:
    root = plug(tmp_path, "CHANNEL = 'stub'\n")
    with pytest.raises(SettingsError, match=r"'nope'; known: .*stub"):
        push.load("nope", [root])
    with pytest.raises(SettingsError, match="does not say PULL"):
        push.load("stub", [root])
