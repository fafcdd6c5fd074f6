"""Signs of life: the heartbeats as the watch reads them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.store.schema import heartbeat


def signs(session: Session) -> Sequence[Mapping[Any, Any]]:
    """Return every process of which a heartbeat is known."""
    return session.execute(select(heartbeat).order_by(heartbeat.c.name)).mappings().all()
