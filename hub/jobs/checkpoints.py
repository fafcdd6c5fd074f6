"""Checkpoints: what became of whom is written beside the sending, so that the wire never waits for the database.

At most one checkpoint is being written; the next holds all that was settled meanwhile, so that a slow disk makes fewer
and larger ones. Nobody waits but who is too far ahead of what is durable. A process-wide keeper looks once a
second that nothing settled waits longer and that no lease runs out while a server is slow.
"""

from __future__ import annotations

import os
import threading
import time
import weakref
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache

from hub.core.progress import Progress, Step
from hub.core.settle import Settled

_LOOK = 1.0  # seconds
_RENEW = 5.0  # seconds without a checkpoint after which the lease is renewed
_WRITERS = 32


class Clerk:
    """Writes the steps of one batch's ``progress`` with ``write(step) -> kept``, each of ``size`` recipients.

    ``lost`` once a step could not be written because the batch is somebody else's. An error of the database is raised
    by whoever asks next.
    """

    def __init__(self, progress: Progress, size: int, write: Callable[[Step], bool]) -> None:
        """Begin; nothing is written before something is settled."""
        self.progress, self._size, self._write = progress, max(1, size), write
        self.lost = False
        self.durable = progress.cursor
        self._lock = threading.RLock()
        self._writing: Future[None] | None = None
        self._written_at = time.monotonic()
        _keeper().watch(self)

    def settle(self, endpoint: int, settled: Settled) -> None:
        """Note one outcome; hands a step to the writer when enough is settled and it has nothing else in hand."""
        with self._lock:
            self.progress.settle(endpoint, settled)
            if self.progress.ready >= self._size and (self._writing is None or self._writing.done()):
                self._wait()
                self._hand_over()

    def room(self, index: int, bound: int) -> bool:
        """Whether recipient number ``index`` is less than ``bound`` beyond what is durable; waits for the writer."""
        if index < self.durable + bound:
            return True
        with self._lock:
            self._wait()
            if index >= self.durable + bound and self.progress.ready:
                self._hand_over()
                self._wait()
            return index < self.durable + bound

    def flush(self) -> bool:
        """Write everything that is settled; ``False`` if the batch is somebody else's."""
        with self._lock:
            self._wait()
            if self.progress.ready:
                self._hand_over()
                self._wait()
        return not self.lost

    def close(self) -> None:
        """Be no longer looked after."""
        _keeper().forget(self)

    def look(self) -> None:
        """Write what waits, or renew the lease; called once a second beside the sending."""
        if not self._lock.acquire(blocking=False):
            return  # at work this very moment
        try:
            idle = time.monotonic() - self._written_at
            busy = self._writing is not None and (not self._writing.done() or self._writing.exception() is not None)
            if not busy and not self.lost and (idle >= _RENEW or (self.progress.ready and idle >= _LOOK)):
                self._hand_over()
        finally:
            self._lock.release()

    def _hand_over(self) -> None:
        if self.lost:
            self.progress.take()
            return
        step = self.progress.take()
        self._written_at = time.monotonic()
        self._writing = _writers().submit(self._carry_out, step)

    def _carry_out(self, step: Step) -> None:
        if self._write(step):
            self.durable = step.cursor
        else:
            self.lost = True

    def _wait(self) -> None:
        """Wait until the step in hand is written; raises what the database said."""
        if self._writing is not None:
            writing, self._writing = self._writing, None
            writing.result()


class _Keeper:
    """One thread that looks after all clerks of this process."""

    def __init__(self) -> None:
        self._clerks: weakref.WeakSet[Clerk] = weakref.WeakSet()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def watch(self, clerk: Clerk) -> None:
        with self._lock:
            self._clerks.add(clerk)
            if self._thread is None:
                self._thread = threading.Thread(target=self._look, name="ortsruf-checkpoints", daemon=True)
                self._thread.start()

    def forget(self, clerk: Clerk) -> None:
        with self._lock:
            self._clerks.discard(clerk)

    def _look(self) -> None:
        while True:
            time.sleep(_LOOK)
            with self._lock:
                clerks = list(self._clerks)
            for clerk in clerks:
                clerk.look()


def _forked() -> None:
    """Begin anew in a child process: threads do not survive a fork."""
    _keeper.cache_clear()
    _writers.cache_clear()


os.register_at_fork(after_in_child=_forked)


@cache
def _keeper() -> _Keeper:
    return _Keeper()


@cache
def _writers() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(_WRITERS, thread_name_prefix="ortsruf-checkpoint")
