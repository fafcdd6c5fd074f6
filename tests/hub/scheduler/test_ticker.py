"""Steps of a tick: none keeps or breaks another, and one that hangs keeps nothing for ever (C-03)."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

import pytest

from hub import scheduler
from hub.scheduler import Ticker

BOUND = 20.0


def eventually(condition: Callable[[], object]) -> None:
    limit = time.monotonic() + BOUND
    while not condition():
        assert time.monotonic() < limit, "it did not happen in time"
        time.sleep(0.01)


@pytest.fixture
def go() -> Iterator[threading.Event]:
    made = threading.Event()
    yield made
    made.set()


def test_a_step_that_hangs_or_fails_keeps_no_other(go: threading.Event) -> None:
    ran: list[int] = []

    def fail() -> None:
        raise RuntimeError

    ticker = Ticker({"hangs": lambda: go.wait(BOUND), "fails": fail, "works": lambda: ran.append(1)}, 1)
    ticker.start()
    eventually(lambda: len(ran) >= 2)
    assert ticker.health() == ""
    assert not ticker.stop(0.05)
    go.set()
    assert ticker.stop()
    assert ticker.health() == "the ticker has stopped"


def test_a_step_under_way_is_not_begun_again_until_it_hangs(
    go: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[int] = []

    def hang() -> None:
        begun.append(1)
        go.wait(BOUND)

    ticker = Ticker({"slow": hang}, 300)
    ticker.start()
    eventually(lambda: begun)
    ticker._safely("slow")
    assert len(begun) == 1
    monkeypatch.setattr(scheduler, "HANGS", 0.0)
    assert "a step of the tick does not end: slow" in ticker.health()
    second = threading.Thread(target=ticker._safely, args=("slow",))
    second.start()
    eventually(lambda: len(begun) == 2)
    go.set()
    second.join(BOUND)
    assert ticker.stop()


def test_only_the_leader_ticks() -> None:
    ran: list[int] = []
    leads = threading.Event()
    ticker = Ticker({"one": lambda: ran.append(1)}, 1, leads=leads.is_set)
    ticker._safely("one")
    assert ran == []
    leads.set()
    ticker._safely("one")
    assert ran == [1]
