"""Kinds are found by scanning: own folders, plug-in folders, never names with an underscore."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import feeds
from hub.core.errors import SourceConfigError

STUB = 'KIND = "{kind}"\nTOPIC = "news"\nCONFIG = ()\nINTERVAL = 900\n'


def plug(root: Path, kind: str, **modules: str) -> Path:
    """Write a plug-in kind below ``root``."""
    folder = root / "feeds" / kind
    folder.mkdir(parents=True)
    (folder / "__init__.py").write_text(modules.pop("init", STUB.format(kind=kind)))
    for name, text in modules.items():
        (folder / f"{name}.py").write_text(text)
    return root


def test_a_plug_in_folder_is_found_and_its_relative_imports_work(tmp_path: Path) -> None:
    root = plug(
        tmp_path, "stub", words="WORD = 'found'\n", parse="from .words import WORD\ndef parse(f): return [WORD]\n"
    )
    assert "stub" in feeds.kinds([root])
    assert "stub" not in feeds.kinds()
    kind = feeds.load("stub", [root])
    assert (kind.KIND, kind.TOPIC, kind.CONFIG, kind.INTERVAL) == ("stub", "news", (), 900)
    assert kind.parse(None) == ["found"]  # type: ignore[arg-type, comparison-overlap]


def test_the_environment_names_plug_in_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one, two = plug(tmp_path / "one", "first"), plug(tmp_path / "two", "second")
    monkeypatch.setenv("ORTSRUF_PLUGINS", f"{one}:{two}:")
    assert {"first", "second"} <= set(feeds.kinds())
    assert feeds.load("second").KIND == "second"


def test_two_folders_with_the_same_kind_do_not_mix(tmp_path: Path) -> None:
    one = plug(tmp_path / "one", "same", parse="def parse(f): return [1]\n")
    two = plug(tmp_path / "two", "same", parse="def parse(f): return [2]\n")
    assert [feeds.load("same", [root]).parse(None) for root in (one, two)] == [[1], [2]]  # type: ignore[arg-type, comparison-overlap]
    assert feeds.load("same", [two, one]).parse(None) == [2]  # type: ignore[arg-type, comparison-overlap]


def test_names_with_underscore_plain_files_and_half_folders_are_no_kinds(tmp_path: Path) -> None:
    root = plug(tmp_path, "_hidden")
    (root / "feeds" / "loose.py").write_text("")
    (root / "feeds" / "empty").mkdir()
    assert feeds.kinds([root]) == feeds.kinds()


def test_an_unknown_kind_names_the_known_ones(tmp_path: Path) -> None:
    root = plug(tmp_path, "known")
    with pytest.raises(SourceConfigError, match=r"'nope'; known: .*known"):
        feeds.load("nope", [root])


@pytest.mark.parametrize(
    ("init", "sentence"),
    [
        ("KIND = 'x'\n", "does not say TOPIC, CONFIG, INTERVAL"),
        ("1 / 0\n", "ZeroDivisionError"),
        ("import nowhere_x\n", "nowhere_x"),
    ],
)
def test_a_broken_plug_in_is_a_plain_error(tmp_path: Path, init: str, sentence: str) -> None:
    with pytest.raises(SourceConfigError, match=sentence):
        feeds.load("broken", [plug(tmp_path, "broken", init=init)])


def test_naming_all_kinds_imports_nothing_heavy() -> None:
    code = (
        "import sys, feeds, push\n"
        "[feeds.load(one) for one in feeds.kinds()]; push.channels()\n"
        "heavy = {'lxml', 'feedparser', 'icalendar', 'nh3', 'httpx2', 'flask', 'sqlalchemy'} & set(sys.modules)\n"
        "sys.exit(str(heavy) if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
