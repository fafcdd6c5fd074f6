"""How a feed is signed: HTTP Message Signatures (RFC 9421) over the digest of its bytes (RFC 9530). Pure text.

Covered are ``content-digest`` and the path that was asked for (``"@path";req``), so that no feed passes for another's.
Not covered is what a proxy may change on its way: host, media type, caching and compression. The digest is of the plain
bytes, as our reader sees them whatever the transfer did. ``created`` is when the feed last changed, not when it was
sent: an unchanged feed has an unchanged signature, and caches keep both. Several keys may sign (while one follows
another).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass

TAG = "ortsruf-feed"
_COVERED = '("content-digest" "@path";req)'
_MOST = 8_192  # characters of a header
_INPUT = re.compile(
    r"([a-z][a-z0-9_-]{0,31})=("
    + re.escape(_COVERED)
    + r';created=(\d{1,12});keyid="([A-Za-z0-9_-]{43})";alg="ed25519";tag="'
    + TAG
    + r'")(?:,\s*|$)',
    re.ASCII,
)
_SIGNATURE = re.compile(r"([a-z][a-z0-9_-]{0,31})=:([A-Za-z0-9+/=]{1,200}):(?:,\s*|$)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Signed:
    """One signature as it stands in the headers: its parameters, by which key (base64url), and its bytes."""

    parameters: str
    key: str
    signature: bytes


def content_digest(body: bytes) -> str:
    """Return the value of ``Content-Digest`` for ``body``."""
    return f"sha-256=:{base64.b64encode(hashlib.sha256(body).digest()).decode()}:"


def parameters(created: int, key: str) -> str:
    """Return what a signature covers, since when (Unix time) and by which key (32 bytes, base64url)."""
    return f'{_COVERED};created={created};keyid="{key}";alg="ed25519";tag="{TAG}"'


def base(digest: str, path: str, parameters: str) -> bytes:
    """Return the bytes that are signed (RFC 9421, 2.5)."""
    lines = (f'"content-digest": {digest}', f'"@path";req: {path}', f'"@signature-params": {parameters}')
    return "\n".join(lines).encode()


def headers(digest: str, signed: Sequence[Signed]) -> dict[str, str]:
    """Return the headers of a signed answer."""
    return {
        "Content-Digest": digest,
        "Signature-Input": ", ".join(f"sig{number}={one.parameters}" for number, one in enumerate(signed, 1)),
        "Signature": ", ".join(
            f"sig{number}=:{base64.b64encode(one.signature).decode()}:" for number, one in enumerate(signed, 1)
        ),
    }


def read(inputs: str, signatures: str) -> list[Signed]:
    """Return the signatures of our kind in the headers ``Signature-Input`` and ``Signature``."""
    given = dict(_SIGNATURE.findall(signatures[:_MOST]))
    found = []
    for label, text, _created, key in _INPUT.findall(inputs[:_MOST]):
        if label not in given:
            continue
        try:
            found.append(Signed(text, key, base64.b64decode(given[label], validate=True)))
        except binascii.Error:
            continue
    return found
