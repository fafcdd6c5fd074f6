"""What every ``Http`` promises: run on the fake that tests use and on the real client against loopback."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from hub.core.errors import HttpFailed, SourceTooLarge
from hub.core.ports import Http, Limits
from hub.fetcher.client import GuardedHttp
from tests.fakes.http import FakeHttp
from tests.fakes.wire import WireServer, reply

Setup = tuple[Http, str, Callable[[], int]]
PAGES = {
    "/ok": ("200 OK", b"hello", {"ETag": '"1"', "X-Name": "V"}),
    "/missing": ("404 Not Found", b"no", {}),
    "/unchanged": ("304 Not Modified", b"", {}),
    "/moved": ("302 Found", b"", {"Location": "/ok"}),
    "/loop": ("302 Found", b"", {"Location": "/loop"}),
    "/large": ("200 OK", b"x" * 5000, {}),
}


def fake() -> Iterator[Setup]:
    http, base = FakeHttp(), "http://town.example"
    for path, (status, body, headers) in PAGES.items():
        if "Location" in headers:
            http.redirects(base + path, headers["Location"])
        else:
            http.answers(base + path, int(status[:3]), body, headers)
    http.hangs(base + "/hang")
    yield http, base, lambda: len(http.asked)


def real() -> Iterator[Setup]:
    def handler(one, request):  # type: ignore[no-untyped-def]
        path = request.split(b" ")[1].decode()
        if path == "/hang":
            server.stopped.wait(5)
            return
        status, body, headers = PAGES[path]
        one.sendall(reply(status, body, *(f"{name}: {value}" for name, value in headers.items())))

    server = WireServer(handler)
    http = GuardedHttp(allow=["127.0.0.1"])
    yield http, server.url.rstrip("/"), lambda: len(server.requests)
    http.close()
    server.close()


@pytest.fixture(params=[fake, real], ids=["fake", "guarded"])
def setup(request: pytest.FixtureRequest) -> Iterator[Setup]:
    yield from request.param()


def test_an_answer_is_given_whole(setup: Setup) -> None:
    http, base, _ = setup
    answer = http.get(base + "/ok")
    assert (answer.status, answer.body, answer.url) == (200, b"hello", base + "/ok")
    assert (answer.headers["etag"], answer.headers["x-name"]) == ('"1"', "V")


@pytest.mark.parametrize(("path", "status"), [("/missing", 404), ("/unchanged", 304)])
def test_a_status_is_no_error(setup: Setup, path: str, status: int) -> None:
    assert setup[0].get(setup[1] + path).status == status


def test_get_follows_and_names_the_final_address(setup: Setup) -> None:
    http, base, asked = setup
    assert (http.get(base + "/moved").url, asked()) == (base + "/ok", 2)


def test_get_stops_after_the_limit(setup: Setup) -> None:
    http, base, asked = setup
    with pytest.raises(HttpFailed):
        http.get(base + "/loop", limits=Limits(redirects=2))
    assert asked() == 3


def test_post_returns_the_redirect(setup: Setup) -> None:
    http, base, asked = setup
    assert (http.post(base + "/moved", body=b"x").status, asked()) == (302, 1)


def test_size_and_time_are_bounded(setup: Setup) -> None:
    http, base, _ = setup
    assert len(http.get(base + "/large", limits=Limits(size=5000)).body) == 5000
    with pytest.raises(SourceTooLarge):
        http.get(base + "/large", limits=Limits(size=4999))
    with pytest.raises(HttpFailed) as caught:
        http.get(base + "/hang", limits=Limits(seconds=0.3))
    assert caught.value.retry
