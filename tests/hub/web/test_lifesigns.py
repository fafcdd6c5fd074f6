"""Signs of life on the pages: who is there is noted, who only looks through a link is not; one tap keeps everything."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from hub.store import lifesigns, subscribers
from hub.store.schema import endpoint, subscriber


def row(pages, token):
    person = pages.town.house.links.parts("manage", token)[0]
    with pages.town.store.read() as session:
        return subscribers.get(session, person)


def age(pages, *, warned=False):
    """Let everybody have been silent for a year."""
    now = pages.town.clock()
    with pages.town.store.begin() as session:
        told = now - timedelta(days=2) if warned else None
        session.execute(update(subscriber).values(alive_at=now - timedelta(days=400), lapse_told_at=told))


def test_a_link_that_a_scanner_opens_keeps_nothing_and_one_tap_keeps_all(pages):
    token = pages.sign_up()
    age(pages, warned=True)
    scanner = pages.town_client()
    shown = scanner.get(f"/m/{token}/keep?lang=de", base_url="https://ortsruf.example").text
    assert "Alles behalten?" in shown
    assert "am Montag, 21. Dezember 2026 gelöscht" in shown
    assert (
        "Brauchen Sie das noch?" in scanner.get(f"/m/{token}/settings?lang=de", base_url="https://ortsruf.example").text
    )
    assert row(pages, token)["lapse_told_at"] is not None
    assert pages.send(f"/m/{token}/keep", f"/m/{token}/keep").status_code == 303
    found = row(pages, token)
    assert (found["alive_at"], found["lapse_told_at"]) == (pages.town.clock(), None)
    assert "Alles bleibt, wie es ist." in pages.get(f"/m/{token}/settings?lang=de").text
    assert "Es wird nichts gelöscht" in pages.get(f"/m/{token}/keep?lang=de").text


def test_the_device_that_remembers_the_link_and_whoever_sends_a_form_are_alive(pages):
    token = pages.sign_up()
    age(pages)
    pages.get(f"/m/{token}/settings")
    assert row(pages, token)["alive_at"] == pages.town.clock()
    other = pages.town_client()
    age(pages, warned=True)
    assert other.get(f"/m/{token}/settings", base_url="https://ortsruf.example").status_code == 200
    assert row(pages, token)["alive_at"] < pages.town.clock()
    pages.client.delete_cookie("__Host-ortsruf", domain="ortsruf.example")
    pages.send(f"/m/{token}/settings", f"/m/{token}/pause", days="0")
    assert row(pages, token)["alive_at"] == pages.town.clock()


def test_a_calendar_that_is_read_is_a_sign_and_its_neighbours_are_not(behind_front):
    pages = behind_front
    first, second = (pages.sign_up(news="1", news__calendar="1") for _ in range(2))
    paths = []
    for token in (first, second):
        person = row(pages, token)
        with pages.town.store.read() as session:
            number = session.scalar(select(endpoint.c.id).where(endpoint.c.subscriber_id == person["id"]))
        paths.append(pages.town.house.links.calendar(number, 1).removeprefix("https://ortsruf.example"))
    age(pages)
    assert pages.get(paths[0]).status_code == 200  # reads its neighbour's with it
    assert row(pages, first)["alive_at"] == pages.town.clock()
    assert row(pages, second)["alive_at"] < pages.town.clock()
    pages.town.clock.forward(minutes=5)
    assert pages.get(paths[1]).status_code == 200  # made before, and now it is read
    pages.town.clock.forward(minutes=56)
    pages.get(paths[0])
    assert row(pages, second)["alive_at"] > pages.town.clock() - timedelta(hours=2)


SUBSCRIPTION = {
    "endpoint": "https://fcm.googleapis.com/fcm/send/expiring",
    "keys": {
        "p256dh": "BNcRdreALRFXTkOOUHK1EtK2wtaz5Ry4YfYCA_0QTpQtUbVlUls0VJXg7A8u-Ts1XbjhazAkj7I99e8QcYP7DkM",
        "auth": "c2VjcmV0LXNlY3JldC0xMg",
    },
}
FRESH = "https://fcm.googleapis.com/fcm/send/fresh"


def posted(pages, token, **body):
    return pages.post(f"/m/{token}/device", json=body)


def devices(pages):
    with pages.town.store.read() as session:
        query = select(endpoint).where(endpoint.c.channel == "webpush").order_by(endpoint.c.id)
        return session.execute(query).mappings().all()


@pytest.mark.parametrize(
    ("said", "days"),
    [(30, 30), (None, None), (-1, None), ("soon", None), (True, None), (10**9, None), (float("inf"), None)],
)
def test_the_end_that_a_browser_names_is_kept_if_it_can_be_meant(pages, said, days):
    token = pages.sign_up()
    now = pages.town.clock()
    at = (now.timestamp() + said * 86_400) * 1000 if isinstance(said, int | float) and said is not True else said
    assert posted(pages, token, subscription={**SUBSCRIPTION, "expirationTime": at}).status_code == 201
    (found,) = devices(pages)
    assert found["expires_at"] == (now + timedelta(days=days) if days else None)


def test_a_renewed_subscription_takes_the_place_of_the_old_one_without_a_word(pages):
    token = pages.sign_up()
    end = pages.town.clock() + timedelta(days=9)
    posted(pages, token, subscription={**SUBSCRIPTION, "expirationTime": end.timestamp() * 1000})
    pages.town.engine.run_all()
    with pages.town.store.begin() as session:
        lifesigns.expiry_told(session, [devices(pages)[0]["id"]], pages.town.clock())
    pages.town.push.forget()
    fresh = {**SUBSCRIPTION, "endpoint": FRESH}
    answer = posted(pages, token, subscription=fresh, old=SUBSCRIPTION["endpoint"], renewed=True)
    pages.town.engine.run_all()
    assert answer.status_code == 200
    (found,) = devices(pages)
    assert (found["address"], found["state"], found["expires_at"], found["expiry_told_at"]) == (
        FRESH, "active", None, None,
    )  # fmt: skip
    assert pages.town.push.sent == []


def test_somebody_elses_subscription_is_not_renewed(pages):
    theirs, mine = pages.sign_up(), pages.sign_up()
    posted(pages, theirs, subscription=SUBSCRIPTION)
    pages.town.engine.run_all()
    fresh = {**SUBSCRIPTION, "endpoint": FRESH}
    assert posted(pages, mine, subscription=fresh, old=SUBSCRIPTION["endpoint"], renewed=True).status_code == 201
    old, new = devices(pages)
    assert (old["address"], old["state"], new["state"]) == (SUBSCRIPTION["endpoint"], "active", "pending")


def test_the_privacy_page_says_it(pages):
    shown = pages.get("/datenschutz?lang=de").text
    assert "30 Tage später gelöscht" in shown
    assert "Ihr letztes Lebenszeichen" in shown
