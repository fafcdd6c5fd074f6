"""A prekey is used once, whenever the process dies: no two messages ever have one key pair (RFC 8291, 3.1)."""

from __future__ import annotations

import json
import os
import signal
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import http_ece
import pytest
from crash.cases import Children
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from fakes.house import NOON, PLACE, Town, news
from sqlalchemy import select, update

from hub.core.notice import Severity
from hub.core.subscription import Criteria
from hub.jobs import prekeys
from hub.store.schema import endpoint, prekey
from push.webpush.crypto import make_vapid_key
from push.webpush.subscription import pack

PEOPLE = 8


@dataclass(frozen=True)
class Device:
    """A browser that can read what it gets."""

    private: ec.EllipticCurvePrivateKey
    auth: bytes

    def keys(self) -> dict[str, str]:
        point = self.private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        return {"p256dh": pack(point), "auth": pack(self.auth)}

    def read(self, body: bytes) -> str:
        plain = http_ece.decrypt(body, private_key=self.private, auth_secret=self.auth, version="aes128gcm")
        return str(json.loads(plain)["notification"]["title"]).rpartition(" – ")[2]


@pytest.fixture(scope="module")
def children() -> Iterator[Children]:
    made = Children("sealing.py")
    yield made
    made.close()


def alarmed(town: Town) -> dict[int, Device]:
    """Prepare devices, and leave them an extreme warning that nobody has sent yet."""
    warned = Criteria(topics=("warnings",), places=(PLACE,))
    devices = {
        town.person(warned): Device(ec.generate_private_key(ec.SECP256R1()), os.urandom(16)) for _ in range(PEOPLE)
    }
    with town.store.begin() as session:
        for one, device in devices.items():
            session.execute(update(endpoint).where(endpoint.c.id == one).values(keys=device.keys()))
    assert prekeys.fill(replace(town.house, prekeys=100)) == PEOPLE
    town.engine._jobs = {**town.engine._jobs, "deliver": lambda _id: None}
    town.source("s1", "warnings")
    town.poll("s1", news("w", "Sturm", topic="warnings", severity=Severity.EXTREME, expires=NOON + timedelta(hours=9)))
    return devices


def points(town: Town) -> set[bytes]:
    with town.store.read() as session:
        return {bytes(one[16:81]) for one in session.scalars(select(prekey.c.material))}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("die", "used"),
    [
        ("deliver.prekeys-taken:1", 8),  # before the commit: they are still there
        ("deliver.claim-committed:1", 0),  # after it: they are gone with the process
        ("webpush.before-post:4", 3),
        ("webpush.after-post:4", None),  # some of those that were under way
        ("deliver.cursor-moved:1", 8),
        ("", 8),
    ],
)
def test_a_prekey_is_used_once_whenever_the_process_dies(
    town: Town, children: Children, tmp_path: Path, die: str, used: int | None
) -> None:
    devices, wire = alarmed(town), tmp_path / "wire"
    before, (pem, _) = points(town), make_vapid_key()
    assert len(before) == PEOPLE
    order = {"url": town.store.engine.url.render_as_string(hide_password=False), "wire": str(wire), "pem": pem}
    at = town.clock()
    first = children.run({**order, "at": at.isoformat(), "die": die})
    assert first["status"] == (-signal.SIGKILL if die else 0)
    taken_back = die.startswith("deliver.prekeys-taken")
    assert points(town) == (before if taken_back else set())
    if die:
        assert children.run({**order, "at": (at + timedelta(minutes=3)).isoformat()})["left"] == 0
    sent = [json.loads(line) for line in wire.read_text().splitlines()]
    bodies = {one["endpoint"]: bytes.fromhex(one["body"]) for one in sent}
    assert {one: device.read(bodies[one]) for one, device in devices.items()} == dict.fromkeys(devices, "Sturm")
    seen = Counter(bytes.fromhex(one["body"])[21:86] for one in sent)
    assert set(seen.values()) == {1}
    assert used is None or len(before & set(seen)) == used
