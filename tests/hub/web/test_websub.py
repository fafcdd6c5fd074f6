"""The public callback, and once end to end: a real hub, a real feed, real sockets."""

from __future__ import annotations

import hashlib
import hmac
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlencode
from urllib.request import Request, urlopen

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request as Asked
from werkzeug import Response
from werkzeug.serving import make_server

from hub.bootstrap import Building, add_municipality, initialise
from hub.jobs import websub
from hub.settings import load
from hub.sources import build_source
from hub.store import notices, sources
from hub.store import websub as store
from hub.web import create_app
from hub.web.websub import MOST_BYTES

HUB, TOPIC, SECRET = "https://hub.example/", "https://verein.example/feed.xml", "s" * 64


@pytest.fixture
def callback(pages) -> str:
    """Give the address of a subscription that was asked for."""
    pages.town.source()
    with pages.town.store.begin() as session:
        store.add(
            session, "s1", hub=HUB, topic_url=TOPIC, secret=SECRET, state="asked", asked_at=pages.town.clock()
        )  # fmt: skip
    return f"/websub/s1/{websub.callback_mark(SECRET)}"


def question(**more: str) -> str:
    asked = {"hub.mode": "subscribe", "hub.topic": TOPIC, "hub.challenge": "<b>1 2</b>", "hub.lease_seconds": "86400"}
    return urlencode(asked | {f"hub.{name}": value for name, value in more.items()})


def test_the_challenge_is_echoed_as_plain_text(pages, callback) -> None:
    answer = pages.get(f"{callback}?{question()}")
    assert (answer.status_code, answer.text, answer.mimetype) == (200, "<b>1 2</b>", "text/plain")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    "path",
    [
        f"?{question(topic='https://evil.example/')}",
        f"?{question(mode='unsubscribe')}",
        "",
        f"/../{'0' * 32}?{question()}",
    ],
)
def test_anything_else_is_not_found(pages, callback, path) -> None:
    assert pages.get(callback + path).status_code == 404
    assert pages.get(f"/websub/s2/{'0' * 32}?{question()}").status_code == 404


def test_a_delivery_without_form_token_or_cookie_is_taken(pages, callback) -> None:
    pages.get(f"{callback}?{question()}")
    pages.town.clock.forward(minutes=5)
    body = b"<rss>" + b"x" * 500_000 + b"</rss>"  # far more than a form may have
    signature = "sha256=" + hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    answer = pages.post(callback, body, headers={"X-Hub-Signature": signature, "Content-Type": "application/rss+xml"})
    assert (answer.status_code, answer.data) == (202, b"")
    with pages.town.store.read() as session:
        assert store.get(session, "s1")["delivered_at"] == pages.town.clock()
        assert sources.row(session, "s1")["next_poll_at"] == pages.town.clock()


def test_a_forged_delivery_gets_the_same_answer_and_a_stranger_learns_that_nobody_is_there(pages, callback) -> None:
    pages.get(f"{callback}?{question()}")
    assert pages.post(callback, b"x", headers={"X-Hub-Signature": "sha256=00"}).status_code == 202
    with pages.town.store.read() as session:
        assert store.get(session, "s1")["delivered_at"] is None
    assert pages.post(f"/websub/s1/{'0' * 32}", b"x").status_code == 410
    assert pages.post("/websub/nobody/ü", b"x").status_code == 410


def test_what_is_beyond_all_measure_is_not_read(pages, callback) -> None:
    assert pages.post(callback, b"x" * (MOST_BYTES + 1)).status_code == 413


FEED = """<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel><title>Verein</title><link>{0}</link>
<atom:link rel="hub" href="{0}/hub"/><atom:link rel="self" href="{0}/feed.xml"/>{1}</channel></rss>"""


class FakeHub:
    """A hub as the specification has it: verifies in its own time, signs what it distributes."""

    def __init__(self, server: HTTPServer) -> None:
        self.form: dict[str, str] = {}
        self.items = ["<item><title>Alt</title><link>/n/100-alt</link></item>"]
        self.base = server.url_for("").rstrip("/")
        server.expect_request("/hub", method="POST").respond_with_handler(self._asked)
        server.expect_request("/feed.xml").respond_with_handler(lambda _: Response(self.feed, mimetype="text/xml"))

    @property
    def feed(self) -> bytes:
        return FEED.format(self.base, "".join(self.items)).encode()

    def _asked(self, request: Asked) -> Response:
        self.form = {name: found[0] for name, found in parse_qs(request.get_data(as_text=True)).items()}
        return Response(status=202)

    def verify(self) -> bytes:
        query = {"hub.mode": self.form["hub.mode"], "hub.topic": self.form["hub.topic"], "hub.challenge": "c-1",
                 "hub.lease_seconds": "864000"}  # fmt: skip
        with urlopen(f"{self.form['hub.callback']}?{urlencode(query)}") as answer:
            return answer.read()

    def distribute(self) -> int:
        digest = hmac.new(self.form["hub.secret"].encode(), self.feed, hashlib.sha1).hexdigest()  # as old hubs do
        headers = {"X-Hub-Signature": f"sha1={digest}", "Content-Type": "text/xml"}
        with urlopen(Request(self.form["hub.callback"], self.feed, headers)) as answer:
            return answer.status


@pytest.fixture
def building(tmp_path: Path) -> Iterator[Building]:
    """Give a whole installation at a free port of this machine, with its pages served."""
    server = make_server("127.0.0.1", 0, lambda *_: [])
    environ = {
        "ORTSRUF_DATA": str(tmp_path), "ORTSRUF_BASE_URL": f"http://127.0.0.1:{server.port}", "ORTSRUF_WEBSUB": "on",
        "ORTSRUF_CANARY_MINUTES": "0",
        "ORTSRUF_ALLOW_HOSTS": "127.0.0.1,localhost",
    }  # fmt: skip
    settings, _ = load(None, environ)
    initialise(settings)
    made = Building(settings)
    server.app = create_app(made.house, settings)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield made
    server.shutdown()
    thread.join()
    server.server_close()
    made.close()


def turn(building: Building) -> None:
    building.tick()
    building.run_all()


def test_from_a_hub_to_a_notice(building: Building, httpserver: HTTPServer) -> None:
    import feeds

    hub = FakeHub(httpserver)
    town = add_municipality(building.store, ars="053580016016")
    made = build_source(feeds.load("rss"), f"{hub.base}/feed.xml", {}, source_id="s1", municipality=town)
    with building.store.begin() as session:
        sources.add(session, town, made, building.house.now())
    turn(building)  # the first poll finds the hub
    turn(building)  # the next tick asks it
    assert (hub.form["hub.mode"], hub.form["hub.topic"]) == ("subscribe", f"{hub.base}/feed.xml")
    assert hub.verify() == b"c-1"
    with building.store.begin() as session:
        assert store.get(session, "s1")["state"] == "verified"
        assert sources.row(session, "s1")["next_poll_at"] > building.house.now()
        long_ago = building.house.now() - websub.REST
        session.execute(sources.table.update().values(polled_at=long_ago))
    hub.items.insert(0, "<item><title>Freibad öffnet</title><link>/n/101-freibad</link></item>")
    assert hub.distribute() == 202
    building.run_all()
    with building.store.read() as session:
        titles = {row["content"]["texts"][0]["title"] for row in notices.current(session, town, building.house.now())}
    assert titles == {"Alt", "Freibad öffnet"}
