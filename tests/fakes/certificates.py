"""Certificates for 127.0.0.1, made for a test."""

from __future__ import annotations

import datetime as dt
import ipaddress
import ssl
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


@dataclass(frozen=True)
class Certified:
    """A server's TLS contexts (with and without HTTP/2) and the file of trust anchors that know its certificate."""

    h2: ssl.SSLContext
    http1: ssl.SSLContext
    trust: Path


def self_signed(folder: Path) -> None:
    """Write ``key.pem`` and a self-signed ``trust.pem`` for 127.0.0.1."""
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
        .not_valid_after(now + dt.timedelta(days=30))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    plain = serialization.NoEncryption()
    (folder / "key.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    )
    (folder / "trust.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))


def certified(folder: Path) -> Certified:
    """Make a self-signed certificate for 127.0.0.1 and contexts that show it."""
    self_signed(folder)
    contexts = []
    for protocols in (["h2"], ["http/1.1"]):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(folder / "trust.pem", folder / "key.pem")
        context.set_alpn_protocols(protocols)
        contexts.append(context)
    return Certified(*contexts, folder / "trust.pem")
