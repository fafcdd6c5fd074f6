"""The world around the demo, all on loopback: the town's sources, a push service, a mail server."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import socket
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import http_ece
from aiosmtpd.controller import Controller
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from hub.demo.payloads import Answer

HOST = "127.0.0.1"
MOST_BODY = 4096  # RFC 8030, 7.2


@dataclass
class Device:
    """A browser's push subscription, as the browser would keep it."""

    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    secret: bytes = field(default_factory=lambda: os.urandom(16))

    def keys(self) -> dict[str, str]:
        """Return what the page sends to the server: ``p256dh`` and ``auth``."""
        point = self.key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        return {"p256dh": _b64(point), "auth": _b64(self.secret)}

    def read(self, body: bytes) -> dict[str, Any]:
        """Decrypt a message as the browser does (RFC 8291), with an implementation that is not ours."""
        plain = http_ece.decrypt(body, private_key=self.key, auth_secret=self.secret, version="aes128gcm")
        return dict(json.loads(plain))


def _b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


@dataclass
class World:
    """The loopback web server: sources by path and stage, and the push service below ``/push/``."""

    sources: Mapping[str, Callable[[int], Answer]]
    stage: int = 0
    devices: dict[str, Device] = field(default_factory=dict)
    pushes: list[dict[str, Any]] = field(default_factory=list)
    requests: int = 0
    _server: ThreadingHTTPServer | None = None

    def start(self) -> None:
        """Listen on a free port."""
        world = self

        class Handler(_Handler):
            town = world

        self._server = ThreadingHTTPServer((HOST, 0), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True, name="demo-world").start()

    @property
    def url(self) -> str:
        """The origin."""
        port = self._server.server_address[1] if self._server else 0
        return f"http://{HOST}:{port}"

    def stop(self) -> None:
        """Close the server."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()

    def add_device(self, name: str) -> tuple[str, dict[str, str]]:
        """Subscribe a new browser; returns its endpoint and keys."""
        self.devices[name] = Device()
        return f"{self.url}/push/{name}", self.devices[name].keys()

    def source(self, path: str, known: str | None) -> tuple[int, Answer, str]:
        """Return status, answer and ETag for a source's path."""
        self.requests += 1
        if path not in self.sources:
            return 404, Answer("text/plain", b"not here"), ""
        answer = self.sources[path](self.stage)
        etag = f'"{hashlib.sha256(answer.body).hexdigest()[:16]}"'
        return (304 if known == etag else 200), answer, etag

    def push(self, name: str, headers: Mapping[str, str], body: bytes) -> int:
        """Take a message for a device; returns the status a push service would answer."""
        device = self.devices.get(name)
        if device is None:
            return 410
        if len(body) > MOST_BODY:
            return 413
        try:
            plain = device.read(body)
        except Exception as error:  # noqa: BLE001 - whatever the decryption says, the sender did wrong
            plain = {"undecipherable": str(error)}
        self.pushes.append({"device": name, "topic": headers.get("topic"), "ttl": headers.get("ttl"), **plain})
        return 201


class _Handler(BaseHTTPRequestHandler):
    town: World
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Play a source."""
        status, answer, etag = self.town.source(self.path.partition("?")[0], self.headers.get("If-None-Match"))
        body = answer.body if status != 304 else b""  # noqa: PLR2004 - RFC 9110
        self.send_response(status)
        self.send_header("Content-Type", answer.content_type)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("ETag", etag)
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:
        """Play the push service."""
        body = self.rfile.read(min(int(self.headers.get("Content-Length", "0")), 10_000))
        name = self.path.removeprefix("/push/")
        self.send_response(self.town.push(name, {key.lower(): value for key, value in self.headers.items()}, body))
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class names it so
        """Stay silent."""


def _free_port() -> int:
    with socket.create_server((HOST, 0)) as found:
        return int(found.getsockname()[1])


@dataclass
class Mailbox:
    """A mail server that keeps what it gets."""

    mails: list[EmailMessage] = field(default_factory=list)
    _controller: Controller | None = None

    def start(self) -> None:
        """Listen on a free port."""
        self._controller = Controller(self, hostname=HOST, port=_free_port(), ready_timeout=10)
        self._controller.start()

    @property
    def port(self) -> int:
        """The port of the server."""
        return int(self._controller.port) if self._controller else 0

    def stop(self) -> None:
        """Close the server."""
        if self._controller is not None:
            self._controller.stop()

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        """Keep one mail."""
        parsed = message_from_bytes(envelope.content, policy=policy.default)
        if isinstance(parsed, EmailMessage):
            self.mails.append(parsed)
        return "250 kept"
