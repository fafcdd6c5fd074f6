"""One's own page on a phone, with a real browser."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import pytest
from fakes.house import PLACE, news

from hub.core.subscription import Action, Criteria
from hub.jobs.subscribe import SignUp, Wish, sign_up
from hub.store import subscribers

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


@pytest.mark.parametrize("width", [390, 1280])
def test_the_monthly_mail_is_chosen_and_everything_is_kept_by_one_tap(phone, village, width) -> None:
    path = resident(village, "mail")
    with village.store.begin() as session:
        subscribers.confirm(session, 1, village.clock())
        told = village.clock() - timedelta(days=1)
        subscribers.change(session, 1, alive_at=village.clock() - timedelta(days=400), lapse_told_at=told)
    page = phone.page
    page.set_viewport_size({"width": width, "height": 844})
    page.goto(f"{phone.site}{path}/settings")
    page.get_by_label("Schreiben Sie mir einmal im Monat").check()
    look(page, f"monthly-{width}")
    page.get_by_role("link", name="Alles behalten").click()
    page.get_by_role("heading", name="Alles behalten?").wait_for()
    assert phone.wide() <= 0
    look(page, f"keep-{width}")
    page.get_by_role("button", name="Ja, alles behalten").click()
    page.get_by_text("Alles bleibt, wie es ist.").wait_for()
    page.get_by_label("Schreiben Sie mir einmal im Monat").check()
    page.locator("form[action$=habits]").get_by_role("button", name="Speichern").click()
    page.get_by_text("Das nächste Mal: Mittwoch, 23. Dezember 2026.").wait_for()
    assert phone.wide() <= 0
    assert phone.complaints == []
