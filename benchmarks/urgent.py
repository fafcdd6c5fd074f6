"""Measure how fast an extreme warning reaches its people while bulk waits (P8, G9): first, 95 %, last.

    python benchmarks/urgent.py [--bulk 200000] [--people 10000] [--workers 4] [--engine inline|postgres] [--rounds 5]

``--bulk`` deliveries (1,000,000 in the long form) stand in line for the same push service; once they flow, a warning
for ``--people`` devices is committed. Times are seconds from that commit to the arrival at a sink in a process of its
own, which tells warnings by their Urgency (RFC 8030, 5.3). All that is measured is one hub with its own threads.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import importlib
import importlib.util
import json
import logging
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[1] / "tests")]

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

import push
from benchmarks.rounds import Row, show
from hub import log
from hub.bootstrap import Building, add_municipality, initialise, now
from hub.core.changes import decide
from hub.core.notice import Notice, NoticeText, Severity, notice_id
from hub.core.subscription import Action, Criteria
from hub.settings import Settings
from hub.store import batches, interests, notices
from hub.store.schema import endpoint, publication, subscriber, subscription, way

ARS, TOWN = "053580016016", "huertgenwald"
_BATCH = 500
_PATIENCE = 600.0  # seconds
# The keys of RFC 8291, appendix A: every device has the same, the work of encrypting is the same.
KEYS = {
    "p256dh": "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
    "auth": "BTBZMqHH6r4Tts7J_aSIgg",
}


class Sink(asyncio.Protocol):
    """A push service: takes everything, notes when a message of high urgency came."""

    urgent: list[float] = []  # noqa: RUF012 - one sink a process
    total = 0
    rest = b""
    transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self.transport = transport  # type: ignore[assignment]

    def data_received(self, data: bytes) -> None:
        """Answer every whole request."""
        self.rest += data
        while (end := self.rest.find(b"\r\n\r\n")) >= 0:
            head = self.rest[:end].lower()
            length = int(head.partition(b"content-length:")[2].split(b"\r\n")[0] or 0)
            if len(self.rest) < end + 4 + length:
                return
            self.rest = self.rest[end + 4 + length :]
            Sink.total += 1
            if b"urgency: high" in head:
                Sink.urgent.append(time.time())
            self.transport.write(b"HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n")


async def serve() -> None:
    """Serve on a free port, named on stdout; each line on stdin is answered with what came so far."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Sink, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    while await loop.run_in_executor(None, sys.stdin.readline):
        print(json.dumps({"total": Sink.total, "urgent": Sink.urgent}), flush=True)
        Sink.urgent = []


@dataclass
class Beside:
    """The sink's process."""

    process: subprocess.Popen[str]
    port: int

    def report(self) -> dict[str, Any]:
        """Return what came since the last question: ``urgent`` times, ``total`` of all."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        found: dict[str, Any] = json.loads(self.process.stdout.readline())
        return found


@contextlib.contextmanager
def sink() -> Iterator[Beside]:
    """Run the sink."""
    process = subprocess.Popen(
        [sys.executable, __file__, "--sink"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        yield Beside(process, int(process.stdout.readline()))  # type: ignore[union-attr]
    finally:
        process.stdin.close()  # type: ignore[union-attr]
        process.wait(10)


@contextlib.contextmanager
def hub(engine: str, workers: int, origin: str) -> Iterator[Building]:
    """Open a hub on a throw-away database of the engine's kind."""
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        more: dict[str, Any] = {}
        if engine == "postgres":
            from postgres_server import start

            server = start(Path(folder))
            stack.callback(server.stop)
            more = {"database": server.url, "engine": "postgres"}
        settings = Settings(
            data=Path(folder), workers=workers, allow_hosts=("127.0.0.1",), log="json",
            channels={"webpush": push.load("webpush").Settings(allowed_hosts=(origin,))}, **more,
        )  # fmt: skip
        initialise(settings)
        made = Building(settings)
        stack.callback(made.close)
        add_municipality(made.store, ars=ARS)
        yield made


def seed(made: Building, origin: str, people: int) -> list[int]:
    """Store ``people`` devices that want everything of the town; returns their endpoints."""
    at = now()
    with made.store.begin() as session:
        interest_id, _ = interests.ensure(session, TOWN, Criteria(places=(ARS,)))
        interests.filled(session, interest_id)
        person = {
            "municipality_id": TOWN, "language": "de", "digest_at": "07:00", "generation": 1, "created_at": at,
            "next_digest_at": at + timedelta(days=1),
        }  # fmt: skip
        persons = session.scalars(insert(subscriber).returning(subscriber.c.id), [person] * people).all()
        wishes = [{"subscriber_id": one, "interest_id": interest_id} for one in persons]
        wished = session.scalars(insert(subscription).returning(subscription.c.id), wishes).all()
        session.execute(
            insert(way),
            [{"subscription_id": one, "channel": "webpush", "action": Action.NOW, "lead": ""} for one in wished],
        )
        rows = [
            {
                "municipality_id": TOWN, "subscriber_id": one, "channel": "webpush", "address": f"{origin}/d/{one}",
                "address_hash": str(one), "service": origin, "keys": KEYS, "state": "active", "created_at": at,
            }
            for one in persons
        ]  # fmt: skip
        devices = session.scalars(insert(endpoint).returning(endpoint.c.id), rows).all()
        if importlib.util.find_spec("hub.store.routes") is not None:
            importlib.import_module("hub.store.routes").rebuild(session, persons)
    return sorted(devices)


