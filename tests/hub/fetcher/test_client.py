"""The guarded client against servers that misbehave: drips, floods, bombs, redirects, rebinding."""

from __future__ import annotations

import gzip
import resource
import socket
import ssl
import threading
import time
import zlib
from collections.abc import Callable

import h2.config
import h2.connection
import h2.events
import pytest

from hub.core.errors import AddressRefused, HttpFailed, SourceTooLarge
from hub.core.ports import Limits
from hub.fetcher.client import GuardedHttp
from tests.fakes.wire import Authority, WireServer, reply, says

Serve = Callable[..., WireServer]
Client = Callable[..., GuardedHttp]

SHORT = Limits(seconds=0.6)
SLACK = 3.0  # seconds a loaded machine may be late; the drips would last far longer


def drip(head: bytes) -> Callable[[socket.socket, bytes], None]:
    """Return a handler that sends ``head`` and then a byte at a time for a minute."""

    def handler(one: socket.socket, _: bytes) -> None:
        one.sendall(head)
        for _count in range(600):
            one.sendall(b"x")
            time.sleep(0.1)

    return handler


@pytest.mark.parametrize(
    "head",
    [
        b"",  # never a status line
        b"HTTP/1.1 200 OK\r\nX-Endless: ",
        b"HTTP/1.1 200 OK\r\nContent-Length: 600\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n\r\n",
    ],
)
def test_a_drip_ends_at_the_total_deadline(serve: Serve, client: Client, head: bytes) -> None:
    server, http = serve(drip(head)), client()
    before = time.monotonic()
    with pytest.raises(HttpFailed, match=r"within 0\.6 s"):
        http.get(server.url, limits=SHORT)
    assert time.monotonic() - before < SLACK


def test_a_server_that_says_nothing_ends_at_the_deadline(serve: Serve, client: Client) -> None:
    server = serve(lambda _one, _request: time.sleep(5))
    with pytest.raises(HttpFailed):
        client().get(server.url, limits=SHORT)


def test_a_silent_tls_handshake_ends_at_the_deadline(client: Client) -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        before = time.monotonic()
        with pytest.raises(HttpFailed):
            client().get(f"https://127.0.0.1:{mute.getsockname()[1]}/", limits=SHORT)
        assert time.monotonic() - before < SLACK


def test_a_hanging_resolver_ends_at_the_deadline(client: Client) -> None:
    release = threading.Event()

    def hang(_host: str, _port: int) -> list[str]:
        release.wait(10)
        return []

    try:
        with pytest.raises(HttpFailed):
            client(resolver=hang).get("http://town.example/", limits=SHORT)
    finally:
        release.set()


def test_endless_continue_answers_end_at_the_deadline(serve: Serve, client: Client) -> None:
    def handler(one: socket.socket, _: bytes) -> None:
        while True:
            one.sendall(b"HTTP/1.1 100 Continue\r\n\r\n" * 10)
            time.sleep(0.01)

    with pytest.raises(HttpFailed):
        client().get(serve(handler).url, limits=SHORT)


def test_redirects_share_one_deadline(serve: Serve, client: Client) -> None:
    def handler(one: socket.socket, _: bytes) -> None:
        time.sleep(0.25)
        one.sendall(reply("302 Found", b"", "Location: /again"))

    server = serve(handler)
    with pytest.raises(HttpFailed, match="within"):
        client().get(server.url, limits=Limits(seconds=0.6, redirects=50))
    assert len(server.requests) <= 4


def flood(head: bytes, piece: bytes) -> Callable[[socket.socket, bytes], None]:
    """Return a handler that never stops sending."""

    def handler(one: socket.socket, _: bytes) -> None:
        one.sendall(head)
        while True:
            one.sendall(piece)

    return handler


CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n"
PIECE = b"10000\r\n" + b"x" * 65_536 + b"\r\n"


