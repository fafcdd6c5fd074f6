"""S-08: the process dies at any step between fetch and the last checkpoint; every thing is told once all the same."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from replay.bench import Bench, once, some
from replay.dialects import Thing

from hub.store.sources import state_from_json

STEPS = [
    "hub.jobs.take:weigh", "hub.jobs.take:sift", "hub.jobs.take:keep", "hub.jobs.take:conclude", "hub.jobs.take:_hold",
    "hub.jobs.take:_record", "hub.store.polls:add", "hub.store.sources:succeed", "hub.store.notices:save",
    "hub.jobs.publish:_match", "hub.jobs.publish:_now", "hub.jobs.publish:_earlier", "hub.store.publications:advance",
    "hub.store.batches:add_many", "hub.store.batches:claim", "hub.jobs.deliver:_rounds", "hub.jobs.deliver:_finish",
    "hub.store.batches:checkpoint", "hub.store.batches:release",
]  # fmt: skip


class Killed(BaseException):
    """The process is gone; no handler of ours may catch it."""


def die_once(patch: pytest.MonkeyPatch, step: str, *, after: bool) -> list[str]:
    """Let the first call of ``step`` (before or after its work) end the process."""
    module, _, name = step.partition(":")
    owner = importlib.import_module(module)
    original: Callable[..., Any] = getattr(owner, name)
    died: list[str] = []

    def dying(*arguments: Any, **values: Any) -> Any:
        if died:
            return original(*arguments, **values)
        found = original(*arguments, **values) if after else None
        died.append(step)
        raise Killed(step, found)

    patch.setattr(owner, name, dying)
    return died


def survive(bench: Bench, kind: str) -> None:
    """Poll until the process has died, let another one take over and work until everything is done."""
    page = bench.page(kind)
    page.asked = 0
    for _ in range(12):
        try:
            bench.tick(11)
        except Killed:
            bench.restart()


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("step", STEPS)
def test_killed_at_any_step_nothing_is_lost_and_nothing_told_twice(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, step: str, after: bool
) -> None:
    page = bench.add("council", some(3))
    wants = bench.person("council")
    died = die_once(monkeypatch, step, after=after)
    page.things.append(Thing(9))
    survive(bench, "council")
    page.things[-1] = replace(page.things[-1], note="Neuer Saal")
    survive(bench, "council")
    page.things[-1] = replace(page.things[-1], over=True)
    survive(bench, "council")
    assert died == [step]
    assert bench.heard(wants) == once(["Nr009"]) + once(["Nr009"], "revised") + once(["Nr009"], "withdrawn")
    assert bench.row("council")["failures"] == 0


def test_killed_between_fetch_and_commit_the_validators_are_those_of_before(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = bench.add("rss", some(3))
    before = state_from_json(bench.row("rss")["state"])
    page.things.append(Thing(9))
    die_once(monkeypatch, "hub.store.sources:succeed", after=True)
    bench.clock.forward(hours=1)
    with pytest.raises(Killed):
        bench.town.run()
    assert state_from_json(bench.row("rss")["state"]) == before
