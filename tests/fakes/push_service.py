"""A push service on loopback with TLS and HTTP/2 (or only HTTP/1.1) that does what the path says: ``/<behaviour>/<x>``."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import h2.config
import h2.connection
import h2.errors
import h2.events
import h2.exceptions

LATER = timedelta(seconds=300)
HEADERS: dict[str, Callable[[], list[tuple[str, str]]]] = {
    "429s": lambda: [("retry-after", "120")],
    "429d": lambda: [("retry-after", format_datetime(datetime.now(UTC) + LATER, usegmt=True))],
    "429n": lambda: [("retry-after", "soon")],
    "503": lambda: [("retry-after", "60")],
    "301": lambda: [("location", "/201/elsewhere")],
    "307": lambda: [("location", "/201/elsewhere")],
}
BROKEN = {
    "reset": b"",
    "resetlate": b"HTTP/1.1 201 Created\r\nContent-Length: 5\r\n",
    "half": b"HTTP/1.1 201 Created\r\nContent-Length: 10\r\n\r\nhalf",
    "wrong": b"SSH-2.0-OpenSSH_9.9\r\n\r\n",
}
LONG = b"x" * 200_000


@dataclass
class PushFarm:
    """Counts what it was asked, by path; ``well`` makes it answer 201 whatever the path says."""

    tls: ssl.SSLContext
    multiplexed: bool = True
    well: bool = False
    asked: Counter[str] = field(default_factory=Counter)
    headers: dict[str, dict[str, str]] = field(default_factory=dict)
    bodies: dict[str, bytes] = field(default_factory=dict)
    connections: int = 0

    def __post_init__(self) -> None:
        """Listen on a free port."""
        self.stopped = threading.Event()
        self._open: set[socket.socket] = set()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.origin = f"https://127.0.0.1:{self._listener.getsockname()[1]}"
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop listening and hang up."""
        self.stopped.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for one in list(self._open):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
        self._thread.join(5)

    def _accept(self) -> None:
        while not self.stopped.is_set():
            try:
                one, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=(one,), daemon=True).start()

    def _serve(self, raw: socket.socket) -> None:
        expected = (OSError, ValueError, IndexError, h2.exceptions.ProtocolError)
        with contextlib.suppress(*expected), raw, self.tls.wrap_socket(raw, server_side=True) as one:
            self._open.add(one)
            if self.multiplexed:
                self._speak_h2(one)
            else:
                self._speak_http1(one)

    def _behaviour(self, path: str, headers: dict[str, str], body: bytes) -> str:
        self.asked[path] += 1
        self.headers[path], self.bodies[path] = headers, body
        return "201" if self.well else path.split("/")[1]

    def _speak_h2(self, one: socket.socket) -> None:
        side = h2.connection.H2Connection(h2.config.H2Configuration(client_side=False, header_encoding="utf-8"))
        side.initiate_connection()
        one.sendall(side.data_to_send())
        requests: dict[int, tuple[dict[str, str], bytearray]] = {}
        dripping: set[int] = set()
        while data := self._more(one, side, dripping):
            for event in side.receive_data(data):
                if isinstance(event, h2.events.RequestReceived):
                    requests[event.stream_id] = (dict(event.headers), bytearray())
                elif isinstance(event, h2.events.DataReceived):
                    requests[event.stream_id][1].extend(event.data)
                    side.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
                elif isinstance(event, h2.events.StreamEnded):
                    headers, body = requests.pop(event.stream_id)
                    self._answer_h2(side, event.stream_id, dripping, headers, bytes(body))
                elif isinstance(event, h2.events.StreamReset):
                    dripping.discard(event.stream_id)
            one.sendall(side.data_to_send())

    @staticmethod
    def _more(one: socket.socket, side: h2.connection.H2Connection, dripping: set[int]) -> bytes:
        """Return what arrives next; meanwhile slow answers go on, a byte at a time."""
        while True:
            one.settimeout(0.05 if dripping else None)
            try:
                return one.recv(65_536)
            except TimeoutError:
                for stream in list(dripping):
                    side.send_data(stream, b"x")
                one.sendall(side.data_to_send())

    def _answer_h2(
        self, side: h2.connection.H2Connection, stream: int, dripping: set[int], headers: dict[str, str], body: bytes
    ) -> None:  # fmt: skip
        kind = self._behaviour(headers[":path"], headers, body)
        if kind == "hang":
            return
        if kind == "goaway":
            side.close_connection(h2.errors.ErrorCodes.NO_ERROR, last_stream_id=max(0, stream - 2))
        elif kind == "reset":
            side.reset_stream(stream, h2.errors.ErrorCodes.INTERNAL_ERROR)
        elif kind in {"drip", "half", "long"}:
            side.send_headers(stream, [(":status", "201")])
            if kind == "drip":
                dripping.add(stream)
            elif kind == "half":
                side.send_data(stream, b"hal")
                side.reset_stream(stream, h2.errors.ErrorCodes.INTERNAL_ERROR)
            else:
                room = side.local_flow_control_window(stream)
                for start in range(0, min(room, 64_000), 16_000):
                    side.send_data(stream, LONG[start : start + 16_000])
                side.send_data(stream, b"", end_stream=True)
        else:
            side.send_headers(stream, [(":status", kind[:3]), *HEADERS.get(kind, list)()], end_stream=True)

    def _speak_http1(self, one: ssl.SSLSocket) -> None:
        with one.makefile("rb") as stream:
            while self._one_http1(one, stream):
                pass

    def _one_http1(self, one: ssl.SSLSocket, stream: Any) -> bool:
        if line := stream.readline():
            path = line.split(b" ")[1].decode()
            headers: dict[str, str] = {}
            while (header := stream.readline().strip()) != b"":
                name, _, value = header.decode().partition(": ")
                headers[name.lower()] = value
            body = stream.read(int(headers["content-length"]))
            kind = self._behaviour(path, headers, body)
            return self._answer_http1(one, kind)
        return False

    def _answer_http1(self, one: ssl.SSLSocket, kind: str) -> bool:
        """Answer; ``False`` if the connection ends with it."""
        if kind in BROKEN:
            one.sendall(BROKEN[kind])
            return False
        if kind == "drip":
            one.sendall(b"HTTP/1.1 201 Created\r\nContent-Length: 600\r\n\r\n")
            while not self.stopped.is_set():
                one.sendall(b"x")
                time.sleep(0.05)
            return False
        if kind == "hang":
            self.stopped.wait(10)
            return False
        lines = "".join(f"{name}: {value}\r\n" for name, value in HEADERS.get(kind, list)())
        one.sendall(f"HTTP/1.1 {kind[:3]} Said\r\n{lines}Content-Length: 0\r\n\r\n".encode())
        return True
