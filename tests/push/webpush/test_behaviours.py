"""What push services do (G19), over the real wire: who is kept, who is removed, what is tried again.

``ORTSRUF_PUSH_SUBSCRIPTIONS`` sets how many subscriptions meet each behaviour.
"""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from hub.core.message import Outlet, Payload, Recipient, Result
from hub.core.settle import Verdict, settle
from hub.fetcher.wire import CurlWire
from push.webpush import Settings
from push.webpush.send import send
from tests.fakes.certificates import certified
from tests.fakes.push_service import PushFarm
from tests.push.webpush.conftest import Browser

MANY = int(os.environ.get("ORTSRUF_PUSH_SUBSCRIPTIONS", "12"))
PAYLOAD = Payload(b'{"web_push":8030}', {"TTL": "3600", "Urgency": "normal", "Topic": "abc"})
H2, HTTP1, STRANGER = "h2", "http1", "stranger"
SENT, RETRY, FAILED, MARKED, GONE = Result.SENT, Result.RETRY, Result.FAILED, Result.MARKED, Result.GONE
BEHAVIOURS = [
    (H2, "200", SENT), (H2, "201", SENT), (H2, "202", SENT), (H2, "204", SENT), (HTTP1, "201", SENT),
    (H2, "301", FAILED), (H2, "307", FAILED), (H2, "400", FAILED), (H2, "401", MARKED), (H2, "403", MARKED),
    (H2, "404", GONE), (H2, "410", GONE), (HTTP1, "404", GONE), (HTTP1, "410", GONE),
    (H2, "408", RETRY), (H2, "413", FAILED), (H2, "425", RETRY), (H2, "429s", RETRY), (H2, "429d", RETRY),
    (H2, "429n", RETRY), (HTTP1, "429s", RETRY), (H2, "500", RETRY), (H2, "502", RETRY), (H2, "503", RETRY),
    (H2, "reset", RETRY), (HTTP1, "reset", RETRY), (HTTP1, "resetlate", RETRY), (H2, "hang", RETRY),
    (HTTP1, "hang", RETRY), (STRANGER, "201", RETRY), (H2, "goaway", RETRY), (H2, "half", RETRY), (HTTP1, "half", RETRY),
    (HTTP1, "wrong", RETRY), (H2, "drip", RETRY), (HTTP1, "drip", RETRY),
]  # fmt: skip
SLOW = {"hang", "drip"}
PAUSES = {"429s": 120.0, "429d": 300.0, "429n": 30.0, "503": 60.0}


@pytest.fixture(scope="module")
def certificates(tmp_path_factory):
    return certified(tmp_path_factory.mktemp("known")), certified(tmp_path_factory.mktemp("unknown"))


@pytest.fixture
def farms(certificates):
    known, unknown = certificates
    made = {
        H2: PushFarm(known.h2), HTTP1: PushFarm(known.http1, multiplexed=False), STRANGER: PushFarm(unknown.h2),
    }  # fmt: skip
    yield made
    for one in made.values():
        one.close()


@pytest.fixture
def outlet(certificates, farms, vapid_pair):
    wire = CurlWire(allow=["127.0.0.1"], connections=4, trust=certificates[0].trust)
    settings = Settings(
        subject="mailto:office@example.org", allowed_hosts=tuple(one.origin for one in farms.values()), timeout=30
    )
    yield Outlet(None, settings, {"vapid_private": vapid_pair[0]}, lambda: datetime.now(UTC), wire)
    wire.close()


@pytest.mark.parametrize(("service", "behaviour", "result"), BEHAVIOURS)
def test_nobody_is_lost_and_the_gone_are_removed_at_once(farms, outlet, service, behaviour, result):
    farm, keys = farms[service], Browser().keys
    chunk = [
        (Recipient(str(number), f"{farm.origin}/{behaviour}/{number}", "de", keys), PAYLOAD) for number in range(MANY)
    ]
    outcomes = list(send(chunk, patient(outlet, 0.4) if behaviour in SLOW else outlet))
    assert sorted(int(one.endpoint) for one in outcomes) == list(range(MANY)), "one outcome each, nobody dropped"
    assert Counter(one.result for one in outcomes) == {result: MANY}
    assert farm.asked.total() <= MANY + (behaviour in {"goaway", "reset"}) * 2 * MANY, "nothing is followed"
    if behaviour in PAUSES:
        tried = [one for one in outcomes if one.status]
        assert tried
        assert {round(one.retry_after, -1) for one in tried} == {PAUSES[behaviour]}
    if result is RETRY:
        later_all_arrive(farm, outlet, chunk, outcomes, service)


def patient(outlet, seconds):
    return replace(outlet, settings=outlet.settings.model_copy(update={"timeout": seconds}))


def later_all_arrive(farm, outlet, chunk, outcomes, service):
    """What is to be tried again is, when the service is well again; a stranger's certificate never becomes good."""
    now = datetime.now(UTC)
    for one in outcomes:
        assert settle(one, 1, now, now + timedelta(days=1)).verdict is Verdict.RETRY
    farm.well = True
    again = Counter(one.result for one in send(chunk, outlet))
    assert again == {(RETRY if service == STRANGER else SENT): MANY}
    if service == STRANGER:
        assert farm.asked.total() == 0


def test_a_long_answer_is_cut_and_its_status_holds(farms, outlet):
    (one,) = send([(Recipient("1", f"{farms[H2].origin}/long/1", "de", Browser().keys), PAYLOAD)], outlet)
    assert (one.result, one.status) == (SENT, 201)
