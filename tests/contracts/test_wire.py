"""What every ``Wire`` promises: run on the plain client as a wire, fake and real, and on libcurl against loopback."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from queue import SimpleQueue

import pytest

from hub.core.errors import AddressRefused, HttpFailed, OrtsrufError
from hub.core.ports import Answer, Limits, Posting, Wire
from hub.fetcher.client import GuardedHttp
from hub.fetcher.wire import CurlWire
from push.webpush.wire import HttpWire
from tests.fakes.http import FakeHttp
from tests.fakes.wire import WireServer, reply

Setup = tuple[Wire, str, Callable[[], int]]
PAGES = {
    "/ok": ("201 Created", b"", {}),
    "/gone": ("410 Gone", b"no", {}),
    "/busy": ("429 Too Many Requests", b"", {"Retry-After": "120"}),
    "/moved": ("302 Found", b"", {"Location": "/ok"}),
    "/large": ("201 Created", b"x" * 500_000, {}),
}
BOUNDS = Limits(seconds=5, size=5000, redirects=0)


def fake() -> Iterator[Setup]:
    http, base = FakeHttp(), "http://town.example"
    for path, (status, body, headers) in PAGES.items():
        http.answers(base + path, int(status[:3]), body, headers)
    http.hangs(base + "/hang")
    http.fails(base + "/private", AddressRefused())
    wire = HttpWire(http, 4)
    yield wire, base, lambda: len(http.asked)
    wire.close()


def server() -> WireServer:
    def handler(one, request):  # type: ignore[no-untyped-def]
        path = request.split(b" ")[1].decode()
        if path == "/hang":
            made.stopped.wait(5)
            return
        status, body, headers = PAGES[path]
        one.sendall(reply(status, body, *(f"{name}: {value}" for name, value in headers.items())))

    made = WireServer(handler)
    return made


def guarded() -> Iterator[Setup]:
    loopback, http = server(), GuardedHttp(allow=["127.0.0.1"])
    wire = HttpWire(http, 4)
    yield wire, loopback.url.rstrip("/"), lambda: len(loopback.requests)
    wire.close()
    http.close()
    loopback.close()


def curl() -> Iterator[Setup]:
    loopback, wire = server(), CurlWire(allow=["127.0.0.1"], connections=4)
    yield wire, loopback.url.rstrip("/"), lambda: len(loopback.requests)
    wire.close()
    loopback.close()


@pytest.fixture(params=[fake, guarded, curl], ids=["fake", "guarded", "curl"])
def setup(request: pytest.FixtureRequest) -> Iterator[Setup]:
    yield from request.param()


def exchange(wire: Wire, *urls: str, limits: Limits = BOUNDS) -> dict[int, Answer | OrtsrufError]:
    answers: SimpleQueue[tuple[Posting, Answer | OrtsrufError]] = SimpleQueue()
    for key, url in enumerate(urls):
        wire.post(Posting(key, url, ("TTL: 60",), b"x", limits), answers)
    wire.flush()
    found = [answers.get(timeout=20) for _ in urls]
    return {posting.key: answer for posting, answer in found}


def status(answer: Answer | OrtsrufError) -> int:
    assert isinstance(answer, Answer), answer
    return answer.status


def test_every_posting_gets_its_own_answer(setup: Setup) -> None:
    wire, base, asked = setup
    paths = ["/ok", "/gone", "/moved", "/busy"] * 15
    found = exchange(wire, *(base + path for path in paths))
    assert [status(found[key]) for key in range(len(paths))] == [int(PAGES[path][0][:3]) for path in paths]
    assert asked() == len(paths), "nothing is followed or repeated"


def test_how_long_to_wait_is_told(setup: Setup) -> None:
    answer = exchange(setup[0], setup[1] + "/busy")[0]
    assert isinstance(answer, Answer)
    assert answer.headers["retry-after"] == "120"


def test_an_error_is_an_answer_and_stops_no_other(setup: Setup) -> None:
    wire, base, _ = setup
    private = base + "/private" if "town.example" in base else "http://10.0.0.1/x"
    found = exchange(wire, base + "/hang", base + "/ok", private, limits=Limits(0.4, 5000, 0))
    assert isinstance(found[0], HttpFailed)
    assert status(found[1]) == 201
    assert isinstance(found[2], AddressRefused)


def test_a_long_answer_costs_no_memory(setup: Setup) -> None:
    answer = exchange(setup[0], setup[1] + "/large")[0]
    assert isinstance(answer, OrtsrufError) or (answer.status == 201 and len(answer.body) <= BOUNDS.size)


def test_there_is_room_for_one_at_least_and_closing_leaves_nobody_waiting(setup: Setup) -> None:
    wire, base, _ = setup
    closed: list[int] = []
    assert wire.room("https://nobody.example") >= 1
    wire.at_close(lambda: closed.append(1))
    exchange(wire, base + "/ok")
    wire.close()
    assert closed == [1]
