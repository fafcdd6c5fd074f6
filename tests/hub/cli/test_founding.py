"""From an empty folder to the first delivered notice by one command (U44, F82), and a municipality taken away again."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from fakes.kinds import FETCH, plug_kind

import feeds
from hub import failpoints
from hub.bootstrap import Building
from hub.cli import main
from hub.demo.clock import DemoClock
from hub.demo.payloads import Answer
from hub.demo.servers import HOST, World
from hub.settings import load
from hub.store import dissolving, towns
from hub.store.schema import municipality, place
from hub.web import create_app

PLACE = "053580016016"
SITE = "http://127.0.0.1:8080"
STUB_STARTERS = """
from hub.core.notice import PlaceRef
from hub.core.source import Offer
def starters(ars, name):
    where = (PlaceRef("ars", ars),)
    return [Offer(f"Lines for {name}", "%s/lines", {}, where), Offer("Gone", "%s/nowhere", {}, where)]
"""
LOGO = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 4 4"><rect width="4" height="4" fill="#1d6b3c"/></svg>'
STREETS = "\ufeffStraße;Hausnummern;Bezirk\nÖlmühlenweg;1-57, 58a;Nord\nAm Weiher;;Süd\n"


def lines(stage: int) -> Answer:
    """Play a source of one line each; the second comes later."""
    return Answer("text/plain; charset=utf-8", "\n".join(["Freibad zu", "Freibad offen"][: stage + 1]).encode())


@dataclass
class Office:
    """An empty folder, the command, and the world around: a source and a push service on loopback."""

    folder: Path
    world: World
    environ: dict[str, str]

    def run(self, *arguments: str, typed: str | None = None) -> Result:
        return CliRunner().invoke(main, ["municipality", *arguments], env=self.environ, input=typed)

    def json(self, *arguments: str) -> Any:
        answer = self.run(*arguments, "--json")
        assert answer.exit_code == 0, answer.output
        return json.loads(answer.stdout)

    def building(self) -> Building:
        return Building(load(None, self.environ)[0], clock=DemoClock())

    def found(self, *arguments: str) -> Any:
        return self.json("add", PLACE, "--no-starters", "--yes", *arguments)


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    """Give the folder; of the kinds only a stub knows starters, so that nobody outside is asked."""
    world = World({"/lines": lines})
    world.start()
    plug_kind(tmp_path / "plug", fetch=FETCH, starters=STUB_STARTERS % (world.url, world.url))
    environ = {
        "ORTSRUF_DATA": str(tmp_path / "data"), "ORTSRUF_BASE_URL": SITE, "ORTSRUF_ALLOW_HOSTS": HOST,
        "ORTSRUF_BURST_MINUTES": "0", "ORTSRUF_CANARY_MINUTES": "0", "ORTSRUF_WEBPUSH__ALLOWED_HOSTS": world.url,
        "ORTSRUF_WEBPUSH__SUBJECT": "mailto:rathaus@example.org", "ORTSRUF_PLUGINS": str(tmp_path / "plug"),
        "COLUMNS": "160",
    }  # fmt: skip
    monkeypatch.setenv("ORTSRUF_PLUGINS", environ["ORTSRUF_PLUGINS"])
    monkeypatch.setattr(feeds, "kinds", lambda _extra=(): ["stub"])
    yield Office(tmp_path, world, environ)
    world.stop()


def first_notice(office: Office, slug: str) -> list[str]:
    """Let a resident sign up by the pages, bring news, and return the titles that reached their device."""
    building = office.building()
    client = create_app(building.house, building.settings).test_client()
    try:
        _pass(building)  # the first import is silent
        shown = client.get(f"/{slug}/start", base_url=SITE).text
        hidden = dict(re.findall(r'name="(csrf_token|began)" value="([^"]+)"', shown))
        building.house.now.forward(seconds=3)  # type: ignore[attr-defined]
        form = {name: unescape(value) for name, value in hidden.items()} | {"news": "1", "news.push": "1"}
        signed = client.post(f"/{slug}/subscribe", base_url=SITE, data=form)
        assert signed.status_code == 303, signed.text
        token = signed.location.split("/m/")[1].partition("/")[0]
        endpoint, keys = office.world.add_device("anna")
        device = {"token": token, "subscription": {"endpoint": endpoint, "keys": keys}}
        assert client.post("/push/subscribe", base_url=SITE, json=device).status_code == 201
        building.run_all()
        office.world.stage = 1
        _pass(building)
    finally:
        building.close()
    return [str(one["notification"]["title"]) for one in office.world.pushes]


def _pass(building: Building) -> None:
    for _ in range(2):
        building.house.now.forward(minutes=16)  # type: ignore[attr-defined]
        building.tick()
        building.run_all()


def test_one_command_leads_from_nothing_to_the_first_delivered_notice(office: Office) -> None:
    (office.folder / "s.csv").write_text(STREETS, encoding="utf-8")
    (office.folder / "wappen.svg").write_text(LOGO, encoding="utf-8")
    answer = office.json(
        "add", "52393 Hürtgenwald", "--yes", "--slug", "wald", "--name", "Gemeinde Hürtgenwald", "--colour", "#1D6B3C",
        "--streets", str(office.folder / "s.csv"), "--operator", "Anna@example.org", "--contact", "bernd@example.org",
        "--logo", str(office.folder / "wappen.svg"),
        "--source", "stub", f"{office.world.url}/lines", "--no-starters",
    )  # fmt: skip
    assert (answer["municipality"], answer["ars"], answer["address"]) == ("wald", PLACE, f"{SITE}/wald/")
    assert [(one["name"], one["state"]) for one in answer["steps"]] == [
        ("municipality", "made"), ("logo", "made"), ("streets", "made"), ("contact", "made"), ("operator", "made"),
    ]  # fmt: skip
    assert answer["invitation"].startswith(f"{SITE}/einladung/")
    assert any("Freibad offen" in title for title in first_notice(office, "wald"))
    building = office.building()
    with building.store.read() as session:
        assert [row["name"] for row in towns.local_places(session, "wald", "street")] == ["Am Weiher", "Ölmühlenweg"]
        assert {row["name"] for row in towns.local_places(session, "wald", "house")} == {
            "Ölmühlenweg 1-57", "Ölmühlenweg 58a",
        }  # fmt: skip
        row = towns.get(session, "wald")
    building.close()
    assert row is not None
    assert row["logo"].endswith(".svg")
    assert (row["name"], row["colour"], row["contact"]) == ("Gemeinde Hürtgenwald", "#1d6b3c", "bernd@example.org")


def test_the_wizard_asks_shows_and_makes_it(office: Office) -> None:
    typed = "\n".join([
        "Nirgendheim", "Hürtgenwald",  # no such place; the right one
        "", "m", "wald",  # its own name; an address of the house; a good one
        "", "gelb", "#ffcc00",  # German; no colour; one that is too light
        "", str(office.folder / "absent.csv"), "", "", "anna@", "anna@example.org",
        "ruf", "ruf.huertgenwald.example", "en, de", "", "Ortsruf beginnt.", "",  # no host name; a host name
        "y", "y",  # make it; read the source
    ]) + "\n"  # fmt: skip
    answer = office.run("add", "--wizard", typed=typed)
    assert answer.exit_code == 0, answer.output
    for words in ("no municipality 'Nirgendheim'", "address of the installation", "no colour", "too light to be read",
                  "cannot be read", "To be made", "added: Lines for Hürtgenwald", "not added: Gone",
                  "no host name", "http://ruf.huertgenwald.example:8080/wald/", f"{SITE}/einladung/"):  # fmt: skip
        assert words in answer.output
    assert any("Freibad offen" in title for title in first_notice(office, "wald"))


def test_the_wizard_makes_nothing_without_a_yes(office: Office) -> None:
    typed = "Hürtgenwald\n" + "\n" * 12 + "n\n"
    answer = office.run("add", "--wizard", typed=typed)
    assert answer.exit_code == 1
    assert "Nothing was made" in answer.output
    assert not (office.folder / "data").exists()


def test_a_preview_looks_at_the_starters_and_makes_nothing(office: Office) -> None:
    answer = office.json("add", PLACE, "--preview")
    assert [(one["title"], one["state"], one["items"]) for one in answer["sources"]] == [
        ("Lines for Hürtgenwald", "looked", 1), ("Gone", "failed", None),
    ]  # fmt: skip
    assert not (office.folder / "data").exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("999999999999",), "There is no municipality '999999999999'"),
        (("Neustadt",), "may mean several municipalities"),
        ((), "Say which municipality"),
        (
            (PLACE, "--colour", "gelb", "--slug", "anmelden", "--language", "fr", "--zone", "Mond"),
            "“gelb” is no colour",
        ),
        ((PLACE, "--slug", "Zwei Wörter"), "no name in addresses"),
        ((PLACE, "--operator", "anna@"), "'anna@' is no mail address"),
        ((PLACE, "--source", "wste", "https://example.org/a.ics"), "known: "),
        ((PLACE, "--streets", "s.csv"), "line 2: the street is missing"),
        ((PLACE, "--logo", "s.csv"), "neither a PNG nor an SVG"),
    ],
)
def test_what_cannot_be_is_said_and_leaves_nothing(
    office: Office, arguments: tuple[str, ...], words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(office.folder)
    (office.folder / "s.csv").write_text("Ölweg;1-57\n;2\n", encoding="utf-8")
    answer = office.run("add", *arguments, "--yes")
    assert answer.exit_code == 1
    assert words in answer.stderr
    assert "Traceback" not in answer.output
    assert not (office.folder / "data").exists()


def test_all_faults_are_named_at_once(office: Office) -> None:
    answer = office.run("add", PLACE, "--colour", "gelb", "--slug", "anmelden", "--language", "fr", "--zone", "Mond")
    for words in ("“gelb” is no colour", "/anmelden is an address", "does not speak 'fr'", "'Mond' is no time zone"):
        assert words in answer.stderr


def test_a_repeat_goes_on_and_a_twin_is_refused(office: Office) -> None:
    first = office.found("--operator", "anna@example.org", "--source", "stub", f"{office.world.url}/lines")
    again = office.found(
        "--operator", "anna@example.org", "--source", "stub", f"{office.world.url}/lines", "--colour", "#123456"
    )
    assert [(one["name"], one["state"]) for one in again["steps"]] == [
        ("municipality", "changed"), ("operator", "there"),
    ]  # fmt: skip
    assert [one["state"] for one in again["sources"]] == ["there"]
    assert again["invitation"] == first["invitation"]
    for arguments, words in (
        (
            ("Kreuzau", "--slug", "huertgenwald"),
            "belongs to Hürtgenwald already. Choose another --slug, such as kreuzau",
        ),
        ((PLACE, "--slug", "wald"), "there already, as huertgenwald"),
    ):
        answer = office.run("add", *arguments, "--no-starters", "--yes")
        assert answer.exit_code == 1
        assert words in answer.stderr
    assert [row["id"] for row in office.json("list")] == ["huertgenwald"]


@pytest.mark.parametrize("where", ["store.before-commit", "store.after-commit"])
def test_stopped_at_any_commit_it_goes_on_where_it_stopped(office: Office, where: str) -> None:
    (office.folder / "s.csv").write_text(STREETS, encoding="utf-8")
    arguments = (
        "add", PLACE, "--no-starters", "--yes", "--streets", str(office.folder / "s.csv"), "--contact", "b@example.org",
        "--operator", "anna@example.org", "--source", "stub", f"{office.world.url}/lines", "--json",
    )  # fmt: skip
    stops = 0
    try:
        for stops in range(1, 30):
            failpoints.arm(f"{where}:{stops}:raise")
            answer = office.run(*arguments)
            if not isinstance(answer.exception, failpoints.FailpointReached):
                break
    finally:
        failpoints.arm("")
    assert stops >= 5, "row, streets, contact, invitation and source are steps of their own"
    assert answer.exit_code == 0, answer.output
    (row,) = office.json("list")
    assert (row["sources"], row["streets"], row["invitations"], row["contact"]) == (1, 2, 1, "b@example.org")
    assert any("Freibad offen" in title for title in first_notice(office, "huertgenwald"))


def test_a_source_that_was_named_and_fails_is_an_error_but_the_municipality_is_there(office: Office) -> None:
    answer = office.run("add", PLACE, "--yes", "--no-starters", "--source", "stub", f"{office.world.url}/nowhere")
    assert answer.exit_code == 1
    assert "or ortsruf source add huertgenwald stub http" in answer.stderr
    assert [row["sources"] for row in office.json("list")] == [0]


def test_a_municipality_is_removed_by_its_name_only_and_nothing_is_left(office: Office) -> None:
    (office.folder / "s.csv").write_text(STREETS, encoding="utf-8")
    office.found("--streets", str(office.folder / "s.csv"), "--source", "stub", f"{office.world.url}/lines",
                 "--contact", "bernd@example.org", "--operator", "anna@example.org")  # fmt: skip
    assert first_notice(office, "huertgenwald")
    refused = office.run("remove", "huertgenwald", "--wizard", typed="kreuzau\n")
    assert refused.exit_code == 1
    assert "Nothing was removed" in refused.output
    (row,) = office.json("list")
    assert (row["sources"], row["messages"], row["residents"], row["streets"]) == (1, 2, 1, 2)
    answer = office.run("remove", "huertgenwald", "--wizard", typed="huertgenwald\n")
    assert answer.exit_code == 0, answer.output
    building = office.building()
    with building.store.read() as session:
        assert dissolving.left(session, "huertgenwald") == {}
        assert session.execute(municipality.select()).all() == []
        assert session.execute(place.select().where(place.c.path == PLACE)).all()
    building.tick()  # goes on without it
    building.run_all()
    building.close()
    assert office.run("remove", "huertgenwald").exit_code == 1
