"""A source and a channel dropped into a folder flow from poll to hand-over; no other file knows of them."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from fakes.kinds import plug_kind

from hub import bootstrap, settings
from hub.core.source import Source
from hub.core.subscription import Action, Criteria
from hub.engines.inline import InlineEngine
from hub.jobs.subscribe import SignUp, Wish, sign_up
from hub.store import sources

ARS = "053580016016"
CHANNEL = {
    "__init__": """
from pydantic import BaseModel, ConfigDict
CHANNEL, PULL, CHUNK = "pigeon", False, 5
class Settings(BaseModel):
    model_config = ConfigDict(frozen=True)
    loft: str = "nowhere"
def check(address, keys, settings):
    return address, keys
def service(address):
    return address
""",
    "render": """
from hub.core.message import Payload
def render(message, recipient, site):
    return Payload(f"{site.name}: {message.entries[0].notice.title}".encode())
""",
    "send": """
import json
from hub.core.message import Outcome, Result
def send(chunk, outlet):
    with open(outlet.settings.loft, "a", encoding="utf-8") as loft:
        for recipient, payload in chunk:
            loft.write(json.dumps([recipient.address, payload.body.decode()]) + "\\n")
    return [Outcome(recipient.endpoint, Result.SENT) for recipient, _ in chunk]
""",
}  # fmt: skip


class Feed(BaseHTTPRequestHandler):
    """A web server that holds one line an item."""

    body = b"old news\n"

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Content-Length", str(len(self.body)))
        self.end_headers()
        self.wfile.write(self.body)

    def log_message(self, *_: Any) -> None:
        pass


def test_a_stub_source_and_a_stub_channel_flow_end_to_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = plug_kind(tmp_path / "plugins")
    (root / "push" / "pigeon").mkdir(parents=True)
    for name, text in CHANNEL.items():
        (root / "push" / "pigeon" / f"{name}.py").write_text(text, encoding="utf-8")
    monkeypatch.setenv("ORTSRUF_PLUGINS", str(root))
    made, _ = settings.load(
        environ={
            "ORTSRUF_DATA": str(tmp_path / "data"), "ORTSRUF_ALLOW_HOSTS": "127.0.0.1",
            "ORTSRUF_PIGEON__LOFT": str(tmp_path / "loft"),
        }
    )  # fmt: skip
    monkeypatch.setattr(bootstrap, "load_reference", lambda *_: {})  # the places are known without their rows
    bootstrap.initialise(made)
    clock = [datetime(2026, 11, 23, 11, tzinfo=UTC)]
    building = bootstrap.Building(made, clock=lambda: clock[0])
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("OneFeed", (Feed,), {}))
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        _flow(building, server, clock)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
        building.close()
    told = [json.loads(line) for line in (tmp_path / "loft").read_text(encoding="utf-8").splitlines()]
    assert told == [["roof 7", "Hürtgenwald: fresh news"]]


def _flow(building: bootstrap.Building, server: ThreadingHTTPServer, clock: list[datetime]) -> None:
    """Add a town, a source and a person, then let the source say something new."""
    engine = building.engine
    assert isinstance(engine, InlineEngine)
    town = bootstrap.add_municipality(building.store, ars=ARS)
    url = f"http://127.0.0.1:{server.server_address[1]}/feed"
    from hub.core.notice import PlaceRef

    source = Source(
        "s1", "stub", url, town, topic="news", interval=600, places=(PlaceRef("ars", ARS),), config={"area": "all"}
    )
    with building.store.begin() as session:
        sources.add(session, town, source, clock[0])
    wish = Wish(Criteria(places=("05358",)), (("pigeon", Action.NOW, ""),))
    sign_up(building.house, town, SignUp((wish,), {"pigeon": ("roof 7", {}, "roof")}))
    for body in (b"old news\n", b"old news\nfresh news\n", b"old news\nfresh news\n"):
        server.RequestHandlerClass.body = body  # type: ignore[attr-defined]
        building.tick()
        engine.run_all()
        clock[0] += timedelta(minutes=15)
