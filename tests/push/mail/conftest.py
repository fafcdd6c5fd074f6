"""A scripted SMTP server (aiosmtpd) on loopback, plain or with TLS of an authority made for the test."""

from __future__ import annotations

import datetime as dt
import ipaddress
import ssl

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from push.mail.pool import POOL


class Postbox:
    """Keeps mails; the local part of a recipient says what to answer: ``rcpt451``, ``data550``, ``drop`` …"""

    def __init__(self):
        self.mails = []
        self.senders = []
        self.connections = 0

    async def handle_EHLO(self, server, session, envelope, hostname, responses):
        self.connections += 1
        session.host_name = hostname
        return responses

    async def handle_MAIL(self, server, session, envelope, address, options):
        self.senders.append(address)
        if address.startswith("mail"):
            return f"{address[4:7]} 5.7.1 sender refused"
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):
        kind = address.partition("@")[0]
        if kind.startswith("rcpt"):
            code = kind[4:7]
            reply = f"{code} {kind[7:].replace('-', '.') or code[0] + '.1.1'} said the server"
            if code == "421":
                server.transport.write(f"{reply}\r\n".encode())
                server.transport.close()
            return reply
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        kind = envelope.rcpt_tos[0].partition("@")[0]
        self.mails.append((envelope.rcpt_tos[0], envelope.original_content))
        if kind == "drop":
            server.transport.abort()
        if kind.startswith("data"):
            return f"{kind[4:7]} 4.0.0 not this one"
        return "250 2.0.0 queued"


class _Port(Controller):
    def _trigger_server(self):  # port 0: the real one is known only now
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@pytest.fixture
def postbox():
    return Postbox()


@pytest.fixture
def serve(postbox):
    """Start a server around ``postbox``; keyword arguments as those of aiosmtpd's SMTP."""
    running = []

    def start(**options):
        class Plain(_Port):
            def factory(self):
                return SMTP(self.handler, **options)

        controller = Plain(postbox, hostname="127.0.0.1", port=0)
        controller.start()
        running.append(controller)
        return controller.port

    yield start
    POOL.close()
    for one in running:
        one.stop()


@pytest.fixture
def wants_password():
    def authenticate(server, session, envelope, mechanism, data):
        return AuthResult(success=(data.login, data.password) == (b"ortsruf", b"geheim"), handled=False)

    return {"authenticator": authenticate, "auth_required": True}


def _certificate(name, key, issuer, issuer_key, *, authority):
    now = dt.datetime.now(dt.UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(hours=1))
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
    )
    if not authority:
        names = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    return builder.sign(issuer_key, hashes.SHA256())


@pytest.fixture(scope="session")
def authority(tmp_path_factory):
    """Return the authority's certificate file and a server context that it vouches for."""
    folder = tmp_path_factory.mktemp("tls")
    root_key, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    root = _certificate("Test CA", root_key, "Test CA", root_key, authority=True)
    leaf = _certificate("localhost", key, "Test CA", root_key, authority=False)
    (folder / "ca.pem").write_bytes(root.public_bytes(Encoding.PEM))
    (folder / "server.pem").write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()) + leaf.public_bytes(Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem")
    return str(folder / "ca.pem"), context
