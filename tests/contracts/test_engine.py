"""What every engine promises (``hub.core.ports.Engine``): one suite over the embedded and the distributed one."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from conftest import fresh_database
from postgres_server import Server

from hub.core.ports import Engine
from hub.engines.inline import InlineEngine
from hub.engines.postgres import PostgresEngine
from hub.store.database import Store

BOUND = 20.0  # seconds until a condition that must come true is given up


def eventually(condition: Callable[[], object]) -> None:
    """Wait until ``condition`` holds."""
    limit = time.monotonic() + BOUND
    while not condition():
        assert time.monotonic() < limit, "it did not happen in time"
        time.sleep(0.005)


def now() -> datetime:
    return datetime.now(UTC)


@dataclass
class Bench:
    """An engine with jobs that note what they were asked; ``hold`` waits for ``go``, ``fail`` raises."""

    store: Store
    make: Callable[..., Engine]
    ran: list[str] = field(default_factory=list)
    times: dict[str, datetime] = field(default_factory=dict)
    begun: threading.Event = field(default_factory=threading.Event)
    go: threading.Event = field(default_factory=threading.Event)
    engines: list[Engine] = field(default_factory=list)

    def engine(self, threads: int = 2, **options: int) -> Engine:
        jobs = {"note": self._note, "hold": self._hold, "fail": self._fail}
        made = self.make(jobs, now, threads=threads, **options)
        self.engines.append(made)
        return made

    def _note(self, subject: str) -> None:
        self.times[subject] = now()
        self.ran.append(subject)

    def _hold(self, subject: str) -> None:
        self.begun.set()
        assert self.go.wait(BOUND)
        self.ran.append(subject)

    def _fail(self, subject: str) -> None:
        raise RuntimeError(subject)

    def defer(self, engine: Engine, job: str, *subjects: str, **options: Any) -> None:
        with self.store.begin() as session:
            for subject in subjects:
                engine.defer(session, job, subject, **options)

    def has_run(self, *subjects: str) -> Callable[[], bool]:
        return lambda: set(subjects) <= set(self.ran)


@pytest.fixture(params=["inline", "postgres"])
def bench(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Bench]:
    if request.param == "inline":
        store = Store(f"sqlite:///{tmp_path / 'engine.sqlite'}")
        made = Bench(store, InlineEngine)
    else:
        server: Server = request.getfixturevalue("postgres")
        url = fresh_database(server, f"e{abs(hash(str(tmp_path)))}")
        store = Store(url)
        made = Bench(store, lambda jobs, clock, **options: PostgresEngine(jobs, url, clock, **options))
        PostgresEngine({}, url, now).apply_schema()
    yield made
    made.go.set()
    for engine in made.engines:
        engine.stop()
    store.close()


def test_a_job_runs_after_the_commit_and_not_before(bench: Bench) -> None:
    engine = bench.engine()
    engine.start()
    with bench.store.begin() as session:
        engine.defer(session, "note", "early")
        assert bench.ran == []
        assert not any(engine.stats().waiting.values())
    eventually(bench.has_run("early"))


def test_a_rollback_leaves_nothing(bench: Bench) -> None:
    engine = bench.engine()
    engine.start()
    with contextlib.suppress(KeyError), bench.store.begin() as session:
        engine.defer(session, "note", "lost")
        raise KeyError
    with bench.store.begin() as session:
        engine.defer(session, "note", "lost too")
        session.rollback()
    assert not any(engine.stats().waiting.values())
    bench.defer(engine, "note", "kept")
    eventually(bench.has_run("kept"))
    assert bench.ran == ["kept"]


def test_a_later_job_waits_for_its_time(bench: Bench) -> None:
    engine = bench.engine()
    engine.start()
    at = now() + timedelta(seconds=0.6)
    bench.defer(engine, "note", "later", at=at)
    bench.defer(engine, "note", "past", at=now() - timedelta(hours=1))
    eventually(bench.has_run("past", "later"))
    assert bench.times["later"] >= at


def test_urgent_jobs_overtake_a_backlog(bench: Bench) -> None:
    engine = bench.engine(threads=1)
    bench.defer(engine, "note", *(f"digest {number}" for number in range(30)), lane="digest")
    bench.defer(engine, "note", *(f"normal {number}" for number in range(30)))
    bench.defer(engine, "note", "receipt", lane="transactional")
    bench.defer(engine, "note", "storm", lane="emergency")
    engine.start()
    eventually(lambda: len(bench.ran) == 62)
    assert bench.ran[:2] == ["storm", "receipt"]
    assert [one.split()[0] for one in bench.ran[2:]] == ["normal"] * 30 + ["digest"] * 30


def test_an_urgent_job_needs_not_wait_for_slow_ones(bench: Bench) -> None:
    engine = bench.engine(threads=2)
    engine.start()
    bench.defer(engine, "hold", "slow one", "slow two", "slow three")
    eventually(bench.begun.is_set)
    bench.defer(engine, "note", "storm", lane="emergency")
    eventually(bench.has_run("storm"))
    assert bench.ran == ["storm"]


def test_bulk_waits_while_an_emergency_is_carried_out(bench: Bench) -> None:
    engine = bench.engine(threads=3)
    engine.start()
    assert not engine.urgent()
    bench.defer(engine, "hold", "storm", lane="emergency")
    eventually(bench.begun.is_set)
    assert engine.urgent()
    bench.defer(engine, "note", "news", "markets")
    bench.defer(engine, "note", "flood", lane="emergency")
    eventually(bench.has_run("flood"))
    assert bench.ran == ["flood"]
    bench.go.set()
    eventually(bench.has_run("storm", "news", "markets"))
    eventually(lambda: not engine.urgent())


def test_slow_sources_keep_no_message_and_no_message_keeps_a_source(bench: Bench) -> None:
    engine = bench.engine(threads=2, gatherers=2)
    engine.start()
    bench.defer(engine, "hold", "slow one", "slow two", lane="gather")
    eventually(bench.begun.is_set)
    bench.defer(engine, "note", "message", "digest")
    eventually(bench.has_run("message", "digest"))
    bench.defer(engine, "note", "source", lane="gather")
    assert sorted(bench.ran) == ["digest", "message"]
    bench.go.set()
    eventually(bench.has_run("slow one", "slow two", "source"))


def test_sources_go_on_while_every_worker_is_busy(bench: Bench) -> None:
    engine = bench.engine(threads=2, gatherers=1)
    engine.start()
    bench.defer(engine, "hold", "delivery one", "delivery two")
    eventually(bench.begun.is_set)
    bench.defer(engine, "note", "source", lane="gather")
    eventually(bench.has_run("source"))


def test_a_failing_job_stops_no_other(bench: Bench) -> None:
    engine = bench.engine()
    engine.start()
    bench.defer(engine, "fail", *(f"f{number}" for number in range(5)))
    bench.defer(engine, "fail", "f5", lane="emergency")
    bench.defer(engine, "note", "fine")
    eventually(bench.has_run("fine"))
    eventually(lambda: engine.stats().running == 0)
    assert engine.health() == ""


def test_the_same_job_waiting_twice_runs_once(bench: Bench) -> None:
    engine = bench.engine()
    bench.defer(engine, "note", "same", "same")
    bench.defer(engine, "note", "same")
    bench.defer(engine, "note", "same", lane="emergency")
    bench.defer(engine, "note", "last", lane="digest")
    engine.start()
    eventually(bench.has_run("last"))
    assert bench.ran.count("same") == 1


def test_a_job_woken_while_it_runs_runs_once_more(bench: Bench) -> None:
    engine = bench.engine(threads=3)
    engine.start()
    bench.defer(engine, "hold", "same")
    eventually(bench.begun.is_set)
    bench.defer(engine, "hold", "same")
    bench.go.set()
    eventually(lambda: bench.ran.count("same") == 2)


def test_stop_lets_running_jobs_finish(bench: Bench) -> None:
    engine = bench.engine()
    engine.start()
    bench.defer(engine, "hold", "running")
    eventually(bench.begun.is_set)
    threading.Timer(0.1, bench.go.set).start()
    engine.stop()
    assert bench.ran == ["running"]


def test_stop_gives_up_what_does_not_end(bench: Bench) -> None:
    engine = bench.engine()
    engine.start()
    bench.defer(engine, "hold", "endless")
    eventually(bench.begun.is_set)
    began = time.monotonic()
    engine.stop(0.1)
    assert time.monotonic() - began < BOUND / 2
    assert bench.ran == []


def test_nothing_new_runs_after_stop(bench: Bench) -> None:
    engine = bench.engine()
    engine.start()
    bench.defer(engine, "note", "before")
    eventually(bench.has_run("before"))
    engine.stop()
    bench.defer(engine, "note", "after")
    assert bench.ran == ["before"]


def test_what_waited_runs_after_a_restart(bench: Bench) -> None:
    engine = bench.engine()
    bench.defer(engine, "note", "waited")
    engine.start()
    engine.stop()
    # The embedded engine forgets only with its process; then the sweep finds what waited (tests/hub/jobs).
    engine.start()
    eventually(bench.has_run("waited"))


def test_an_unknown_job_is_refused_at_once(bench: Bench) -> None:
    engine = bench.engine()
    with bench.store.begin() as session, pytest.raises(ValueError, match="no job called 'unknown'"):
        engine.defer(session, "unknown", "1")


def test_stats_tell_what_waits_and_runs(bench: Bench) -> None:
    engine = bench.engine(threads=1)
    before = now()
    bench.defer(engine, "hold", "one", lane="emergency")
    bench.defer(engine, "note", "two", "three")
    bench.defer(engine, "note", "much later", at=now() + timedelta(hours=1))
    waiting = engine.stats()
    assert (dict(waiting.waiting), waiting.running) == ({"emergency": 1, "normal": 2}, 0)
    assert waiting.oldest is not None
    assert abs(waiting.oldest - before) < timedelta(seconds=BOUND)
    engine.start()
    eventually(bench.begun.is_set)
    assert (engine.stats().running, dict(engine.stats().waiting)) == (1, {"normal": 2})
    bench.go.set()
    eventually(lambda: not engine.stats().running and not engine.stats().waiting)
    assert engine.stats().oldest is None


def test_health_is_silent_while_all_is_well(bench: Bench) -> None:
    engine = bench.engine()
    assert engine.health() == ""
    engine.start()
    bench.defer(engine, "note", "one")
    eventually(bench.has_run("one"))
    assert engine.health() == ""
