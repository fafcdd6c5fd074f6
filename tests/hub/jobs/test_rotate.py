"""A new push key loses nobody (W-10), and every push service gets tokens of its own, by the right key (W-09).

``ORTSRUF_ROTATED`` sets how many subscriptions live through the rotations.
"""

from __future__ import annotations

import base64
import json
import os
import random
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from fakes.http import FakeHttp

from hub.core.errors import SettingsError
from hub.core.message import Outlet, Payload, Recipient, Result
from hub.core.ports import Answer
from hub.jobs.rotate import listed, rotate
from hub.store import subscribers, towns
from push.webpush import Settings
from push.webpush.crypto import make_vapid_key
from push.webpush.send import send
from push.webpush.subscription import pack

MANY = int(os.environ.get("ORTSRUF_ROTATED", "200"))
NOW = datetime(2026, 11, 23, 11, tzinfo=UTC)
ORIGINS = ("https://fcm.googleapis.com", "https://updates.push.services.mozilla.com", "https://web.push.apple.com",
           "https://db5p.notify.windows.com", "https://wns2.notify.windows.com")  # fmt: skip
PAYLOAD = Payload(b"{}", {"TTL": "60"})


class Judge(FakeHttp):
    """A push service that refuses tokens which are not by the key a subscription was made with, or not for it."""

    def __init__(self) -> None:
        super().__init__()
        self.made_with: dict[str, str] = {}
        self.told: Counter[str] = Counter()

    def post(self, url, *, body, headers=None, limits=None) -> Answer:
        token, key = headers["Authorization"].removeprefix("vapid t=").split(", k=")
        claims = json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))
        fits = key == self.made_with[url] and url.startswith(claims["aud"] + "/")
        fits = fits and claims["exp"] <= (NOW + timedelta(days=2, hours=12)).timestamp()
        self.told[url] += 1
        return Answer(201 if fits else 403, {}, b"", url)


def point() -> str:
    key = ec.generate_private_key(ec.SECP256R1()).public_key()
    return pack(key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint))


@pytest.fixture
def keyed(town):
    """Give the town a push key, as `ortsruf init` does."""
    private, public = make_vapid_key()
    with town.store.begin() as session:
        towns.add_secret(session, "vapid_private", private, NOW)
        towns.add_secret(session, "vapid_public", public, NOW)
    return town


def subscribe(town, judge, count, name, keys, *, bound=True):
    """Store subscriptions made with the current key, spread over the services at random."""
    dice = random.Random(name)
    with town.store.begin() as session:
        public = towns.secrets(session)["vapid_public"]
        person = subscribers.add(
            session, town.municipality, language="de", digest_at="07:00", next_digest_at=NOW, now=NOW
        )
        for number in range(count):
            service = dice.choice(ORIGINS)
            address = f"{service}/{name}-{number}"
            judge.made_with[address] = public
            subscribers.add_endpoint(
                session, town.municipality, person, channel="webpush", address=address, service=service,
                keys={**keys, "vapid": public} if bound else keys, active=True, now=NOW,
            )  # fmt: skip
    return person


def everybody(town, judge, people, now):
    """Push to all subscriptions and return the results."""
    with town.store.read() as session:
        rows = [row for person in people for row in subscribers.endpoints_of(session, person)]
        keys = towns.secrets(session)
    random.Random(1).shuffle(rows)
    outlet = Outlet(judge, Settings(subject="mailto:office@example.org"), keys, lambda: now)
    chunk = ((Recipient(str(row["id"]), row["address"], "de", row["keys"]), PAYLOAD) for row in rows)
    return Counter(one.result for one in send(chunk, outlet))


def test_nobody_is_lost_through_rotations(keyed) -> None:
    judge, people, keys = Judge(), [], {"p256dh": point(), "auth": "A" * 22}
    for turn in range(3):
        people.append(subscribe(keyed, judge, MANY // 4, f"turn{turn}", keys))
        people.append(subscribe(keyed, judge, MANY // 12, f"old{turn}", keys, bound=False))
        now = NOW + timedelta(hours=turn)
        rotate(keyed.store, now)
        count = len(judge.made_with)
        assert everybody(keyed, judge, people, now) == {Result.SENT: count}
    found = listed(keyed.store)
    assert [one.current for one in found] == [True, False, False, False]
    assert [one.subscriptions for one in found] == [0] + [MANY // 4 + MANY // 12] * 3
    assert len({one.public for one in found}) == 4
    assert {*judge.told.values()} <= {1, 2, 3}


def test_two_rotations_within_a_second_keep_both_keys(keyed) -> None:
    for _ in range(3):
        rotate(keyed.store, NOW)
    assert len(listed(keyed.store)) == 4


def test_without_a_key_there_is_nothing_to_rotate(town) -> None:
    with pytest.raises(SettingsError, match="init"):
        rotate(town.store, NOW)
