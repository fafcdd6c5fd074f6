"""What an operator does with sources that live: look, check, read their history, pause, remove; name the editor."""

from __future__ import annotations

import json
import secrets
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from hub.bootstrap import now
from hub.core.notice import PlaceRef
from hub.core.source import Source
from hub.store import sources
from hub.store.database import Store
from tests.hub.cli.test_cli import ortsruf

ARS = "053580016016"
FEED = """<rss version="2.0"><channel><title>Rathaus</title><link>https://r.example/</link>{items}</channel></rss>"""
ITEM = "<item><guid>{n}</guid><title>Nachricht {n}</title><link>https://r.example/{n}</link></item>"


class Feed(BaseHTTPRequestHandler):
    """A town hall's news, as many as ``count``; a web page instead while ``count`` is 0."""

    count = 2

    def do_GET(self) -> None:
        items = "".join(ITEM.format(n=number) for number in range(self.count))
        body = (FEED.format(items=items) if items else "<!DOCTYPE html><html><body>Wartung</body></html>").encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/rss+xml")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture(scope="module")
def feed() -> Iterator[tuple[str, type[Feed]]]:
    handler = type("OwnFeed", (Feed,), {})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}/feed", handler
    server.shutdown()
    server.server_close()
    thread.join()


class Village:
    """A folder with a database, and the command in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        assert self.run("init", "--ars", ARS).returncode == 0
        self.store = Store(f"sqlite:///{folder / 'ortsruf-data' / 'ortsruf.sqlite'}")

    def run(self, *arguments: str):
        return ortsruf(*arguments, cwd=self.folder, ORTSRUF_ALLOW_HOSTS="127.0.0.1")

    def json(self, *arguments: str) -> Any:
        return json.loads(self.run(*arguments, "--json").stdout)


@pytest.fixture(scope="module")
def village(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Village]:
    made = Village(tmp_path_factory.mktemp("village"))
    yield made
    made.store.close()


@pytest.fixture
def source_id(village: Village, feed: tuple[str, type[Feed]]) -> str:
    """Give a source of its own that was never read; its feed holds two items."""
    url, handler = feed
    handler.count = 2
    made = Source(secrets.token_hex(4), "rss", url, "huertgenwald", "Rathaus", "news", places=(PlaceRef("ars", ARS),))
    with village.store.begin() as session:
        sources.add(session, "huertgenwald", made, now())
    return made.id


def test_the_same_source_is_not_added_twice(village: Village, feed: tuple[str, type[Feed]]) -> None:
    feed[1].count = 2
    first = village.json("source", "add", "huertgenwald", "rss", f"{feed[0]}?twice", "--yes")["id"]
    twice = village.run("source", "add", "huertgenwald", "rss", f"{feed[0]}?twice", "--yes")
    assert twice.returncode == 1
    assert f"there already: {first}" in twice.stderr


def test_a_flood_is_held_and_ruled_on(village: Village, feed: tuple[str, type[Feed]], source_id: str) -> None:
    first = village.json("source", "check", source_id)
    assert (first["state"], first["poll"]["fresh"]) == ("ok", 2)
    feed[1].count = 40
    assert "38 items are held" in village.run("source", "check", source_id).stdout
    held = village.json("source", "held", source_id)
    assert {one["reason"] for one in held} == {"flood"}
    assert village.run("source", "release", str(held[0]["id"])).stdout == "Released: 1.\n"
    again = village.run("source", "release", str(held[0]["id"]))
    assert again.returncode == 1
    assert "decided already" in again.stderr
    assert village.run("source", "drop", str(held[1]["id"])).stdout == "Dropped: 1.\n"
    assert village.run("source", "release", "--all", source_id).stdout == "Released: 36.\n"
    assert village.json("source", "held", source_id) == []


def test_what_is_wrong_is_said_in_plain_words(village: Village, feed: tuple[str, type[Feed]], source_id: str) -> None:
    feed[1].count = 0
    broken = village.run("source", "check", source_id)
    assert broken.returncode == 1
    assert "web page instead of data" in broken.stdout
    past = village.json("source", "history", source_id)
    assert [one["outcome"] for one in past] == ["failed"]
    assert "web page" in past[0]["cause"]
    row = next(one for one in village.json("source", "list") if one["id"] == source_id)
    assert (row["state"], row["cause"]["code"], row["waiting"]) == ("failing", "web-page", 0)
    assert "web page instead of data" in village.run("source", "list").stdout


def test_pause_and_resume(village: Village, source_id: str) -> None:
    assert village.run("source", "pause", source_id).returncode == 0
    assert "resume" in village.run("source", "check", source_id).stderr
    assert village.run("source", "resume", source_id).returncode == 0
    nothing = village.run("source", "trust", source_id)
    assert (nothing.returncode, nothing.stdout) == (1, "Nothing of this source is in doubt.\n")


def test_removal_wants_a_yes(village: Village, source_id: str) -> None:
    village.run("source", "check", source_id)
    kept = village.run("source", "remove", source_id)
    assert kept.returncode == 1
    assert "messages: 2" in kept.stderr
    assert village.run("source", "remove", source_id, "--yes").returncode == 0
    assert source_id not in [one["id"] for one in village.json("source", "list")]


def test_the_editor_is_named_and_gets_a_link(village: Village) -> None:
    assert "Nobody is told" in village.run("contact", "huertgenwald").stdout
    wrong = village.run("contact", "huertgenwald", "kein-at")
    assert wrong.returncode == 1
    assert "Traceback" not in wrong.stderr
    assert "rathaus@example.org is told" in village.run("contact", "huertgenwald", "rathaus@example.org").stdout
    link = village.run("source", "desk", "huertgenwald").stdout
    assert link.startswith("http://127.0.0.1:8080/d/")
    assert village.run("source", "desk", "huertgenwald").stdout == link
    assert village.run("source", "desk", "huertgenwald", "--renew").stdout != link
    assert "Nobody is told" in village.run("contact", "huertgenwald", "--none").stdout
    assert "known: huertgenwald" in village.run("source", "desk", "nowhere").stderr


def test_the_look_is_shown_changed_and_remarked_on(village: Village, tmp_path: Path) -> None:
    logo = tmp_path / "wappen.svg"
    logo.write_text('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><path d="M0 0h8v8z"/></svg>')
    changed = village.json(
        "look", "huertgenwald", "--colour", "#FC0", "--logo", str(logo), "--imprint", "https://example.org/", "--json"
    )
    assert (changed["colour"], changed["imprint_url"]) == ("#ffcc00", "https://example.org/")
    assert changed["logo"].endswith(".svg")
    assert "too light" in changed["remarks"][0]
    shown = village.run("look", "huertgenwald", "--no-logo")
    assert shown.returncode == 0
    assert "No enforcement body" in shown.stderr
    wrong = village.run("look", "huertgenwald", "--colour", "red")
    assert (wrong.returncode, wrong.stderr.count("\n")) == (1, 1)
    assert "#rrggbb" in wrong.stderr


@pytest.mark.parametrize("command", ["check", "history", "retry"])
def test_an_unknown_source_is_one_plain_line(village: Village, command: str) -> None:
    answer = village.run("source", command, "nowhere")
    assert answer.returncode == 1
    assert answer.stderr == "Error: There is no source nowhere. See `ortsruf source list`.\n"
