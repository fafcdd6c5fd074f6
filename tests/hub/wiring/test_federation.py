"""Two installations on this machine, from the operator's command to the neighbour's device: real servers, real reading."""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes.federation import PLACES, Gatherer, Net, Peer, make_peer
from fakes.house import news
from werkzeug.serving import WSGIRequestHandler, make_server

from hub.core.notice import Status
from hub.core.subscription import Criteria
from hub.fetcher.client import GuardedHttp
from hub.gatherer import RealGatherer
from hub.jobs.seal import fingerprint
from hub.store.database import Store
from tests.hub.cli.test_cli import ortsruf


class Quiet(WSGIRequestHandler):
    def log(self, *_: object) -> None:
        """Say nothing."""


class Spoiler:
    """A proxy in front of an application that can change a byte of what passes."""

    def __init__(self, app) -> None:
        self.app, self.spoils, self.served = app, False, []

    def __call__(self, environ, start_response):
        body = b"".join(self.app(environ, start_response))
        self.served.append((environ["PATH_INFO"], len(body)))
        return [body.replace("öffnet".encode(), "öffnen".encode()) if self.spoils else body]


@pytest.fixture
def pair(tmp_path: Path, empty: Path) -> Iterator[tuple[Peer, Peer, Spoiler]]:
    """A village whose pages are served, and its neighbour, which reads through the guarded client."""
    http = GuardedHttp(allow=["127.0.0.1"])
    stores = [Store(f"sqlite:///{shutil.copy(empty, tmp_path / f'{name}.sqlite')}") for name in ("here", "there")]
    server = make_server("127.0.0.1", 0, None, threaded=True, request_handler=Quiet)
    base_url = f"http://127.0.0.1:{server.server_port}"
    here = make_peer(stores[0], Net(), "huertgenwald", Gatherer(Net()), base_url)
    there = make_peer(stores[1], Net(), "kreuzau", RealGatherer(http))
    proxy = Spoiler(here.app)
    server.app = proxy
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield here, there, proxy
    server.shutdown()
    thread.join()
    server.server_close()
    http.close()
    for one in stores:
        one.close()


def added(here: Peer, tmp_path: Path) -> str:
    """Add the village's feed at the neighbour's, as its operator does; returns the source's id."""
    environ = {"ORTSRUF_DATABASE": f"sqlite:///{tmp_path / 'there.sqlite'}", "ORTSRUF_ALLOW_HOSTS": "127.0.0.1"}
    address = here.town.house.links.base_url
    answer = ortsruf(
        "source", "add", "kreuzau", "ortsruf", address, "--set", "reach=everybody",
        "--yes", "--json", cwd=tmp_path, **environ,
    )  # fmt: skip
    assert answer.returncode == 0, answer.stderr + answer.stdout
    found = json.loads(answer.stdout)
    assert found["url"] == f"{address}/huertgenwald/federation.json"
    assert found["preview"]["source"]["settings"]["key"] == here.seal.keys[0].public
    return str(found["id"])


def test_two_towns_from_the_command_to_the_device(pair, tmp_path: Path) -> None:
    here, there, proxy = pair
    here.own_source()
    here.town.poll("s1", news("old", "Rathaus geschlossen"))
    source_id = added(here, tmp_path)
    there.town.clock.at = here.town.clock.at
    with there.town.store.begin() as session:
        from hub.store import sources

        sources.hurry(session, source_id, there.town.clock())
    there.town.run()
    there.town.person(Criteria(("news",), (PLACES["kreuzau"],)))
    assert there.titles() == ["Rathaus geschlossen"], there.fault(source_id)

    here.town.poll("s1", news("n", "Freibad öffnet"))
    there.poll()
    assert there.town.push.told() == [("new", "Freibad öffnet")], "and nothing of the first reading"
    here.town.poll("s1", news("n", "Freibad öffnet erst um 11"))
    there.poll()
    proxy.spoils = True
    here.town.poll("s1", news("n", "Freibad öffnet nicht"))
    there.poll()
    assert "altered on the way" in there.fault(source_id)
    assert len(there.town.push.told()) == 2
    proxy.spoils = False
    here.town.poll("s1", news("n", "Freibad öffnet nicht", status=Status.CANCELLED))
    there.poll(minutes=120)
    assert there.fault(source_id) == ""
    assert there.town.push.told()[1:] == [
        ("revised", "Freibad öffnet erst um 11"), ("withdrawn", "Freibad öffnet nicht")
    ]  # fmt: skip
    given = there.app.test_client().get("/kreuzau/federation.json", base_url="https://kreuzau.example").json
    assert given["items"] == [], "the neighbour gives nothing back"
    page = there.app.test_client().get("/kreuzau/notices", base_url="https://kreuzau.example").text
    assert "Rathaus geschlossen" in page


def test_the_preview_names_what_the_operators_compare(pair, tmp_path: Path) -> None:
    here, _there, _proxy = pair
    answer = ortsruf(
        "source", "preview", "ortsruf", here.town.house.links.base_url, cwd=tmp_path,
        ORTSRUF_ALLOW_HOSTS="127.0.0.1",
    )  # fmt: skip
    mark = " ".join(fingerprint(here.seal.keys[0].public).split()[:4])
    assert f"the key {mark}" in answer.stderr
