"""The pulse of a process: its heartbeat, and whether clock and database can be believed (C-06, C-09, D-09)."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import structlog
from sqlalchemy.orm import Session

from hub.core.errors import StoreError
from hub.core.jumps import Reading, behind, jump, told
from hub.store import heartbeats, standing
from hub.store.database import Store

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Process:
    """One process as others see it. ``detail`` says how it is in a few words."""

    name: str
    role: str  # serve, web, work, tick
    lanes: str = ""
    detail: Callable[[], str] = lambda: ""


class Pulse:
    """Beats every ten seconds; puts the installation on hold when the clock leaps or the database is an older one.

    ``folder`` keeps the mark of the tide: a database that counted fewer beats than the mark was restored from a backup.
    """

    def __init__(self, store: Store, process: Process, now: Callable[[], datetime], folder: Path | None = None) -> None:
        """Take the database, who beats, the clock and the folder that outlives the database, if there is one."""
        self._store, self._process, self._now = store, process, now
        self._mark = folder / "tide" if folder is not None else None
        self._began = now()
        self._last: Reading | None = None
        self._ending = threading.Event()
        self._thread: threading.Thread | None = None

    def look(self) -> None:
        """Doubt clock and database once, before anything is done. Raises ``StoreError``."""
        with self._store.begin() as session:
            self._doubt_clock(session)
            self._doubt_database(session)

    def start(self) -> None:
        """Beat, now and from now on in a thread of its own. Raises ``StoreError``."""
        self.beat()
        self._thread = threading.Thread(target=self._keep, name="ortsruf-pulse", daemon=True)
        self._thread.start()

    def _keep(self) -> None:
        while not self._ending.wait(heartbeats.EVERY.total_seconds()):
            try:
                self.beat()
            except StoreError as error:
                log.warning("the heartbeat could not be written", error=str(error))

    def beat(self) -> None:
        """Write one heartbeat, after a look at the clocks."""
        reading = Reading(self._now(), _ticks())
        leap = jump(self._last, reading) if self._last is not None else None
        process = self._process
        with self._store.begin() as session:
            if leap is not None:
                direction = "forward" if leap.total_seconds() > 0 else "back"
                self._alarm(session, f"The clock jumped {direction} by {told(leap)}.")
            heartbeats.beat(
                session, process.name, role=process.role, lanes=process.lanes, started_at=self._began,
                now=reading.wall, detail=process.detail(),
            )  # fmt: skip
            tide = self._rise(session)
        if self._mark is not None:
            with contextlib.suppress(OSError):  # a mark that cannot be written watches nothing; the work goes on
                self._mark.write_text(str(tide), encoding="ascii")
        self._last = reading

    def _rise(self, session: Session) -> int:
        tide = _tide(session) + 1
        standing.put(session, standing.TIDE, str(tide), self._now())
        return tide

    def _doubt_clock(self, session: Session) -> None:
        """Hold if the database has been written at a time that lies ahead."""
        row = standing.get(session, standing.TIDE)
        times = [one for one in (heartbeats.newest(session), row["at"] if row is not None else None) if one]
        late = behind(self._now(), max(times, default=None))
        if late is not None:
            self._alarm(session, f"The clock is {told(late)} behind what the database has seen.")

    def _doubt_database(self, session: Session) -> None:
        """Hold if the database is older than one that worked here already."""
        try:
            known = int(self._mark.read_text(encoding="ascii")) if self._mark is not None else 0
        except (OSError, ValueError):
            return
        if _tide(session) < known:
            self._alarm(session, "The database is older than the one that worked here last: a restored backup.")

    def _alarm(self, session: Session, reason: str) -> None:
        standing.hold(session, f"{reason} Nothing is sent until `ortsruf release`.", self._now())
        log.critical("on hold", reason=reason, todo="look at the clock and the database, then `ortsruf release`")

    def stop(self) -> None:
        """Beat no more and say that this process is gone."""
        self._ending.set()
        if self._thread is not None:
            self._thread.join(1.0)
            self._thread = None
        with contextlib.suppress(StoreError), self._store.begin() as session:
            heartbeats.remove(session, self._process.name)


def _tide(session: Session) -> int:
    row = standing.get(session, standing.TIDE)
    return int(row["value"]) if row is not None else 0


def _ticks() -> float:
    """Return seconds that also pass while the machine sleeps."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()
