"""One's own page on a phone, with a real browser."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from fakes.house import PLACE, news

from hub.core.subscription import Action, Criteria
from hub.jobs.subscribe import SignUp, Wish, sign_up

pytestmark = pytest.mark.browser


def look(page, name: str) -> None:
    """Keep a picture of the page where somebody asked for them."""
    folder = os.environ.get("ORTSRUF_PICTURES")
    if folder:
        page.screenshot(path=str(Path(folder) / f"{name}.png"), full_page=True)


def resident(village, *channels: str) -> str:
    """Sign somebody up for news; returns the path of their page."""
    wish = Wish(Criteria(topics=("news",), places=(PLACE,)), (("webpush", Action.NOW, ""),))
    addresses = {"webpush": ("https://push.example/1", {}, "s"), "mail": ("a@example.org", {}, "example.org")}
    chosen = {name: addresses[name] for name in channels or ("webpush",)}
    person = sign_up(village.house, "huertgenwald", SignUp((wish,), chosen))
    village.engine.run_all()
    return f"/m/{village.house.links.token('manage', person, 1)}"


@pytest.mark.parametrize("width", [390, 1280])
def test_the_link_of_a_message_opens_at_what_it_offers(phone, village, width) -> None:
    path = resident(village)
    village.source()
    village.poll("s1", news("n1", "Baustelle in der Hauptstraße"))
    page = phone.page
    page.set_viewport_size({"width": width, "height": 844})
    page.goto(f"{phone.site}{path}?notice={news('n1').id}")
    page.locator("#mute-this:focus").wait_for()
    button = page.get_by_role("button", name="Diese Meldung stummschalten")
    box = button.bounding_box()
    assert box is not None
    assert 0 <= box["y"] <= 844 - box["height"], "the button is seen without scrolling"
    assert phone.wide() <= 0
    look(page, f"mute-{width}")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # the button is the second stop from here
    page.get_by_role("button", name="Zurücknehmen").wait_for()
    assert page.locator("#mute-this").count() == 0
    assert phone.complaints == []
