"""Hold: nothing is gathered, sent or forgotten until somebody lets go; pages and calendars go on (C-06, D-09)."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable
from datetime import datetime, timedelta

import structlog
from sqlalchemy.orm import Session

from hub.core.audit import Event
from hub.jobs.record import COMMAND
from hub.store import audit, dissolving, dropping, erasing, heartbeats, prekeys, standing, towns
from hub.store.database import Store

_LOOK = 1.0  # seconds for which an answer is believed

log = structlog.get_logger(__name__)


class Hold:
    """Whether this installation is on hold, asked of the database at most once a second."""

    def __init__(self, store: Store) -> None:
        """Take the database."""
        self._store = store
        self._lock = threading.Lock()
        self._looked, self._reason = float("-inf"), ""

    def reason(self) -> str:
        """Return why the installation is on hold, empty if it is not. Raises ``StoreError``."""
        with self._lock:
            if time.monotonic() - self._looked >= _LOOK:
                with self._store.read() as session:
                    self._reason = standing_reason(session)
                self._looked = time.monotonic()
            return self._reason


def standing_reason(session: Session) -> str:
    """Return why nothing may be done here: on hold, or moved away; empty if nothing speaks against it."""
    moved = standing.get(session, standing.MOVED)
    if moved is not None:
        return f"This installation has moved to {moved['value']}."
    row = standing.get(session, standing.HOLD)
    return str(row["value"]) if row is not None else ""


def hold(store: Store, reason: str, now: datetime) -> bool:
    """Put the installation on hold; ``False`` if it already was, for the reason that stays."""
    with store.begin() as session:
        return standing.hold(session, reason, now)


def back_again(store: Store, removed: Iterable[tuple[str, datetime]]) -> list[tuple[str, datetime]]:
    """Return which of the municipalities that were removed (slug, when founded) are there, by a restored backup."""
    with store.read() as session:
        there = {(row["id"], row["created_at"]) for row in towns.listed(session)}
    return [one for one in removed if one in there]


def release(
    store: Store, now: datetime, *, drop_older_than: timedelta | None = None, silent: bool = False,
    erased: Iterable[tuple[int, datetime]] = (), removed: Iterable[str] = (),
) -> int:  # fmt: skip
    """Let go: what waited goes out, what is over is dropped as always. Returns how much was dropped as too old.

    ``drop_older_than`` drops what was made longer ago than that: after a backup was restored, everything that may
    have been sent since. ``silent``: the next poll of every source tells nobody, as a first import does. ``erased``:
    who deleted everything (id, when they had signed up); a restored backup may still know them. ``removed``:
    municipalities that it brought back and that are to go once more.
    """
    with store.begin() as session:
        dropped = dropping.older_than(session, now - drop_older_than, now) if drop_older_than is not None else 0
        if silent:
            dropping.silence_sources(session)
        again = erasing.erase_again(session, erased, now)
        for slug in removed:
            dissolving.dissolve(session, slug, now)
            audit.add(session, Event(now, COMMAND, "municipality.removed", slug))
        prekeys.forget(session)  # a restored backup has those, too, that were used since
        standing.drop(session, standing.HOLD)
        heartbeats.forget_future(session, now)
        tide = standing.get(session, standing.TIDE)
        if tide is not None and tide["at"] > now:
            standing.put(session, standing.TIDE, tide["value"], now)
    log.info("released", dropped=dropped, silent=silent, erased_again=again)
    return dropped
