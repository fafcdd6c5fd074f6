"""The engine for many machines: Procrastinate's queue in our own PostgreSQL, deferred in the notice's transaction.

Our tables are the truth: a job that ends, fails or is given up leaves the queue, the sweep finds what remains.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

import structlog
from procrastinate import App, JobContext, PsycopgConnector
from procrastinate.schema import SchemaManager
from procrastinate.worker import Worker
from sqlalchemy import create_engine, event, make_url, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool

from hub.core.fanout import Lane
from hub.core.ports import EngineStats
from hub.engines.alarms import Alarms
from hub.failpoints import reached

_PRIORITY: Mapping[str, int] = {lane.value: 10 * place for place, lane in enumerate(reversed(Lane))}
_BULK = {Lane.NORMAL.value, Lane.DIGEST.value}
_URGENT = [Lane.EMERGENCY.value, Lane.TRANSACTIONAL.value]
_WAITING = "ortsruf-jobs"
_POLL = 1.0  # seconds between two looks for jobs whose time has come; all others are notified
_HEARTBEAT = 2.0
_LINGERS = 0.3  # seconds after an emergency job in which those that it left behind come from the queue
_LOOK = 0.02  # seconds between two looks of a bulk job whether the alarm has ended
_DEAD = 10.0  # seconds without a heartbeat after which a worker's jobs go to others

# The row that already waits is locked until we commit: no worker can run the job before it sees our rows.
_DEFER = text("""
    INSERT INTO procrastinate_jobs AS waiting (queue_name, task_name, priority, queueing_lock, args, scheduled_at)
    VALUES (:lane, :job, :priority, :lock, jsonb_build_object('subject', CAST(:subject AS text)), :at)
    ON CONFLICT (queueing_lock) WHERE status = 'todo' DO UPDATE
    SET priority = greatest(waiting.priority, excluded.priority),
        queue_name = CASE WHEN excluded.priority > waiting.priority THEN excluded.queue_name
                          ELSE waiting.queue_name END
""")
# The queue's own trigger tells of inserted jobs only.
_WAKE = text("""
    SELECT pg_notify(channel, '{"type": "job_inserted", "job_id": 0}')
    FROM unnest(CAST(:channels AS text[])) AS channel
""")
_REAP = """
    WITH dead AS (
        DELETE FROM procrastinate_jobs AS job WHERE job.status = 'doing' AND NOT EXISTS (
            SELECT 1 FROM procrastinate_workers AS worker WHERE worker.id = job.worker_id
            AND worker.last_heartbeat > now() - make_interval(secs => %(dead)s))
        RETURNING queue_name, task_name, priority, queueing_lock, args)
    INSERT INTO procrastinate_jobs (queue_name, task_name, priority, queueing_lock, args)
    SELECT DISTINCT ON (queueing_lock) queue_name, task_name, priority, queueing_lock, args FROM dead
    ON CONFLICT (queueing_lock) WHERE status = 'todo' DO NOTHING
"""
_STATS = text("""
    SELECT job.queue_name AS lane, job.status = 'doing' AS running, count(*) AS count,
           min(coalesce(job.scheduled_at, event.at)) AS oldest
    FROM procrastinate_jobs AS job
    LEFT JOIN procrastinate_events AS event ON event.job_id = job.id AND event.type = 'deferred'
    WHERE job.status = 'doing' OR (job.status = 'todo' AND (job.scheduled_at IS NULL OR job.scheduled_at <= now()))
    GROUP BY job.queue_name, job.status
