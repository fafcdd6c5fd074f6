"""Push endpoints from a browser's script."""

from __future__ import annotations

import base64
import os
import random

import pytest

from hub.core import flood
from hub.core.message import Result
from hub.jobs.rotate import give_own
from hub.store import floods, subscribers
from hub.store.subscribers import find_endpoint

POINT = "BNcRdreALRFXTkOOUHK1EtK2wtaz5Ry4YfYCA_0QTpQtUbVlUls0VJXg7A8u-Ts1XbjhazAkj7I99e8QcYP7DkM"
AUTH = "c2VjcmV0LXNlY3JldC0xMg"


def browser(name: str = "one") -> dict[str, object]:
    return {"endpoint": f"https://fcm.googleapis.com/fcm/send/{name}", "keys": {"p256dh": POINT, "auth": AUTH}}


def endpoints(pages, token):
    person, _generation = pages.town.house.links.parts("manage", token)
    with pages.town.store.read() as session:
        return subscribers.endpoints_of(session, person)


def test_a_device_is_added_once_and_gets_a_test(pages) -> None:
    token = pages.sign_up()
    for _ in range(2):
        answer = pages.post("/push/subscribe", json={"token": token, "subscription": browser()})
        assert answer.status_code == 201, answer.text
    (one,) = endpoints(pages, token)
    assert one["service"] == "https://fcm.googleapis.com"
    assert one["keys"] == {"p256dh": POINT, "auth": AUTH, "vapid": POINT}
    pages.town.engine.run_all()
    assert ("test", "") in pages.town.push.told()


def test_one_browser_serves_its_newest_person(pages) -> None:
    first, second = pages.sign_up(), pages.sign_up()
    pages.post(f"/m/{first}/device", json={"subscription": browser()})
    pages.post(f"/m/{second}/device", json={"subscription": browser()})
    assert endpoints(pages, first) == []
    assert len(endpoints(pages, second)) == 1


def test_a_device_is_turned_off_by_its_owner_only(pages) -> None:
    own, other = pages.sign_up(), pages.sign_up()
    pages.post(f"/m/{own}/device", json={"subscription": browser()})
    off = {"subscription": None, "old": browser()["endpoint"]}
    assert pages.post(f"/m/{other}/device", json=off).status_code == 200
    assert len(endpoints(pages, own)) == 1
    assert pages.post(f"/m/{own}/device", json=off).status_code == 200
    assert endpoints(pages, own) == []


def test_a_renewed_subscription_takes_the_old_ones_place(pages) -> None:
    token = pages.sign_up()
    pages.post(f"/m/{token}/device", json={"subscription": browser("old")})
    body = {"old": browser("old")["endpoint"], "auth": AUTH, "subscription": browser("new")}
    for wrong, status in (({"auth": "AAAA"}, 404), ({"auth": ""}, 404), ({"auth": None}, 400), ({"old": ""}, 400)):
        assert pages.post("/push/renew", json={**body, **wrong}).status_code == status, "an address is no credential"
    assert [one["address"] for one in endpoints(pages, token)] == [browser("old")["endpoint"]]
    assert pages.post("/push/renew", json=body).status_code == 200
    assert [one["address"] for one in endpoints(pages, token)] == [browser("new")["endpoint"]]
    assert pages.post("/push/renew", json=body).status_code == 404


@pytest.mark.parametrize(
    "subscription",
    [
        None,
        "text",
        {},
        {"endpoint": "https://fcm.googleapis.com/x"},
        {"endpoint": "https://fcm.googleapis.com/x", "keys": {"p256dh": 7, "auth": AUTH}},
        {"endpoint": "https://fcm.googleapis.com/x", "keys": {"p256dh": "AAAA", "auth": AUTH}},
        {"endpoint": "http://169.254.169.254/latest", "keys": {"p256dh": POINT, "auth": AUTH}},
        {"endpoint": "https://fcm.googleapis.com.evil.example/x", "keys": {"p256dh": POINT, "auth": AUTH}},
    ],
)
def test_a_broken_or_foreign_subscription_is_refused_with_the_cause(pages, subscription) -> None:
    token = pages.sign_up()
    answer = pages.post("/push/subscribe", json={"token": token, "subscription": subscription})
    assert answer.status_code == 400
    assert answer.json["error"]
    assert endpoints(pages, token) == []


@pytest.mark.parametrize(("body", "status"), [([], 400), ({}, 400), ({"token": 7}, 400), ({"token": "forged"}, 404)])
def test_a_body_that_is_none_is_refused(pages, body, status) -> None:
    answer = pages.post("/push/subscribe", json=body)
    assert answer.status_code == status
    assert answer.json["error"]
    assert pages.post("/push/subscribe", "text").status_code == 415


