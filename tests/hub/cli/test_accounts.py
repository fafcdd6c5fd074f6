"""``ortsruf account`` and ``ortsruf audit``: the first operator, lists, taking back, and the proof of the log."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from fakes.house import make_town

from hub.cli import main
from hub.jobs import people
from hub.jobs.sign_in import Caller
from hub.links import Links
from hub.store.database import Store

ARS = "053580016016"


@pytest.fixture
def run(empty: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ORTSRUF_DATA", str(tmp_path / "data"))

    def go(*words: str) -> Result:
        return CliRunner().invoke(main, list(words))

    (tmp_path / "data").mkdir()
    (tmp_path / "data/ortsruf.sqlite").write_bytes(empty.read_bytes())
    monkeypatch.setenv("ORTSRUF_SECRET", "a key of the links")
    return go


def test_the_first_operator_is_invited_and_the_link_is_printed(run) -> None:
    done = run("account", "invite", "anna@example.org", "--role", "county-operator")
    assert done.exit_code == 0, done.output
    assert done.stdout.startswith("http://127.0.0.1:8080/einladung/")
    assert "seven days" in done.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("keine", "--role", "editor"), "Error"),
        (("a@example.org", "--role", "county-operator", "-m", "x"), "everywhere"),
        (("a@example.org", "--role", "club"), "topic"),
        (("a@example.org", "--role", "club", "--topic", "events"), "one municipality"),
        (("a@example.org", "--role", "editor", "-m", "nirgends"), "no municipality called nirgends"),
    ],
)
def test_what_cannot_be_is_said(run, words, said) -> None:
    done = run("account", "invite", *words)
    assert done.exit_code == 1
    assert said in done.stderr


def test_accounts_are_listed_signed_out_and_ended(run) -> None:
    assert json.loads(run("account", "list", "--json").stdout) == []
    assert "no account" in run("account", "sign-out", "anna@example.org").stderr
    assert "no account" in run("account", "reset", "anna@example.org").stderr
    assert run("account", "end", "anna@example.org").exit_code == 1


def joined(tmp_path: Path, link: str) -> None:
    """Accept an invitation, as its reader does on the page."""
    store = Store(f"sqlite:///{tmp_path / 'data/ortsruf.sqlite'}")
    house = make_town(store).house
    house = replace(house, links=Links("http://127.0.0.1:8080", "a key of the links"), now=lambda: datetime.now(UTC))
    row = people.open_invitation(house, link.strip().rpartition("/")[2])
    assert row is not None
    assert people.join(house, row, "Anna", "sieben Zwerge im Nebel", Caller()) is not None
    store.close()


def test_somebody_who_joined_is_listed_loses_a_role_begins_anew_and_leaves(run, tmp_path: Path) -> None:
    for role in ("county-operator", "editor"):
        link = run("account", "invite", "anna@example.org", "--role", role).stdout
        if role == "county-operator":
            joined(tmp_path, link)
    listed = json.loads(run("account", "list", "--json").stdout)
    assert [(one["address"], one["roles"], one["second_factor"]) for one in listed] == [
        ("anna@example.org", ["county-operator@*"], False)
    ]
    assert "last county operator" in run("account", "revoke", "anna@example.org", "--role", "county-operator").stderr
    assert "does not have the role" in run("account", "revoke", "anna@example.org", "--role", "editor").stderr
    assert run("account", "sign-out", "anna@example.org").stdout == "Signed out: 1.\n"
    assert "/anmelden/neu/" in run("account", "reset", "anna@example.org").stdout
    assert "Anna is ended" in run("account", "end", "anna@example.org", "--yes").stdout
    assert json.loads(run("account", "list", "--json").stdout) == []
    acts = [one["act"] for one in json.loads(run("audit", "list", "--json").stdout)]
    assert acts[:3] == ["account.ended", "account.disarmed", "session.revoked"]
    assert run("audit", "verify").exit_code == 0


def test_the_log_proves_itself_and_shows_a_change(run, tmp_path: Path) -> None:
    for name in ("anna", "berta", "carl"):
        run("account", "invite", f"{name}@example.org", "--role", "county-operator")
    sound = json.loads(run("audit", "verify", "--json").stdout)
    assert (sound["events"], sound["sound"]) == (3, True)
    assert run("audit", "verify", "--head", sound["head"]).exit_code == 0
    with sqlite3.connect(tmp_path / "data/ortsruf.sqlite") as database:
        database.execute("DELETE FROM audit WHERE id = 3")
    cut = run("audit", "verify", "--head", sound["head"])
    assert (cut.exit_code, "CUT OFF" in cut.stderr) == (1, True)
    with sqlite3.connect(tmp_path / "data/ortsruf.sqlite") as database:
        database.execute("UPDATE audit SET actor = 'account:9' WHERE id = 1")
    broken = run("audit", "verify")
    assert (broken.exit_code, "BROKEN at event 1" in broken.stderr) == (1, True)
    assert "invited" in run("audit", "list").stdout