""")

log = structlog.get_logger(__name__)


class PostgresEngine:
    """Runs ``jobs[name](subject)`` for every process that shares the database at ``database_url``.

    Urgent lanes have ``threads`` of their own, and while this process carries an emergency out, its bulk waits; the
    lane ``gather`` has ``gatherers`` of its own, so that a source that hangs keeps no message from anybody. ``lanes``
    restricts this process to some lanes. A job that already waits is not queued twice.
    """

    def __init__(
        self, jobs: Mapping[str, Callable[[str], object]], database_url: str, now: Callable[[], datetime],
        *, threads: int = 4, gatherers: int = 0, lanes: Sequence[str] = (),
    ) -> None:  # fmt: skip
        """Take the ``jobs`` by name, a SQLAlchemy URL and the clock; nothing connects before it must."""
        self._jobs, self._now, self._count, self._lanes = jobs, now, threads, list(lanes)
        self._gatherers = gatherers
        self._alarms = Alarms(lingers=_LINGERS)
        url = make_url(database_url)
        self._conninfo = url.set(drivername="postgresql").render_as_string(hide_password=False)
        self._database = create_engine(url, poolclass=NullPool)
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ending = threading.Event()
        self._end: asyncio.Event | None = None
        self._grace = 10.0
        self._fault = ""

    def apply_schema(self) -> None:
        """Make the queue's tables if they are not there; harmless when repeated or started twice."""
        with self._database.begin() as connection:
            connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('ortsruf-procrastinate'))"))
            if connection.scalar(text("SELECT to_regclass('procrastinate_jobs')")) is None:
                raw: Any = connection.connection.driver_connection
                raw.execute(SchemaManager.get_schema())

    def defer(
        self, session: Session, job: str, subject: str, *, lane: str = "normal", at: datetime | None = None
    ) -> None:
        """Queue ``job`` for ``subject`` in the session's own transaction; a rollback leaves nothing.

        The rows are written right before the commit, in one order: two transactions that wake the same jobs
        cannot wait for each other, and none holds a queue's row for longer than its commit.
        """
        if job not in self._jobs:
            raise ValueError(f"there is no job called {job!r}")
        if _WAITING not in session.info:
            session.info[_WAITING] = {}
            event.listen(session, "before_commit", _write)
            event.listen(session, "after_rollback", _forget)
        lane = lane if lane in _PRIORITY else Lane.NORMAL.value
        later = at if at is not None and at > self._now() else None
        lock = f"{job}:{subject}" + (f"@{later.isoformat()}" if later else "")
        row = {
            "job": job, "subject": subject, "lane": str(lane), "priority": _PRIORITY[lane], "lock": lock, "at": later,
        }  # fmt: skip
        known = session.info[_WAITING].get(lock)
        if known is None or known["priority"] < row["priority"]:
            session.info[_WAITING][lock] = row

    def urgent(self) -> bool:
        """Whether this process carries an emergency out; for that of others checkpoints ask the database."""
        return self._alarms.ring()

    def start(self) -> None:
        """Begin to work in a background thread with an event loop of its own."""
        self._ending.clear()
        self._fault = ""
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), name="ortsruf-engine", daemon=True)
        self._thread.start()

    def stop(self, seconds: float = 10.0) -> None:
        """Take no new job, wait for the running ones up to ``seconds``; what is given up the sweep finds."""
        self._grace = seconds
        self._ending.set()
        if self._loop is not None and self._end is not None:
            with contextlib.suppress(RuntimeError):  # the loop ended by itself
                self._loop.call_soon_threadsafe(self._end.set)
        if self._thread is not None:
            self._thread.join(seconds + 1.0)
            self._thread = None

    async def _serve(self) -> None:
        """Keep workers running until :meth:`stop`, whatever becomes of the database meanwhile."""
        self._loop, self._end = asyncio.get_running_loop(), asyncio.Event()
        while not self._ending.is_set():
            try:
                await self._work(self._end)
            except Exception as error:  # noqa: BLE001 - connections break in many ways; try until told to stop
                self._fault = f"the workers lost the database: {type(error).__name__}"
                log.warning("engine restarts its workers", error=repr(error.__cause__ or error))
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._end.wait(), _POLL)

    async def _work(self, end: asyncio.Event) -> None:
        """Run the workers of one connection pool until ``end`` or until one of them fails."""
        app = App(connector=PsycopgConnector(conninfo=self._conninfo, min_size=1, max_size=6, timeout=10.0))
        for name, job in self._jobs.items():
            app.task(name=name, pass_context=True)(functools.partial(self._run, name, job))
        async with app.open_async():
            workers = [
                Worker(
                    app, queues=queues, name=name, concurrency=count, fetch_job_polling_interval=_POLL,
                    delete_jobs="always", install_signal_handlers=False, update_heartbeat_interval=_HEARTBEAT,
                    stalled_worker_timeout=_DEAD,
                )
                for name, queues, count in self._shares()
            ]  # fmt: skip
            tasks = [asyncio.create_task(one.run()) for one in workers]  # type: ignore[no-untyped-call]
            tasks.append(asyncio.create_task(_reap(app)))
            ending = asyncio.create_task(end.wait())
            self._fault = ""
            await asyncio.wait([*tasks, ending], return_when=asyncio.FIRST_COMPLETED)
            await self._close(workers, tasks, ending)

    async def _run(self, name: str, job: Callable[[str], object], context: JobContext, subject: str) -> None:
        """Run one job, bulk when no alarm rings."""
        if context.job.queue in _BULK:
            while self._alarms.ring() and not self._ending.is_set():  # noqa: ASYNC110 - an alarm ends by the clock
                await asyncio.sleep(_LOOK)
        if context.job.queue == Lane.EMERGENCY:
            self._alarms.begin(context.job.id)
        try:
            await _in_thread(name, job, subject)
        finally:
            self._alarms.end(context.job.id)

    def _shares(self) -> list[tuple[str, list[str] | None, int]]:
        """Return (name, lanes, threads) of the workers."""
        lanes = [lane.value for lane in Lane if lane.value in self._lanes or not self._lanes]
        messages = [lane for lane in lanes if lane != Lane.GATHER or not self._gatherers]
        urgent = [lane for lane in messages if lane in _URGENT]
        shares: list[tuple[str, list[str] | None, int]] = []
        threads = self._count
        if urgent and urgent != messages and threads > 1:
            shares.append(("urgent", urgent, threads))  # bulk that was taken already and waits keeps none from them
            threads -= 1
        if messages:
            shares.append(("messages", messages if self._lanes or self._gatherers else None, threads))
        if Lane.GATHER in lanes and self._gatherers:
            shares.append(("gather", [Lane.GATHER.value], self._gatherers))
        return shares

    async def _close(
        self, workers: Sequence[Worker], tasks: Sequence[asyncio.Task[None]], ending: asyncio.Task[Any]
    ) -> None:
        """End every worker within the grace; raise what ended one of them untimely."""
        for worker in workers:
            worker.shutdown_graceful_timeout = self._grace
            worker.stop()  # type: ignore[no-untyped-call]
        ending.cancel()
        tasks[-1].cancel()
        found = await asyncio.gather(*tasks, return_exceptions=True)
        if not self._ending.is_set():
            faults = [one for one in found if isinstance(one, Exception)]
            raise faults[0] if faults else ConnectionError("a worker ended")

    def stats(self) -> EngineStats:
        """Return what is due and what runs, on all machines together."""
        with self._database.connect() as connection:
            rows = connection.execute(_STATS).all()
        waiting = {row.lane: int(row._mapping["count"]) for row in rows if not row.running}  # noqa: SLF001
        running = sum(int(row._mapping["count"]) for row in rows if row.running)  # noqa: SLF001
        oldest = min((row.oldest for row in rows if not row.running and row.oldest), default=None)
        return EngineStats(waiting=waiting, running=running, oldest=oldest)

    def health(self) -> str:
        """Return what is wrong: the workers' thread, their connection, or the database itself."""
        if self._thread is not None and not self._thread.is_alive():
            return "the workers ended"
        if self._fault:
            return self._fault
        try:
            with self._database.connect() as connection:
                ready = connection.scalar(text("SELECT to_regclass('procrastinate_jobs')")) is not None
        except SQLAlchemyError as error:
            return f"the database does not answer: {type(error).__name__}"
        return "" if ready else "the queue's tables are missing: run `ortsruf init`"


