"""An installed waste_collection_schedule, run at arm's length; here a package of the same shape."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from feeds.waste.adapter import ALLOWED, read_address, run_module
from feeds.waste.fetch import fetch
from feeds.waste.normalise import normalise
from feeds.waste.parse import parse
from hub.core.errors import SourceConfigError, SourceRefused, SourceTooLarge, SourceUnreachable
from hub.core.source import Fetched, FetchState, NotModified, Source

NOW = datetime(2026, 6, 10, tzinfo=UTC)
MODULES = {
    "town": """
import datetime
from waste_collection_schedule import Collection
class Source:
    def __init__(self, street, number=0):
        self.street, self.number = street, number
    def fetch(self):
        print("chatter on stdout")
        return [Collection(datetime.date(2026, 7, 1) + datetime.timedelta(days=14 * n), t)
                for n in range(self.number) for t in ("Restmüll", "Biotonne")]
""",
    "angry": "class Source:\n    def fetch(self):\n        raise ValueError('Street not found')\n",
    "slow": "import time\nclass Source:\n    def fetch(self):\n        time.sleep(60)\n",
    "greedy": "class Source:\n    def fetch(self):\n        return bytearray(3_000_000_000)\n",
    "curious": "import os\nclass Source:\n    def fetch(self):\n        raise ValueError(' '.join(sorted(os.environ)))\n",
    "dying": "import os\nclass Source:\n    def fetch(self):\n        os._exit(3)\n",
    "loud": "import os\nclass Source:\n    def fetch(self):\n        while True:\n            os.write(3, b'x' * 100_000)\n",
}


@pytest.fixture
def python(tmp_path: Path) -> str:
    """Return a Python that has the package."""
    package = tmp_path / "site" / "waste_collection_schedule" / "source"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("")
    (package.parent / "__init__.py").write_text(
        "class Collection:\n    def __init__(self, date, t, icon=None):\n        self.date, self.type = date, t\n"
    )
    for name, text in MODULES.items():
        (package / f"{name}.py").write_text(text, encoding="utf-8")
    wrapper = tmp_path / "python"
    wrapper.write_text(f'#!/bin/sh\nPYTHONPATH={tmp_path / "site"} exec {sys.executable} "$@"\n')
    wrapper.chmod(0o755)
    return str(wrapper)


def run(url, allowed, seconds=20.0, state=None, **config):
    source = Source("s", "waste", url, config=config)
    return run_module(source, state or FetchState(), NOW, environ={ALLOWED: allowed}, seconds=seconds)


def test_its_dates_become_series(python):
    fetched = run("wcs:town?street=Ahornweg&number:=3", python)
    assert isinstance(fetched, Fetched)
    found = {one.key: normalise(one, fetched.source) for one in parse(fetched) if not one.note}
    assert {key: len(one.occurrences) for key, one in found.items()} == {
        "organic:biotonne:": 3,
        "residual:restmuell:": 3,
    }
    again = run("wcs:town?street=Ahornweg&number:=3", python, state=fetched.state)
    assert isinstance(again, NotModified)


def test_it_is_off_until_the_operator_says_otherwise(monkeypatch):
    monkeypatch.delenv(ALLOWED, raising=False)
    with pytest.raises(SourceConfigError, match="switched off: they ask the network by themselves"):
        fetch(Source("s", "waste", "wcs:town?street=A"), FetchState(), None)


def test_a_clerk_may_not_choose_any_program(python):
    with pytest.raises(SourceConfigError, match="not allowed the Python '/bin/sh'"):
        run("wcs:town", python, python="/bin/sh")


def test_a_python_without_the_package_says_how_to_get_it():
    with pytest.raises(SourceConfigError, match=r"not installed for .*pip install"):
        run("wcs:town", "this")


@pytest.mark.parametrize(
    ("url", "error", "sentence"),
    [
        ("wcs:nothing", SourceConfigError, "no module of this name"),
        ("wcs:angry", SourceRefused, "ValueError: Street not found"),
        ("wcs:town", SourceRefused, "missing 1 required positional argument"),
        ("wcs:dying", SourceRefused, "stopped without an answer (exit 3)"),
        ("wcs:greedy", SourceRefused, "MemoryError"),
        ("wcs:curious", SourceRefused, "HOME LANG"),
        ("wcs:../evil", SourceConfigError, "is no module"),
        ("wcs:town?number:=[", SourceConfigError, "is no JSON"),
    ],
)  # fmt: skip
def test_what_goes_wrong_is_told_in_words(python, url, error, sentence, monkeypatch):
    monkeypatch.setenv("ORTSRUF_SECRET", "hidden")
    with pytest.raises(error) as caught:
        run(url, python)
    assert sentence in str(caught.value)
    assert "ORTSRUF" not in str(caught.value)


def test_a_slow_module_is_ended(python):
    with pytest.raises(SourceUnreachable, match="within 1 s"):
        run("wcs:slow", python, seconds=1.0)


def test_a_module_that_writes_without_end_is_stopped(python):
    with pytest.raises((SourceTooLarge, SourceRefused)):
        run("wcs:loud", python)


def test_no_dates_are_no_town_without_waste(python):
    with pytest.raises(SourceRefused, match="contains no collection dates"):
        parse(run("wcs:town?street=A", python))


def test_what_it_prints_is_a_strangers_data():
    from hub.core.source import Document

    body = b'{"date": "2026-07-01", "title": "Restm\\u00fcll"}\nrubbish\n[1]\n{"date": 5, "title": []}\n' + b"[" * 5000
    fetched = Fetched((Document("wcs:town", "", body),), NOW, FetchState(), Source("s", "waste", "wcs:town"))
    items = parse(fetched)
    assert [one.key for one in items if not one.fault and not one.note] == ["residual:restmuell:"]
    assert sum(bool(one.fault) for one in items) == 4


def test_arguments_are_text_or_json():
    assert read_address("wcs:a_b?x=1&y:=2&z:=%5B3%5D") == ("a_b", {"x": "1", "y": 2, "z": [3]})
