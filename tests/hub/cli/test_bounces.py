"""``ortsruf bounces`` as an operator's mail server or cron calls it."""

from __future__ import annotations

import json
import mailbox
from contextlib import closing
from email import message_from_bytes
from pathlib import Path

import pytest
from click.testing import CliRunner

from hub import bootstrap
from hub.cli import main
from hub.core.subscription import Action, Criteria
from hub.jobs.subscribe import SignUp, Wish, sign_up
from hub.settings import load
from hub.store import subscribers
from push.mail import verp
from tests.push.mail.test_report import sample


@pytest.fixture
def village(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("ORTSRUF_DATA", str(tmp_path / "data"))
    monkeypatch.setattr(bootstrap, "load_reference", lambda _store, _now: {})
    made, _ = load()
    bootstrap.initialise(made)
    building = bootstrap.Building(made)
    town = bootstrap.add_municipality(building.store, ars="053580016016")
    wish = Wish(Criteria(places=("05358",)), (("mail", Action.NOW, ""),))
    ids = []
    for number in range(3):
        person = sign_up(building.house, town, SignUp((wish,), {"mail": (f"a{number}@example.org", {}, "example.org")}))
        with building.store.begin() as session:
            ids.append(subscribers.endpoints_of(session, person)[0]["id"])
            subscribers.confirm(session, ids[-1], bootstrap.now())
    key = building.keys["links"]
    yield building, [verp.return_path("bounces@example.org", str(one), key) for one in ids], ids
    building.close()


def states(building, ids):
    with building.store.read() as session:
        return [subscribers.endpoint_row(session, one)["state"] for one in ids]


def run(*words, **more):
    done = CliRunner().invoke(main, ["bounces", *map(str, words)], **more)
    assert done.exit_code == 0, done.output
    return done.stdout


def test_one_mail_from_the_mail_server(village):
    building, paths, ids = village
    assert (
        run(input=sample("postfix-unknown", paths[0], ""))
        == "read: 1, hard: 1, soft: 0, complaint: 0, ignored: 0, ended: 1\n"
    )
    assert states(building, ids) == ["gone", "active", "active"]
    out = run("--json", "--recipient", paths[1], input=sample("gmail-unknown", "x@example.org", ""))
    assert json.loads(out) == {"read": 1, "hard": 1, "soft": 0, "complaint": 0, "ignored": 0, "ended": 1}
    assert states(building, ids) == ["gone", "gone", "active"]


@pytest.mark.parametrize("kind", ["maildir", "mbox"])
def test_a_mailbox_is_read_once_and_nothing_is_deleted(village, tmp_path, kind):
    building, paths, ids = village
    box = mailbox.Maildir(tmp_path / "box") if kind == "maildir" else mailbox.mbox(tmp_path / "box")
    for raw in (
        sample("postfix-unknown", paths[0], ""), sample("postfix-full", paths[1], ""), sample("reply", paths[2], ""),
        sample("postfix-unknown", "bounces+1-00000000000000000000@example.org", ""),
    ):  # fmt: skip
        box.add(message_from_bytes(raw))
    box.flush()
    expected = {"read": 4, "hard": 1, "soft": 1, "complaint": 0, "ignored": 2, "ended": 1}
    assert json.loads(run(f"--{kind}", tmp_path / "box", "--json")) == expected
    assert json.loads(run(f"--{kind}", tmp_path / "box", "--json"))["read"] == 0
    assert states(building, ids) == ["gone", "active", "active"]
    box.close()
    with closing(mailbox.Maildir(tmp_path / "box") if kind == "maildir" else mailbox.mbox(tmp_path / "box")) as again:
        assert len(again) == 4


def test_without_a_database_the_mail_server_shall_come_again(tmp_path, monkeypatch):
    monkeypatch.setenv("ORTSRUF_DATA", str(tmp_path / "nowhere"))
    done = CliRunner().invoke(main, ["bounces"], input=b"x")
    assert done.exit_code == 75


def test_one_mailbox_at_a_time(tmp_path):
    (tmp_path / "m").write_text("")
    done = CliRunner().invoke(main, ["bounces", "--maildir", str(tmp_path), "--mbox", str(tmp_path / "m")])
    assert done.exit_code == 2
