"""Heartbeats, and what the pulse doubts: clocks that leap, databases that are older than the work done here."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from fakes.house import NOON, FakeClock

from hub import pulse as module
from hub.jobs.hold import Hold, hold, release, standing_reason
from hub.pulse import Process, Pulse
from hub.store import heartbeats
from hub.store.database import Store


class Clocks:
    """A wall clock and the time since the machine started."""

    def __init__(self) -> None:
        self.wall, self.ticks = FakeClock(), 1000.0

    def pass_(self, **span: float) -> None:
        self.wall.forward(**span)
        self.ticks += timedelta(**span).total_seconds()


@pytest.fixture
def clocks(monkeypatch: pytest.MonkeyPatch) -> Clocks:
    made = Clocks()
    monkeypatch.setattr(module, "_ticks", lambda: made.ticks)
    return made


@pytest.fixture
def beating(clocks: Clocks) -> Callable[..., Pulse]:
    def make(store: Store, folder: Path | None = None, name: str = "host-1-a", **values: Any) -> Pulse:
        made = Pulse(store, Process(name, "work", "normal", **values), clocks.wall, folder)
        made.look()
        made.beat()
        return made

    return make


def reason(store: Store) -> str:
    with store.read() as session:
        return standing_reason(session)


def test_a_process_is_known_while_it_beats(store: Store, clocks: Clocks, beating: Callable[..., Pulse]) -> None:
    one = beating(store, detail=lambda: "well")
    clocks.pass_(seconds=10)
    one.beat()
    beating(store, name="host-2-b")
    with store.read() as session:
        row = heartbeats.listed(session)[0]
        assert dict(row) == {
            "name": "host-1-a", "role": "work", "lanes": "normal", "started_at": NOON,
            "at": NOON + timedelta(seconds=10), "detail": "well",
        }  # fmt: skip
        assert len(heartbeats.alive(session, clocks.wall())) == 2
    clocks.pass_(seconds=31)
    with store.read() as session:
        assert heartbeats.alive(session, clocks.wall()) == []
    clocks.pass_(days=2)
    one.beat()
    with store.read() as session:
        assert [row["name"] for row in heartbeats.listed(session)] == ["host-1-a"]
    one.stop()
    with store.read() as session:
        assert heartbeats.listed(session) == []
    assert reason(store) == ""


@pytest.mark.parametrize(
    ("leap", "words"),
    [
        ({"hours": -1, "minutes": -1}, "The clock jumped back by 61 minutes."),
        ({"days": 1}, "The clock jumped forward by 24 hours."), ({"days": 365}, "The clock jumped forward by 365 days."),
    ],
)  # fmt: skip
def test_a_clock_that_leaps_puts_the_installation_on_hold(
    store: Store, clocks: Clocks, beating: Callable[..., Pulse], leap: dict[str, float], words: str
) -> None:
    one = beating(store)
    clocks.wall.forward(**leap)
    clocks.pass_(seconds=10)
    one.beat()
    assert words in reason(store)
    release(store, clocks.wall())
    clocks.pass_(seconds=10)
    one.beat()
    assert reason(store) == ""


def test_a_small_step_and_a_long_sleep_do_not(store: Store, clocks: Clocks, beating: Callable[..., Pulse]) -> None:
    one = beating(store)
    clocks.wall.forward(minutes=-59)
    one.beat()
    clocks.pass_(days=3)
    one.beat()
    assert reason(store) == ""


def test_a_clock_behind_the_database_is_seen_at_the_start(
    store: Store, clocks: Clocks, beating: Callable[..., Pulse]
) -> None:
    beating(store).stop()
    clocks.wall.forward(hours=-3)
    one = beating(store)
    assert "The clock is 3 hours behind what the database has seen." in reason(store)
    release(store, clocks.wall())
    one.stop()
    beating(store)
    assert reason(store) == ""


def test_a_restored_backup_is_seen(tmp_path: Path, clocks: Clocks, beating: Callable[..., Pulse]) -> None:
    file, folder = tmp_path / "a.sqlite", tmp_path / "data"
    folder.mkdir()
    store = Store(f"sqlite:///{file}")
    store.upgrade()
    beating(store, folder).stop()
    store.close()
    shutil.copy(file, tmp_path / "backup")
    later = beating(store, folder)
    clocks.pass_(hours=2)
    later.beat()
    later.stop()
    store.close()
    shutil.copy(tmp_path / "backup", file)
    restored = beating(store, folder)
    assert "The database is older than the one that worked here last: a restored backup." in reason(store)
    release(store, clocks.wall())
    restored.stop()
    beating(store, folder).stop()
    assert reason(store) == ""
    store.close()


def test_an_outage_is_no_backup(store: Store, tmp_path: Path, clocks: Clocks, beating: Callable[..., Pulse]) -> None:
    beating(store, tmp_path)
    clocks.pass_(days=1)
    clocks.ticks = 5.0  # the machine was started anew
    beating(store, tmp_path, name="host-3-c")
    assert reason(store) == ""


def test_the_first_reason_stays_and_is_seen_within_a_second(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    at = [0.0]
    monkeypatch.setattr("hub.jobs.hold.time.monotonic", lambda: at[0])
    watch = Hold(store)
    assert watch.reason() == ""
    assert hold(store, "by hand", NOON)
    assert not hold(store, "again", NOON)
    assert watch.reason() == ""
    at[0] = 1.1
    assert watch.reason() == "by hand"
