"""The service worker shows whatever arrives, delivered through Chromium's own debugging protocol."""

from __future__ import annotations

import json

import pytest

pytestmark = pytest.mark.browser


@pytest.fixture
def worker(phone):
    """A phone with the worker running; gives a function that delivers a payload and returns what is then shown."""
    phone.context.grant_permissions(["notifications"], origin=phone.site)
    page = phone.page
    page.goto(phone.site)
    session = phone.context.new_cdp_session(page)
    found: list[str] = []
    session.on(
        "ServiceWorker.workerRegistrationUpdated",
        lambda event: found.extend(one["registrationId"] for one in event["registrations"]),
    )
    session.send("ServiceWorker.enable")
    page.evaluate("navigator.serviceWorker.register('/sw.js?shell=/offline').then(() => navigator.serviceWorker.ready)")
    page.evaluate(
        """async () => {
          if (!navigator.serviceWorker.controller) {
            await new Promise((go) => navigator.serviceWorker.addEventListener("controllerchange", go, {once: true}));
          }
          const {active} = await navigator.serviceWorker.ready;
          while (active.state !== "activated") await new Promise((go) => setTimeout(go, 20));
        }"""
    )

    def deliver(data: str) -> list[dict[str, object]]:
        before = shown(page)
        for turn in range(600):
            if turn % 200 == 0:  # the debugging protocol loses one in some fifty: handed over again after ten seconds
                session.send(
                    "ServiceWorker.deliverPushMessage",
                    {"origin": phone.site, "registrationId": found[-1], "data": data},
                )
            if shown(page) != before:
                break
            page.wait_for_timeout(50)
        return shown(page)

    return deliver


def shown(page) -> list[dict[str, object]]:
    return page.evaluate(
        """async () => (await (await navigator.serviceWorker.ready).getNotifications())
           .map((one) => ({title: one.title, body: one.body, tag: one.tag}))"""
    )


def test_a_notice_is_shown_with_its_words(worker, phone) -> None:
    payload = {
        "web_push": 8030,
        "notification": {
            "title": "Straße gesperrt", "body": "Hauptstraße bis 18 Uhr", "tag": "abc", "lang": "de",
            "navigate": phone.site + "/huertgenwald/",
        },
    }  # fmt: skip
    assert worker(json.dumps(payload)) == [{"title": "Straße gesperrt", "body": "Hauptstraße bis 18 Uhr", "tag": "abc"}]
    payload["notification"]["title"] = "Straße wieder frei"
    assert [one["title"] for one in worker(json.dumps(payload))] == ["Straße wieder frei"]
    assert phone.complaints == []


@pytest.mark.parametrize("broken", ["{not json", "[]", '{"notification": {"title": ""}}', "null"])
def test_broken_payloads_still_show_something(worker, broken) -> None:
    assert [one["title"] for one in worker(broken)] == ["Neue Meldung"]


def test_without_a_network_a_page_says_so(worker, phone) -> None:
    phone.context.set_offline(True)
    phone.page.goto(phone.site + "/huertgenwald/")
    assert phone.page.get_by_role("heading").inner_text() == "Keine Verbindung"
