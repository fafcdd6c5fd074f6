"""Whether a feed is its owner's: signed by a pinned key over exactly these bytes (``hub.core.message_signature``)."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Collection

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from hub.core.errors import SourceConfigError, SourceRefused
from hub.core.message_signature import base, content_digest, read
from hub.core.ports import Answer

_KEY = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)


def pinned(text: str) -> tuple[str, ...]:
    """Return the keys of the setting ``key``. Raises ``SourceConfigError`` for what is none, or none at all."""
    found = tuple(one for one in re.split(r"[\s,;]+", text.strip()) if one)
    for one in found:
        if not _KEY.fullmatch(one):
            raise SourceConfigError(f"{one[:60]!r} is no public key; it has 43 characters (`ortsruf federation key`).")
    if not found:
        raise SourceConfigError("The setting 'key' is missing: the other installation's public key.")
    return found


def mark(key: str) -> str:
    """Return the beginning of a key's fingerprint, as people read it out to each other."""
    digest = hashlib.sha256(base64.urlsafe_b64decode(f"{key}=")).hexdigest()
    return " ".join(digest[at : at + 4] for at in range(0, 16, 4))


def check(answer: Answer, path: str, keys: Collection[str]) -> None:
    """Raise ``SourceRefused`` unless ``answer`` to the request for ``path`` is signed by one of ``keys``."""
    signatures = read(answer.headers.get("signature-input", ""), answer.headers.get("signature", ""))
    if not signatures:
        raise SourceRefused("The feed is not signed, so nobody knows whose it is.", subject=answer.url)
    ours = [one for one in signatures if one.key in keys]
    if not ours:
        named = ", ".join(one.key for one in signatures)
        raise SourceRefused(
            f"The feed is signed by another key ({named}) than the one of this source. Ask the other town before you"
            " trust it.",
            subject=answer.url,
        )
    digest = content_digest(answer.body)  # of what we have, not of what the header says
    if not any(_fits(one.key, one.signature, base(digest, path, one.parameters)) for one in ours):
        raise SourceRefused(
            "The feed's signature is wrong: it was altered on the way, or is signed for another address.",
            subject=answer.url,
        )


def _fits(key: str, signature: bytes, signed: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(base64.urlsafe_b64decode(f"{key}=")).verify(signature, signed)
    except (InvalidSignature, ValueError):
        return False
    return True
