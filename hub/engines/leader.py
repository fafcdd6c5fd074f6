"""The leader: of all processes that tick on one PostgreSQL, the one whose ticks count (C-05, O-08)."""

from __future__ import annotations

import contextlib
import threading

import psycopg
import structlog
from sqlalchemy import make_url

_EVERY = 2.0  # seconds between two looks
_LEASE = 10.0  # seconds after which a leader that has not said so is deposed
_KEY = 0x4F525453  # "ORTS", the advisory lock; with _TICK it names the ticks
_TICK = 1

_TRY = "SELECT pg_try_advisory_lock(%s, %s)"
_RENEW = """
    INSERT INTO standing (name, value, at) VALUES ('leader', %s, clock_timestamp())
    ON CONFLICT (name) DO UPDATE SET value = excluded.value, at = excluded.at
"""
# By the database's own clock. A stopped process keeps its connection, and with it the lock, always: who waits, ends it.
_DEPOSE = """
    SELECT pg_terminate_backend(pid) FROM pg_locks
    WHERE locktype = 'advisory' AND classid = %s AND objid = %s AND granted AND pid <> pg_backend_pid()
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND NOT EXISTS (SELECT 1 FROM standing WHERE name = 'leader' AND at > clock_timestamp() - make_interval(secs => %s))
"""

log = structlog.get_logger(__name__)


class Leader:
    """Wants to lead: holds a session advisory lock on a connection of its own, and a lease that says it is awake.

    Never through a transaction pooler: the lock belongs to the connection. A leader that was stopped (SIGSTOP, a
    frozen machine) is deposed when its lease of ten seconds has ended; its connection is gone when it wakes, so
    :meth:`leads`, which asks the database on that very connection, says no.
    """

    def __init__(self, database_url: str, name: str) -> None:
        """Take a SQLAlchemy URL and the ``name`` of this process; nothing connects before :meth:`start`."""
        self._conninfo = make_url(database_url).set(drivername="postgresql").render_as_string(hide_password=False)
        self._name = name
        self._connection: psycopg.Connection | None = None
        self._holds = False
        self._lock = threading.RLock()
        self._ending = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to want the lead; the first try is made at once."""
        self._ending.clear()
        self.look()
        self._thread = threading.Thread(target=self._keep, name="ortsruf-leader", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Give the lead back at once."""
        self._ending.set()
        if self._thread is not None:
            self._thread.join(_EVERY + 1.0)
            self._thread = None
        with self._lock:
            self._let_go()

    def _keep(self) -> None:
        while not self._ending.wait(_EVERY):
            self.look()

    def look(self) -> bool:
        """Take the lead if it is free, renew it if it is ours, depose a leader that sleeps; whether we lead now."""
        with self._lock:
            try:
                return self._look()
            except psycopg.Error as error:
                if self._holds:
                    log.warning("lost the lead of the ticks", error=repr(error))
                self._let_go()
                return False

    def _look(self) -> bool:
        if self._connection is None:
            self._connection = psycopg.connect(
                self._conninfo, autocommit=True, connect_timeout=5, application_name="ortsruf tick",
                keepalives_idle=10, keepalives_interval=5, keepalives_count=2, tcp_user_timeout=10_000,
            )  # fmt: skip
        if not self._holds:
            self._holds = self._asked(_TRY, (_KEY, _TICK))
            if self._holds:
                log.info("leads the ticks", process=self._name)
            elif self._asked(_DEPOSE, (_KEY, _TICK, _LEASE)):
                log.warning("deposed a leader that did not answer", process=self._name)
        if self._holds:
            self._connection.execute(_RENEW, (self._name,))
        return self._holds

    def _asked(self, query: str, parameters: tuple[object, ...]) -> bool:
        assert self._connection is not None  # noqa: S101 - only called with one
        row = self._connection.execute(query, parameters).fetchone()
        return bool(row and row[0])

    def leads(self) -> bool:
        """Whether this process leads at this moment: the database answers on the connection that holds the lock."""
        with self._lock:
            if not self._holds or self._connection is None:
                return False
            try:
                self._connection.execute("SELECT 1")
            except psycopg.Error:
                self._let_go()
            return self._holds

    def _let_go(self) -> None:
        if self._connection is not None:
            with contextlib.suppress(psycopg.Error):
                if self._holds:  # the server sees a closed connection a moment later
                    self._connection.execute("SELECT pg_advisory_unlock(%s, %s)", (_KEY, _TICK))
                self._connection.close()
            self._connection = None
        self._holds = False

    def state(self) -> str:
        """Return ``leads`` or ``stands by``, for the heartbeat."""
        return "leads" if self._holds else "stands by"