def _write(session: Session) -> None:
    """Write what the session has deferred, on its own connection."""
    waiting, session.info[_WAITING] = session.info.get(_WAITING, {}), {}
    if waiting:
        reached("postgres.before-defer")
        session.execute(_DEFER, [waiting[lock] for lock in sorted(waiting)])
        reached("postgres.deferred")
        lanes = sorted({row["lane"] for row in waiting.values()})
        channels = ["procrastinate_any_queue_v1", *(f"procrastinate_queue_v1#{lane}" for lane in lanes)]
        session.execute(_WAKE, {"channels": channels})
        reached("postgres.notified")


def _forget(session: Session) -> None:
    session.info[_WAITING] = {}


async def _in_thread(name: str, job: Callable[[str], object], subject: str) -> None:
    """Run one job in a thread that does not outlive the process; its errors stay with it, the sweep tries again."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[None] = loop.create_future()

    def finish() -> None:
        if not done.done():
            done.set_result(None)

    def work() -> None:
        reached("postgres.job-taken")
        try:
            job(subject)
        except Exception:
            log.exception("job failed", job=name, subject=subject)
        finally:
            reached("postgres.job-ended")
            with contextlib.suppress(RuntimeError):  # given up: the loop is gone
                loop.call_soon_threadsafe(finish)

    threading.Thread(target=work, name=f"ortsruf-{name}", daemon=True).start()
    await done


async def _reap(app: App) -> None:
    """Hand on the jobs of workers that died without a word (kill -9, power)."""
    while True:
        await app.connector.execute_query_async(_REAP, dead=_DEAD)
        await asyncio.sleep(_DEAD / 2)
