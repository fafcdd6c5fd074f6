"""What tells one message from another, and what lets one replace another: the same after a crash."""

from __future__ import annotations

import hashlib
from typing import Any

from sqlalchemy import RowMapping

from hub.core.notice import notice_id


def thread(batch: RowMapping, key: str) -> str:
    """Return what collapses repeats: the notice, or one date of it; digests of a day replace each other.

    Keyed, because a push service reads it (W-08).
    """
    about = batch["notice_id"] or f"{batch['change']}-{batch['municipality_id']}"
    return notice_id(key, f"{about}\0{batch['slot']}")


def serials(batch: RowMapping) -> Any:
    """Return the hash of what all messages of a batch have in common, to be ended by each recipient's own."""
    about = [batch["notice_id"], batch["revision"], batch["change"], batch["slot"], batch["lead"]]
    return hashlib.sha256(("\0".join(map(str, about)) + "\0").encode()), batch


def serial(common: Any, endpoint_id: int) -> str:
    """Return what names this very message: the same after a crash, another for the next revision."""
    begun, batch = common
    own = begun.copy()
    own.update(str(endpoint_id).encode() if batch["notice_id"] else f"{endpoint_id}\0{batch['id']}".encode())
    return str(own.hexdigest()[:32])
