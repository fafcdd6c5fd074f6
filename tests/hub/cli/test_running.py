"""``web``, ``work`` and ``tick`` where they cannot run; ``hold``, ``release`` and ``transfer`` as an operator gives them."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import structlog
from click.testing import CliRunner, Result
from fakes.house import NOON, make_town

from hub.cli import main
from hub.cli.running import span
from hub.core.errors import SettingsError
from hub.store import audit, standing, towns
from hub.store.database import Store
from hub.store.schema import municipality, subscriber
from hub.web import create_app

Ortsruf = Callable[..., Result]


@pytest.fixture(autouse=True)
def _log_as_before() -> Iterator[None]:
    yield
    structlog.reset_defaults()  # the command wrote its log into a stream of its own


@pytest.fixture
def store(tmp_path: Path) -> Any:
    made = Store(f"sqlite:///{tmp_path / 'ortsruf.sqlite'}")
    made.upgrade()
    with made.begin() as session:
        for name in ("links", "vapid_private", "vapid_public"):
            towns.add_secret(session, name, "key", NOON)
    yield made
    made.close()


@pytest.fixture
def ortsruf(tmp_path: Path, store: Store) -> Ortsruf:
    def run(*arguments: str, **environ: str) -> Result:
        return CliRunner().invoke(main, list(arguments), env={"ORTSRUF_DATA": str(tmp_path), **environ})

    return run


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (("work",), "`ortsruf serve` works itself"), (("tick",), "`ortsruf serve` ticks itself"),
        (("web",), "With the embedded engine use `ortsruf serve`"),
    ],
)  # fmt: skip
def test_one_machine_needs_none_of_them(ortsruf: Ortsruf, command: tuple[str, ...], words: str) -> None:
    answer = ortsruf(*command)
    assert answer.exit_code == 1
    assert "Error: " in answer.output
    assert words in answer.output
    assert "Traceback" not in answer.output


def test_an_unknown_lane_is_named_with_those_there_are(ortsruf: Ortsruf) -> None:
    many = {"ORTSRUF_ENGINE": "postgres", "ORTSRUF_DATABASE": "postgresql+psycopg://nobody@127.0.0.1:1/none"}
    answer = ortsruf("work", "--lanes", "emergency,fast", **many)
    assert "There is no lane fast. Lanes: emergency, transactional, normal, digest, gather." in answer.output


def test_web_says_what_is_missing(ortsruf: Ortsruf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "granian.server", None)
    many = {"ORTSRUF_ENGINE": "postgres", "ORTSRUF_DATABASE": "postgresql+psycopg://nobody@127.0.0.1:1/none"}
    assert "pip install 'ortsruf[postgres]'" in ortsruf("web", **many).output


def test_hold_and_release(ortsruf: Ortsruf, store: Store) -> None:
    assert ortsruf("hold", "--status").output == "Not on hold.\n"
    assert "On hold since" in ortsruf("hold", "--reason", "A backup is restored.").output
    assert "A backup is restored. `ortsruf release` lets go." in ortsruf("hold", "--status").output
    assert json.loads(ortsruf("hold", "--status", "--json").output)["hold"] is True
    assert "is no span of time" in ortsruf("release", "--drop-older-than", "soon").output
    assert ortsruf("release", "--drop-older-than", "2h", "--silent").stdout == (
        "Released. Dropped as too old: 0 messages.\n"
    )
    assert ortsruf("hold", "--status").output == "Not on hold.\n"


@pytest.mark.parametrize("verdict", ["again", "keep"])
def test_a_restored_backup_brings_no_removed_municipality_back_without_saying_so(
    ortsruf: Ortsruf, store: Store, tmp_path: Path, verdict: str
) -> None:
    town = make_town(store)
    town.person()
    file, other = str(tmp_path / "a.backup"), {"ORTSRUF_DATABASE": f"sqlite:///{tmp_path / 'other.sqlite'}"}
    assert ortsruf("backup", file).exit_code == 0
    removed = ortsruf("municipality", "remove", "huertgenwald", "--confirm", "huertgenwald")
    assert removed.exit_code == 0, removed.output
    assert "Back again, although removed or moved away since: huertgenwald." in ortsruf("restore", file, **other).output
    refused = ortsruf("release", **other)
    assert refused.exit_code == 1
    assert "Give --removed again to remove what is back" in refused.output
    assert json.loads(ortsruf("hold", "--status", "--json", **other).output)["hold"] is True
    assert ortsruf("release", "--removed", verdict, **other).exit_code == 0
    restored = Store(other["ORTSRUF_DATABASE"])
    with restored.read() as session:
        there = [row["id"] for row in towns.listed(session)]
        acts = [row["act"] for row in audit.latest(session)]
        people = session.execute(subscriber.select()).all()
    restored.close()
    assert (there, acts, len(people)) == (
        ([], ["municipality.removed"], 0) if verdict == "again" else (["huertgenwald"], [], 1)
    )  # fmt: skip
    assert ortsruf("release", **other).exit_code == 0, "it is asked once"


def test_a_municipality_that_is_founded_anew_is_not_taken_for_a_removed_one(ortsruf: Ortsruf, store: Store) -> None:
    make_town(store)
    assert ortsruf("municipality", "remove", "huertgenwald", "--confirm", "huertgenwald").exit_code == 0
    make_town(store).clock.forward(days=1)
    with store.begin() as session:
        session.execute(municipality.update().values(created_at=NOON + timedelta(days=1)))
    assert ortsruf("release").exit_code == 0


@pytest.mark.parametrize(("text", "seconds"), [("30m", 1800), ("2h", 7200), ("1 d", 86_400)])
def test_a_span_is_read(text: str, seconds: int) -> None:
    assert span(text).total_seconds() == seconds


@pytest.mark.parametrize("text", ["", "2", "-1h", "2 weeks", "9999999999d"])
def test_what_is_no_span_is_refused(text: str) -> None:
    with pytest.raises(SettingsError, match="is no span of time"):
        span(text)


def test_readyz_tells_of_a_hold_and_pages_are_served(ortsruf: Ortsruf, store: Store) -> None:
    from hub.settings import load

    client = create_app(make_town(store).house, load(None, {})[0]).test_client()
    assert client.get("/readyz").get_json().items() >= {"status": "ok", "faults": []}.items()
    ortsruf("hold", "--reason", "by hand")
    answer = client.get("/readyz")
    held = {"status": "on hold", "faults": [], "hold": "by hand"}
    assert (answer.status_code, answer.get_json().items() >= held.items()) == (200, True)
    assert client.get("/huertgenwald/").status_code == 200


def test_after_a_transfer_the_old_side_refuses_to_serve(ortsruf: Ortsruf, store: Store, tmp_path: Path) -> None:
    make_town(store)
    new = f"sqlite:///{tmp_path / 'new.sqlite'}"
    answer = ortsruf("transfer", "--to", new)
    assert answer.exit_code == 0, answer.output
    assert "proved by count and checksum" in answer.output
    assert "ortsruf release" in answer.output
    refused = ortsruf("serve")
    assert refused.exit_code == 1
    assert f"This installation has moved to {new}" in refused.output
    again = ortsruf("transfer", "--to", new)
    assert "has moved to" in again.output
    assert (
        "is the database that the settings name already"
        in ortsruf("transfer", "--to", new, ORTSRUF_DATABASE=new).output
    )
    with store.read() as session:
        assert standing.get(session, standing.MOVED)
