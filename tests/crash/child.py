"""A process that may be killed: started by ``cases.py``, it forks one worker for each line on stdin.

A line is JSON: ``url`` of the database, ``wire`` (a file to which every hand-over is appended at once), ``at`` (the
clock), ``die`` (a failpoint, such as ``deliver.before-send:7``, or empty), ``engine``, ``roles`` and ``tokens`` of the
story. The answers are ``{"pid": …}`` and, if it came to its end, ``{"counts": …, "left": …}``, then ``{"status": …}``
as the kernel tells it. A line with ``warm`` is played in this process itself, so that later forks find everything warm.
"""

from __future__ import annotations

import gc
import json
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).parents[2]), str(Path(__file__).parents[1])]

from crash import story  # noqa: E402
from fakes.house import FakeClock, Town, make_town  # noqa: E402
from sqlalchemy import event  # noqa: E402

from hub import failpoints  # noqa: E402
from hub.core.message import Message, Outcome, Outlet, Payload, Recipient, Result, Site, Template  # noqa: E402
from hub.jobs import digest, gather, issue, lapse, monthly, remind, sweep, tend  # noqa: E402
from hub.store.database import Store  # noqa: E402
from push import _Rendered  # noqa: E402

MOST_MINUTES = 12
PATIENCE = 30.0  # seconds for workers on PostgreSQL
_compiled: dict[Any, Any] = {}  # SQL that was written before the fork is not written again


class CrashStore(Store):
    """A store that shares what was compiled before the fork."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.engine = self.engine.execution_options(compiled_cache=_compiled)
        if self.sqlite:  # kill -9 spares what the kernel has; waiting for the disk would only cost time
            event.listen(self.engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous=OFF"))


class WireChannel:
    """Appends to a file what it should tell: the kernel keeps it when we die. Gives outcomes as they become known."""

    PULL, CHUNK, WINDOW, PERSONAL = False, 5, 5, True

    def __init__(self, path: str, town: Town, roles: dict[str, list[int]], at: datetime) -> None:
        self.file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        self.town, self.gone, self.slow = town, roles["gone"], roles["slow"]
        self.quick_from = at + timedelta(minutes=story.SLOW_MINUTES)

    def render(self, message: Message, recipient: Recipient, site: Site) -> Payload:
        told = {
            "endpoint": int(recipient.endpoint), "address": recipient.address, "thread": message.thread,
            "serial": message.serial, "change": message.change,
            "entries": [(one.notice.key, one.revision) for one in message.entries],
        }  # fmt: skip
        return Payload(json.dumps(told).encode() + b"\n")

    def prepare(self, message: Message, language: str, site: Site) -> Template:
        return _Rendered(self.render, message, language, site)

    def send(self, chunk: Iterable[tuple[Recipient, Payload]], _outlet: Outlet) -> Iterator[Outcome]:
        for recipient, payload in chunk:
            if int(recipient.endpoint) in self.gone:
                yield Outcome(recipient.endpoint, Result.GONE, status=410)
            elif int(recipient.endpoint) in self.slow and self.town.clock() < self.quick_from:
                yield Outcome(recipient.endpoint, Result.RETRY, status=503)
            else:
                failpoints.reached("wire.before-post")
                os.write(self.file, payload.body)
                failpoints.reached("wire.after-post")
                yield Outcome(recipient.endpoint, Result.SENT, status=201)


def town_at(order: dict[str, Any]) -> Town:
    """Build the town of one process: nothing in memory, a name of its own."""
    at = datetime.fromisoformat(order["at"])
    town = make_town(CrashStore(order["url"]), FakeClock(at), owner=f"process {os.getpid()}")
    began = datetime.fromisoformat(order["began"])
    for name in ("webpush", "mail"):
        town.channels[name] = WireChannel(order["wire"], town, order["roles"], began)  # type: ignore[assignment]
    story.answers(town)
    return town


def run(order: dict[str, Any]) -> dict[str, Any]:
    """Live through the story until nothing is left to do."""
    plan = failpoints.arm(order.get("die") or "nowhere:0")
    town = town_at(order)
    if order.get("engine") == "postgres":
        left = _run_distributed(town, order)
    else:
        story.people_act(town, order["roles"], order["tokens"])
        for _ in range(MOST_MINUTES):
            town.run()
            left = story.unsettled(town)
            if not left:
                break
            town.clock.forward(minutes=1)
    town.store.close()
    assert plan is not None
    return {"counts": dict(plan.counts), "left": left}


def _run_distributed(town: Town, order: dict[str, Any]) -> str:
    """Do the same with workers in threads; the clock moves when they have nothing to do."""
    from hub.engines.postgres import PostgresEngine

    engine = PostgresEngine(town.engine._jobs, order["url"], town.clock)
    object.__setattr__(town.house, "engine", engine)
    engine.start()
    story.people_act(town, order["roles"], order["tokens"])
    limit, left = time.monotonic() + PATIENCE, "everything"
    while left and time.monotonic() < limit:
        issue.release_due(town.house)
        gather.gather_due(town.house)
        tend.watch(town.house, calendars=True)
        for job in (remind.remind, digest.digest, monthly.monthly, lapse.lapse, sweep.sweep):
            job(town.house)
        while time.monotonic() < limit and ((stats := engine.stats()).waiting or stats.running):
            time.sleep(0.02)
        left = story.unsettled(town)
        if left:
            town.clock.forward(minutes=1)
    engine.stop()
    return left


def warm(order: dict[str, Any]) -> None:
    """Play the story once in this process, then let go of everything that a fork must not share."""
    run(order)
    failpoints.arm("")
    gc.collect()
    gc.freeze()


def main(run: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    """Fork one worker for each order, which it carries out by ``run``, and tell what became of it."""
    answers = os.dup(1)
    os.dup2(2, 1)  # what is logged is no answer
    for line in sys.stdin:
        order = json.loads(line)
        if order.get("warm"):
            warm(order)
            say(answers, {"status": 0})
            continue
        pid = os.fork()
        if pid == 0:
            say(answers, run(order))
            os._exit(0)
        say(answers, {"pid": pid})
        _, status = os.waitpid(pid, 0)
        say(answers, {"status": os.waitstatus_to_exitcode(status)})


def say(answers: int, answer: dict[str, Any]) -> None:
    """Write one line at once."""
    os.write(answers, (json.dumps(answer) + "\n").encode())


if __name__ == "__main__":
    main(run)
