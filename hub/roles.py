"""The processes of an installation on many machines: ``work``, ``tick``, and what ``serve`` shares with them."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

import structlog

from hub import log
from hub.bootstrap import Building, now
from hub.core.errors import SettingsError
from hub.core.fanout import Lane
from hub.lookout import Lookout
from hub.pulse import Process, Pulse
from hub.scheduler import Ticker
from hub.settings import Settings
from hub.store import standing
from hub.unsafe import refuse_unsafe

if TYPE_CHECKING:
    from hub.engines.leader import Leader

# With a lease of 20 seconds, work of a dead worker is taken over within 30 (G2); what is released goes out in time.
_OFTEN = {"sweep": 5, "release": 2}
_GRACE = 8.0  # seconds for what is under way; the process is gone within ten (O-03)

_log = structlog.get_logger(__name__)


class Ticks:
    """The ticks of one process: on PostgreSQL only the leader's count, on SQLite there is but one process."""

    def __init__(self, building: Building) -> None:
        """Make ready; nothing happens before :meth:`start`."""
        self._leader: Leader | None = None
        if not building.store.sqlite:
            from hub.engines.leader import Leader

            self._leader = Leader(building.settings.database_url, building.house.owner)
        leads = self._leader.leads if self._leader is not None else lambda: True
        self._ticker = Ticker(building.steps(), building.settings.tick_seconds, leads=leads, often=_OFTEN)

    def start(self) -> None:
        """Begin to tick, or to stand by."""
        if self._leader is not None:
            self._leader.start()
        self._ticker.start()

    def stop(self, seconds: float) -> bool:
        """End within ``seconds``; ``False`` if a step is still under way then."""
        ended = self._ticker.stop(seconds)
        if self._leader is not None:
            self._leader.stop()
        return ended

    def health(self) -> str:
        """Return what is wrong, or an empty string."""
        return self._ticker.health()

    def state(self) -> str:
        """Return how it is, for the heartbeat."""
        return self._ticker.health() or (self._leader.state() if self._leader is not None else "leads")


def refuse_if_moved(building: Building) -> None:
    """Raise ``SettingsError`` if this installation lives elsewhere now, or is just moving."""
    with building.store.read() as session:
        moved = standing.get(session, standing.MOVED)
    if moved is not None:
        raise SettingsError(
            f"This installation has moved to {moved['value']} ({moved['at']:%Y-%m-%d %H:%M} UTC). "
            "Name that database in the settings (database = …, engine = …)."
        )


@contextmanager
def alive(
    building: Building, role: str, *, lanes: str = "", detail: Callable[[], str], ticks: Ticks | None = None
) -> Iterator[None]:
    """Let a process live inside, with pulse, lookout and ticks; at the end all leases are given back in time (O-03)."""
    pulse = Pulse(building.store, Process(building.house.owner, role, lanes, detail), now, building.settings.data)
    lookout = Lookout(building.house, building.settings.contact)
    pulse.look()
    try:
        if ticks is not None:
            ticks.start()
        pulse.start()
        lookout.start()
        yield
    finally:
        until = time.monotonic() + _GRACE
        lookout.stop()
        building.ending()
        ended = ticks.stop(max(0.5, until - time.monotonic() - 1.0)) if ticks is not None else True
        building.stop(max(0.5, until - time.monotonic()))
        pulse.stop()
        building.close()
        if not ended:  # its thread would keep the process
            _log.warning("a step of the tick was given up")
            sys.stderr.flush()
            os._exit(0)


def work(settings: Settings, lanes: Sequence[str], *, say: Callable[[str], None]) -> None:
    """Run jobs of ``lanes`` (empty: all) until SIGTERM. Raises ``SettingsError`` on the embedded engine."""
    _distributed(settings, "`ortsruf serve` works itself")
    unknown = sorted(set(lanes) - {lane.value for lane in Lane})
    if unknown:
        raise SettingsError(f"There is no lane {', '.join(unknown)}. Lanes: {', '.join(Lane)}.")
    named = ", ".join(lanes) or "all"
    with _opened(settings, lanes) as building, alive(building, "work", lanes=named, detail=building.engine.health):
        building.engine.start()
        say(f"Ortsruf works for these lanes: {named}. Stop with Ctrl-C.")
        wait_for_the_end()


def tick(settings: Settings, *, say: Callable[[str], None]) -> None:
    """Tick until SIGTERM, or stand by while another process does. Raises ``SettingsError`` on the embedded engine."""
    _distributed(settings, "`ortsruf serve` ticks itself")
    with _opened(settings) as building:
        ticks = Ticks(building)
        with alive(building, "tick", detail=ticks.state, ticks=ticks):
            say(f"Ortsruf ticks: this process {ticks.state()}. Stop with Ctrl-C.")
            wait_for_the_end()


@contextmanager
def _opened(settings: Settings, lanes: Sequence[str] = ()) -> Iterator[Building]:
    """Open the house for a process without pages."""
    log.configure(settings.log)
    building = Building(settings, lanes=lanes)
    building.store.upgrade()
    refuse_if_moved(building)
    refuse_unsafe(settings, building.store)
    yield building


def _distributed(settings: Settings, instead: str) -> None:
    if settings.engine != "postgres" or not settings.database_url.startswith("postgresql"):
        raise SettingsError(
            f"This needs the engine for many machines (engine = postgres, database = postgresql+psycopg://…). "
            f"With the embedded engine {instead}."
        )


def wait_for_the_end() -> None:
    """Wait for SIGTERM or Ctrl-C."""
    ending = threading.Event()
    signal.signal(signal.SIGTERM, lambda _number, _frame: ending.set())
    signal.signal(signal.SIGINT, lambda _number, _frame: ending.set())
    ending.wait()
    _log.info("stopping")
