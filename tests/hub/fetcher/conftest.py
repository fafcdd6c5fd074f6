"""Servers and clients that end with the test."""

from __future__ import annotations

import datetime as dt
import ipaddress
import ssl
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

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
    folder: Path = tmp_path_factory.mktemp("tls")
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "loopback")])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = folder / "both.pem"
    pem.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(pem)
    client = ssl.create_default_context(cadata=certificate.public_bytes(serialization.Encoding.PEM).decode())
    return Authority(server, client)
