"""Passwords as Argon2id hashes (RFC 9106, 4: second recommended option, 64 MiB), and what hides in keyed hashes."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading
import unicodedata
from collections.abc import Mapping
from functools import cache
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_AT_ONCE = threading.BoundedSemaphore(2)  # each takes 64 MiB: a storm of sign-ins must not take all there is
COSTS: Mapping[str, Any] = {"time_cost": 3, "memory_cost": 65_536, "parallelism": 4}  # passes, KiB, lanes
_HASHER = PasswordHasher(**COSTS)
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none looks like another
_CODE, _PART = 16, 4


def _plain(password: str) -> str:
    """Return the password as all keyboards mean it (NIST SP 800-63B-4, 3.1.1.2)."""
    return unicodedata.normalize("NFKC", password)


def hashed(password: str) -> str:
    """Return a password's hash in PHC form, with a salt of its own."""
    with _AT_ONCE:
        return _HASHER.hash(_plain(password))


@cache
def _nobodys() -> str:
    return hashed(secrets.token_urlsafe(16))


def matches(stored: str, password: str) -> bool:
    """Whether a password is the one that was stored; as much work for an empty ``stored``, which nothing matches."""
    against = stored or _nobodys()
    try:
        with _AT_ONCE:
            _HASHER.verify(against, _plain(password))
    except (VerificationError, InvalidHashError):
        return False
    return bool(stored)


def is_dated(stored: str) -> bool:
    """Whether a hash was made with other parameters than ours are now."""
    return _HASHER.check_needs_rehash(stored)


def hidden(key: str, *parts: str) -> str:
    """Return a keyed hash of ``parts``: equal for equal ones, and it tells nobody what they are."""
    return hmac.digest(key.encode(), "\0".join(("sign-in", *parts)).encode(), "sha256").hex()[:40]


def recovery_code() -> str:
    """Return a new recovery code, ``abcd-efgh-jkmn-pqrs``: 79 bits, so that its plain hash can be stored."""
    letters = "".join(secrets.choice(_LETTERS) for _ in range(_CODE))
    return "-".join(letters[start : start + _PART] for start in range(0, _CODE, _PART))


def hashed_code(code: str) -> str:
    """Return the hash of a recovery code, however it was typed: in capitals, with blanks or without dashes."""
    typed = "".join(letter for letter in code.casefold() if letter in _LETTERS)
    return hashlib.sha256(typed.encode()).hexdigest()
