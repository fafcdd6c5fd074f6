"""Seal: the keys by which other installations know our feeds and alerts.

Feeds are signed by an Ed25519 key. A new one signs beside the earlier one for 30 days, and the feed names it, so that
peers learn it from a feed that they believe already. Alerts carry an XML signature by a certificate of our own (RSA,
whose signatures are the same each time, so that equal alerts have equal bytes).
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.x509.oid import NameOID
from lxml import etree
from sqlalchemy.orm import Session

from hub.core.message_signature import Signed, base, content_digest, headers, parameters
from hub.jobs.arrive import INSTALLATION
from hub.store import towns
from hub.store.database import Store

PRIVATE, CERTIFICATE = "federation_private", "federation_certificate"
OVERLAP = timedelta(days=30)
_CERTIFIED = timedelta(days=3650)
_NAMES = (INSTALLATION, PRIVATE, CERTIFICATE)


@dataclass(frozen=True, slots=True)
class FeedKey:
    """A key that signs feeds: its public half (32 bytes, base64url), since when; until when if another follows it."""

    public: str
    since: datetime
    until: datetime | None
    _private: Ed25519PrivateKey = field(repr=False)

    def signed(self, digest: str, path: str, created: int) -> Signed:
        """Return this key's signature."""
        text = parameters(created, self.public)
        return Signed(text, self.public, self._private.sign(base(digest, path, text)))


@dataclass(frozen=True, slots=True)
class Seal:
    """What this installation signs with: its id, the keys that sign now (the current one first), the certificate."""

    installation: str
    keys: tuple[FeedKey, ...]
    _pem: str = field(repr=False)

    @property
    def certificate(self) -> x509.Certificate:
        """The certificate that signs alerts."""
        return x509.load_pem_x509_certificate(self._pem.encode())

    def headers(self, body: bytes, path: str, updated: datetime) -> dict[str, str]:
        """Return the headers that sign ``body`` at ``path``, last changed at ``updated``."""
        digest, created = content_digest(body), int(updated.timestamp())
        return headers(digest, [key.signed(digest, path, created) for key in self.keys])

    def alert(self, alert: etree._Element) -> bytes:
        """Return an alert with an enveloped signature (CAP 1.2, 3.3.4.1)."""
        from signxml.algorithms import DigestAlgorithm, SignatureConstructionMethod, SignatureMethod
        from signxml.signer import XMLSigner

        signer = XMLSigner(
            method=SignatureConstructionMethod.enveloped, signature_algorithm=SignatureMethod.RSA_SHA256,
            digest_algorithm=DigestAlgorithm.SHA256,
        )  # fmt: skip
        signed = signer.sign(alert, key=_rsa(self._pem), cert=[self.certificate])
        body: bytes = etree.tostring(signed, xml_declaration=True, encoding="UTF-8")
        return body

    @property
    def pem(self) -> str:
        """The certificate, for those who pin it."""
        return self.certificate.public_bytes(serialization.Encoding.PEM).decode("ascii")

    @property
    def certified(self) -> str:
        """The certificate's fingerprint (SHA-256)."""
        return grouped(self.certificate.fingerprint(hashes.SHA256()))


def fingerprint(public: str) -> str:
    """Return what two people compare of a feed's key: its SHA-256 in groups of four hex digits."""
    return grouped(hashlib.sha256(base64.urlsafe_b64decode(f"{public}=")).digest())


def grouped(digest: bytes) -> str:
    """Write a digest so that it can be read out."""
    text = digest.hex()
    return " ".join(text[at : at + 4] for at in range(0, len(text), 4))


def seal(store: Store, now: datetime) -> Seal:
    """Return what this installation signs with; one from before federation gets its keys now."""
    with store.read() as session:
        found = _read(session, now)
    if found is not None:
        return found
    with store.begin() as session:
        make(session, now)
        towns.add_secret(session, CERTIFICATE, _new_certificate(now), now)
    return seal(store, now)


def make(session: Session, now: datetime) -> None:
    """Make the installation's id and key, if they are not there yet; the certificate is made when first asked for."""
    towns.add_secret(session, INSTALLATION, secrets.token_hex(10), now)
    towns.add_secret(session, PRIVATE, _new_key(), now)


def rotate(store: Store, now: datetime, *, overlap: bool = True) -> Seal:
    """Let a new key sign feeds. Without ``overlap`` the earlier one ends now: every peer must pin the new one."""
    seal(store, now)
    with store.begin() as session:
        keys, since = towns.secrets(session), towns.secrets_since(session)
        for name in (one for one in keys if one.startswith(f"{PRIVATE}_")):
            if not overlap or since[name] + OVERLAP <= now:
                towns.drop_secret(session, name)
        if overlap:
            towns.put_secret(session, f"{PRIVATE}_{now:%Y%m%dT%H%M%S%fZ}", keys[PRIVATE], now)
        towns.put_secret(session, PRIVATE, _new_key(), now)
    return seal(store, now)


def certify(store: Store, now: datetime) -> Seal:
    """Let a new certificate sign alerts from now on. Who pinned the earlier one must pin it anew."""
    seal(store, now)
    with store.begin() as session:
        towns.put_secret(session, CERTIFICATE, _new_certificate(now), now)
    return seal(store, now)


def _read(session: Session, now: datetime) -> Seal | None:
    """Return what is there; ``None`` if it is not all there."""
    rows = towns.secret_rows(session, "federation_")
    keys, since = {row["name"]: row["value"] for row in rows}, {row["name"]: row["created_at"] for row in rows}
    if not set(_NAMES) <= set(keys):
        return None
    found = [_feed_key(keys[PRIVATE], since[PRIVATE], None)]
    earlier = sorted((one for one in keys if one.startswith(f"{PRIVATE}_")), reverse=True)
    found += [
        _feed_key(keys[name], since[name], since[name] + OVERLAP) for name in earlier if since[name] + OVERLAP > now
    ]
    return Seal(keys[INSTALLATION], tuple(found), keys[CERTIFICATE])


def _feed_key(text: str, since: datetime, until: datetime | None) -> FeedKey:
    private = Ed25519PrivateKey.from_private_bytes(base64.urlsafe_b64decode(f"{text}="))
    return FeedKey(_base64(private.public_key().public_bytes_raw()), since, until, private)


def _new_key() -> str:
    return _base64(Ed25519PrivateKey.generate().private_bytes_raw())


def _rsa(pem: str) -> rsa.RSAPrivateKey:
    key = serialization.load_pem_private_key(pem.encode(), None)
    if not isinstance(key, rsa.RSAPrivateKey):
        raise TypeError("the key of alerts is an RSA key")
    return key


def _new_certificate(now: datetime) -> str:
    """Return a private key and its own certificate, both as PEM."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Ortsruf")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + _CERTIFIED)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return (private + made.public_bytes(serialization.Encoding.PEM)).decode("ascii")


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")
