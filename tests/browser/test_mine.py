"""My Ortsruf on a phone: a message that stays, is opened, explained, silenced and heard of again."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest
from fakes.house import PLACE, news
from playwright.sync_api import expect

from hub.core.notice import NoticeText, Occurrence, PlaceRef, Severity
from hub.core.subscription import Action, Criteria
from hub.jobs.subscribe import SignUp, Wish, sign_up
from tests.browser.test_manage import look

pytestmark = pytest.mark.browser


@pytest.fixture
def path(village) -> str:
    """The page of somebody in a town with a storm, a meeting this evening, and two pieces of news."""
    way = (("webpush", Action.NOW, ""),)
    wishes = tuple(Wish(Criteria(topics=(one,), places=(PLACE,)), way) for one in ("warnings", "news", "council"))
    person = sign_up(village.house, "huertgenwald", SignUp(wishes, {"webpush": ("https://push.example/1", {}, "s")}))
    village.engine.run_all()
    for name, topic in (("x", "warnings"), ("s1", "news"), ("c", "council")):
        village.source(name, topic)
    now = village.clock()
    storm = replace(
        news("o", topic="warnings", source="x"), kind="cap", severity=Severity.SEVERE, expires=now + timedelta(hours=9),
        texts=(NoticeText("de", "Schwere Sturmböen", instruction="Bleiben Sie im Haus und sichern Sie, was wegfliegen kann."),),
        places=(PlaceRef("ars", PLACE, "Hürtgenwald"),),
    )  # fmt: skip
    village.poll("x", storm)
    meeting = Occurrence("m", now + timedelta(hours=6), now + timedelta(hours=8), location="Rathaus")
    village.poll("c", news("r", "Sitzung des Gemeinderats", source="c", topic="council", occurrences=(meeting,)))
    village.poll(
        "s1", news("a", "Freibad öffnet wieder"), news("b", "Die Gemeindeverwaltung ist am Freitag geschlossen")
    )
    return f"/m/{village.house.links.token('manage', person, 1)}"


def test_a_message_is_read_explained_silenced_and_heard_of_again(phone, path) -> None:
    page = phone.page
    page.goto(phone.site + path)
    look(page, "mine-360")
    assert phone.wide() <= 0
    expect(page).to_have_title("(4) Mein Ortsruf – Hürtgenwald")
    expect(page.get_by_role("heading", name="Warnungen in Kraft")).to_be_visible()
    expect(page.get_by_text("Bleiben Sie im Haus")).to_be_visible()
    page.get_by_role("link", name="Freibad öffnet wieder").click()
    page.get_by_role("heading", name="Freibad öffnet wieder").wait_for()
    page.go_back()
    page.reload()
    expect(page).to_have_title("(3) Mein Ortsruf – Hürtgenwald")
    message = page.locator(".message", has_text="Freibad öffnet wieder")
    summary = message.locator("summary")
    summary.focus()
    page.keyboard.press("Enter")
    expect(message.get_by_text("Warum bekomme ich das?")).to_be_visible()
    expect(message.locator("dd").first).to_have_text("Neues")
    look(page, "mine-why-360")
    assert phone.wide() <= 0
    message.get_by_role("button", name="Eine Woche nichts zu „Neues“").click()
    expect(page.get_by_role("status").filter(has_text="Stummgeschaltet: Neues")).to_be_visible()
    expect(page).to_have_title("(2) Mein Ortsruf – Hürtgenwald")
    look(page, "mine-undo-360")
    page.get_by_role("button", name="Zurücknehmen").click()
    expect(page).to_have_title("(3) Mein Ortsruf – Hürtgenwald")
    page.get_by_role("button", name="Alles als gelesen markieren").click()
    expect(page).to_have_title("Mein Ortsruf – Hürtgenwald")
    page.get_by_role("searchbox", name="In meinen Meldungen suchen").fill("gemeindeverw")
    page.get_by_role("button", name="Suchen").click()
    expect(page.get_by_role("heading", name="1 Meldung mit „gemeindeverw“")).to_be_visible()
    look(page, "inbox-360")
    assert phone.wide() <= 0
    page.get_by_role("navigation", name="Meine Seiten").get_by_role("link", name="Termine").click()
    expect(page.get_by_role("link", name="Sitzung des Gemeinderats")).to_be_visible()
    look(page, "dates-360")
    assert phone.complaints == []
    assert phone.foreign == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_is_seen_whole_on_a_wide_screen(phone, path, scheme) -> None:
    page = phone.page
    page.set_viewport_size({"width": 1280, "height": 900})
    page.emulate_media(color_scheme=scheme)
    page.goto(phone.site + path)
    look(page, f"mine-1280-{scheme}")
    levels = page.evaluate(
        "[...document.querySelectorAll('main :is(h1, h2, h3, h4)')].map((one) => Number(one.tagName[1]))"
    )
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert phone.wide() <= 0
