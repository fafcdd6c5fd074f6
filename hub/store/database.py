"""Connections and transactions: one short writer at a time on SQLite, MVCC on PostgreSQL."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from hub.core.errors import StoreError
from hub.failpoints import reached
from hub.store.schema import metadata

# SQLite 3.7.0 to 3.51.2 can lose committed writes when a WAL is reset under concurrent checkpoints; these are fixed.
_FIXED = ((3, 51, 3), (3, 50, 7), (3, 44, 6))

_PATIENCE = 10.0  # seconds that a writer waits for another; then whoever asked gets a 503, a job tries again (D-05)


def sqlite_library() -> Any:
    """Return the DB-API module of the newest SQLite at hand: ``pysqlite3`` brings its own, else the system's."""
    try:
        from pysqlite3 import dbapi2
    except ImportError:
        return sqlite3
    return dbapi2 if dbapi2.sqlite_version_info > sqlite3.sqlite_version_info else sqlite3


def wal_is_safe(version: tuple[int, ...]) -> bool:
    """Whether this SQLite has the fix of the WAL-reset bug (in 3.51.3, and on two older branches)."""
    return version >= _FIXED[0] or any(fix <= version[:3] < (3, fix[1] + 1, 0) for fix in _FIXED[1:])


class Store:
    """A database with its tables. ``url`` is a SQLAlchemy URL; thread-safe."""

    def __init__(self, url: str) -> None:
        """Open (not yet connect to) the database at ``url``."""
        options: dict[str, Any] = {"pool_pre_ping": True}
        if url.startswith("sqlite"):
            options = {"connect_args": {"timeout": _PATIENCE}, "module": sqlite_library()}
        self.engine: Engine = create_engine(url, **options)
        self.sqlite = self.engine.dialect.name == "sqlite"
        if self.sqlite:
            event.listen(self.engine, "connect", _prepare_sqlite)
            event.listen(self.engine, "begin", _begin_sqlite)

    @contextmanager
    def begin(self) -> Iterator[Session]:
        """Run a short writing transaction: commits at the end, rolls back on any error.

        Raises ``StoreError`` when the database itself refuses (locked, full, gone); nothing is half-written then.
        """
        with self._session(readonly=False) as session:
            yield session
            reached("store.before-commit")
        reached("store.after-commit")

    @contextmanager
    def read(self) -> Iterator[Session]:
        """Run a reading transaction; on SQLite it never takes the write lock."""
        with self._session(readonly=True) as session:
            yield session

    @contextmanager
    def _session(self, *, readonly: bool) -> Iterator[Session]:
        bind = self.engine.execution_options(readonly=readonly)
        try:
            with Session(bind, expire_on_commit=False) as session, session.begin():
                yield session
        except DBAPIError as error:
            raise StoreError(f"The database refused: {error.orig}") from error

    def version(self) -> tuple[str, str]:
        """Return what the database is called and its version."""
        with self.read() as session:
            if self.sqlite:
                return "SQLite", str(session.scalar(text("SELECT sqlite_version()")))
            return "PostgreSQL", str(session.scalar(text("SHOW server_version"))).partition(" ")[0]

    def close(self) -> None:
        """Give back every connection."""
        self.engine.dispose()

    def upgrade(self) -> None:
        """Bring the tables to this version's shape (Alembic), all or nothing; harmless when they are."""
        from alembic import command

        self._migrate(command.upgrade, "head")

    def _migrate(self, door: Callable[[Any, str], Any], revision: str) -> None:
        """Run migrations in one transaction.

        SQLite changes a table by making it anew and dropping the old one; with foreign keys enforced, dropping would
        delete the rows that refer to it. So they are checked at the end instead (sqlite.org/lang_altertable.html, 7).
        """
        from alembic.config import Config
        from alembic.runtime.migration import MigrationContext

        config = Config()
        config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
        raw: Any = None
        try:
            with self.engine.connect() as connection:
                if self.sqlite:
                    raw = connection.connection.dbapi_connection
                    connection.detach()  # nobody else gets a connection that checks nothing
                    raw.execute("PRAGMA foreign_keys=OFF")
                with connection.begin():
                    before = MigrationContext.configure(connection).get_current_revision()
                    config.attributes["connection"] = connection
                    _refuse_newer(before)
                    door(config, revision)
                    if self.sqlite and MigrationContext.configure(connection).get_current_revision() != before:
                        _refuse_orphans(connection)
        finally:
            if raw is not None:
                raw.close()


def _refuse_newer(revision: str | None) -> None:
    """Raise ``StoreError`` if the tables are of a version that is not known here."""
    from alembic.config import Config
    from alembic.script import ScriptDirectory
    from alembic.util.exc import CommandError

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    try:
        if revision is not None:
            ScriptDirectory.from_config(config).get_revision(revision)
    except CommandError as error:
        raise StoreError(f"The tables are of a newer Ortsruf ({revision}). Update this one first.") from error


def _refuse_orphans(connection: Connection) -> None:
    orphan = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
    if orphan is not None:
        raise StoreError(f"The migration would leave rows of {orphan[0]} without what they refer to; nothing changed.")


def _prepare_sqlite(connection: Any, _record: object) -> None:
    """Set what SQLite forgets between connections; leave transactions to SQLAlchemy."""
    connection.isolation_level = None
    version = tuple(map(int, connection.execute("SELECT sqlite_version()").fetchone()[0].split(".")))
    mode = "WAL" if wal_is_safe(version) else "DELETE"
    for pragma in (
        f"journal_mode={mode}",
        "synchronous=FULL",
        "foreign_keys=ON",
        f"busy_timeout={_PATIENCE * 1000:.0f}",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    """Take the write lock at once when writing: a later upgrade of a read lock could fail at any statement."""
    readonly = connection.get_execution_options().get("readonly", False)
    connection.exec_driver_sql("BEGIN" if readonly else "BEGIN IMMEDIATE")


def insert_for(session: Session) -> Any:
    """Return the dialect's ``insert`` that knows ``on_conflict_do_nothing`` and ``on_conflict_do_update``."""
    return sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert


__all__ = ["Store", "insert_for", "metadata", "wal_is_safe"]
