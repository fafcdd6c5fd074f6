"""Message encryption (RFC 8291, content coding ``aes128gcm`` of RFC 8188) and sender identification (RFC 8292).

Written on ``cryptography`` directly: the usual library signs anew for each message and writes the first ``aud`` into
its caller's dict. Tests compare with http_ece and py_vapid.
"""

from __future__ import annotations

import json
import os
import struct
import threading
from datetime import datetime, timedelta
from functools import lru_cache
from hashlib import sha256
from hmac import compare_digest, digest

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from push.webpush.subscription import pack

RECORD = 4096  # bytes a push service must take (RFC 8030, 7.2)
OVERHEAD = 103  # 86 of header, 1 of padding mark, 16 of tag
LONGEST = RECORD - OVERHEAD  # bytes of plain text
_LIFE = timedelta(hours=12)  # of a token; RFC 8292, 2 allows 24 h
_CURVE = ec.SECP256R1()
_ECDH = ec.ECDH()
_MARK, _POINT, _SECRET = 16, 65, 32
PREKEY = _MARK + _POINT + _SECRET  # bytes
_SIZES = struct.pack("!IB", RECORD, _POINT)  # of the record and of the point that follows (RFC 8188, 2.1)


def encrypt(plain: bytes, p256dh: bytes, auth: bytes, prekey: bytes = b"") -> bytes:
    """Encrypt ``plain`` for the holder of ``p256dh`` and ``auth`` with a key pair of its own, as one record.

    ``prekey``: what :func:`make_prekey` returned, used for no other message; one made for other keys is left alone.
    The salt is fresh in any case, so that key and nonce never come again, even if a prekey should.
    Raises ``ValueError`` if ``plain`` is longer than :data:`LONGEST` bytes or ``p256dh`` is no point of P-256.
    """
    if len(plain) > LONGEST:
        raise ValueError(f"{len(plain)} bytes do not fit one record of {RECORD}")
    fits = len(prekey) == PREKEY and compare_digest(prekey[:_MARK], _mark(p256dh, auth))
    own_point, secret = (prekey[_MARK:-_SECRET], prekey[-_SECRET:]) if fits else _agree(p256dh, auth)
    salt = _salt()
    # RFC 8188, 2.2: each HKDF output is shorter than a hash, so one HMAC expands it.
    key = _hmac(salt, secret)
    cipher = AESGCM(_hmac(key, b"Content-Encoding: aes128gcm\0\x01")[:16])
    nonce = _hmac(key, b"Content-Encoding: nonce\0\x01")[:12]
    return salt + _SIZES + own_point + cipher.encrypt(nonce, plain + b"\x02", None)


def make_prekey(p256dh: bytes, auth: bytes) -> bytes:
    """Do what a message costs most before there is one: make its key pair and agree on its secret (RFC 8291, 3.3, 3.4).

    Returns :data:`PREKEY` bytes: a mark of the keys it was made for, our point, the secret; the private half is gone.
    Raises ``ValueError`` if ``p256dh`` is no point of P-256.
    """
    return b"".join((_mark(p256dh, auth), *_agree(p256dh, auth)))


def _agree(p256dh: bytes, auth: bytes) -> tuple[bytes, bytes]:
    """Return the point of a fresh key pair, and what both sides know (``IKM``): two multiplications."""
    own = ec.generate_private_key(_CURVE)
    own_point = _point(own.public_key())
    shared = own.exchange(_ECDH, ec.EllipticCurvePublicKey.from_encoded_point(_CURVE, p256dh))
    return own_point, _hmac(_hmac(auth, shared), b"WebPush: info\0" + p256dh + own_point + b"\x01")


def _mark(p256dh: bytes, auth: bytes) -> bytes:
    return sha256(p256dh + auth).digest()[:_MARK]


def _hmac(key: bytes, data: bytes) -> bytes:
    return digest(key, data, "sha256")


def _salt() -> bytes:
    """Return 16 random bytes that nobody had; asking the system for each would let go of Python's lock each time."""
    try:
        return _salts.pop()
    except IndexError:
        many = os.urandom(16 * 256)
        _salts.extend(many[start : start + 16] for start in range(16, len(many), 16))
        return many[:16]


_salts: list[bytes] = []
os.register_at_fork(after_in_child=_salts.clear)  # parent and child must not use the same


def _point(key: ec.EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def make_vapid_key() -> tuple[str, str]:
    """Make a VAPID key pair: the private key as PEM (PKCS #8) and the applicationServerKey as base64url."""
    key = ec.generate_private_key(_CURVE)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    return pem, pack(_point(key.public_key()))


def private_of(public: str) -> str:
    """Return under which name the private half of a municipality's key is handed to this channel."""
    return f"vapid_private:{public}"


def subject_of(public: str) -> str:
    """Return under which name the contact of a municipality's key is handed to this channel."""
    return f"vapid_subject:{public}"


def application_server_key(pem: str) -> str:
    """Return the public half of a private key as browsers want it. Raises ``ValueError`` as :class:`Vapid`."""
    return vapid(pem, "").public


class Vapid:
    """Signs tokens with one private key for one contact; a token per push service is kept for half its life."""

    def __init__(self, pem: str, subject: str) -> None:
        """Read ``pem``; ``ValueError`` if it is no private key on P-256."""
        key = load_pem_private_key(pem.encode(), password=None)
        if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
            raise ValueError("The VAPID key is no private key on the curve P-256.")  # noqa: TRY004 - a bad value
        self.public = pack(_point(key.public_key()))
        self._key, self._subject = key, subject
        self._tokens: dict[str, tuple[datetime, str]] = {}
        self._lock = threading.Lock()

    def authorization(self, audience: str, now: datetime) -> str:
        """Return the ``Authorization`` header for the push service with origin ``audience`` (RFC 8292, 3)."""
        with self._lock:
            made, header = self._tokens.get(audience, (None, ""))
            if made is None or not made <= now < made + _LIFE / 2:  # also anew after the clock was set back
                header = f"vapid t={self._token(audience, now)}, k={self.public}"
                self._tokens[audience] = (now, header)
            return header

    def _token(self, audience: str, now: datetime) -> str:
        """Sign a JWT with ES256 (RFC 7515, 7518 3.4)."""
        claims: dict[str, str | int] = {"aud": audience, "exp": int((now + _LIFE).timestamp())}
        if self._subject:
            claims["sub"] = self._subject
        parts = ({"typ": "JWT", "alg": "ES256"}, claims)
        signed = ".".join(pack(json.dumps(one, separators=(",", ":")).encode()) for one in parts)
        r, s = decode_dss_signature(self._key.sign(signed.encode(), ec.ECDSA(SHA256())))
        return f"{signed}.{pack(r.to_bytes(32) + s.to_bytes(32))}"


@lru_cache(maxsize=4096)
def vapid(pem: str, subject: str) -> Vapid:
    """Return the one signer of a key and contact, so that its tokens are shared by all senders of the process."""
    return Vapid(pem, subject)
