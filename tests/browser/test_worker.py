"""The service worker shows whatever arrives, delivered through Chromium's own debugging protocol."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Worker

pytestmark = pytest.mark.browser


@pytest.fixture
def worker(phone):
    """A phone with the worker running."""
    made = Worker(phone)
    phone.page.goto(phone.site)
    phone.page.evaluate("navigator.serviceWorker.register('/sw.js?shell=/offline')")
    made.ready()
    return made


def test_a_notice_is_shown_with_its_words(worker, phone) -> None:
    payload = {
        "web_push": 8030,
        "notification": {
            "title": "Straße gesperrt", "body": "Hauptstraße bis 18 Uhr", "tag": "abc", "lang": "de",
            "navigate": phone.site + "/huertgenwald/",
        },
    }  # fmt: skip
    expected = {"title": "Straße gesperrt", "body": "Hauptstraße bis 18 Uhr", "tag": "abc", "actions": []}
    assert worker.deliver(json.dumps(payload)) == [expected]
    payload["notification"]["title"] = "Straße wieder frei"
    assert [one["title"] for one in worker.deliver(json.dumps(payload))] == ["Straße wieder frei"]
    assert phone.complaints == []


@pytest.mark.parametrize("broken", ["{not json", "[]", '{"notification": {"title": ""}}', "null"])
def test_broken_payloads_still_show_something(worker, broken) -> None:
    assert [one["title"] for one in worker.deliver(broken)] == ["Neue Meldung"]


def push(title: str, **more: object) -> str:
    return json.dumps({"web_push": 8030, "notification": {"title": title, "body": "", **more}})


def test_without_a_network_a_page_that_was_never_seen_says_so(worker, phone) -> None:
    phone.context.set_offline(True)
    phone.page.goto(phone.site + "/huertgenwald/status")
    assert phone.page.get_by_role("heading").inner_text() == "Keine Verbindung"


def test_without_a_network_a_page_says_how_old_it_is_and_what_came_since(worker, phone, village) -> None:
    page = phone.page
    page.goto(phone.site + "/huertgenwald/")
    assert not page.locator(".kept").is_visible()
    page.wait_for_function("async () => (await (await caches.open('ortsruf-kept-1')).keys()).length > 0")
    worker.deliver(push("Entwarnung: <Sturm>", tag="t", navigate=f"{phone.site}/huertgenwald/n/1"))
    phone.context.set_offline(True)
    page.goto(phone.site + "/huertgenwald/")
    said = page.locator(".kept")
    expect(said).to_contain_text("Keine Verbindung. Sie sehen diese Seite mit dem Stand")
    expect(page.get_by_role("link", name="Entwarnung: <Sturm>")).to_be_visible()
    expect(page.get_by_role("heading", name="Was gibt es Neues in Hürtgenwald?")).to_be_visible()
    assert page.evaluate("getComputedStyle(document.querySelector('.kept')).position") == "sticky"
    assert phone.wide() <= 0
    page.get_by_role("link", name="Was sonst aufgehoben ist").click()
    page.get_by_role("heading", name="Auf diesem Gerät aufgehoben").wait_for()
    page.get_by_role("link", name="Was gibt es Neues in Hürtgenwald?").click()
    said.wait_for()
    phone.context.set_offline(False)
    page.reload()
    assert not said.is_visible()


def test_another_persons_link_finds_nothing_of_the_first(worker, phone) -> None:
    page = phone.page
    homes = []
    for _ in range(2):
        page.goto(f"{phone.site}/huertgenwald/start")
        page.get_by_role("button", name="Anmelden").click()
        page.get_by_role("link", name="Mein Ortsruf öffnen").click()
        page.get_by_role("heading", name="Mein Ortsruf", exact=True).wait_for()
        homes.append(page.url)
    first, second = homes
    kept = "async () => (await (await caches.open('ortsruf-kept-1')).keys()).map((one) => one.url)"
    page.wait_for_function(f"async (url) => (await ({kept})()).includes(url)", arg=second)
    assert first not in page.evaluate(kept)
    phone.context.set_offline(True)
    page.goto(first)
    page.get_by_role("heading", name="Keine Verbindung").wait_for()
    page.goto(second)
    page.locator(".kept").wait_for()
    assert not page.locator("main form").first.is_visible()


def test_who_deletes_everything_leaves_nothing_on_the_device(worker, phone) -> None:
    page = phone.page
    page.goto(f"{phone.site}/huertgenwald/start")
    page.get_by_role("button", name="Anmelden").click()
    page.get_by_role("link", name="Mein Ortsruf öffnen").click()
    page.wait_for_function("async () => (await (await caches.open('ortsruf-kept-1')).keys()).length > 0")
    page.get_by_role("link", name="Themen und Orte").click()
    page.get_by_role("link", name="Alles löschen …").click()
    page.get_by_role("button", name="Ja, alles löschen").click()
    page.get_by_role("heading", name="Alles ist gelöscht").wait_for()
    page.wait_for_function(
        "async () => (await caches.keys()).filter((one) => one.startsWith('ortsruf-kept')).length === 0"
    )
    assert page.evaluate("localStorage.length") == 0


def test_a_form_without_a_network_stays_as_it_was_typed(phone) -> None:
    page = phone.page
    page.goto(f"{phone.site}/huertgenwald/start")
    page.locator("#waste-mail").select_option("digest")
    page.locator("#email").fill("a@example.org")
    phone.context.set_offline(True)
    page.get_by_role("button", name="Anmelden").click()
    expect(page.get_by_role("alert")).to_contain_text("nichts, was Sie getippt haben, ist verloren")
    page.get_by_role("button", name="Anmelden").click()
    expect(page.get_by_role("alert")).to_have_count(1)
    assert page.locator("#email").input_value() == "a@example.org"
    phone.context.set_offline(False)
    page.get_by_role("button", name="Anmelden").click()
    page.get_by_role("heading", name="Danke, Ihre Auswahl ist gespeichert").wait_for()
