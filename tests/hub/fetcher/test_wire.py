"""The wire against servers that misbehave, and what its guard lets through: nothing private, nothing unprotected."""

from __future__ import annotations

import pickle
import socket
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from queue import SimpleQueue

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.core.errors import AddressRefused, HttpFailed, OrtsrufError
from hub.core.ports import Answer, Limits, Posting
from hub.fetcher.window import Window
from hub.fetcher.wire import CurlWire
from tests.fakes.certificates import Certified, certified
from tests.fakes.push_service import PushFarm
from tests.fakes.wire import WireServer, reply, says
from tests.hub.fetcher.test_client import CHUNKED, NINE_FORMS, PIECE, drip, flood, growth

Serve = Callable[..., WireServer]
Make = Callable[..., CurlWire]
SHORT = Limits(0.6, 64_000, 0)
LONG = Limits(20, 64_000, 0)


@pytest.fixture
def make() -> Iterator[Make]:
    """Make wires that may dial loopback and are closed with the test."""
    made: list[CurlWire] = []

    def wire(allow: tuple[str, ...] = ("127.0.0.1",), **more: object) -> CurlWire:
        made.append(CurlWire(allow=allow, **more))  # type: ignore[arg-type]
        return made[-1]

    yield wire
    for one in made:
        one.close()


@pytest.fixture(scope="session")
def known(tmp_path_factory: pytest.TempPathFactory) -> Certified:
    return certified(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def farm(known: Certified) -> Iterator[PushFarm]:
    made = PushFarm(known.h2)
    yield made
    made.close()


def ask(wire: CurlWire, *urls: str, limits: Limits = SHORT) -> list[Answer | OrtsrufError]:
    """Post to each of ``urls`` at once; answers in their order."""
    answers: SimpleQueue[tuple[Posting, Answer | OrtsrufError]] = SimpleQueue()
    for key, url in enumerate(urls):
        wire.post(Posting(key, url, ("TTL: 60",), b"x" * 400, limits), answers)
    wire.flush()
    found = [answers.get(timeout=30) for _ in urls]
    return [answer for _, answer in sorted(found, key=lambda one: one[0].key)]


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"HTTP/1.1 200 OK\r\nX-Endless: ",
        b"HTTP/1.1 200 OK\r\nContent-Length: 600\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n\r\n",
    ],
)
def test_a_drip_ends_at_the_total_deadline(serve: Serve, make: Make, head: bytes) -> None:
    (error,) = ask(make(), serve(drip(head)).url)
    assert isinstance(error, HttpFailed)
    assert "within 0.6 s" in str(error) or not head


def test_a_silent_handshake_ends_at_the_deadline(make: Make) -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        (error,) = ask(make(), f"https://127.0.0.1:{mute.getsockname()[1]}/")
    assert isinstance(error, HttpFailed)


def test_endless_continue_answers_end_at_the_deadline(serve: Serve, make: Make) -> None:
    (error,) = ask(make(), serve(flood(b"", b"HTTP/1.1 100 Continue\r\n\r\n")).url)
    assert isinstance(error, HttpFailed)


@pytest.mark.parametrize(("head", "piece"), [(CHUNKED + b"\r\n", PIECE), (b"HTTP/1.0 201 OK\r\n\r\n", b"x" * 65_536)])
def test_an_endless_body_stops_at_the_size(serve: Serve, make: Make, head: bytes, piece: bytes) -> None:
    before = growth()
    (answer,) = ask(make(), serve(flood(head, piece)).url, limits=LONG)
    assert isinstance(answer, Answer)
    assert len(answer.body) <= LONG.size
    assert growth() - before < 64_000_000


@pytest.mark.parametrize("junk", [b"SSH-2.0-OpenSSH\r\n\r\n", b"HTTP/9.9 banana\r\n\r\n", b"\x00\xff" * 100])
def test_what_is_not_http_fails(serve: Serve, make: Make, junk: bytes) -> None:
    def handler(one: socket.socket, _: bytes) -> None:
        one.sendall(junk)
        one.close()

    assert isinstance(ask(make(), serve(handler).url, limits=LONG)[0], HttpFailed)


@pytest.mark.parametrize("form", NINE_FORMS)
def test_no_writing_of_a_private_address_is_dialled(serve: Serve, make: Make, form: str) -> None:
    canary = serve(says(reply()))
    (error,) = ask(make(allow=()), form.format(port=canary.port), limits=LONG)
    assert isinstance(error, AddressRefused), error
    assert canary.connections == 0


def test_a_rebinding_name_is_checked_at_every_dial(serve: Serve, make: Make) -> None:
    canary = serve(says(reply()))
    flips = iter([["127.0.0.1"], ["8.8.8.8", "127.0.0.1"], ["::ffff:127.0.0.1"], ["0.0.0.0"]] * 5)
    wire = make(allow=(), resolver=lambda _host, _port: next(flips))
    for _ in range(20):
        (error,) = ask(wire, f"https://rebind.example:{canary.port}/")
        assert isinstance(error, AddressRefused)
    assert canary.connections == 0


def test_the_systems_resolver_is_guarded_at_the_socket(serve: Serve, make: Make) -> None:
    canary = serve(says(reply()))
    (error,) = ask(make(allow=()), f"https://localhost:{canary.port}/", limits=LONG)
    assert isinstance(error, AddressRefused)
    assert canary.connections == 0


