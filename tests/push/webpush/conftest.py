"""A push service on loopback, a plain Http port over http.client, and browsers' keys."""

from __future__ import annotations

import http.client
import os
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from hub.core.errors import HttpFailed
from hub.core.ports import Answer
from push.webpush.crypto import make_vapid_key
from push.webpush.subscription import pack


class PlainHttp:
    """The port without guard: for loopback only."""

    def get(self, url, *, headers=None, limits=None):
        raise NotImplementedError

    def post(self, url, *, body, headers=None, limits=None):
        parts = urlsplit(url)
        connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=limits.seconds)
        try:
            connection.request("POST", parts.path, body, dict(headers))
            answer = connection.getresponse()
            found = {name.lower(): value for name, value in answer.getheaders()}
            return Answer(answer.status, found, answer.read(), url)
        except (OSError, http.client.HTTPException) as error:
            raise HttpFailed(str(error), subject=url) from error
        finally:
            connection.close()


class PushService:
    """Answers ``/<status>/<anything>``; ``/hang`` never does, ``/reset`` hangs up. Keeps what it was sent."""

    def __init__(self):
        self.requests = []
        self.headers = {}
        self.released = threading.Event()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                outer.requests.append((self.path, dict(self.headers), body))
                kind = self.path.split("/")[1]
                if kind == "reset":
                    self.close_connection = True
                    self.connection.close()
                    return
                if kind == "hang":
                    outer.released.wait(10)
                    self.close_connection = True
                    return
                self.send_response(int(kind))
                for name, value in outer.headers.items():
                    self.send_header(name, value)
                if 300 <= int(kind) < 400:
                    self.send_header("Location", "/201/elsewhere")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.handle_error = lambda *_: None
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()
        self.origin = f"http://127.0.0.1:{self._server.server_port}"

    def close(self):
        self.released.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture
def push_service():
    service = PushService()
    yield service
    service.close()


@pytest.fixture
def http_port():
    return PlainHttp()


class Browser:
    """One subscription with its private key."""

    def __init__(self):
        self.private = ec.generate_private_key(ec.SECP256R1())
        self.auth = os.urandom(16)
        self.point = self.private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        self.keys = {"p256dh": pack(self.point), "auth": pack(self.auth)}


@pytest.fixture
def browser():
    return Browser()


@pytest.fixture(scope="session")
def vapid_pair():
    return make_vapid_key()
