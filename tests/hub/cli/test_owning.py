"""From nothing to the first delivered notice by one command, and what a municipality has of its own, as it is called."""

from __future__ import annotations

import email
import email.policy
import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from hub.store import audit, pushkeys, towns
from hub.store.database import Store
from tests.hub.cli.test_cli import ortsruf

PLACE = "053580016016"


class Letterbox:
    """A mail server on loopback that keeps what it is handed: return path, recipient, the mail itself."""

    def __init__(self) -> None:
        self.mails: list[tuple[str, str, Any]] = []

    async def handle_DATA(self, _server: object, _session: object, envelope: Any) -> str:
        mail = email.message_from_bytes(envelope.original_content, policy=email.policy.default)
        self.mails.append((envelope.mail_from, envelope.rcpt_tos[0], mail))
        return "250 OK"


class _Port(Controller):
    def _trigger_server(self) -> None:  # port 0: the real one is known only now
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@pytest.fixture
def letterbox() -> Iterator[tuple[Letterbox, dict[str, str]]]:
    box = Letterbox()
    server = _Port(box, hostname="127.0.0.1", port=0)
    server.start()
    settings = {
        "ORTSRUF_MAIL__HOST": "127.0.0.1", "ORTSRUF_MAIL__PORT": str(server.port),
        "ORTSRUF_MAIL__SENDER": "ruf@kreis.example", "ORTSRUF_MAIL__RETURN_PATH": "zurueck@kreis.example",
        "ORTSRUF_MAIL__VERP": "true",
    }  # fmt: skip
    yield box, settings
    server.stop()


def said(answer: subprocess.CompletedProcess[str]) -> Any:
    assert answer.returncode == 0, answer.stderr
    return json.loads(answer.stdout)


def store_in(folder: Path) -> Store:
    return Store(f"sqlite:///{folder / 'ortsruf-data' / 'ortsruf.sqlite'}")


def test_one_command_founds_a_municipality_and_delivers_its_first_notice(
    letterbox: tuple[Letterbox, dict[str, str]], tmp_path: Path
) -> None:
    box, settings = letterbox
    command = (
        "municipality", "add", PLACE, "--yes", "--no-starters", "--reader", "Anna@example.org", "--first-notice",
        "Ortsruf ist jetzt in Hürtgenwald\nWas die Gemeinde zu sagen hat, kommt zu Ihnen.", "--host", "ruf.wald.example",
        "--sender", "rathaus@wald.example", "--sender-name", "Rathaus Hürtgenwald", "--reply-to", "amt@wald.example",
        "--json",
    )  # fmt: skip
    answer = said(ortsruf(*command, cwd=tmp_path, **settings))
    assert answer["first_notice"] == {"meant": 1, "sent": 1, "open": 0, "failed": 0}
    ((returns_to, to, mail),) = box.mails
    assert (to, str(mail["From"])) == ("anna@example.org", "Rathaus Hürtgenwald <rathaus@wald.example>")
    assert (mail["Subject"], mail["Reply-To"]) == ("Ortsruf ist jetzt in Hürtgenwald", "amt@wald.example")
    assert returns_to.startswith("zurueck+")
    assert returns_to.endswith("@kreis.example")
    assert "http://ruf.wald.example:8080/huertgenwald/n/" in mail.get_body(("plain",)).get_content()
    again = said(ortsruf(*command, cwd=tmp_path, **settings))
    assert {one["state"] for one in again["steps"]} == {"there"}
    assert len(box.mails) == 1, "a repeat tells nobody twice"


def test_without_a_reader_nobody_is_told_and_without_mail_it_waits(tmp_path: Path) -> None:
    found = ("municipality", "add", PLACE, "--yes", "--no-starters", "--first-notice", "Ortsruf beginnt.", "--json")
    assert said(ortsruf(*found, cwd=tmp_path))["first_notice"]["meant"] == 0
    assert ortsruf(*found[:-1], "--first-notice", "x" * 200, cwd=tmp_path).returncode == 1


@pytest.fixture
def village_folder(tmp_path: Path) -> Path:
    said(ortsruf("municipality", "add", PLACE, "--yes", "--no-starters", "--json", cwd=tmp_path))
    return tmp_path


