"""Measure web push beside pywebpush (goals P1 and P2).

    python benchmarks/webpush.py [--devices 5000] [--rounds 5] [--processes N]

Before anything is timed, a push service that keeps what it gets has got the same plain text, TTL, Topic, Urgency and
token from both. The sink is nginx (TLS 1.3, HTTP/2) in a process of its own, shown not to be the limit by h2load.

P1: everything on one core, ``webpush()`` in a loop beside a notice that goes through publish, deliver, encryption and
wire, its state in SQLite. P2: a burst on all cores, from the commit of the notice to the last 201 and its checkpoint,
beside ``webpush()`` with one session; once as it comes, once with the prekeys that idle time has left.
"""

from __future__ import annotations

import argparse
import base64
import json
import logging
import os
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[1])]

import http_ece
import requests
from py_vapid import Vapid
from pywebpush import webpush
from sqlalchemy import select, update

from benchmarks.plan import note as note_inputs
from benchmarks.push_services import Sink, ceiling, keeper, nginx
from benchmarks.push_town import ClockedWire, Device, PushTown, device, push_town
from benchmarks.rounds import Row, interleaved, median, show
from hub import log
from hub.core.message import Change, Entry, Message, Outlet, Payload, Recipient, Result, Site
from hub.core.notice import Notice, NoticeText, Severity
from hub.fetcher.wire import CurlWire
from hub.store.schema import batch, endpoint
from push import load
from push.webpush import Settings
from push.webpush.crypto import make_vapid_key

SUBJECT = "mailto:office@example.org"
LEAST = 3000  # devices; a shorter burst says nothing for the plan on paper
SITE = Site("https://meldungen.example", "Hürtgenwald", "rathaus@example.org", slug="huertgenwald")


def message() -> Message:
    """Return a warning as residents get it."""
    now = datetime.now(UTC)
    text = NoticeText("de", "B 170 gesperrt", "Vollsperrung wegen Bauarbeiten zwischen Ort und Ort. " * 4)
    notice = Notice(id="n1", key="n1", kind="rss", topic="warnings", texts=(text,), severity=Severity.EXTREME)
    entry = Entry(notice, 1, Change.NEW, url="https://meldungen.example/huertgenwald/n/n1")
    return Message(Change.NEW, (entry,), "thread", "s" * 32, now, now + timedelta(hours=6), Severity.EXTREME)


class Peer:
    """``pywebpush.webpush()`` as its documentation calls it."""

    def __init__(self, sink: Sink, pem: str, payload: Payload) -> None:
        """Prepare what a caller has at hand: the key as text, the payload as text."""
        self._sink, self._payload, self._device = sink, payload, device()
        self._key = base64.urlsafe_b64encode(
            Vapid.from_pem(pem.encode()).private_key.private_numbers().private_value.to_bytes(32, "big")
        ).decode().rstrip("=")  # fmt: skip
        os.environ["REQUESTS_CA_BUNDLE"] = str(sink.trust)

    def one(self, to: Device, path: str, session: requests.Session | None = None) -> None:
        """Send one message."""
        headers = {name: self._payload.headers[name] for name in ("Urgency", "Topic")}
        answer = webpush(
            {"endpoint": f"{self._sink.origin}{path}", "keys": to.keys}, self._payload.body.decode(),
            vapid_private_key=self._key, vapid_claims={"sub": SUBJECT}, ttl=int(self._payload.headers["TTL"]),
            headers=headers, requests_session=session,
        )  # fmt: skip
        if answer.status_code != 201:  # type: ignore[union-attr]
            raise SystemExit(f"the sink answered {answer}")

    def rate(self, count: int, session: requests.Session | None = None) -> float:
        """Return messages a second."""
        begin = time.perf_counter()
        for number in range(count):
            self.one(self._device, f"/push/{number:08}", session)
        return count / (time.perf_counter() - begin)


def same_results() -> None:
    """Assert that a push service gets the same from both."""
    pem, _ = make_vapid_key()
    template = load("webpush").prepare(message(), "de", SITE)
    payload = template.fill(Recipient("", "", "de"), "s" * 32)
    with keeper() as kept:
        peer, to = Peer(kept.sink, pem, payload), [device() for _ in range(5)]
        wire = CurlWire(allow=("127.0.0.1",), trust=kept.sink.trust)
        settings = Settings(subject=SUBJECT, allowed_hosts=(kept.sink.origin,))
        outlet = Outlet(None, settings, {"vapid_private": pem}, None, wire)  # type: ignore[arg-type]
        address = f"{kept.sink.origin}/ours/"
        chunk = [(Recipient(str(n), f"{address}{n}", "de", one.keys), payload) for n, one in enumerate(to)]
        assert {one.result for one in load("webpush").send(chunk, outlet)} == {Result.SENT}
        wire.close()
        for number, one in enumerate(to):
            peer.one(one, f"/peer/{number}")
        for number, one in enumerate(to):
            ours, theirs = (_read(kept.got[f"/{who}/{number}"], one) for who in ("ours", "peer"))
            assert ours == theirs, (ours, theirs)
            assert ours[0] == payload.body


def _read(got: tuple[dict[str, str], bytes], to: Device) -> tuple[object, ...]:
    """Return what a browser and a push service make of a request."""
    headers, body = got
    plain = http_ece.decrypt(body, private_key=to.private, auth_secret=to.auth, version="aes128gcm")
    token, key = headers["authorization"].removeprefix("vapid t=").split(",", 1)
    claims = json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))
    named = tuple(headers[name] for name in ("ttl", "topic", "urgency", "content-encoding"))
    return plain, named, claims["aud"], claims["sub"], key.strip().removeprefix("k=").rstrip("=")


