"""Webhooks: which addresses are taken, what is sent, how it is signed, what each answer means."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from fakes.http import FakeHttp

import push
from hub.core.errors import AddressRefused, SubscribeError
from hub.core.message import Change, Outlet, Payload, Recipient, Result
from push.webhook import Settings, check, key_of, service
from push.webhook.render import ID, render
from push.webhook.send import send, signed
from tests.push.samples import MESSAGES, NOW, SITE

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"  # that of the standard's own example
URL = "https://erp.example.com/hooks/tenders?key=1"
WHO = Recipient("7", URL, "de", {"secret": SECRET}, manage_url="https://secret.example/m/x")


@pytest.mark.parametrize(
    "url",
    ["http://erp.example.com/", "https://localhost/x", "https://127.0.0.1/x", "https://[::1]/", "https://10.0.0.1/",
     "https://169.254.169.254/latest", "https://printer.local/", "https://a:b@erp.example.com/", "https://erp/", "erp.example.com",
     "https://erp.example.com:0/", "https://erp.example.com/#x", "https://erp.example.com/ä", "https://erp.example.com:99999/", ""],
)  # fmt: skip
def test_no_address_but_a_public_https_one_is_taken(url: str) -> None:
    with pytest.raises(SubscribeError):
        check(url, {"secret": SECRET}, Settings())


def test_address_and_secret_are_stored_as_they_are() -> None:
    assert check(f" {URL} ", {"secret": SECRET, "other": "x"}, Settings()) == (URL, {"secret": SECRET})
    assert service(URL) == "https://erp.example.com"
    for short in ("", "whsec_", "whsec_YWJj", "no", "whsec_%%%"):
        with pytest.raises(SubscribeError):
            check(URL, {"secret": short}, Settings())


def test_the_signature_is_that_of_the_standards_example() -> None:
    payload = Payload(b'{"test": 2432232314}', {ID: "msg_p5jXN8AQM9LWM0D4loKWxJek"})
    found = signed(payload, SECRET, datetime.fromtimestamp(1614265330, UTC))
    assert found["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    assert (found["webhook-timestamp"], found["webhook-id"]) == ("1614265330", "msg_p5jXN8AQM9LWM0D4loKWxJek")


@pytest.mark.parametrize("name", sorted(set(MESSAGES) - {"confirm", "rescue"}))
def test_every_message_is_json_that_says_what_happened(name: str) -> None:
    told = MESSAGES[name]
    first = render(told, WHO, SITE)
    assert render(replace(told), WHO, SITE) == first
    data = json.loads(first.body)
    assert data["type"] == f"notices.{told.change.value}"
    assert [one["id"] for one in data["data"]["notices"]] == [one.notice.id for one in told.entries]
    assert b"secret.example" not in first.body
    assert first.headers[ID] != render(told, replace(WHO, endpoint="8"), SITE).headers[ID]


def test_a_change_is_told_field_by_field() -> None:
    data = json.loads(render(MESSAGES["digest-changes"], WHO, SITE).body)
    changed = [one for one in data["data"]["notices"] if one["change"] == Change.REVISED.value]
    assert changed[0]["changes"][0].keys() == {"field", "before", "after"}


@pytest.mark.parametrize(
    ("status", "result"),
    [(200, Result.SENT), (204, Result.SENT), (410, Result.GONE), (404, Result.FAILED), (400, Result.FAILED),
     (302, Result.FAILED), (429, Result.RETRY), (500, Result.RETRY), (503, Result.RETRY)],
)  # fmt: skip
def test_each_answer_means_what_it_says(status: int, result: Result) -> None:
    http = FakeHttp().answers(URL, status, headers={"Retry-After": "120", "Location": "https://10.0.0.1/"})
    payload = render(MESSAGES["new"], WHO, SITE)
    (outcome,) = send([(WHO, payload)], Outlet(http, Settings(), now=lambda: NOW))
    assert (outcome.endpoint, outcome.result, outcome.status) == ("7", result, status)
    assert outcome.retry_after == (120.0 if result is Result.RETRY else None)
    assert len(http.asked) == 1, "nothing is followed"


def test_silence_is_tried_again_and_a_private_address_is_not() -> None:
    payload = render(MESSAGES["new"], WHO, SITE)
    outlet = Outlet(FakeHttp().hangs(URL), None, now=lambda: NOW)
    assert next(iter(send([(WHO, payload)], outlet))).result is Result.RETRY
    refused = Outlet(FakeHttp().fails(URL, AddressRefused()), None, now=lambda: NOW)
    assert next(iter(send([(WHO, payload)], refused))).result is Result.FAILED


def test_it_is_a_channel_like_any_other() -> None:
    kind = push.load("webhook")
    assert (kind.CHANNEL, kind.PULL) == ("webhook", False)
    assert len(key_of(SECRET)) >= 24
