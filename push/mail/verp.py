"""The return path of one mail (VERP): bounces name the endpoint that they are about, signed, so that none is forged."""

from __future__ import annotations

import hashlib
import hmac
import re

_SIGNS = 20  # hex digits: 80 bits, and the local part stays within 64 characters
_TOKEN = re.compile(rf"(\d{{1,15}})-([0-9a-f]{{{_SIGNS}}})", re.ASCII)
LONGEST = 64 - 1 - 15 - 1 - _SIGNS  # characters of the local part that a token may be added to


def return_path(address: str, endpoint: str, key: str) -> str:
    """Return ``address`` with the endpoint's signed token: ``bounces+7-0123…@example.org``."""
    local, _, domain = address.rpartition("@")
    return f"{local}+{endpoint}-{_signature(endpoint, key)}@{domain}"


def endpoint_of(address: str, key: str) -> str | None:
    """Return the endpoint that a return path of ours names, else ``None``. Servers may change its case."""
    local = address.strip().strip("<>").rpartition("@")[0].lower()
    found = _TOKEN.fullmatch(local.rpartition("+")[2])
    if found is None or not hmac.compare_digest(found[2], _signature(found[1], key)):
        return None
    return found[1]


def _signature(endpoint: str, key: str) -> str:
    return hmac.digest(key.encode(), b"ortsruf-bounce\0" + endpoint.encode(), hashlib.sha256).hex()[:_SIGNS]