def growth() -> int:
    """Return the highest memory of this process in bytes (ru_maxrss is KiB on Linux)."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


@pytest.mark.parametrize(("head", "piece"), [(CHUNKED + b"\r\n", PIECE), (b"HTTP/1.0 200 OK\r\n\r\n", b"x" * 65_536)])
def test_an_endless_body_stops_at_the_size(serve: Serve, client: Client, head: bytes, piece: bytes) -> None:
    server, http, before = serve(flood(head, piece)), client(), growth()
    with pytest.raises(SourceTooLarge):
        http.get(server.url, limits=Limits(size=2_000_000))
    assert growth() - before < 64_000_000


def test_a_declared_size_is_believed_at_once(serve: Serve, client: Client) -> None:
    server = serve(says(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n"))
    with pytest.raises(SourceTooLarge):
        client().get(server.url)


def test_a_short_body_is_no_answer_and_a_long_one_is_cut(serve: Serve, client: Client) -> None:
    def short(one: socket.socket, _: bytes) -> None:
        one.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")
        one.close()

    with pytest.raises(HttpFailed):
        client().get(serve(short).url)
    long = serve(says(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nab-and-more"))
    assert client().get(long.url).body == b"ab"


@pytest.mark.parametrize(
    "junk",
    [
        b"SSH-2.0-OpenSSH\r\n\r\n",
        b"HTTP/9.9 banana\r\n\r\n",
        b"\x00\xff" * 100 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
    ],
)
def test_what_is_not_http_fails_plainly(serve: Serve, client: Client, junk: bytes) -> None:
    def handler(one: socket.socket, _: bytes) -> None:
        one.sendall(junk)
        one.close()

    with pytest.raises(HttpFailed):
        client().get(serve(handler).url, limits=Limits(seconds=5))


def raw_deflate(data: bytes) -> bytes:
    """Compress without a zlib header, as some servers do."""
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


ZEROS = b"\0" * 60_000_000
BOMBS = {
    "gzip": ("gzip", gzip.compress(ZEROS)),
    "deflate": ("deflate", zlib.compress(ZEROS)),
    "raw deflate": ("deflate", raw_deflate(ZEROS)),
    "nested": ("gzip, gzip", gzip.compress(gzip.compress(ZEROS))),
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_refused_within_bounded_memory(serve: Serve, client: Client, name: str) -> None:
    encoding, body = BOMBS[name]
    server, http, before = serve(says(reply("200 OK", body, f"Content-Encoding: {encoding}"))), client(), growth()
    with pytest.raises(SourceTooLarge):
        http.get(server.url)
    assert growth() - before < 64_000_000


def test_the_ratio_stops_a_bomb_below_the_size(serve: Serve, client: Client) -> None:
    server = serve(says(reply("200 OK", gzip.compress(b"\0" * 5_000_000), "Content-Encoding: gzip")))
    with pytest.raises(SourceTooLarge, match="hundred times"):
        client().get(server.url, limits=Limits(size=50_000_000))


@pytest.mark.parametrize("encoding", ["br", "zstd", "gzip, gzip, gzip", "rot13"])
def test_an_encoding_nobody_asked_for_is_no_answer(serve: Serve, client: Client, encoding: str) -> None:
    server = serve(says(reply("200 OK", b"abc", f"Content-Encoding: {encoding}")))
    with pytest.raises(HttpFailed, match="packed"):
        client().get(server.url)


def test_ordinary_compression_is_undone_and_broken_one_fails(serve: Serve, client: Client) -> None:
    good = serve(says(reply("200 OK", gzip.compress(b"hello"), "Content-Encoding: gzip")))
    assert client().get(good.url).body == b"hello"
    bad = serve(says(reply("200 OK", b"not gzip at all", "Content-Encoding: gzip")))
    with pytest.raises(HttpFailed):
        client().get(bad.url)


NINE_FORMS = (
    "http://127.0.0.1:{port}/", "http://127.1:{port}/", "http://2130706433:{port}/", "http://0x7f.1:{port}/",
    "http://0177.0.0.1:{port}/", "http://[::ffff:127.0.0.1]:{port}/", "http://[64:ff9b::7f00:1]:{port}/",
    "http://localhost:{port}/", "http://ⓛocalhost:{port}/", "http://[::]:{port}/", "http://0.0.0.0:{port}/",
    "http://169.254.169.254:{port}/latest/",
)  # fmt: skip


@pytest.mark.parametrize("form", NINE_FORMS)
def test_no_writing_of_a_private_address_is_dialled(serve: Serve, client: Client, form: str) -> None:
    canary = serve(says(reply()))
    with pytest.raises(AddressRefused):
        client(allow=()).get(form.format(port=canary.port), limits=Limits(seconds=5))
    assert canary.connections == 0


def test_a_redirect_to_a_private_address_is_refused_before_dialling(serve: Serve, client: Client) -> None:
    canary = serve(says(reply()))
    # Both hosts resolve to loopback; only the first one is exempt. Both use one port, so the port rule is silent.
    server = serve(says(b""))
    server.handler = says(reply("302 Found", b"", f"Location: http://inside.example:{server.port}/"))
    http = client(allow=("outside.example",), resolver=lambda _host, _port: ["127.0.0.1"])
    with pytest.raises(AddressRefused):
        http.get(f"http://outside.example:{server.port}/")
    assert (server.connections, canary.connections) == (1, 0)


def test_a_redirect_to_another_port_is_refused(serve: Serve, client: Client) -> None:
    canary = serve(says(reply()))
    server = serve(says(reply("302 Found", b"", f"Location: {canary.url}")))
    with pytest.raises(AddressRefused, match="port"):
        client().get(server.url)
    assert canary.connections == 0


def test_a_rebinding_name_is_checked_at_every_dial(serve: Serve, client: Client) -> None:
    canary = serve(says(reply()))
    flips = iter([["127.0.0.1"], ["8.8.8.8", "127.0.0.1"], ["::ffff:127.0.0.1"]])
    http = client(allow=(), resolver=lambda _host, _port: next(flips))
    for _ in range(3):
        with pytest.raises(AddressRefused):
            http.get(f"http://rebind.example:{canary.port}/")
    assert canary.connections == 0


def test_the_address_checked_is_the_address_dialled(serve: Serve, client: Client) -> None:
    asked: list[str] = []

    def resolver(host: str, _port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"]

    server = serve(says(reply("200 OK", b"ok")))
    assert client(resolver=resolver).get(f"http://town.example:{server.port}/").body == b"ok"
    assert asked == ["town.example"]
    assert f"host: town.example:{server.port}" in server.requests[0].decode().lower()


def test_a_dead_first_address_leaves_time_for_the_next(serve: Serve, client: Client) -> None:
    server = serve(says(reply("200 OK", b"ok")))
    http = client(allow=("127.0.0.0/8",), resolver=lambda _host, _port: ["127.0.0.2", "127.0.0.1"])
    assert http.get(f"http://town.example:{server.port}/").body == b"ok"


def test_redirects_are_followed_up_to_the_limit(serve: Serve, client: Client) -> None:
    def handler(one: socket.socket, request: bytes) -> None:
        count = int(request.split(b" ")[1].strip(b"/") or b"0")
        one.sendall(reply("200 OK", b"there") if count == 5 else reply("301 Moved", b"x", f"Location: /{count + 1}"))

    server = serve(handler)
    answer = client().get(server.url)
    assert (answer.body, answer.url) == (b"there", f"{server.url}5")
    with pytest.raises(HttpFailed, match="more than 4 times"):
        client().get(server.url, limits=Limits(redirects=4))


def test_secrets_do_not_follow_to_another_origin(serve: Serve, client: Client) -> None:
    server = serve(says(b""))

    def handler(one: socket.socket, request: bytes) -> None:
        first = b"first.example" in request
        one.sendall(reply("302 Found", b"", f"Location: http://second.example:{server.port}/") if first else reply())

    server.handler = handler
    http = client(resolver=lambda _host, _port: ["127.0.0.1"])
    http.get(f"http://first.example:{server.port}/", headers={"Authorization": "secret", "If-None-Match": "v1"})
    assert [b"secret" in one for one in server.requests] == [True, False]
    assert all(b"v1" in one for one in server.requests)


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"])
def test_a_post_never_follows_a_redirect(serve: Serve, client: Client, status: str) -> None:
    server = serve(says(b""))
    server.handler = says(reply(status, b"", f"Location: {server.url}other"))
    answer = client().post(server.url, body=b"x")
    assert (answer.status, len(server.requests)) == (int(status[:3]), 1)


def test_statuses_are_answers_and_header_names_are_lower_case(serve: Serve, client: Client) -> None:
    server = serve(says(reply("429 Too Many Requests", b"slow", "Retry-After: 120")))
    answer = client().get(server.url)
    assert (answer.status, answer.headers["retry-after"], answer.body) == (429, "120", b"slow")


def test_an_untrusted_certificate_is_refused_and_a_trusted_one_accepted(
    serve: Serve, client: Client, authority: Authority
) -> None:
    server = serve(says(reply("200 OK", b"safe")), tls=authority.server)
    with pytest.raises(HttpFailed, match=r"(?i)certificate"):
        client().get(server.url)
    assert server.requests == []
    assert client(tls=authority.client).get(server.url).body == b"safe"


def test_a_certificate_for_another_name_is_refused(serve: Serve, client: Client, authority: Authority) -> None:
    server = serve(says(reply()), tls=authority.server)
    http = client(tls=authority.client, resolver=lambda _host, _port: ["127.0.0.1"])
    with pytest.raises(HttpFailed, match=r"(?i)certificate"):
        http.get(f"https://other.example:{server.port}/")
    assert server.requests == []


def test_https_never_becomes_http(serve: Serve, client: Client, authority: Authority) -> None:
    server = serve(says(b""), tls=authority.server)
    server.handler = says(reply("302 Found", b"", f"Location: http://127.0.0.1:{server.port}/"))
    with pytest.raises(AddressRefused, match="unprotected"):
        client(tls=authority.client).get(server.url)


def test_connections_are_kept_cookies_and_the_environment_are_not(
    serve: Serve, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    canary = serve(says(reply()))
    monkeypatch.setenv("HTTP_PROXY", canary.url)
    monkeypatch.setenv("ALL_PROXY", canary.url)
    server, http = (
        serve(says(reply("200 OK", b"", "Set-Cookie: id=1"))),
        client(user_agent="Ortsruf/1 (+https://a.example)"),
    )
    for _ in range(5):
        http.get(server.url)
    assert (server.connections, len(server.requests), canary.connections) == (1, 5, 0)
    assert not any(b"cookie" in one.lower() for one in server.requests)
    assert all(b"ser-agent: Ortsruf/1 (+https://a.example)" in one for one in server.requests)


def test_one_client_serves_many_threads(serve: Serve, client: Client) -> None:
    def echo(one: socket.socket, request: bytes) -> None:
        one.sendall(reply("200 OK", request.split(b" ")[1]))

    server, http, found = serve(echo), client(), {}

    def ask(number: int) -> None:
        found[number] = http.get(f"{server.url}{number}").body

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(40)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(20)
    assert found == {number: f"/{number}".encode() for number in range(40)}


def test_headers_cannot_be_injected_and_nothing_listens_is_plain(serve: Serve, client: Client) -> None:
    server = serve(says(reply()))
    with pytest.raises(HttpFailed):
        client().get(server.url, headers={"accept": "a\r\nX-Evil: 1"})
    assert not any(b"Evil" in one for one in server.requests)
    server.close()
    with pytest.raises(HttpFailed) as caught:
        client().get(server.url + "?token=secret")
    assert "secret" not in caught.value.subject


def test_an_unverifying_context_is_refused() -> None:
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    with pytest.raises(ValueError, match="must verify"):
        GuardedHttp(tls=context)


def speak_h2(one: socket.socket, first: bytes) -> None:
    """Answer every HTTP/2 stream with ``h2``, but let ``/drip`` hang with headers only."""
    side = h2.connection.H2Connection(h2.config.H2Configuration(client_side=False))
    side.initiate_connection()
    data = first
    while data:
        for event in side.receive_data(data):
            if isinstance(event, h2.events.RequestReceived):
                side.send_headers(event.stream_id, [(":status", "200")])
                if dict(event.headers)[b":path"] != b"/drip":
                    side.send_data(event.stream_id, b"h2", end_stream=True)
        one.sendall(side.data_to_send())
        data = one.recv(65_536)


def test_http2_shares_one_connection_and_keeps_the_deadline(serve: Serve, client: Client, authority: Authority) -> None:
    authority.server.set_alpn_protocols(["h2"])
    try:
        server, http = serve(speak_h2, tls=authority.server), client(tls=authority.client)
        assert [http.get(server.url).body for _ in range(3)] == [b"h2"] * 3
        assert server.connections == 1
        with pytest.raises(HttpFailed, match="within"):
            http.get(server.url + "drip", limits=SHORT)
        assert http.get(server.url).body == b"h2"
    finally:
        authority.server.set_alpn_protocols(["http/1.1"])
