"""Push services to send to: nginx with TLS 1.3 and HTTP/2 that answers 201, and a small one that keeps what it got."""

from __future__ import annotations

import re
import shutil
import socket
import ssl
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from tests.fakes.certificates import self_signed

_NGINX = """
daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/error.log warn;
events {{ worker_connections 4096; }}
http {{
  access_log off; keepalive_requests 1000000000; http2_max_concurrent_streams 128;
  client_body_temp_path {folder}/b; proxy_temp_path {folder}/p; fastcgi_temp_path {folder}/f;
  uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  server {{
    listen 127.0.0.1:{port} ssl http2; ssl_protocols TLSv1.3;
    ssl_certificate {folder}/trust.pem; ssl_certificate_key {folder}/key.pem;
    location / {{ return 201; }}
  }}
}}
"""


@dataclass(frozen=True)
class Sink:
    """A push service: its origin, and the file of trust anchors that know it."""

    origin: str
    trust: Path


@contextmanager
def nginx() -> Iterator[Sink]:
    """Run nginx in a process of its own. Raises ``SystemExit`` where it is missing."""
    found = shutil.which("nginx") or shutil.which("/usr/sbin/nginx")
    if found is None:
        raise SystemExit("nginx is missing: apt-get install nginx-light")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        self_signed(folder)
        with socket.create_server(("127.0.0.1", 0)) as probe:
            port = probe.getsockname()[1]
        (folder / "nginx.conf").write_text(_NGINX.format(folder=folder, port=port))
        process = subprocess.Popen([found, "-p", name, "-c", str(folder / "nginx.conf")], stderr=subprocess.DEVNULL)
        try:
            _wait(port)
            yield Sink(f"https://127.0.0.1:{port}", folder / "trust.pem")
        finally:
            process.terminate()
            process.wait(10)


def _wait(port: int) -> None:
    for _ in range(100):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise SystemExit("nginx did not start")


def ceiling(sink: Sink, requests: int = 40_000) -> float:
    """Return requests a second that h2load gets from the sink: it must not be the limit. 0 where h2load is missing."""
    found = shutil.which("h2load")
    if found is None:
        return 0.0
    with tempfile.NamedTemporaryFile() as body:
        body.write(b"x" * 400)
        body.flush()
        said = subprocess.run(
            [found, "-n", str(requests), "-c", "2", "-m", "100", "-d", body.name, sink.origin + "/x"],
            capture_output=True, text=True, check=False,
        ).stdout  # fmt: skip
    rate = re.search(r"finished in [^,]+, ([\d.]+) req/s", said)
    return float(rate[1]) if rate else 0.0


@dataclass
class Keeper:
    """A push service that keeps what it was sent, by path."""

    sink: Sink
    got: dict[str, tuple[dict[str, str], bytes]] = field(default_factory=dict)


@contextmanager
def keeper() -> Iterator[Keeper]:
    """Run a service that keeps requests, in a thread: for comparing, never for measuring."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        self_signed(folder)

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                kept.got[self.path] = ({key.lower(): value for key, value in self.headers.items()}, body)
                self.send_response(201)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(folder / "trust.pem", folder / "key.pem")
        server.socket = context.wrap_socket(server.socket, server_side=True)
        kept = Keeper(Sink(f"https://127.0.0.1:{server.server_port}", folder / "trust.pem"))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield kept
        finally:
            server.shutdown()
            server.server_close()
