"""One command from a provider's name to a source: choose, look, say yes; nothing is stored before (U43)."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from fakes.kinds import INIT, plug_kind

ROOT = Path(__file__).parents[3]
FETCH = """
from datetime import UTC, datetime
from hub.core.source import Document, Fetched, FetchState
def fetch(source, state, http):
    body = f"{source.config['street']} {source.config['house']}".encode()
    return Fetched((Document(source.url, "text/plain", body),), datetime.now(UTC), FetchState(), source)
"""
KIND = 'SCHEMES = ("awido",)\n' + INIT.replace(
    '    ConfigField("mode"',
    '    ConfigField("street", "Street", required=True),\n    ConfigField("house", "House", required=True),\n'
    '    ConfigField("mode"',
)
DISCOVER = """
from hub.core.errors import SourceUnreachable
from hub.core.notice import PlaceRef
from hub.core.source import Offer
STREETS = ("Hauptstraße", "Am Mühlenbach", "Mühlenweg")
def discover(source, http):
    if source.url == "awido:down":
        raise SourceUnreachable("The source has a fault of its own (500).")
    if source.url == "awido:kreis":
        return [Offer("Hürtgenwald", "awido:kreis/huertgenwald")]
    if not source.config.get("street"):
        return [Offer(one, source.url, {"street": one}, (PlaceRef("street", one, one),)) for one in STREETS]
    if not source.config.get("house"):
        return [Offer(one, source.url, {"house": one}) for one in ("3", "5", "5 a", "1")]
    return []
"""
ADD = ("source", "add", "huertgenwald", "stub", "awido:kreis")


@pytest.fixture(scope="module")
def village(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder with a database and the stub kind; each test adds to it and looks at its own rows."""
    folder = tmp_path_factory.mktemp("village")
    plug_kind(folder / "plug", fetch=FETCH, discover=DISCOVER, __init__=KIND)
    made = run(folder, "init", "--ars", "053580016016")
    assert made.returncode == 0, made.stderr
    return folder


def environ(folder: Path) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "COLUMNS": "200",
        "ORTSRUF_PLUGINS": str(folder / "plug"),
    }  # fmt: skip


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", "from hub.cli import main; main()", *arguments],
        cwd=folder, capture_output=True, text=True, timeout=90, check=False, stdin=subprocess.DEVNULL,
        env=environ(folder),
    )  # fmt: skip


def stored(folder: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(run(folder, "source", "list", "--json").stdout)
    return found


def test_without_a_choice_the_offers_are_named_and_nothing_is_stored(village: Path) -> None:
    before = stored(village)
    answer = run(village, *ADD, "--yes")
    assert answer.returncode == 1
    assert "--choose" in answer.stderr
    assert "Hauptstraße, Am Mühlenbach, Mühlenweg" in answer.stderr
    assert stored(village) == before


def test_a_look_without_yes_stores_nothing_and_says_how_to_go_live(village: Path) -> None:
    before = stored(village)
    answer = run(village, *ADD, "--choose", "hauptstr.", "--choose", "5")
    assert answer.returncode == 1
    assert "Hauptstraße 5" in answer.stdout
    assert "--yes" in answer.stderr
    assert stored(village) == before


def test_one_command_chooses_shows_and_goes_live(village: Path) -> None:
    answer = run(village, *ADD, "--choose", "am muehlenbach", "--choose", "3", "--yes", "--json")
    assert answer.returncode == 0, answer.stderr
    result = json.loads(answer.stdout)
    assert result["stored"] is True
    assert [one["title"] for one in result["preview"]["items"]] == ["Am Mühlenbach 3"]
    assert result["preview"]["items"][0]["paths"] == ["053580016016/street:am-muehlenbach"]
    row = next(one for one in stored(village) if one["id"] == result["id"])
    assert (row["url"], row["name"]) == ("awido:kreis/huertgenwald", "Hürtgenwald, Am Mühlenbach, 3")


@pytest.mark.parametrize(
    ("street", "house", "title"), [("1", "5 a", "Hauptstraße 5 a"), ("MÜHLENW", "1", "Mühlenweg 1")]
)
def test_a_title_wins_over_a_number_and_a_part_is_enough(village: Path, street: str, house: str, title: str) -> None:
    answer = run(village, *ADD, "--choose", street, "--choose", house, "--json")
    assert [one["title"] for one in json.loads(answer.stdout)["preview"]["items"]] == [title]


@pytest.mark.parametrize(
    ("choices", "words"),
    [
        (("mühl",), "may mean 2 of them: Am Mühlenbach, Mühlenweg"),
        (("Domplatz",), "There is no 'Domplatz'; there are Hauptstraße"),
        (("Hauptstraße", "5", "Hof"), "Nothing asked for --choose 'Hof'"),
    ],
)
def test_a_choice_that_is_none_is_explained(village: Path, choices: tuple[str, ...], words: str) -> None:
    answer = run(village, *ADD, *(part for one in choices for part in ("--choose", one)), "--yes")
    assert answer.returncode == 1
    assert words in answer.stderr


def test_a_provider_that_fails_is_one_plain_line(village: Path) -> None:
    answer = run(village, "source", "add", "huertgenwald", "stub", "awido:down", "--yes")
    assert (answer.returncode, answer.stdout) == (1, "")
    assert answer.stderr == "Error: The source has a fault of its own (500).\n"


def test_a_refused_preview_is_stored_by_force_only(village: Path) -> None:
    address = ("source", "add", "huertgenwald", "waste", "http://127.0.0.1:9/a.ics", "--yes")
    before = stored(village)
    refused = run(village, *address)
    assert refused.returncode == 1
    assert "Nothing was stored" in refused.stderr
    assert stored(village) == before
    forced = run(village, *address, "--force", "--json")
    assert forced.returncode == 0
    assert json.loads(forced.stdout)["preview"]["refused"]
    assert len(stored(village)) == len(before) + 1


def test_on_a_terminal_the_person_is_asked(village: Path) -> None:
    before = stored(village)
    assert "Go live?" in talk(village, *ADD, says=("haupt", "5 a", "n"))
    assert stored(village) == before
    heard = talk(village, *ADD, says=("nirgends", "3", "3", "y"))  # an address that no other test adds
    assert "There is no 'nirgends'" in heard
    assert "Live: source" in heard
    assert len(stored(village)) == len(before) + 1


def talk(folder: Path, *arguments: str, says: tuple[str, ...]) -> str:
    """Run the command on a terminal and type ``says`` line by line; return all that was shown."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", "from hub.cli import main; main()", *arguments],
        cwd=folder, stdin=theirs, stdout=theirs, stderr=theirs, env={**environ(folder), "TERM": "dumb"},
    )  # fmt: skip
    os.close(theirs)
    os.write(ours, "".join(f"{line}\n" for line in says).encode())
    heard = b""
    try:
        while piece := os.read(ours, 65_536):
            heard += piece
    except OSError:  # the terminal closes with the process
        pass
    process.wait(60)
    os.close(ours)
    return heard.decode()
