"""A phone: home here, the parents two towns on, with some kilometres around; one page for all of it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from fakes.house import PLACE, Town
from fakes.towns import OTHER, OTHER_PLACE, add_town
from playwright.sync_api import expect

from hub.core.place import local_path
from hub.store import subscribers, towns
from hub.store.schema import place

SHOTS = os.environ.get("ORTSRUF_SHOTS", "")  # a folder: keep pictures of each step to look at
STREETS = ("Ahornweg", "Hauptstraße")


def shot(page, name: str) -> None:
    for width in (1280, 360) if SHOTS else ():
        page.set_viewport_size({"width": width, "height": 740})
        page.screenshot(path=Path(SHOTS) / f"{name}-{width}.png", full_page=True)


@pytest.fixture
def county(village: Town) -> Town:
    """Two towns of a county whose positions are known, each with streets."""
    add_town(village)
    with village.store.begin() as session:
        rows = [{"path": PLACE, "kind": "municipality", "name": "Hürtgenwald", "sought": "huertgenwald"}]
        towns.add_rows(session, place, rows)
        for path, (lon, lat) in {PLACE: (6.37, 50.71), OTHER_PLACE: (6.49, 50.747)}.items():
            session.execute(place.update().where(place.c.path == path).values(lon=lon, lat=lat))
        for slug, path in (("huertgenwald", PLACE), (OTHER, OTHER_PLACE)):
            towns.add_places(session, slug, [(local_path(path, "street", one), "street", one) for one in STREETS])
    return village


def test_home_and_the_parents_with_a_script(phone, county: Town) -> None:
    page = phone.page
    page.goto(f"{phone.site}/huertgenwald/start")
    page.locator("#waste").uncheck()
    page.get_by_label("Straßensperrungen").check()
    page.locator("#roads-push").check()
    page.get_by_text("Auch im Umkreis").click()
    page.locator("#km").select_option("10")
    expect(page.locator("[data-total]")).to_contain_text("im Umkreis Ihrer Orte")
    page.get_by_role("button", name="Weiteren Ort hinzufügen").click()
    second = page.locator("#p2-topics")
    field = second.get_by_role("combobox", name="Postleitzahl, Ort oder Straße")
    field.press_sequentially("kreuz")
    second.get_by_role("option", name="Kreuzau").click()
    expect(second.locator("legend").first).to_have_text("Ort 2: Kreuzau")
    shot(page, "two-towns")
    assert phone.wide() <= 0
    page.get_by_role("button", name="Anmelden").last.click()
    page.get_by_role("heading", name="Danke, Ihre Auswahl ist gespeichert").wait_for()
    page.get_by_role("link", name="Mein Ortsruf öffnen").click()
    page.get_by_role("link", name="Einstellungen").first.click()
    expect(page.locator("#p2-topics .place").first).to_contain_text("Kreuzau")
    expect(page.locator("#km")).to_have_value("10")
    shot(page, "two-towns-mine")
    assert phone.wide() <= 0
    page.goto(f"{phone.site}/{OTHER}/start")
    shot(page, "known-device")
    with county.store.read() as session:
        found = {(one["town"], *one["criteria"]["topics"]) for one in subscribers.subscriptions(session, 1)}
    assert found == {("huertgenwald", "warnings"), ("huertgenwald", "roads"), (OTHER, "warnings"), (OTHER, "roads")}
    assert phone.complaints == []
    assert phone.foreign == []