def test_the_key_and_the_worker_are_served(pages) -> None:
    assert pages.get("/push/key").json == {"key": POINT}
    worker = pages.get("/sw.js")
    assert worker.mimetype == "text/javascript"
    assert "pushsubscriptionchange" in worker.text
    assert pages.get("/push/subscribe.js").status_code == 200
    with pages.town.store.read() as session:
        assert find_endpoint(session, "huertgenwald", "webpush", "x") is None


def look(pages, token, name="one"):
    answer = pages.post("/push/subscribe", json={"token": token, "look": browser(name)["endpoint"]})
    assert answer.status_code == 200
    return answer.json["state"]


def test_a_device_counts_only_after_its_test_was_taken(pages) -> None:
    token = pages.sign_up()
    pages.post(f"/m/{token}/device", json={"subscription": browser()})
    (one,) = endpoints(pages, token)
    assert (one["state"], look(pages, token)) == ("pending", "pending")
    pages.town.push.answers(one["id"], Result.RETRY)
    pages.town.engine.run_all()
    assert look(pages, token) == "pending"
    pages.town.clock.forward(minutes=2)
    pages.town.engine.run_all()
    assert look(pages, token) == "active"
    assert pages.town.push.told() == [("test", "")]
    assert look(pages, pages.sign_up()) == "gone", "another's device is nobody's business"
    assert pages.post(f"/m/{token}/device", json={"look": 7}).status_code == 400


def test_a_device_that_its_push_service_does_not_know_is_said_to_be_gone(pages) -> None:
    token = pages.sign_up()
    pages.post(f"/m/{token}/device", json={"subscription": browser()})
    pages.town.push.answers(endpoints(pages, token)[0]["id"], Result.GONE)
    pages.town.engine.run_all()
    assert look(pages, token) == "gone"
    assert endpoints(pages, token) == []


def test_a_flood_of_devices_is_stopped_and_who_is_known_may_renew(pages) -> None:
    token, stranger = pages.sign_up(), pages.sign_up()
    assert pages.post(f"/m/{token}/device", json={"subscription": browser("mine")}).status_code == 201
    counters = flood.counters("device", "127.0.0.1", "huertgenwald", pages.town.house.links.key)
    with pages.town.store.begin() as session:
        for _ in range(flood.PER_NETWORK - 1):
            assert floods.passes(session, counters, pages.town.clock())
    answer = pages.post(f"/m/{stranger}/device", json={"subscription": browser("flood")})
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "3600")
    assert answer.json["error"]
    assert endpoints(pages, stranger) == []
    assert pages.post(f"/m/{token}/device", json={"subscription": browser("mine")}).status_code == 201
    pages.town.clock.forward(hours=1)
    assert pages.post(f"/m/{stranger}/device", json={"subscription": browser("later")}).status_code == 201


def test_random_keys_are_refused(pages) -> None:
    token, dice = pages.sign_up(), random.Random(20261123)
    for number in range(int(os.environ.get("ORTSRUF_BAD_KEYS", "150"))):
        point = b"\x04" * (number % 3 > 0) + dice.randbytes(dice.choice((64, 64, 64, 33, 65, 0, 128)))
        keys = {"p256dh": base64.urlsafe_b64encode(point).decode(), "auth": AUTH}
        answer = pages.post("/push/subscribe", json={"token": token, "subscription": {**browser(), "keys": keys}})
        assert answer.status_code == 400
    assert endpoints(pages, token) == []


def own_key(pages) -> str:
    with pages.town.store.begin() as session:
        return give_own(session, "huertgenwald", pages.town.clock(), actor="command")


def test_browsers_subscribe_with_the_key_of_their_town(pages) -> None:
    before = pages.sign_up()
    pages.post("/push/subscribe", json={"token": before, "subscription": browser("old")})
    key = own_key(pages)
    assert pages.get("/push/key").json == {"key": POINT}
    assert pages.get("/push/key?town=huertgenwald").json == {"key": key}
    assert pages.get("/push/key?town=nowhere").status_code == 404
    token = pages.sign_up()
    assert f'data-push-key="{key}"' in pages.get(f"/m/{token}/settings").text
    pages.post("/push/subscribe", json={"token": token, "subscription": browser("new")})
    assert [one["keys"]["vapid"] for one in endpoints(pages, token)] == [key]
    assert [one["keys"]["vapid"] for one in endpoints(pages, before)] == [POINT], "who was there before keeps theirs"


def test_a_subscription_stays_as_long_as_a_town_uses_its_key(pages) -> None:
    first, second = own_key(pages), own_key(pages)
    stays = {key: pages.get(f"/push/key?made={key}").json["stays"] for key in (first, second, POINT, "nobody's")}
    assert stays == {first: False, second: True, POINT: True, "nobody's": False}
