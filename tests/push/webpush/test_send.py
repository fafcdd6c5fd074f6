"""All answers of a push service, over real HTTP."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import http_ece
import pytest

from hub.core.errors import AddressRefused
from hub.core.message import Outlet, Payload, Recipient, Result
from push.webpush import Settings
from push.webpush import send as sending
from push.webpush.crypto import make_vapid_key
from push.webpush.desk import retry_after
from push.webpush.subscription import unpack
from tests.push.webpush.conftest import Browser

NOW = datetime(2026, 12, 23, 17, tzinfo=UTC)
PAYLOAD = Payload(b'{"web_push":8030}', {"TTL": "3600", "Urgency": "normal", "Topic": "abc"})


def send(chunk, outlet):
    return list(sending.send(chunk, outlet))


@pytest.fixture
def outlet(push_service, http_port, vapid_pair):
    settings = Settings(subject="mailto:office@example.org", allowed_hosts=(push_service.origin,), timeout=0.5)
    return Outlet(http_port, settings, {"vapid_private": vapid_pair[0]}, lambda: NOW)


def to(service, path, endpoint="1", browser=None, **keys):
    return Recipient(endpoint, f"{service.origin}/{path}", "de", {**(browser or Browser()).keys, **keys})


def test_what_arrives_can_be_read_by_the_browser_only(push_service, outlet, browser, vapid_pair):
    outcomes = send([(to(push_service, "201/x", browser=browser), PAYLOAD)], outlet)
    assert [(one.result, one.status) for one in outcomes] == [(Result.SENT, 201)]
    _, headers, body = push_service.requests[0]
    opened = http_ece.decrypt(body, private_key=browser.private, auth_secret=browser.auth, version="aes128gcm")
    assert opened == PAYLOAD.body
    assert headers["Content-Encoding"] == "aes128gcm"
    assert (headers["TTL"], headers["Urgency"], headers["Topic"]) == ("3600", "normal", "abc")
    assert headers["Authorization"].endswith(f"k={vapid_pair[1]}")


@pytest.mark.parametrize(
    ("path", "result", "status"),
    [
        ("200/x", Result.SENT, 200), ("201/x", Result.SENT, 201), ("202/x", Result.SENT, 202), ("204/x", Result.SENT, 204),
        ("301/x", Result.FAILED, 301), ("302/x", Result.FAILED, 302), ("307/x", Result.FAILED, 307),
        ("400/x", Result.FAILED, 400), ("401/x", Result.MARKED, 401), ("403/x", Result.MARKED, 403),
        ("404/x", Result.GONE, 404), ("405/x", Result.FAILED, 405), ("408/x", Result.RETRY, 408),
        ("410/x", Result.GONE, 410), ("413/x", Result.FAILED, 413), ("418/x", Result.FAILED, 418),
        ("425/x", Result.RETRY, 425), ("429/x", Result.RETRY, 429), ("500/x", Result.RETRY, 500),
        ("502/x", Result.RETRY, 502), ("503/x", Result.RETRY, 503), ("504/x", Result.RETRY, 504),
        ("599/x", Result.RETRY, 599), ("reset/x", Result.RETRY, 0), ("hang/x", Result.RETRY, 0),
    ],
)  # fmt: skip
def test_answers(push_service, outlet, path, result, status):
    (outcome,) = send([(to(push_service, path), PAYLOAD)], outlet)
    assert (outcome.endpoint, outcome.result, outcome.status) == ("1", result, status)
    assert bool(outcome.detail) is (result is not Result.SENT)
    assert len(push_service.requests) == 1, "nothing is followed or repeated"
    assert push_service.origin not in outcome.detail, "an endpoint is a secret"


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120), ("0", 0), (format_datetime(NOW + timedelta(minutes=5), usegmt=True), 300),
        (format_datetime(NOW - timedelta(minutes=5), usegmt=True), 0), ("soon", None), ("", None), ("-5", None),
        ("99999999999", 86400), ("٣", None),
    ],
)  # fmt: skip
def test_retry_after(value, seconds):
    assert retry_after(value, NOW) == seconds


def test_a_push_service_that_asks_for_a_pause_gets_it(push_service, outlet):
    push_service.headers = {"Retry-After": "90"}
    settings = outlet.settings.model_copy(update={"connections": 1})
    chunk = [(to(push_service, "429/x", str(number)), PAYLOAD) for number in range(20)]
    outcomes = send(chunk, Outlet(outlet.http, settings, outlet.keys, outlet.now))
    assert {one.result for one in outcomes} == {Result.RETRY}
    assert {one.retry_after for one in outcomes} == {90.0}
    assert sorted(int(one.endpoint) for one in outcomes) == list(range(20)), "none is dropped"
    assert len(push_service.requests) == 1


def test_one_bad_recipient_does_not_stop_the_others(push_service, outlet):
    chunk = [
        (to(push_service, "201/x", "good"), PAYLOAD),
        (to(push_service, "201/x", "badkey", p256dh="AAAA"), PAYLOAD),
        (Recipient("foreign", "https://evil.example/x", "de", Browser().keys), PAYLOAD),
        (to(push_service, "410/x", "gone"), PAYLOAD),
        (to(push_service, "201/x", "large"), Payload(b"x" * 4000, PAYLOAD.headers)),
        (to(push_service, "201/x", "odd"), Payload(b"x", {"TTL": "never"})),
    ]
    found = {one.endpoint: one.result for one in send(chunk, outlet)}
    assert found == {
        "good": Result.SENT, "badkey": Result.FAILED, "foreign": Result.FAILED, "gone": Result.GONE,
        "large": Result.FAILED, "odd": Result.RETRY,
    }  # fmt: skip


def test_a_refused_address_fails_and_is_kept(push_service, outlet):
    class Guard:
        def post(self, url, **_):
            raise AddressRefused("The address is private.", subject=url)

    refused = Outlet(Guard(), outlet.settings, outlet.keys, outlet.now)
    (outcome,) = send([(to(push_service, "201/x"), PAYLOAD)], refused)
    assert outcome.result is Result.FAILED


def test_without_a_key_nothing_is_sent_and_nobody_lost(push_service, outlet):
    (outcome,) = send([(to(push_service, "201/x"), PAYLOAD)], Outlet(outlet.http, outlet.settings, {}, outlet.now))
    assert outcome.result is Result.MARKED
    assert "VAPID" in outcome.detail
    assert not push_service.requests


def test_an_earlier_key_serves_the_subscriptions_made_with_it(push_service, outlet, vapid_pair):
    old_pem, old_public = make_vapid_key()
    keys = {"vapid_private": vapid_pair[0], "vapid_private_2025": old_pem}
    chunk = [
        (to(push_service, "201/old", "1", vapid=old_public), PAYLOAD),
        (to(push_service, "201/new", "2", vapid=vapid_pair[1]), PAYLOAD),
    ]
    outcomes = send(chunk, Outlet(outlet.http, outlet.settings, keys, outlet.now))
    assert {one.result for one in outcomes} == {Result.SENT}
    used = {path: headers["Authorization"].rpartition("k=")[2] for path, headers, _ in push_service.requests}
    assert used == {"/201/old": old_public, "/201/new": vapid_pair[1]}


def test_a_municipalitys_key_serves_the_subscriptions_made_with_it(push_service, outlet, vapid_pair):
    pem, public = make_vapid_key()
    keys = {
        "vapid_private": vapid_pair[0], f"vapid_private:{public}": pem, f"vapid_subject:{public}": "mailto:amt@dorf.example",
    }  # fmt: skip
    chunk = [
        (to(push_service, "201/town", "1", vapid=public), PAYLOAD), (to(push_service, "201/all", "2"), PAYLOAD),
    ]  # fmt: skip
    assert {one.result for one in send(chunk, Outlet(outlet.http, outlet.settings, keys, outlet.now))} == {Result.SENT}
    used = {path: headers["Authorization"] for path, headers, _ in push_service.requests}
    assert used["/201/town"].endswith(f"k={public}")
    assert used["/201/all"].endswith(f"k={vapid_pair[1]}")
    claims = json.loads(unpack(used["/201/town"].partition(".")[2].partition(".")[0]))
    assert claims["sub"] == "mailto:amt@dorf.example"


def test_the_operator_may_shorten_the_life_of_messages(push_service, outlet):
    settings = outlet.settings.model_copy(update={"ttl_cap": 60})
    send([(to(push_service, "201/x"), PAYLOAD)], Outlet(outlet.http, settings, outlet.keys, outlet.now))
    assert push_service.requests[0][1]["TTL"] == "60"


def test_an_empty_chunk_is_nothing(outlet):
    assert send([], outlet) == []


def test_the_payload_is_untouched_json(push_service, outlet, browser):
    send([(to(push_service, "201/x", browser=browser), PAYLOAD)], outlet)
    body = push_service.requests[0][2]
    plain = http_ece.decrypt(body, private_key=browser.private, auth_secret=browser.auth, version="aes128gcm")
    assert json.loads(plain) == {"web_push": 8030}