def tell(session: Session, key: str, severity: Severity) -> int:
    """Store a notice of the town; returns its publication."""
    text = NoticeText("de", f"Nachricht {key}", "Was geschieht, wo, wann und für wen. Mehr im Rathaus.")
    topic = "warnings" if severity else "news"
    expires = now() + timedelta(hours=6)
    notice = Notice(
        notice_id(TOWN, key), key, "bench", topic, (text,), severity=severity, sent=now(), expires=expires
    )  # fmt: skip
    made_ = notices.save(
        session, TOWN, None, decide(notice, None, now()), places=(ARS,), zone="Europe/Berlin", now=now(), names=()
    )
    return made_ or 0


def queue(made: Building, devices: list[int], origin: str, bulk: int) -> None:
    """Put ``bulk`` deliveries in line, as a publication leaves them."""
    for number in range(max(1, bulk // len(devices))):
        with made.store.begin() as session:
            tell(session, f"bulk {number}", Severity.UNKNOWN)
            session.execute(publication.update().values(stage="done"))
            rows = [
                {
                    "notice_id": notice_id(TOWN, f"bulk {number}"), "revision": 1, "change": "new", "lane": "normal",
                    "channel": "webpush", "service": origin, "due_at": now(), "ids": devices[start : start + _BATCH],
                    "valid_until": now() + timedelta(hours=6),
                }
                for start in range(0, len(devices), _BATCH)
            ]  # fmt: skip
            for batch_id in batches.add_many(session, TOWN, rows, now()):
                made.engine.defer(session, "deliver", str(batch_id), lane="normal")


def warn(made: Building, beside: Beside, number: int, people: int) -> list[float]:
    """Commit a warning while bulk flows; returns the seconds until each of its people's messages arrived."""
    flowing = beside.report()["total"]
    until = time.monotonic() + _PATIENCE
    while beside.report()["total"] < flowing + _BATCH:
        _in_time(until)
    with made.store.begin() as session:
        made_ = tell(session, f"warning {number}", Severity.EXTREME)
        made.engine.defer(session, "publish", str(made_), lane="emergency")
    begin = time.time()
    arrived: list[float] = []
    while len(arrived) < people:
        _in_time(until)
        arrived += beside.report()["urgent"]
    assert len(arrived) == people, f"{len(arrived)} messages for {people} people"
    return sorted(at - begin for at in arrived)


def _in_time(until: float) -> None:
    if time.monotonic() > until:
        raise TimeoutError(f"not there after {_PATIENCE:g} s")
    time.sleep(0.05)


def measure(
    *, engine: str = "inline", bulk: int = 200_000, people: int = 10_000, workers: int = 4, rounds: int = 5
) -> list[Row]:
    """Return first, 95 % and last: the median of ``rounds`` warnings, one after the other."""
    found: list[list[float]] = []
    with sink() as beside:
        origin = f"http://127.0.0.1:{beside.port}"
        with hub(engine, workers, origin) as made:
            devices = seed(made, origin, people)
            queue(made, devices, origin, bulk)
            made.engine.start()
            found = [warn(made, beside, number, people) for number in range(rounds)]
            with made.store.read() as session:
                left = session.execute(select(batches.table.c.size, batches.table.c.sent)).all()
    waiting = sum(row.size - row.sent for row in left)
    note = f"{engine}, {bulk:,} bulk queued, {waiting:,} still waiting at the end, {workers} threads"
    assert waiting > 0, "the bulk was over before the warnings were: queue more"
    points = {"first": (0, "≤ 1 s"), "95 %": (int(people * 0.95) - 1, "≤ 10 s"), f"last of {people:,}": (-1, "≤ 15 s")}
    return [
        Row("P8", f"extreme warning, {what}", wanted, statistics.median(one[at] for one in found), None, "s", note=note)
        for what, (at, wanted) in points.items()
    ]


def main() -> None:
    """Run from the command line."""
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, default in (("bulk", 200_000), ("people", 10_000), ("workers", 4), ("rounds", 5)):
        ask.add_argument(f"--{name}", type=int, default=default)
    ask.add_argument("--engine", choices=("inline", "postgres", "both"), default="both")
    ask.add_argument("--sink", action="store_true", help=argparse.SUPPRESS)
    wanted = vars(ask.parse_args())
    if wanted.pop("sink"):
        asyncio.run(serve())
        return
    log.configure("json", level=logging.CRITICAL)
    engine = wanted.pop("engine")
    show(
        [
            row
            for one in (("inline", "postgres") if engine == "both" else (engine,))
            for row in measure(engine=one, **wanted)
        ]
    )


if __name__ == "__main__":
    main()
