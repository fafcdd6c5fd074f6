"""Servers and clients that end with the test."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator

import pytest
from fakes.certificates import certified

from hub.fetcher.client import GuardedHttp
from tests.fakes.wire import Authority, Handler, WireServer


@pytest.fixture
def serve() -> Iterator[Callable[..., WireServer]]:
    """Start servers that end with the test."""
    servers: list[WireServer] = []

    def start(handler: Handler, tls: ssl.SSLContext | None = None) -> WireServer:
        servers.append(WireServer(handler, tls))
        return servers[-1]

    yield start
    for one in servers:
        one.close()


@pytest.fixture
def client() -> Iterator[Callable[..., GuardedHttp]]:
    """Make clients that may dial loopback and are closed with the test."""
    made: list[GuardedHttp] = []

    def make(allow: tuple[str, ...] = ("127.0.0.1",), **more: object) -> GuardedHttp:
        made.append(GuardedHttp(allow=allow, **more))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """Make a self-signed certificate for 127.0.0.1."""
    made = certified(tmp_path_factory.mktemp("tls"))
    return Authority(made.http1, ssl.create_default_context(cafile=made.trust))
