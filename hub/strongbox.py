"""What must be read again, and not by whoever has a copy of the database: encrypted under a key that lies elsewhere.

The key comes from the setting ``secret`` (HKDF, RFC 5869). Without that setting there is no such place: what is kept
lies plain beside the data, as the key of the links does.
"""

from __future__ import annotations

import base64
import binascii
import os
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_MARK = "aes1:"  # no base32 text has a colon
_NONCE = 12


class Locked(Exception):
    """What was kept cannot be opened: it was put in under another key, or for something else, or was changed."""


@dataclass(frozen=True, slots=True)
class Strongbox:
    """Keeps short texts under ``key`` (AES-256-GCM); without one it keeps them as they are."""

    key: bytes = field(default=b"", repr=False)

    @staticmethod
    def of(secret: str) -> Strongbox:
        """Return the box of an installation's setting ``secret``; empty: one that does not lock."""
        if not secret:
            return Strongbox()
        derived = HKDF(SHA256(), 32, salt=None, info=b"ortsruf strongbox").derive(secret.encode())
        return Strongbox(derived)

    def put(self, text: str, about: str) -> str:
        """Return ``text`` as it is stored; it opens only with the same ``about``, which says whose it is."""
        if not self.key or not text:
            return text
        nonce = os.urandom(_NONCE)
        sealed = nonce + AESGCM(self.key).encrypt(nonce, text.encode(), about.encode())
        return _MARK + base64.urlsafe_b64encode(sealed).decode("ascii")

    def take(self, stored: str, about: str) -> str:
        """Return what was put in; what was stored before there was a key is read as it is. Raises :class:`Locked`."""
        if not stored.startswith(_MARK):
            return stored
        try:
            sealed = base64.urlsafe_b64decode(stored.removeprefix(_MARK))
            return AESGCM(self.key).decrypt(sealed[:_NONCE], sealed[_NONCE:], about.encode()).decode()
        except (InvalidTag, ValueError, binascii.Error) as error:
            raise Locked from error

    def is_plain(self, stored: str) -> bool:
        """Whether something lies open that this box would lock."""
        return bool(self.key and stored) and not stored.startswith(_MARK)
