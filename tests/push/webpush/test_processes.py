"""Sending from processes of their own: same outcomes, and a child that dies loses nothing."""

from __future__ import annotations

import os
import signal
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime

import http_ece
import pytest

from hub.core.message import Outlet, Payload, Recipient, Result
from hub.fetcher.wire import CurlWire
from push.webpush import Settings
from push.webpush.crypto import make_prekey, make_vapid_key
from push.webpush.processes import senders
from push.webpush.send import send
from tests.fakes.certificates import certified
from tests.fakes.push_service import PushFarm
from tests.push.webpush.conftest import Browser

HEADERS = {"TTL": "3600", "Urgency": "normal", "Topic": "abc"}


@pytest.fixture(scope="module")
def known(tmp_path_factory):
    return certified(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def farm(known):
    made = PushFarm(known.h2)
    yield made
    made.close()


@pytest.fixture
def outlet(known, farm, vapid_pair):
    wire = CurlWire(allow=["127.0.0.1"], trust=known.trust)
    settings = Settings(subject="mailto:office@example.org", allowed_hosts=(farm.origin,), processes=2, timeout=20)
    yield Outlet(None, settings, {"vapid_private": vapid_pair[0]}, lambda: datetime.now(UTC), wire)
    wire.close()


def test_outcomes_and_messages_are_those_of_one_process_and_closing_ends_the_children(farm, outlet, vapid_pair):
    browsers = {str(number): Browser() for number in range(60)}
    kinds = {key: ("410" if int(key) % 10 == 0 else "201") for key in browsers}
    prekeys = {key: make_prekey(one.point, one.auth) for key, one in browsers.items() if int(key) % 2}

    def chunk():
        for key, browser in browsers.items():
            address, prekey = f"{farm.origin}/{kinds[key]}/{key}", prekeys.get(key, b"")
            yield Recipient(key, address, "de", browser.keys, prekey=prekey), Payload(key.encode(), HEADERS)
        yield Recipient("foreign", "https://evil.example/x", "de", browser.keys), Payload(b"x", HEADERS)
        yield Recipient("broken", f"{farm.origin}/201/broken", "de", {}), Payload(b"x", HEADERS)

    found = {one.endpoint: one.result for one in send(chunk(), outlet)}
    gone = {key: Result.GONE if kind == "410" else Result.SENT for key, kind in kinds.items()}
    assert found == {**gone, "foreign": Result.FAILED, "broken": Result.FAILED}
    for key, browser in browsers.items():
        path = f"/{kinds[key]}/{key}"
        plain = http_ece.decrypt(
            farm.bodies[path], private_key=browser.private, auth_secret=browser.auth, version="aes128gcm"
        )
        assert plain == key.encode()
        assert key not in prekeys or farm.bodies[path][21:86] == prekeys[key][16:81]
        assert farm.headers[path]["authorization"].endswith(f"k={vapid_pair[1]}")
    ids = senders(outlet.wire, outlet.settings).ids
    assert len(ids) == 2
    outlet.wire.close()
    for one in ids:
        with pytest.raises(ProcessLookupError):
            os.kill(one, 0)


def test_a_child_that_dies_gives_back_what_it_had_and_another_follows(farm, outlet):
    outlet = replace(outlet, settings=outlet.settings.model_copy(update={"processes": 1}))
    keys = Browser().keys
    children = senders(outlet.wire, outlet.settings)

    def chunk(kind, count):
        for number in range(count):
            yield Recipient(str(number), f"{farm.origin}/{kind}/{number}", "de", keys), Payload(b"x", HEADERS)

    def killing():
        yield from chunk("hang", 40)
        for one in children.ids:
            os.kill(one, signal.SIGKILL)

    outcomes = list(send(killing(), outlet))
    assert sorted(int(one.endpoint) for one in outcomes) == list(range(40))
    assert {one.result for one in outcomes} == {Result.RETRY}
    again = list(send(chunk("201", 40), outlet))
    assert Counter(one.result for one in again) == {Result.SENT: 40}


def test_a_childs_messages_are_signed_with_the_municipalitys_key(farm, outlet, vapid_pair):
    pem, public = make_vapid_key()
    keys = {**outlet.keys, f"vapid_private:{public}": pem, f"vapid_subject:{public}": ""}
    browsers = {str(number): Browser() for number in range(8)}
    made = {key: {"vapid": public} if int(key) % 2 else {} for key in browsers}
    chunk = [
        (Recipient(key, f"{farm.origin}/201/{key}", "de", one.keys | made[key]), Payload(b"x", HEADERS))
        for key, one in browsers.items()
    ]
    assert {one.result for one in send(chunk, replace(outlet, keys=keys))} == {Result.SENT}
    for key in browsers:
        wanted = public if made[key] else vapid_pair[1]
        assert farm.headers[f"/201/{key}"]["authorization"].endswith(f"k={wanted}")
