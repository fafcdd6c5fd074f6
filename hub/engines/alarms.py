"""Alarms: while a process carries an emergency out its bulk waits, for its threads share one interpreter (P8)."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable

LONGEST = 30.0  # seconds that one emergency job may keep bulk waiting; a server that hangs must not stop a town


class Alarms:
    """The jobs of the emergency lane that run in this process; safe between threads.

    An alarm rings on for ``lingers`` seconds after its job has ended: until the jobs that it left behind have come.
    """

    def __init__(self, *, lingers: float = 0.0, clock: Callable[[], float] = time.monotonic) -> None:
        """Begin in silence; ``clock`` gives seconds."""
        self._lingers, self._clock = lingers, clock
        self._since: dict[Hashable, float] = {}
        self._until = float("-inf")

    def begin(self, job: Hashable) -> None:
        """Ring, as ``job`` begins."""
        self._since[job] = self._clock()

    def end(self, job: Hashable) -> None:
        """End the alarm of ``job``, if it has raised one."""
        if self._since.pop(job, None) is not None:
            self._until = self._clock() + self._lingers

    def ring(self) -> bool:
        """Whether bulk is to make room."""
        now = self._clock()
        return now < self._until or any(now - at < LONGEST for at in list(self._since.values()))
