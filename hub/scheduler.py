"""The ticker: APScheduler in UTC, no job store; due times are rows of ours (promise 10)."""

from __future__ import annotations

import functools
import threading
import time
from collections.abc import Callable, Mapping

import structlog
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

HANGS = 60.0  # seconds after which a step that does not end keeps its next run from nothing any more (C-03)
_MOST_AT_ONCE = 3  # runs of one step, of which all but the newest hang

log = structlog.get_logger(__name__)


class Ticker:
    """Calls every one of ``steps`` each ``seconds``, each in a thread of its own: none keeps or breaks another.

    A step that is under way is not begun again, until it has lasted :data:`HANGS` seconds: then its next run takes its
    place, for every step may be repeated. ``leads`` says before each step whether this process is the one that ticks.
    """

    def __init__(
        self, steps: Mapping[str, Callable[[], object]], seconds: int, *, leads: Callable[[], bool] = lambda: True,
        often: Mapping[str, int] | None = None,
    ) -> None:  # fmt: skip
        """Take what to call and how often; ``often`` gives the seconds of steps that must come sooner."""
        self._steps, self._leads = dict(steps), leads
        self._running: dict[str, dict[int, float]] = {name: {} for name in steps}
        self._idle = threading.Condition()
        threads = ThreadPoolExecutor(max_workers=max(1, _MOST_AT_ONCE * len(self._steps)))
        self._scheduler = BackgroundScheduler(timezone="UTC", executors={"default": threads})
        for name in self._steps:
            every = min(seconds, (often or {}).get(name, seconds))
            self._scheduler.add_job(
                functools.partial(self._safely, name), "interval", seconds=every, coalesce=True,
                max_instances=_MOST_AT_ONCE, misfire_grace_time=None,
            )  # fmt: skip

    def _safely(self, name: str) -> None:
        """Run one step, unless it is under way or another process ticks; what goes wrong stays with it."""
        run = threading.get_ident()
        with self._idle:
            if any(time.monotonic() - began < HANGS for began in self._running[name].values()):
                return
            self._running[name][run] = time.monotonic()
        try:
            if self._leads():
                self._steps[name]()
        except Exception:
            log.exception("tick failed", step=name)
        finally:
            with self._idle:
                self._running[name].pop(run, None)
                self._idle.notify_all()

    def start(self) -> None:
        """Begin to tick; the first tick comes at once."""
        self._scheduler.start()
        for name in self._steps:
            self._scheduler.add_job(functools.partial(self._safely, name), misfire_grace_time=None)

    def stop(self, seconds: float = 8.0) -> bool:
        """Begin no step any more, wait for those under way; ``False`` if one did not end within ``seconds``."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)
        with self._idle:
            return self._idle.wait_for(lambda: not any(self._running.values()), seconds)

    def health(self) -> str:
        """Return what is wrong, or an empty string."""
        if not self._scheduler.running:
            return "the ticker has stopped"
        with self._idle:
            ages = {name: time.monotonic() - min(runs.values()) for name, runs in self._running.items() if runs}
        hanging = [f"{name} for {age:.0f} s" for name, age in ages.items() if age >= HANGS]
        return f"a step of the tick does not end: {', '.join(hanging)}" if hanging else ""