def test_only_loopback_is_spoken_to_unprotected(make: Make) -> None:
    wire = make(allow=("town.example",), resolver=lambda _host, _port: ["192.0.2.1"])
    (error,) = ask(wire, "http://town.example:8080/", limits=LONG)
    assert isinstance(error, AddressRefused)


@pytest.mark.parametrize("url", ["ftp://127.0.0.1/", "file:///etc/passwd", "https://u@127.0.0.1/", "https://127.0.0.1:22/", "x", "https://a b/", "https:///x"])  # fmt: skip
def test_a_url_that_breaks_the_rules_is_refused(make: Make, url: str) -> None:
    assert isinstance(ask(make(), url)[0], AddressRefused)


def test_a_proxy_of_the_environment_is_ignored(
    serve: Serve, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    proxy, server = serve(says(reply())), serve(says(reply("201 Created")))
    for name in ("http_proxy", "https_proxy", "all_proxy", "ALL_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, proxy.url)
    assert [one.status for one in ask(make(), server.url, limits=LONG) if isinstance(one, Answer)] == [201]
    assert proxy.connections == 0


def test_a_certificate_nobody_vouches_for_is_refused(farm: PushFarm, make: Make, known: Certified) -> None:
    (error,) = ask(make(), f"{farm.origin}/201/x", limits=LONG)
    assert isinstance(error, HttpFailed)
    assert "certificate" in str(error).lower()
    wire = make(trust=known.trust, allow=("127.0.0.1",), resolver=lambda _host, _port: ["127.0.0.1"])
    port = farm.origin.rpartition(":")[2]
    (other,) = ask(wire, f"https://other.example:{port}/201/x", limits=LONG)
    assert isinstance(other, HttpFailed)
    assert farm.asked.total() == 0


def test_many_messages_share_few_connections_that_are_kept(farm: PushFarm, make: Make, known: Certified) -> None:
    wire = make(trust=known.trust, connections=2)
    for turn in range(3):
        found = ask(wire, *(f"{farm.origin}/201/{turn}-{number}" for number in range(150)), limits=LONG)
        assert Counter(one.status for one in found if isinstance(one, Answer)) == {201: 150}
    assert farm.connections <= 2
    assert wire.room(farm.origin) > 2, "a good server is trusted with more"


def test_without_http2_few_connections_take_turns(known: Certified, make: Make) -> None:
    farm = PushFarm(known.http1, multiplexed=False)
    try:
        wire = make(trust=known.trust, connections=3)
        found = ask(wire, *(f"{farm.origin}/201/{number}" for number in range(60)), limits=LONG)
        assert Counter(one.status for one in found if isinstance(one, Answer)) == {201: 60}
        assert farm.connections <= 3
        assert wire.room(farm.origin) == 3
    finally:
        farm.close()


def test_threads_share_one_wire(farm: PushFarm, make: Make, known: Certified) -> None:
    wire = make(trust=known.trust)

    def work(name: int) -> int:
        found = ask(wire, *(f"{farm.origin}/201/{name}-{number}" for number in range(40)), limits=LONG)
        return sum(isinstance(one, Answer) and one.status == 201 for one in found)

    with ThreadPoolExecutor(6) as pool:
        assert list(pool.map(work, range(6))) == [40] * 6
    assert farm.asked.total() == 240


def test_closing_answers_what_is_under_way_and_all_that_follows(farm: PushFarm, make: Make, known: Certified) -> None:
    wire = make(trust=known.trust)
    answers: SimpleQueue[tuple[Posting, Answer | OrtsrufError]] = SimpleQueue()
    for number in range(20):
        wire.post(Posting(number, f"{farm.origin}/hang/{number}", (), b"x", LONG), answers)
    wire.flush()
    threading.Thread(target=wire.close).start()
    assert all(isinstance(answers.get(timeout=20)[1], HttpFailed) for _ in range(20))
    (late,) = ask(wire, f"{farm.origin}/201/x")
    assert isinstance(late, HttpFailed)


def test_a_wire_travels_closed(farm: PushFarm, make: Make, known: Certified) -> None:
    wire = make(trust=known.trust)
    ask(wire, f"{farm.origin}/201/1", limits=LONG)
    copy: CurlWire = pickle.loads(pickle.dumps(wire))
    try:
        assert [one.status for one in ask(copy, f"{farm.origin}/201/2", limits=LONG) if isinstance(one, Answer)] == [
            201
        ]
    finally:
        copy.close()


@given(st.lists(st.sampled_from([201, 410, 500, 429, 503, 0]), max_size=400), st.integers(1, 16), st.integers(1, 100))
def test_the_window_stays_between_one_and_what_the_connections_carry(events: list[int], connections: int, streams: int) -> None:  # fmt: skip
    window = Window(connections, streams)
    for status in events:
        before = window.size
        if status:
            window.answered(status, multiplexed=True)
        else:
            window.silent()
        assert 1 <= window.size <= connections * streams
        assert window.size <= before + 1
        assert status not in (429, 503, 0) or window.size <= before


def test_one_crowd_of_refusals_halves_the_window_once() -> None:
    window = Window(8, 100)
    for _ in range(92):
        window.answered(201, multiplexed=True)
    for _ in range(50):
        window.answered(429, multiplexed=True)
    assert window.size == 50
