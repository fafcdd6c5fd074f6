"""Backup and restore: an installation in one file, and back from it without telling anybody twice (D-09).

backup: everything as of one moment -> on hold, nobody signed in, nothing left that works once (links of letters and
invitations, recovery codes) -> checked -> under its name.
restore: checked -> a copy: what may have gone out since is dropped, on hold -> at once into an empty database.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import RowMapping, select

from hub.core.errors import SettingsError
from hub.store import copying, dropping, heartbeats, snapshots, standing
from hub.store.database import Store
from hub.store.schema import municipality

_AHEAD = 10_000_000  # ids that may be given between a backup and a restore
_PUT_AHEAD = "ahead"  # the mark of a backup whose ids are so far ahead already


@dataclass(frozen=True, slots=True)
class Restored:
    """What was restored: when the backup was made, its towns, and how much was dropped because it may be known."""

    made_at: datetime
    towns: list[str]
    dropped: int


def backup(store: Store, path: Path, now: datetime) -> int:
    """Write a backup to ``path`` while everything goes on; returns its bytes.

    It stands on hold in itself: whoever puts the file in place by hand sends nothing either. Raises
    ``SettingsError`` if the file exists.
    """
    if path.exists():
        raise SettingsError(f"{path} exists already; a backup overwrites nothing.")
    if not path.parent.is_dir():
        raise SettingsError(f"There is no folder {path.parent}.")
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".ortsruf-") as folder:
        part = Path(folder) / "backup.sqlite"
        snapshots.save(store, part)
        _calm(part, now)
        snapshots.check(part, path)
        with part.open("rb") as file:
            os.fsync(file.fileno())
        part.rename(path)
    _sync_folder(path.parent)
    return path.stat().st_size


def _calm(part: Path, now: datetime) -> None:
    """Mark a copy as a backup: on hold, and without what holds for a while only."""
    copy = Store(f"sqlite:///{part}")
    try:
        with copy.begin() as session:
            snapshots.forget_passing(session, now)
            copying.advance(session, session, ahead=_AHEAD)
            standing.drop(session, standing.HOLD)
            standing.put(session, standing.BACKUP, _PUT_AHEAD, now)
            standing.hold(session, _reason(now), now)
    finally:
        copy.close()


def _reason(made_at: datetime) -> str:
    return f"A backup of {made_at:%Y-%m-%d %H:%M} UTC: look at it first."


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def restore(path: Path, store: Store, now: datetime) -> Restored:
    """Fill ``store``, whose tables are there, from the backup ``path``; on hold, and ready to tell nobody twice.

    What waited when the backup was made and was due until ``now`` may have gone out since: it is dropped, and the
    next poll of every source tells nobody of what is new to the backup. What is due later goes out as planned.
    Raises ``SettingsError`` for a file that is no whole backup, and for a database that serves somebody.
    """
    _refuse_to_replace(store, now)
    with tempfile.TemporaryDirectory(prefix="ortsruf-") as folder:
        part = Path(folder) / "backup.sqlite"
        try:
            shutil.copyfile(path, part)  # opening a database may write to it, and a backup may lie on a read-only disk
        except OSError as error:
            raise SettingsError(f"{path} cannot be read: {error.strerror}.") from error
        snapshots.check(part, path)
        saved = Store(f"sqlite:///{part}")
        try:
            restored = _made_ready(saved, path, now)
        finally:
            saved.close()
        snapshots.load(part, store)  # in one step: whoever is killed before it has an empty database, after it all this
    return restored


def _ids_since(mark: RowMapping, now: datetime) -> int:
    """Return how far ids of a restored copy are put ahead of its own: none may be given again.

    A second for each id, beside the distance that a backup has in itself: one that is restored a second time must not
    give those again that the first restored copy gave.
    """
    seconds = max(0, int((now - mark["at"]).total_seconds()))
    return seconds + (_AHEAD if mark["value"] != _PUT_AHEAD else 0)


def _made_ready(saved: Store, path: Path, now: datetime) -> Restored:
    """Let a copy of a backup be what is to be restored from it."""
    with saved.read() as session:
        mark = standing.get(session, standing.BACKUP)
    if mark is None:
        raise SettingsError(f"{path} is a database, but no backup that `ortsruf backup` made.")
    saved.upgrade()
    with saved.begin() as session:
        snapshots.forget_passing(session, now)  # one of an earlier Ortsruf has more of it
        dropped = dropping.due_until(session, now)
        dropping.silence_sources(session)
        copying.advance(session, session, ahead=_ids_since(mark, now))
        standing.drop(session, standing.HOLD)
        standing.hold(session, _reason(mark["at"]), now)
        standing.put(session, standing.BACKUP, "restored", mark["at"])
        towns = list(session.scalars(select(municipality.c.id).order_by(municipality.c.id)))
    return Restored(mark["at"], towns, dropped)


def _refuse_to_replace(store: Store, now: datetime) -> None:
    with store.read() as session:
        there = list(session.scalars(select(municipality.c.id).limit(5)))
        busy = [f"{row['role']} {row['name']}" for row in heartbeats.alive(session, now)]
        people = copying.signs_in(session)
    if there:
        raise SettingsError(
            f"This database serves {', '.join(there)}: a restore replaces nobody. Name an empty database, or move the "
            "old file away."
        )
    if people:
        raise SettingsError(
            "This database has accounts or an audit log: a restore replaces nobody. Name an empty database, or move "
            "the old file away."
        )
    if busy:
        raise SettingsError(f"Still at work: {', '.join(busy)}. Stop Ortsruf, then repeat.")
