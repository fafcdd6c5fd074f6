"""Two towns at one address with keys of their own, and one browser that has one subscription for both."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from hub.bootstrap import add_municipality
from hub.core.subscription import Action, Criteria
from hub.demo.payloads import ARS
from hub.jobs.rotate import rotate_own
from hub.jobs.subscribe import SignUp, Wish, sign_up
from hub.store import pushkeys, subscribers, towns
from push.webpush.subscription import pack
from tests.browser.conftest import PATIENCE
from tests.browser.test_whole_path import BROWSER, Place

pytestmark = pytest.mark.browser

KREUZAU = "053580032032"


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    made = Place(tmp_path)
    yield made
    made.close()


def person(place: Place, slug: str, path: str) -> tuple[int, str]:
    """Sign somebody up; returns their number and the page of their settings."""
    wish = Wish(Criteria(topics=("news",), places=(path,)), (("webpush", Action.NOW, ""),))
    number = sign_up(place.building.house, slug, SignUp((wish,)))
    return number, place.building.house.links.settings(number, 1)


def keys(place: Place, number: int) -> list[str]:
    """Return by which keys a person's devices are subscribed."""
    place.building.run_all()
    with place.building.store.read() as session:
        return [one["keys"]["vapid"] for one in subscribers.endpoints_of(session, number) if one["state"] == "active"]


def current(place: Place, slug: str) -> str:
    with place.building.store.read() as session:
        return pushkeys.current(session, slug)


def made_with(page: Page) -> str:
    """Return the key of the subscription that the browser has."""
    return pack(bytes(json.loads(page.evaluate("localStorage.getItem('fake-push') || '[]'"))))


def turned_on(page: Page, place: Place) -> None:
    """Turn notifications on where the page has not done so by itself, and let the test message arrive."""
    box = page.locator("[data-push]")
    page.locator(":is([data-push-now=on], [data-push-now=off], [data-push-now=waiting])").wait_for()
    if box.get_attribute("data-push-now") == "off":
        page.locator("[data-push-on]").click()
    for _ in range(100):
        place.building.run_all()
        if box.get_attribute("data-push-now") == "on":
            break
        page.wait_for_timeout(200)
    expect(box).to_have_attribute("data-push-now", "on")


def test_a_browser_keeps_its_subscription_while_any_town_uses_its_key(chromium: Browser, place: Place) -> None:
    with place.building.store.read() as session:
        (home,) = (row["id"] for row in towns.listed(session))
    away = add_municipality(place.building.store, ars=KREUZAU)
    (anna, first), (same, second) = person(place, home, ARS), person(place, away, KREUZAU)
    context = chromium.new_context(locale="de-DE", viewport={"width": 360, "height": 740})
    context.set_default_timeout(PATIENCE)
    context.add_init_script(f"({BROWSER})({json.dumps(place.world.add_device('anna'))})")
    context.grant_permissions(["notifications"], origin=place.site)
    page = context.new_page()

    page.goto(first)
    turned_on(page, place)
    assert keys(place, anna) == [current(place, home)] == [made_with(page)]

    page.goto(second)
    turned_on(page, place)
    assert made_with(page) == current(place, home), "nothing is given up"
    assert keys(place, same) == [current(place, home)]
    assert keys(place, anna) == [current(place, home)]

    rotate_own(place.building.store, home, place.clock())
    page.goto(first)
    for _ in range(100):  # the page does it by itself
        if made_with(page) == current(place, home):
            break
        page.wait_for_timeout(100)
    turned_on(page, place)
    assert made_with(page) == current(place, home)
    assert keys(place, anna) == [current(place, home)]
    context.close()
    assert {one["notification"]["data"]["change"] for one in place.world.pushes} == {"test"}
