"""A loopback server that may misbehave, byte by byte."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias

Handler: TypeAlias = Callable[[socket.socket, bytes], None]


@dataclass
class WireServer:
    """A TCP server on loopback: each connection's first request goes to ``handler``; all are counted."""

    handler: Handler
    tls: ssl.SSLContext | None = None
    requests: list[bytes] = field(default_factory=list)
    connections: int = 0

    def __post_init__(self) -> None:
        """Listen on a free port."""
        self.stopped = threading.Event()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.thread = threading.Thread(target=self._accept, daemon=True)
        self.thread.start()

    @property
    def url(self) -> str:
        """The server's address."""
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self.port}/"

    def close(self) -> None:
        """Stop listening; running handlers see ``stopped``."""
        self.stopped.set()
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.thread.join(5)

    def _accept(self) -> None:
        while not self.stopped.is_set():
            try:
                one, _ = self.listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=(one,), daemon=True).start()

    def _serve(self, raw: socket.socket) -> None:
        with contextlib.suppress(OSError, ValueError), raw:
            one = self.tls.wrap_socket(raw, server_side=True) if self.tls else raw
            while request := self._request(one):
                self.requests.append(request)
                self.handler(one, request)
            one.close()

    @staticmethod
    def _request(one: socket.socket) -> bytes:
        data = b""
        while b"\r\n\r\n" not in data:
            piece = one.recv(65_536)
            if not piece:
                return b""
            data += piece
        return data


def reply(status: str = "200 OK", body: bytes = b"", *headers: str) -> bytes:
    """Return an HTTP/1.1 answer with a true Content-Length."""
    lines = [f"HTTP/1.1 {status}", *headers, f"Content-Length: {len(body)}"]
    return "\r\n".join((*lines, "", "")).encode() + body


def says(answer: bytes) -> Handler:
    """Return a handler that always gives ``answer``."""
    return lambda one, _: one.sendall(answer)


@dataclass(frozen=True)
class Authority:
    """A server's TLS context and a client's that trusts it."""

    server: ssl.SSLContext
    client: ssl.SSLContext
