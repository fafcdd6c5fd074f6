"""Is it a person who fills in the form? A field that nobody sees, and the time it took; no third party is asked (H-08).

Pure.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

TRAP = "website"  # hidden from people; programs that fill in every field give themselves away
BEGAN = "began"
_QUICKEST = timedelta(seconds=2)
_LONGEST = timedelta(days=2)


def began(now: datetime, key: str) -> str:
    """Return the value of the field ``began`` of a form that is shown at ``now``, signed with ``key``."""
    at = str(int(now.timestamp()))
    return f"{at}.{_signature(at, key)}"


def is_robot(values: Mapping[str, str], now: datetime, key: str) -> bool:
    """Whether a form was filled in by a program: the trap is full, or it came at once, or from nowhere."""
    at, _, signature = values.get(BEGAN, "").partition(".")
    if values.get(TRAP) or not hmac.compare_digest(signature.encode(), _signature(at, key).encode()):
        return True
    return not _QUICKEST <= now - datetime.fromtimestamp(int(at), UTC) <= _LONGEST


def _signature(at: str, key: str) -> str:
    return hmac.digest(key.encode(), f"form\0{at}".encode(), hashlib.sha256).hex()[:32]