def test_streets_are_imported_and_bad_lines_are_told_and_keep_no_other(village_folder: Path) -> None:
    file = village_folder / "strassen.csv"
    file.write_text("Straße;Nr;Ortsteil;Breite;Länge\nAm Wehr;1-9;Gey;50.71;6.41\nAm Berg;hinten\nAhornweg\n", "utf-8")
    command = ("municipality", "streets", "huertgenwald", str(file), "--json")
    looked = ortsruf(*command, "--check", cwd=village_folder)
    assert (looked.returncode, json.loads(looked.stdout)["imported"]) == (1, False)
    answer = ortsruf(*command, cwd=village_folder)
    told = json.loads(answer.stdout)
    assert (answer.returncode, told["lines"]) == (1, 3)
    assert told["new"] == {"street": 2, "house": 1, "zone": 0, "district": 1}
    assert told["left_out"] == [
        {"line": 3, "text": "Am Berg; hinten", "why": "'hinten' is no house number; write 12, 12a or 1-57, several with commas between"}
    ]  # fmt: skip
    file.write_text(file.read_text("utf-8").replace("hinten", "7"), "utf-8")
    again = said(ortsruf(*command, cwd=village_folder))
    assert (again["new"]["street"], again["known"]["street"], again["left_out"]) == (1, 2, [])
    assert said(ortsruf(*command, cwd=village_folder))["new"]["street"] == 0
    with (store := store_in(village_folder)).read() as session:
        rows = towns.local_places(session, "huertgenwald", "street")
        acts = [
            one["act"] for one in audit.latest(session, municipality="huertgenwald", acts=("streets.imported",), most=9)
        ]
    store.close()
    assert [(one["name"], one["lat"]) for one in rows] == [("Ahornweg", None), ("Am Berg", None), ("Am Wehr", 50.71)]
    assert len(acts) == 2, "what brings nothing new is no act"


def test_what_is_its_own_is_shown_changed_and_refused(village_folder: Path) -> None:
    change = ("municipality", "change", "huertgenwald")
    told = said(ortsruf(*change, "--host", "Ruf.Wald.example", "--host", "alt.wald.example", "--languages", "en,de", "--json",
                        cwd=village_folder))  # fmt: skip
    assert told["hosts"] == ["ruf.wald.example", "alt.wald.example"]
    assert told["languages"] == "de en"
    assert "ruf.wald.example" in ortsruf(*change, cwd=village_folder).stdout
    assert said(ortsruf(*change, "--no-host", "--languages", "", "--json", cwd=village_folder))["hosts"] == []
    for wrong, words in (
        (("--host", "https://ruf.example"), "no host name"), (("--languages", "tr"), "own language"),
        (("--sender", "rathaus@"), "no mail address"), (("--dkim-domain", "wald.example"), "lies in it"),
        (("--sender", "a@wald.example", "--dkim-domain", "wald.example"), "not signed here"),
    ):  # fmt: skip
        answer = ortsruf(*change, *wrong, cwd=village_folder)
        assert (answer.returncode, words in answer.stderr) == (1, True), answer.stderr
    assert said(ortsruf(*change, "--json", cwd=village_folder))["sender"] == ""


def test_its_push_key_is_its_own_and_rotates_alone(village_folder: Path) -> None:
    listed = ("keys", "list", "--municipality", "huertgenwald", "--json")
    (first,) = said(ortsruf(*listed, cwd=village_folder))
    shared = said(ortsruf("keys", "list", "--json", cwd=village_folder))
    assert first["public"] not in {one["public"] for one in shared}
    answer = ortsruf("keys", "rotate", "--municipality", "huertgenwald", "--contact", "amt@wald.example", "--yes",
                     cwd=village_folder)  # fmt: skip
    assert answer.returncode == 0, answer.stderr
    assert "PRIVATE" not in answer.stdout
    rows = said(ortsruf(*listed, cwd=village_folder))
    assert [(one["current"], one["public"] == first["public"]) for one in rows] == [(True, False), (False, True)]
    assert said(ortsruf("keys", "list", "--json", cwd=village_folder)) == shared
    with (store := store_in(village_folder)).read() as session:
        assert pushkeys.of_town(session, "huertgenwald")[0]["subject"] == "mailto:amt@wald.example"
        acts = [
            one["act"]
            for one in audit.latest(
                session, municipality="huertgenwald", acts=("push-key.made", "push-key.rotated"), most=9
            )
        ]
    store.close()
    assert acts == ["push-key.rotated", "push-key.made"]
    assert ortsruf("keys", "rotate", "--municipality", "nirgends", "--yes", cwd=village_folder).returncode == 1
