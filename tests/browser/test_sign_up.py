"""Signing up on a phone, with a real browser."""

from __future__ import annotations

import pytest
from fakes.house import PLACE

from hub.store import subscribers, towns

pytestmark = pytest.mark.browser


def test_a_resident_signs_up_confirms_and_finds_the_choices_again(phone, village) -> None:
    with village.store.begin() as session:
        towns.add_places(session, "huertgenwald", [(f"{PLACE}/zone:gey", "zone", "Gey")])
    page = phone.page
    page.goto(f"{phone.site}/huertgenwald/start")
    assert phone.wide() <= 0
    page.get_by_label("Ihr Abfuhrbezirk").select_option(label="Gey")
    page.get_by_label("Ausschreibungen").check()
    page.get_by_label("Nur diese CPV-Codes").fill("45")
    page.locator("#tenders-mail").select_option("now")
    page.locator("#email").fill("a@example.org")
    assert phone.wide() <= 0
    page.get_by_role("button", name="Anmelden").click()
    page.get_by_role("heading", name="Danke, Ihre Auswahl ist gespeichert").wait_for()
    page.get_by_text("Mitteilungen auf diesem Gerät einschalten").wait_for()
    assert phone.wide() <= 0
    village.engine.run_all()
    token = village.mail.sent[0][0].confirm_url.partition("/c/")[2]
    page.goto(f"{phone.site}/c/{token}")
    page.get_by_role("button", name="Ja, das ist meine Adresse").click()
    page.get_by_role("link", name="Mein Ortsruf öffnen").click()
    page.get_by_role("link", name="Themen und Orte").click()
    assert page.locator("#waste-zone").input_value().endswith("zone:gey")
    assert page.locator("#tenders-cpv").input_value() == "45"
    assert phone.wide() <= 0
    with village.store.read() as session:
        assert {one["state"] for one in subscribers.endpoints_of(session, 1)} == {"active"}
    assert phone.complaints == []
    assert phone.foreign == []


@pytest.mark.parametrize("path", ["/huertgenwald/", "/huertgenwald/start", "/find?q=a", "/datenschutz", "/nowhere/"])
def test_pages_fit_320_pixels_and_double_text(phone, path) -> None:
    phone.page.set_viewport_size({"width": 320, "height": 640})
    phone.page.goto(phone.site + path)
    assert phone.wide() <= 0
    phone.page.evaluate("document.documentElement.style.fontSize = '200%'")
    assert phone.wide() <= 0


def test_a_fault_takes_the_reader_to_its_field_by_keyboard(phone) -> None:
    page = phone.page
    page.goto(f"{phone.site}/huertgenwald/start")
    page.locator("#waste-push").uncheck()
    page.get_by_role("button", name="Anmelden").click()
    page.locator("#faults").wait_for()
    page.locator("#faults:focus").wait_for()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**#waste")


def test_everything_but_push_works_without_a_script(chromium, site, village) -> None:
    context = chromium.new_context(java_script_enabled=False, locale="en-GB")
    page = context.new_page()
    page.goto(site)
    page.get_by_role("link", name="Choose my topics").click()
    page.get_by_role("button", name="Sign up").click()
    page.get_by_role("heading", name="Thank you, your choices are saved").wait_for()
    assert person(village) is not None
    page.get_by_role("link", name="Open My Ortsruf").click()
    page.get_by_role("navigation", name="My pages").get_by_role("link", name="Settings").click()
    page.get_by_role("link", name="Delete everything …").click()
    page.get_by_role("button", name="Yes, delete everything").click()
    page.get_by_role("heading", name="Everything is deleted").wait_for()
    assert person(village) is None
    context.close()


def person(village):
    with village.store.read() as session:
        return subscribers.get(session, 1)
