"""A process that may be killed: started by ``test_kill.py``, it forks one worker for each line on stdin.

A line is JSON: ``url`` of the database, ``sink`` to post to, ``at`` (the clock), ``die`` (where to end by SIGKILL,
such as ``before-commit 7``, or empty) and ``engine``. The answers are ``{"pid": …}`` and, if it came to its end,
``{"counts": …}``, then ``{"status": …}`` as the kernel tells it.
"""

from __future__ import annotations

import http.client
import json
import os
import signal
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

sys.path[:0] = [str(Path(__file__).parents[2]), str(Path(__file__).parents[1])]

from fakes.house import FakeClock, Town, make_town, news  # noqa: E402
from sqlalchemy import event, func, select  # noqa: E402
from sqlalchemy.orm import Session  # noqa: E402

from hub.core.message import Message, Outcome, Outlet, Payload, Recipient, Result, Site, Template  # noqa: E402
from hub.core.notice import Notice, Status  # noqa: E402
from hub.jobs import gather, sweep  # noqa: E402
from hub.store.database import Store  # noqa: E402
from hub.store.schema import batch, publication, source  # noqa: E402
from push import _Rendered  # noqa: E402


class Fate:
    """Counts steps by name and ends the process at the chosen one."""

    def __init__(self, die: str) -> None:
        self.counts: Counter[str] = Counter()
        name, _, number = die.partition(" ")
        self.end = (name, int(number or 0))

    def step(self, name: str) -> None:
        self.counts[name] += 1
        if (name, self.counts[name]) == self.end:
            os.kill(os.getpid(), signal.SIGKILL)


class MortalStore(Store):
    """A store that may not survive a commit."""

    def __init__(self, url: str, fate: Fate) -> None:
        super().__init__(url)
        self.fate = fate
        if self.sqlite:  # kill -9 spares what the kernel has; waiting for the disk would only cost time
            event.listen(self.engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous=OFF"))

    @contextmanager
    def begin(self) -> Iterator[Session]:
        with super().begin() as session:
            yield session
            self.fate.step("before-commit")
        self.fate.step("after-commit")


class SinkChannel:
    """Posts what it should tell, one request for each recipient."""

    PULL = False
    CHUNK = 10
    WINDOW = 0  # a chunk is all that is under way

    def __init__(self, sink: str, fate: Fate) -> None:
        self.sink, self.fate = urlsplit(sink), fate

    def render(self, message: Message, recipient: Recipient, site: Site) -> Payload:
        entry = message.entries[0]
        told = {
            "endpoint": recipient.endpoint, "notice": entry.notice.key, "revision": entry.revision,
            "thread": message.thread, "serial": message.serial, "change": message.change,
        }  # fmt: skip
        return Payload(json.dumps(told).encode())

    def prepare(self, message: Message, language: str, site: Site) -> Template:
        return _Rendered(self.render, message, language, site)

    def send(self, chunk: Iterable[tuple[Recipient, Payload]], _outlet: Outlet) -> list[Outcome]:
        chunk = list(chunk)
        connection = http.client.HTTPConnection(self.sink.hostname or "", self.sink.port, timeout=10)
        for _, payload in chunk:
            self.fate.step("before-post")
            connection.request("POST", self.sink.path, body=payload.body)
            connection.getresponse().read()
            self.fate.step("after-post")
        connection.close()
        return [Outcome(recipient.endpoint, Result.SENT, status=201) for recipient, _ in chunk]


def first_poll() -> tuple[Notice, ...]:
    """What everybody was told before the crash."""
    return (news("b", "Fest am Samstag"), news("c", "Markt"))


def second_poll() -> tuple[Notice, ...]:
    """One new notice, one changed, one called off: while this is told, the process dies."""
    return (
        news("a", "Freibad öffnet"),
        news("b", "Fest am Sonntag"),
        replace(news("c", "Markt"), status=Status.CANCELLED),
    )


def town_at(order: dict[str, Any], fate: Fate) -> Town:
    """Build the town of one process: nothing in memory, a name of its own."""
    town = make_town(
        MortalStore(order["url"], fate), FakeClock(datetime.fromisoformat(order["at"])), owner=f"process {os.getpid()}"
    )
    town.channels["webpush"] = SinkChannel(order["sink"], fate)  # type: ignore[assignment]
    town.gatherer.has("s1", *second_poll())
    return town


def settled(town: Town) -> bool:
    """Whether nothing is left to do."""
    with town.store.read() as session:
        open_batches = session.scalar(select(func.count()).select_from(batch).where(batch.c.state == "open"))
        open_news = session.scalar(select(func.count()).select_from(publication).where(publication.c.stage != "done"))
        unread = session.scalar(select(func.count()).select_from(source).where(source.c.next_poll_at <= town.clock()))
    return not (open_batches or open_news or unread)


def run(order: dict[str, Any]) -> dict[str, Any]:
    """Poll, publish and deliver until nothing is left."""
    fate = Fate(order.get("die", ""))
    town = town_at(order, fate)
    if order.get("engine") == "postgres":
        _run_distributed(town, order)
    else:
        town.run()
    return {"counts": dict(fate.counts), "settled": settled(town)}


def _run_distributed(town: Town, order: dict[str, Any]) -> None:
    from hub.engines.postgres import PostgresEngine

    engine = PostgresEngine(town.engine._jobs, order["url"], town.clock)
    object.__setattr__(town.house, "engine", engine)
    engine.start()
    gather.gather_due(town.house)
    sweep.sweep(town.house)
    limit = time.monotonic() + 20
    while time.monotonic() < limit and (engine.stats().waiting or not settled(town)):
        time.sleep(0.02)
    engine.stop()


def main() -> None:
    """Fork one worker for each order and tell what became of it."""
    answers = os.dup(1)
    os.dup2(2, 1)  # what is logged is no answer
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            say(answers, run(json.loads(line)))
            os._exit(0)
        say(answers, {"pid": pid})
        _, status = os.waitpid(pid, 0)
        say(answers, {"status": os.waitstatus_to_exitcode(status)})


def say(answers: int, answer: dict[str, Any]) -> None:
    """Write one line at once."""
    os.write(answers, (json.dumps(answer) + "\n").encode())


if __name__ == "__main__":
    main()
