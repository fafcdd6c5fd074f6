"""Snapshots: a whole database as one SQLite file, as it was at one moment, and back (D-09)."""

from __future__ import annotations

from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import delete, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from hub.core.errors import SettingsError, StoreError
from hub.store import copying, standing
from hub.store.database import Store, sqlite_library
from hub.store.schema import heartbeat, invitation, letter, login_session, prekey, recovery_code

_HEADER = b"SQLite format 3\0"


def save(store: Store, path: Path) -> None:
    """Write everything in ``store``, as it is at one moment, to the new file ``path``; nobody has to stop for it.

    From PostgreSQL it is read in one repeatable-read transaction and proved by count and checksum.
    """
    path.touch(mode=0o600, exist_ok=False)  # it holds addresses and secret keys
    if store.sqlite:
        with closing(sqlite_library().connect(path)) as target, store.engine.connect() as connection:
            connection.connection.dbapi_connection.backup(target)  # type: ignore[union-attr]
        return
    made = Store(f"sqlite:///{path}")
    try:
        made.upgrade()
        reading = store.engine.execution_options(isolation_level="REPEATABLE READ")
        with Session(reading) as old, old.begin(), made.begin() as new:
            copy(old, new)
    finally:
        made.close()


def forget_passing(session: Session, now: datetime) -> None:
    """Let go of what holds for a while or works once, and may have ended or been used since.

    Processes, sign-ins, links of letters, prekeys, recovery codes; open invitations are revoked.
    """
    for table in (heartbeat, login_session, letter, prekey, recovery_code):
        session.execute(delete(table))
    open_ = update(invitation).where(invitation.c.used_at.is_(None), invitation.c.revoked_at.is_(None))
    session.execute(open_.values(revoked_at=now))


def copy(old: Session, new: Session) -> None:
    """Copy all tables into a database without towns. Raises ``StoreError`` if the copy is not what was read."""
    copying.empty(new)
    for table in copying.tables():
        read, there = copying.copy(old, new, table, None)
        if read != there:
            raise StoreError(f"The copy of {table.name} is not what was read.")
    copying.advance(old, new, ahead=0)


def load(path: Path, store: Store) -> None:
    """Put what ``path`` holds, of this version's shape, into ``store``, whose tables are there and which serves nobody.

    It is one transaction: what holds for the whole installation there (on hold, since when) comes with it.
    """
    if store.sqlite:
        with closing(sqlite_library().connect(path)) as source, store.engine.connect() as connection:
            source.backup(connection.connection.dbapi_connection)
        return
    saved = Store(f"sqlite:///{path}")
    try:
        with saved.read() as old, store.begin() as new:
            copy(old, new)
            for name in (standing.HOLD, standing.BACKUP):
                row = standing.get(old, name)
                if row is not None:
                    standing.put(new, name, row["value"], row["at"])
    finally:
        saved.close()


def check(path: Path, name: Path) -> None:
    """Raise ``SettingsError``, which calls it ``name``, unless ``path`` is a whole database of a version known here."""
    with path.open("rb") as file:
        if file.read(len(_HEADER)) != _HEADER:
            raise SettingsError(f"{name} is no backup of Ortsruf.")
    saved = Store(f"sqlite:///{path}")
    try:
        with saved.engine.connect() as connection:
            found = connection.execute(text("PRAGMA integrity_check")).scalar_one()
            revision = MigrationContext.configure(connection).get_current_revision()
    except DBAPIError as error:
        raise SettingsError(f"{name} is damaged: {error.orig}.") from error
    finally:
        saved.close()
    if found != "ok":
        raise SettingsError(f"{name} is damaged: {found}.")
    if revision is None:
        raise SettingsError(f"{name} is no backup of Ortsruf.")
    if revision not in {one.revision for one in _scripts().walk_revisions()}:
        raise SettingsError(f"{name} was made by a newer Ortsruf (tables {revision}). Update this one first.")


def _scripts() -> Any:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return ScriptDirectory.from_config(config)
