"""A town with many devices on a throw-away SQLite file, and one notice at a time for all of them."""

from __future__ import annotations

import itertools
import os
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sqlalchemy import func, insert, select

from benchmarks.push_services import Sink
from hub.bootstrap import Building, add_municipality, initialise, now
from hub.core.notice import Notice, NoticeText, PlaceRef, Severity, notice_id
from hub.core.ports import Answered, Posting
from hub.core.source import Fetched, FetchState, Source
from hub.core.subscription import Criteria
from hub.fetcher.wire import CurlWire
from hub.jobs import gather, prekeys
from hub.sandbox import Parsed
from hub.settings import Settings
from hub.store import interests, sources, towns
from hub.store import prekeys as kept
from hub.store.schema import batch, endpoint, subscriber, subscription, way
from hub.store.subscribers import address_hash
from push.webpush import Settings as PushSettings
from push.webpush.subscription import pack

ARS, TOWN, SOURCE = "053580016016", "huertgenwald", "bench"
_PAGE = 1000


@dataclass(frozen=True)
class Device:
    """One browser's subscription with its private key."""

    private: ec.EllipticCurvePrivateKey
    auth: bytes
    keys: dict[str, str]


def device(vapid: str = "") -> Device:
    """Make a subscription."""
    private, auth = ec.generate_private_key(ec.SECP256R1()), os.urandom(16)
    point = private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    keys = {"p256dh": pack(point), "auth": pack(auth)}
    return Device(private, auth, {**keys, "vapid": vapid} if vapid else keys)


class ClockedWire(CurlWire):
    """Notes when the first message since ``began`` left."""

    first: float | None = None

    def post(self, posting: Posting, into: Answered) -> None:
        """Post and look at the clock once."""
        if self.first is None:
            self.first = time.perf_counter()
        super().post(posting, into)


@dataclass
class _Gatherer:
    """A source that holds what it is told to hold."""

    notices: tuple[Notice, ...] = ()
    count: Iterator[int] = field(default_factory=itertools.count)

    def fetch(self, source: Source, _state: FetchState) -> Fetched:
        return Fetched((), now(), FetchState(body_hash=str(next(self.count))), source)

    def parse(self, _fetched: Fetched) -> Parsed:
        return Parsed(self.notices, ())

    def places(self, _notice: Notice, _source: Source) -> Sequence[str]:
        return [ARS]


@dataclass
class PushTown:
    """The building, its source, and how to announce."""

    building: Building
    gatherer: _Gatherer
    count: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def announce(self) -> float:
        """Store a new notice for everybody; returns when it was committed (``perf_counter``)."""
        key = f"n{next(self.count)}"
        text = NoticeText("de", f"B 170 gesperrt ({key})", "Vollsperrung wegen Bauarbeiten zwischen Ort und Ort. " * 4)
        self.gatherer.notices = (
            Notice(
                id=notice_id(SOURCE, key), key=key, kind="rss", topic="warnings", texts=(text,),
                places=(PlaceRef("ars", ARS, "Hürtgenwald"),), severity=Severity.EXTREME,
                expires=now() + timedelta(hours=6),
            ),
        )  # fmt: skip
        with self.building.store.begin() as session:
            session.execute(sources.table.update().values(next_poll_at=now(), lease_until=None))
        gather.gather(self.building.house, SOURCE)
        return time.perf_counter()

    def prepare(self, devices: int) -> None:
        """Make a prekey for each device, as the hub does in idle time."""
        prekeys.fill(replace(self.building.house, prekeys=devices), most=devices)
        if (ready := self.prepared()) != devices:
            raise SystemExit(f"{ready} of {devices} have a prekey")

    def prepared(self) -> int:
        """Return how many prekeys there are."""
        with self.building.store.read() as session:
            return kept.count(session)

    def sent(self) -> int:
        """Return how many deliveries the database says were taken."""
        with self.building.store.read() as session:
            return int(session.execute(select(func.coalesce(func.sum(batch.c.sent), 0))).scalar_one())


@contextmanager
def push_town(sink: Sink, devices: int, *, processes: int = 0, threads: int = 4) -> Iterator[PushTown]:
    """Open a hub whose ``devices`` all want one topic, at the push service ``sink``."""
    with tempfile.TemporaryDirectory() as folder:
        push = PushSettings(subject="mailto:office@example.org", allowed_hosts=(sink.origin,), processes=processes)
        plain = Settings(data=Path(folder), workers=threads, allow_hosts=("127.0.0.1",), log="json")
        initialise(plain)
        made = Building(plain.model_copy(update={"channels": {"webpush": push}}))
        made.wire = ClockedWire(allow=("127.0.0.1",), connections=8, trust=sink.trust)
        gatherer = _Gatherer()
        made.house = replace(made.house, gatherer=gatherer)  # type: ignore[arg-type]
        add_municipality(made.store, ars=ARS)
        _fill(made, sink, devices)
        town = PushTown(made, gatherer)
        with made.store.begin() as session:
            source = Source(SOURCE, "rss", "https://example.org/feed", TOWN, topic="warnings", interval=600)
            sources.add(session, TOWN, source, now())
        gather.gather(made.house, SOURCE)  # the first import is silent
        made.run_all()
        try:
            yield town
        finally:
            made.close()


def _fill(made: Building, sink: Sink, devices: int) -> None:
    """Store the people, page by page."""
    at = now()
    with made.store.begin() as session:
        interest, _ = interests.ensure(session, TOWN, Criteria(topics=("warnings",), places=(ARS,)))
        interests.filled(session, interest)
        vapid = towns.secrets(session)["vapid_public"]
    for start in range(0, devices, _PAGE):
        numbers = range(start + 1, min(start + _PAGE, devices) + 1)
        with made.store.begin() as session:
            rows: list[dict[str, Any]] = [
                {
                    "id": one, "municipality_id": TOWN, "language": "de", "digest_at": "07:00", "generation": 1,
                    "next_digest_at": at + timedelta(days=1), "created_at": at,
                }
                for one in numbers
            ]  # fmt: skip
            session.execute(insert(subscriber), rows)
            session.execute(insert(endpoint), [_endpoint(one, sink, vapid, at) for one in numbers])
            session.execute(
                insert(subscription), [{"id": one, "subscriber_id": one, "interest_id": interest} for one in numbers]
            )
            session.execute(
                insert(way),
                [{"subscription_id": one, "channel": "webpush", "action": "now", "lead": ""} for one in numbers],
            )
            _routes(session, list(numbers))


def _endpoint(number: int, sink: Sink, vapid: str, at: Any) -> dict[str, Any]:
    address = f"{sink.origin}/push/{number:08}"
    return {
        "id": number, "municipality_id": TOWN, "subscriber_id": number, "channel": "webpush", "address": address,
        "address_hash": address_hash(address), "service": sink.origin, "keys": device(vapid).keys, "state": "active",
        "created_at": at, "confirmed_at": at, "ended_why": "", "soft_bounces": 0,
    }  # fmt: skip


def _routes(session: Any, people: list[int]) -> None:
    """Keep the routes right, where they are kept."""
    try:
        from hub.store import routes
    except ImportError:
        return
    routes.rebuild(session, people)
