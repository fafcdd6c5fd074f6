"""What W3C WebSub asks a subscriber to decide: is this delivery signed, when must a subscription be renewed."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
from collections.abc import Iterable
from datetime import datetime, timedelta
from urllib.parse import urlsplit

LEASE = timedelta(days=10)  # what we ask for; the hub decides
SHORTEST_LEASE, LONGEST_LEASE = timedelta(minutes=5), timedelta(days=30)
RETRY = timedelta(hours=6)  # after a hub that did not answer, or answered and never came to verify
DENIED_FOR = timedelta(days=7)
_STRONG = ("sha512", "sha384", "sha256")


def callback_mark(secret: str) -> str:
    """Return the unguessable part of a subscription's callback (WebSub, 5.1: unique and hard to guess)."""
    return hmac.new(secret.encode(), b"callback", hashlib.sha256).hexdigest()[:32]


def is_signed(body: bytes, signatures: Iterable[str], secret: str) -> bool:
    """Whether ``body`` was signed with ``secret`` (WebSub, 7.1): ``method=hex``, HMAC over the raw bytes.

    Where a strong method is given, only strong ones count; SHA-1 counts where a hub knows nothing else.
    """
    given: dict[str, str] = {}
    for text in signatures:
        for part in text.split(","):
            method, _, digest = part.strip().partition("=")
            given.setdefault(method.lower(), digest.strip().lower())
    methods = [one for one in _STRONG if one in given] or [one for one in ("sha1",) if one in given]
    return any(
        hmac.compare_digest(hmac.new(secret.encode(), body, one).hexdigest().encode(), given[one].encode())
        for one in methods
    )


def lease_of(seconds: str) -> timedelta:
    """Return the lease that a hub names, within what makes sense; what we asked for if it names none."""
    if not (seconds.isascii() and seconds.isdecimal()):
        return LEASE
    return min(max(timedelta(seconds=int(seconds[:9])), SHORTEST_LEASE), LONGEST_LEASE)


def is_ask_due(
    state: str, now: datetime, *, asked_at: datetime, verified_at: datetime | None, lease_until: datetime | None
) -> bool:
    """Whether the hub must be asked (again): nothing came of it, or the last fifth of the lease has begun."""
    if state == "denied":
        return now - asked_at >= DENIED_FOR
    if state != "verified" or verified_at is None or lease_until is None:
        return now - asked_at >= RETRY
    last = (lease_until - verified_at) / 5
    asked_lately = asked_at > verified_at and now - asked_at < min(RETRY, last / 3)
    return now >= lease_until - last and not asked_lately


def is_reachable(base_url: str, wanted: str) -> bool:
    """Whether hubs can reach us at ``base_url``: https at a public name; ``wanted`` on or off decides."""
    if wanted != "auto":
        return wanted == "on"
    parts = urlsplit(base_url)
    host = (parts.hostname or "").lower()
    try:
        return parts.scheme == "https" and ipaddress.ip_address(host).is_global
    except ValueError:
        local = host == "localhost" or host.endswith((".localhost", ".local", ".internal", ".lan", ".test"))
        return parts.scheme == "https" and "." in host and not local
