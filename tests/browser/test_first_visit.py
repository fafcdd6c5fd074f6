"""The whole first visit on a phone, with a script and without: find the place, weigh the topics, choose the ways."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import pytest
from fakes.house import PLACE, Town, news
from playwright.sync_api import expect

from hub.core.notice import Occurrence, PlaceRef, Severity
from hub.core.place import local_path
from hub.store import subscribers, towns
from hub.store.schema import municipality

pytestmark = pytest.mark.browser
STREETS = ("Mühlenweg", "Mühlengasse", "Hauptstraße")
SHOTS = os.environ.get("ORTSRUF_SHOTS", "")  # a folder: keep pictures of each step to look at


def shot(page, name: str) -> None:
    for width in (1280, 360) if SHOTS else ():
        page.set_viewport_size({"width": width, "height": 740})
        page.screenshot(path=Path(SHOTS) / f"{name}-{width}.png", full_page=True)


@pytest.fixture
def lively(village: Town) -> Town:
    """Give a village with two hundred days of warnings, road closures and bins of its streets."""
    with village.store.begin() as session:
        session.execute(municipality.update().values(created_at=village.clock() - timedelta(days=1)))
        rows = [(local_path(PLACE, "street", one), "street", one) for one in STREETS]
        rows += [(f"{PLACE}/zone:{number}", "zone", f"Bezirk {number}") for number in range(40)]  # too many for a list
        towns.add_places(session, "huertgenwald", rows)
    for source, topic in (("w1", "warnings"), ("r1", "roads"), ("b1", "waste")):
        village.source(source, topic)
    object.__setattr__(
        village.gatherer, "places",
        lambda notice, _source: [local_path(PLACE, one.scheme, one.value) for one in notice.places] or [PLACE],
    )  # fmt: skip
    start = village.clock.at.date()
    bins = [
        news(f"{name}-{kind}", title, source="b1", topic="waste", series=True, category=kind,
             places=(PlaceRef("street", name, name),),
             occurrences=tuple(Occurrence(f"{at}", start + timedelta(days=6 + 14 * at + shift)) for at in range(14)))
        for name in STREETS for shift, (kind, title) in enumerate((("residual", "Restmüll"), ("organic", "Biomüll")))
    ]  # fmt: skip
    village.poll("b1", *bins)
    for number in range(4):
        level = Severity.SEVERE if number == 2 else Severity.MINOR
        village.poll("w1", news(f"w{number}", "Sturm", source="w1", topic="warnings", severity=level))
        village.clock.forward(days=50)
    return village


def add_a_second_place(page) -> None:
    page.get_by_label("Straßensperrungen").check()
    page.locator("#roads-mail").select_option("digest")
    page.locator("#email").fill("a@example.org")
    page.get_by_role("button", name="Weiteren Ort hinzufügen").click()
    second = page.locator("#p2-topics")
    second.get_by_role("combobox", name="Ihre Straße").press_sequentially("haupt")
    second.get_by_role("option", name="Hauptstraße").click()
    expect(page.locator("#p2-topics .place")).to_contain_text("Hauptstraße")
    shot(page, "two-places")
    assert page.locator("#email").input_value() == "a@example.org"


def sign_up(phone) -> None:
    page = phone.page
    page.get_by_role("button", name="Anmelden").last.click()
    page.get_by_role("heading", name="Danke, Ihre Auswahl ist gespeichert").wait_for()
    page.get_by_text("Das kommt dann:").wait_for()
    page.get_by_role("button", name="Mitteilungen auf diesem Gerät einschalten").wait_for()
    shot(page, "welcome")
    assert phone.wide() <= 0
    page.get_by_role("link", name="Mein Ortsruf öffnen").click()
    page.get_by_role("link", name="Themen und Orte").click()
    expect(page.locator("#p2-topics .place")).to_contain_text("Hauptstraße")
    shot(page, "mine")
    assert phone.wide() <= 0


def test_with_a_script_in_one_minute(phone, lively: Town) -> None:
    page = phone.page
    page.goto(phone.site)
    shot(page, "town")
    field = page.get_by_role("combobox", name="Ihre Straße")
    field.press_sequentially("muehl")
    expect(page.get_by_role("option")).to_have_count(2)
    assert field.get_attribute("aria-expanded") == "true"
    shot(page, "combobox")
    field.press("ArrowDown")
    field.press("ArrowDown")
    chosen = page.locator(f"#{field.get_attribute('aria-activedescendant')}")
    assert chosen.inner_text().startswith("Mühlenweg")
    field.press("Enter")
    page.wait_for_url("**/start?place=street:muehlenweg")
    shot(page, "start")
    assert phone.wide() <= 0
    told = page.locator('[data-figure="warnings"]')
    expect(told).to_contain_text("etwa")
    before = told.inner_text()
    slider = page.get_by_role("slider", name="Ab welcher Stufe")
    for _ in range(2):
        slider.press("ArrowRight")
    expect(page.locator("#warnings-severity")).to_have_value("severe")
    expect(told).not_to_have_text(before)
    expect(page.locator("[data-total]")).to_contain_text("Mitteilungen auf einem Gerät: etwa")
    expect(page.locator("[data-mail]")).to_be_hidden()
    add_a_second_place(page)
    sign_up(phone)
    with lively.store.read() as session:
        places = [one["criteria"]["places"] for one in subscribers.subscriptions(session, 1)]
    assert [f"{PLACE}/street:muehlenweg"] in places
    assert [f"{PLACE}/street:hauptstrasse"] in places
    assert phone.complaints == []
    assert phone.foreign == []


def test_enter_without_a_choice_searches_and_escape_closes(phone, lively: Town) -> None:
    page = phone.page
    page.goto(phone.site)
    field = page.get_by_role("combobox", name="Ihre Straße")
    field.press_sequentially("mühl")
    expect(page.get_by_role("listbox")).to_be_visible()
    field.press("Escape")
    expect(page.get_by_role("listbox")).to_be_hidden()
    field.press("Enter")
    page.get_by_role("heading", name="Welchen Ort meinen Sie?").wait_for()
    shot(page, "find")
    page.get_by_role("link", name="Mühlengasse").click()
    page.wait_for_url("**/start?place=street:muehlengasse")


def test_without_a_script(chromium, site, lively: Town) -> None:
    context = chromium.new_context(java_script_enabled=False, locale="de-DE", viewport={"width": 360, "height": 740})
    page = context.new_page()
    page.goto(site)
    page.get_by_label("Ihre Straße").fill("Mülenweg 3")
    page.get_by_role("button", name="Suchen").click()
    page.get_by_text("Mühlenweg", exact=True).wait_for()
    before = page.locator('[data-figure="warnings"]').inner_text()
    page.locator("#warnings-severity").select_option("extreme")
    page.get_by_role("button", name="Neu zählen").click()
    expect(page.locator('[data-figure="warnings"]')).not_to_have_text(before)
    page.get_by_role("button", name="Weiteren Ort hinzufügen").click()
    page.locator("#p2-sought").fill("mühl")
    page.locator("#p2-topics").get_by_role("button", name="Suchen").click()
    page.get_by_label("Mühlengasse").check()
    page.get_by_role("button", name="Diesen nehmen").click()
    expect(page.locator("#p2-topics .place")).to_contain_text("Mühlengasse")
    page.get_by_role("button", name="Anmelden").last.click()
    page.get_by_role("heading", name="Danke, Ihre Auswahl ist gespeichert").wait_for()
    context.close()


@pytest.mark.parametrize(
    ("agent", "state", "words"),
    [
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile Safari/604.1",
         "install", "Zum Home-Bildschirm"),
        ("Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/140 Mobile Instagram 300.0", "inapp", "Im Browser öffnen"),
        ("Mozilla/5.0 (X11; Linux) AppleWebKit/537.36 SomethingOld/1", "unsupported", "privaten Fenster"),
    ],
)  # fmt: skip
def test_each_state_of_a_browser_has_its_words(chromium, site, lively: Town, agent, state, words) -> None:
    context = chromium.new_context(locale="de-DE", user_agent=agent, viewport={"width": 360, "height": 740})
    context.add_init_script("delete window.PushManager")
    page = context.new_page()
    page.goto(f"{site}/huertgenwald/start?place=street:muehlenweg")
    page.get_by_role("button", name="Anmelden").last.click()
    help_ = page.locator(f'[data-push-help="{state}"]')
    expect(help_).to_be_visible()
    expect(help_).to_contain_text(words)
    shot(page, f"device-{state}")
    assert all(image.evaluate("one => one.naturalWidth > 0") for image in help_.locator("img").all())
    context.close()


def test_a_blocked_browser_says_how_to_undo_it(chromium, site, lively: Town) -> None:
    context = chromium.new_context(locale="de-DE", viewport={"width": 360, "height": 740})
    context.add_init_script("Object.defineProperty(Notification, 'permission', {get: () => 'denied'})")
    page = context.new_page()
    page.goto(f"{site}/huertgenwald/start?place=street:muehlenweg")
    page.get_by_role("button", name="Anmelden").last.click()
    expect(page.locator('[data-push-help="blocked"] [data-browser="chrome"]')).to_be_visible()
    expect(page.locator('[data-push-help="blocked"] [data-browser="firefox"]')).to_be_hidden()
    shot(page, "device-blocked")
    context.close()
