"""The embedded engine: threads of this process, woken after commit, urgent lanes first."""

from __future__ import annotations

import heapq
import itertools
import threading
import time
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta

import structlog
from sqlalchemy import event
from sqlalchemy.orm import Session

from hub.core.fanout import Lane
from hub.core.ports import EngineStats
from hub.engines.alarms import Alarms
from hub.failpoints import reached

_URGENT = (Lane.EMERGENCY, Lane.TRANSACTIONAL)
_RANK: Mapping[str, int] = {lane.value: place for place, lane in enumerate(Lane)}
_EMERGENCY = _RANK[Lane.EMERGENCY]
_WAITING = "ortsruf-jobs"

log = structlog.get_logger(__name__)


class InlineEngine:
    """Runs ``jobs[name](subject)`` in ``threads`` threads; one of them serves the urgent lanes only.

    While an emergency is carried out, bulk waits: what is under way gives way at its next checkpoint, nothing is begun.

    The lane ``gather`` has ``gatherers`` threads of its own: a source that hangs keeps no message from anybody. A job
    that already waits is not queued twice. ``run_all`` runs what waits in the caller's thread (demo, tests).
    """

    def __init__(
        self, jobs: Mapping[str, Callable[[str], object]], now: Callable[[], datetime],
        *, threads: int = 4, gatherers: int = 0,
    ) -> None:  # fmt: skip
        """Take the ``jobs`` by name and the clock; nothing runs before :meth:`start`."""
        self._jobs, self._now, self._count, self._gatherers = jobs, now, threads, gatherers
        self._queues: dict[bool, list[tuple[int, float, int, str, str]]] = {False: [], True: []}  # by: is it gathering?
        self._later: list[tuple[datetime, int, str, str, int]] = []
        self._queued: set[tuple[str, str]] = set()
        self._running: set[tuple[str, str]] = set()
        self._alarms = Alarms()
        self._blocked: dict[tuple[str, str], tuple[int, float, int, str, str]] = {}  # wait for their own end
        self._order = itertools.count()
        self._wake = threading.Condition()
        self._threads: list[threading.Thread] = []
        self._stopping = False

    def defer(
        self, session: Session, job: str, subject: str, *, lane: str = "normal", at: datetime | None = None
    ) -> None:
        """Wake ``job`` for ``subject`` once ``session`` has committed; a rollback leaves nothing."""
        if job not in self._jobs:
            raise ValueError(f"there is no job called {job!r}")
        if _WAITING not in session.info:
            session.info[_WAITING] = []
            event.listen(session, "after_commit", self._committed)
            event.listen(session, "after_rollback", _forget)
        session.info[_WAITING].append((job, subject, _RANK.get(lane, _RANK[Lane.NORMAL]), at))

    def _committed(self, session: Session) -> None:
        waiting, session.info[_WAITING] = session.info.get(_WAITING, []), []
        reached("inline.before-wake")
        if not waiting:
            return
        now = self._now()
        reached("inline.before-wake")
        with self._wake:
            for job, subject, rank, at in waiting:
                if at is not None and at > now:
                    heapq.heappush(self._later, (at, next(self._order), job, subject, rank))
                else:
                    self._push(job, subject, rank)
            self._wake.notify_all()

    def _push(self, job: str, subject: str, rank: int) -> None:
        """Queue a job that does not wait already; one that runs waits for its end, out of the others' way."""
        if (job, subject) in self._queued:
            return
        self._queued.add((job, subject))
        one = (rank, time.monotonic(), next(self._order), job, subject)
        if (job, subject) in self._running:
            self._blocked[job, subject] = one
        else:
            heapq.heappush(self._queues[rank == _RANK[Lane.GATHER]], one)

    def _ripen(self) -> None:
        while self._later and self._later[0][0] <= self._now():
            _, _, job, subject, rank = heapq.heappop(self._later)
            self._push(job, subject, rank)

    def _take(self, lanes: Collection[str]) -> tuple[str, str] | None:
        """Take the most urgent job of ``lanes`` that is not running already; the caller holds the lock."""
        self._ripen()
        ranks = {_RANK[lane] for lane in lanes}
        for gathering, queue in self._queues.items():
            if (_RANK[Lane.GATHER] in ranks) if gathering else (ranks - {_RANK[Lane.GATHER]}):
                lowest = _RANK[Lane.TRANSACTIONAL] if self._alarms.ring() and not gathering else max(ranks)
                if queue and queue[0][0] <= min(lowest, max(ranks)):
                    return self._begin(heapq.heappop(queue))
        return None

    def _begin(self, one: tuple[int, float, int, str, str]) -> tuple[str, str]:
        found = (one[3], one[4])
        self._queued.discard(found)
        self._running.add(found)
        if one[0] == _EMERGENCY:
            self._alarms.begin(found)
        return found

    def urgent(self) -> bool:
        """Whether a job of the emergency lane waits or runs: bulk makes room. Takes no lock."""
        queue = self._queues[False]
        return (bool(queue) and queue[0][0] == _EMERGENCY) or self._alarms.ring()

    def start(self) -> None:
        """Begin to work in the background; the first thread serves urgent lanes only."""
        self._stopping = False
        every = list(Lane)
        messages = [one for one in every if one is not Lane.GATHER] if self._gatherers else every
        shares = [_URGENT if number == 0 and self._count > 1 else messages for number in range(self._count)]
        for number, lanes in enumerate([*shares, *[[Lane.GATHER]] * self._gatherers]):
            thread = threading.Thread(target=self._work, args=(lanes,), name=f"ortsruf-worker-{number}", daemon=True)
            thread.start()
            self._threads.append(thread)

    def _work(self, lanes: Collection[str]) -> None:
        while not self._stopping:
            with self._wake:
                found = self._take(lanes)
                if found is None:
                    self._wake.wait(timeout=0.5)
            if found is not None:
                self._run(found)

    def _run(self, found: tuple[str, str]) -> None:
        """Run one job; whatever goes wrong stays with this job, the sweep tries again."""
        job, subject = found
        reached("inline.job-taken")
        try:
            self._jobs[job](subject)
        except Exception:
            log.exception("job failed", job=job, subject=subject)
        finally:
            with self._wake:
                self._running.discard(found)
                self._alarms.end(found)
                again = self._blocked.pop(found, None)
                if again is not None:
                    heapq.heappush(self._queues[again[0] == _RANK[Lane.GATHER]], again)
                self._wake.notify_all()
        reached("inline.job-ended")

    def run_all(self, *, most: int = 100_000) -> int:
        """Run everything that waits and is due, in this thread; returns how many jobs ran."""
        for count in range(most):
            with self._wake:
                found = self._take(list(Lane))
            if found is None:
                return count
            self._run(found)
        raise RuntimeError("the jobs do not come to an end")

    def stop(self, seconds: float = 10.0) -> None:
        """Take no new job, wait for the running ones up to ``seconds``."""
        self._stopping = True
        with self._wake:
            self._wake.notify_all()
        until = time.monotonic() + seconds
        for thread in self._threads:
            thread.join(max(0.0, until - time.monotonic()))
        self._threads.clear()

    def stats(self) -> EngineStats:
        """Return what waits and runs in this process."""
        with self._wake:
            lanes = list(_RANK)
            queued = [*self._blocked.values(), *(one for queue in self._queues.values() for one in queue)]
            waiting = Counter(lanes[one[0]] for one in queued)
            oldest = max((time.monotonic() - one[1] for one in queued), default=None)
            at = None if oldest is None else self._now() - timedelta(seconds=oldest)
            return EngineStats(waiting=dict(waiting), running=len(self._running), oldest=at)

    def health(self) -> str:
        """Return what is wrong: a worker thread that ended."""
        dead = [thread.name for thread in self._threads if not thread.is_alive()]
        return f"worker threads ended: {', '.join(dead)}" if dead else ""


def _forget(session: Session) -> None:
    session.info[_WAITING] = []