@contextmanager
def cores(wanted: set[int]) -> Iterator[None]:
    """Keep this process, with the threads it starts, on these cores."""
    before = os.sched_getaffinity(0)
    for thread in _threads():
        os.sched_setaffinity(thread, wanted)
    try:
        yield
    finally:
        for thread in _threads():
            os.sched_setaffinity(thread, before)


def _threads() -> list[int]:
    return [int(one.name) for one in Path("/proc/self/task").iterdir()]


def burst(town: PushTown, devices: int, firsts: list[float]) -> float:
    """Announce to everybody; return deliveries a second from the commit to the last checkpoint."""
    wire = town.building.wire
    assert isinstance(wire, ClockedWire)
    before, wire.first = town.sent(), None
    committed = town.announce()
    town.building.run_all()
    seconds = time.perf_counter() - committed
    if wire.first is not None:
        firsts.append(wire.first - committed)
    if (sent := town.sent() - before) != devices:
        raise SystemExit(f"{sent} of {devices} were sent")
    return devices / seconds


def prekeyed(town: PushTown, devices: int, firsts: list[float]) -> float:
    """Do the same where half of each message was encrypted in idle time, which is not measured."""
    town.prepare(devices)
    rate = burst(town, devices, firsts)
    if left := town.prepared():
        raise SystemExit(f"{left} prekeys were not used")
    return rate


def doors(town: PushTown, devices: int) -> float:
    """Return messages a second through the channel's own doors, with a durable checkpoint every 50."""
    kind, house = load("webpush"), town.building.house
    outlet, template = house.outlet("webpush"), kind.prepare(message(), "de", SITE)
    begin = time.perf_counter()
    with town.building.store.read() as session:
        query = select(endpoint.c.id, endpoint.c.address, endpoint.c["keys"].label("known")).order_by(endpoint.c.id)
        rows = session.execute(query.limit(devices)).all()
    chunk = (
        (recipient, template.fill(recipient, f"{row.id:032x}"))
        for row in rows
        for recipient in (Recipient(str(row.id), row.address, "de", row.known),)
    )
    sent = 0
    for outcome in kind.send(chunk, outlet):
        sent += outcome.result is Result.SENT
        if sent % kind.CHUNK == 0:
            with town.building.store.begin() as session:
                session.execute(update(batch).values(cursor=sent))
    if sent != devices:
        raise SystemExit(f"{sent} of {devices} were sent")
    return devices / (time.perf_counter() - begin)


def measure(devices: int = 5000, rounds: int = 5, processes: int = 0) -> list[Row]:
    """Return the rows of P1 and P2."""
    same_results()
    template = load("webpush").prepare(message(), "de", SITE)
    payload, (pem, _) = template.fill(Recipient("", "", "de"), "s" * 32), make_vapid_key()
    available = sorted(os.sched_getaffinity(0))
    with nginx() as sink:
        roof = ceiling(sink)
        peer, firsts, early = Peer(sink, pem, payload), list[float](), list[float]()

        def session() -> float:
            with requests.Session() as one:
                return peer.rate(200, one)

        with push_town(sink, devices) as town:
            contestants: dict[str, Callable[[], float]] = {
                "ours": lambda: burst(town, devices, firsts), "doors": lambda: doors(town, devices),
                "prekeyed": lambda: prekeyed(town, devices, early), "webpush()": lambda: peer.rate(60),
                "session": session,
            }  # fmt: skip
            with cores({available[-1]}):
                alone = interleaved(contestants, rounds=rounds)
            if not processes:
                all_cores = interleaved(contestants, rounds=rounds)
        if processes:
            with push_town(sink, devices, processes=processes) as town:
                burst(town, devices, [])
                all_cores = interleaved(contestants, rounds=rounds)
    ours, through, looped = median(alone, "ours"), median(alone, "doors"), median(alone, "webpush()")
    burst_rate, kept = median(all_cores, "ours"), median(all_cores, "session")
    first, sooner = (f"first message out after {statistics.median(one) * 1000:.0f} ms" for one in (firsts, early))
    ready, hurried = median(alone, "prekeyed"), median(all_cores, "prekeyed")
    if devices >= LEAST:
        note_inputs({"pushes_per_second_core": float(round(ours))})
    note = f"{devices} devices, h2load gets {roof:,.0f}/s from the sink"
    return [
        Row("P1", "push end to end, state in SQLite, on one core", ">= 35x", ours, looped, "/s", ours / looped, note),
        Row("P1", "a burst with prekeys, made in idle time, on one core", "", ready, looped, "/s", ready / looped),
        Row("P1", "the channel alone: fill, encrypt, send, a checkpoint every 50, on one core", ">= 35x",
            through, looped, "/s", through / looped),
        Row("P2", f"burst from commit to last 201, {processes or 'no'} sending processes", ">= 100x",
            burst_rate, kept, "/s", burst_rate / kept, first),
        Row("P2", f"the same with prekeys, {processes or 'no'} sending processes", ">= 100x",
            hurried, kept, "/s", hurried / kept, sooner),
    ]  # fmt: skip


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--devices", type=int, default=5000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--processes", type=int, default=0, help="sending processes for P2; 0: none of their own")
    arguments = parser.parse_args()
    log.configure("json")
    logging.disable(logging.WARNING)
    show(measure(arguments.devices, arguments.rounds, arguments.processes))


if __name__ == "__main__":
    main()
