"""An authenticator in software (WebAuthn, 6): one passkey, and answers that lie when told to."""

from __future__ import annotations

import base64
import hashlib
import json
import struct
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


@dataclass
class Authenticator:
    """Belongs to one site; ``flags`` say whether it saw and knew its owner."""

    origin: str
    host: str
    flags: int = PRESENT | VERIFIED
    count: int = 0
    handle: str = ""
    credential: bytes = b"passkey-number-1"
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def _client(self, kind: str, challenge: str) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin}).encode()

    def _data(self, more: bytes = b"", flags: int = 0) -> bytes:
        digest = hashlib.sha256(self.host.encode()).digest()
        return digest + bytes([self.flags | flags]) + struct.pack(">I", self.count) + more

    def makes(self, options: dict[str, Any]) -> dict[str, Any]:
        """Answer ``navigator.credentials.create``."""
        self.handle = options["user"]["id"]
        numbers = self.key.public_key().public_numbers()
        point = {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}
        attested = bytes(16) + struct.pack(">H", len(self.credential)) + self.credential + cbor2.dumps(point)
        whole = {"fmt": "none", "attStmt": {}, "authData": self._data(attested, ATTESTED)}
        return self._answer({
            "clientDataJSON": b64(self._client("webauthn.create", options["challenge"])),
            "attestationObject": b64(cbor2.dumps(whole)),
        })  # fmt: skip

    def signs(self, options: dict[str, Any]) -> dict[str, Any]:
        """Answer ``navigator.credentials.get``."""
        self.count += 1
        client, data = self._client("webauthn.get", options["challenge"]), self._data()
        signature = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        return self._answer({
            "clientDataJSON": b64(client), "authenticatorData": b64(data), "signature": b64(signature),
            "userHandle": self.handle,
        })  # fmt: skip

    def _answer(self, response: dict[str, str]) -> dict[str, Any]:
        return {"id": b64(self.credential), "rawId": b64(self.credential), "type": "public-key", "response": response}
