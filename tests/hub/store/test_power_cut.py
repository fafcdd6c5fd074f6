"""Power cuts and full disks on SQLite: what was acknowledged is there, and the file is whole (D-03, D-06, G3, G4)."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import event, select, text

from hub.store import towns
from hub.store.database import Store
from hub.store.schema import secret

CUTS = int(os.environ.get("ORTSRUF_POWER_CUTS", "12"))
NOW = datetime(2026, 11, 23, 11, tzinfo=UTC)
PAGE = 4096


class Disk:
    """A database file with its WAL: what is on the platter for sure, and what a cut may take."""

    def __init__(self, file: Path) -> None:
        self.file, self.log = file, Path(f"{file}-wal")
        self.synced = b""  # the log when the last commit was acknowledged: fsync had returned

    def acknowledge(self) -> None:
        self.synced = self.log.read_bytes() if self.log.exists() else b""

    def cut(self, chance: random.Random, target: Path) -> Path:
        """Copy what a power cut leaves: of the unsynced tail of the log some part, its last page perhaps torn."""
        target.write_bytes(self.file.read_bytes())
        log = self.log.read_bytes() if self.log.exists() else b""
        begun_anew = log[: len(self.synced)] != self.synced  # after a checkpoint, from the front: all of it is synced
        keep = len(log) if begun_anew else chance.randint(len(self.synced), len(log))
        tail = bytearray(log[:keep])
        if keep > len(self.synced) + PAGE and chance.random() < 0.5:
            tail[-PAGE // 2 :] = chance.randbytes(PAGE // 2)
        Path(f"{target}-wal").write_bytes(bytes(tail))
        return target


def whole(file: Path) -> set[str]:
    """Open what is left; returns the names that are there. Fails if the file is not whole."""
    store = Store(f"sqlite:///{file}")
    with store.read() as session:
        assert session.scalar(text("PRAGMA integrity_check")) == "ok"
        found = set(session.scalars(select(secret.c.name)))
    store.close()
    return found


def test_a_power_cut_at_any_moment_loses_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    chance = random.Random(11)
    store = Store(f"sqlite:///{tmp_path / 'a.sqlite'}")
    # A tiny cache: pages reach the log long before the commit, so that there is a tail to lose.
    event.listen(store.engine, "connect", lambda connection, _: connection.execute("PRAGMA cache_size=5"))
    with store.begin() as session:
        session.execute(text("CREATE TABLE secret (name TEXT PRIMARY KEY, value TEXT, created_at TEXT)"))
    disk = Disk(tmp_path / "a.sqlite")
    acknowledged: set[str] = set()
    moments = set(chance.sample(range(CUTS * 4), CUTS))
    images: list[tuple[Path, set[str]]] = []
    for number in range(CUTS * 4):
        with store.begin() as session:
            names = [f"{number}-{part}" for part in range(chance.randint(1, 40))]
            for name in names:
                towns.add_secret(session, name, "x" * chance.randint(10, 2000), NOW)
            if number in moments:
                images.append((disk.cut(chance, tmp_path / f"cut{number}.sqlite"), set(acknowledged)))
        acknowledged |= set(names)
        disk.acknowledge()
    store.close()
    assert len(images) == CUTS
    for file, known in images:
        found = whole(file)
        assert found == known, f"{file.name}: lost {known - found}, half done {found - known}"


WRITER = """
import resource, signal, sys
from datetime import UTC, datetime
from hub.core.errors import StoreError
from hub.store import towns
from hub.store.database import Store

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # writing fails as on a full disk
store = Store(sys.argv[1])
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), resource.RLIM_INFINITY))
for number in range(200):
    try:
        with store.begin() as session:
            towns.add_secret(session, f"n{number}", "x" * 3000, datetime.now(UTC))
    except StoreError as error:
        print("refused", flush=True)
        break
    print(f"n{number}", flush=True)
"""


@pytest.mark.parametrize("room", [60_000, 300_000])
def test_a_full_disk_acknowledges_nothing_that_is_not_there_and_work_goes_on_afterwards(
    tmp_path: Path, room: int
) -> None:
    file = tmp_path / "a.sqlite"
    store = Store(f"sqlite:///{file}")
    with store.begin() as session:
        session.execute(text("CREATE TABLE secret (name TEXT PRIMARY KEY, value TEXT, created_at TEXT)"))
    store.close()
    command = [sys.executable, "-c", WRITER, f"sqlite:///{file}", str(room)]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])}
    said = subprocess.run(command, capture_output=True, text=True, check=True, env=environment).stdout.split()
    assert said[-1] == "refused"
    assert len(said) > 2
    assert whole(file) == set(said[:-1])
    again = Store(f"sqlite:///{file}")
    with again.begin() as session:
        towns.add_secret(session, "afterwards", "x", NOW)
    again.close()
    assert whole(file) == {*said[:-1], "afterwards"}
