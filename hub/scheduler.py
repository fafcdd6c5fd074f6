"""The ticker: APScheduler in UTC, no job store; due times are rows of ours (promise 10)."""

from __future__ import annotations

from collections.abc import Callable

import structlog
from apscheduler.schedulers.background import BackgroundScheduler

log = structlog.get_logger(__name__)


class Ticker:
    """Calls ``tick`` every ``seconds`` in a thread of its own; a tick that fails does not end the ticking."""

    def __init__(self, tick: Callable[[], object], seconds: int) -> None:
        """Take what to call and how often."""
        self._tick = tick
        self._scheduler = BackgroundScheduler(timezone="UTC")
        self._scheduler.add_job(
            self._safely, "interval", seconds=seconds, max_instances=1, coalesce=True, misfire_grace_time=None
        )

    def _safely(self) -> None:
        try:
            self._tick()
        except Exception:
            log.exception("tick failed")

    def start(self) -> None:
        """Begin to tick; the first tick comes at once."""
        self._scheduler.start()
        self._scheduler.add_job(self._safely)

    def stop(self) -> None:
        """Stop ticking; a running tick ends first."""
        self._scheduler.shutdown(wait=True)

    def health(self) -> str:
        """Return what is wrong, or an empty string."""
        return "" if self._scheduler.running else "the ticker has stopped"
