"""A notice's way out in a browser: read and released by two people, counted down, stopped; for every eye and hand."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from fakes.drafts import Desk, desk, ordinary, warning
from fakes.people import session_of
from playwright.sync_api import expect

from hub.core.draft import Certainty, Mode, Urgency
from hub.core.notice import NoticeText, Severity
from hub.core.release import Act
from tests.browser.test_looks import ALL, AXE, COLOURS, RUN

pytestmark = pytest.mark.browser
AT = "/verwaltung/huertgenwald/mitteilungen"
SHOTS = os.environ.get("ORTSRUF_SHOTS", "")  # a folder to which each page is painted
BODY = "Im Ortsteil Gey ist eine Leitung gebrochen.\nBitte kochen Sie das Wasser ab, bis wir Entwarnung geben."


@pytest.fixture
def hall(village) -> Desk:
    return desk(village)


def comes(hall: Desk, visit, who: int) -> None:
    token = session_of(hall.town, who)
    visit.context.add_cookies([{"name": "ortsruf-session", "value": token, "url": visit.site}])


def boil() -> object:
    return warning(
        texts=(NoticeText("de", "Trinkwasser abkochen", BODY, instruction="Mindestens drei Minuten sprudelnd kochen."),),
        urgency=Urgency.IMMEDIATE, certainty=Certainty.OBSERVED, contact="Wasserwerk, 02429 309-0",
    )  # fmt: skip


def _draft(hall: Desk) -> str:
    return f"/{hall.begin(boil())}"


def _review(hall: Desk) -> str:
    number = hall.begin(boil())
    hall.act(number, Act.SUBMIT)
    return f"/{number}"


def _update(hall: Desk) -> str:
    number = hall.begin(boil())
    hall.publish(number)
    hall.write(number, severity=Severity.SEVERE, contact="", url="https://example.org/wasser")
    hall.act(number, Act.SUBMIT)
    return f"/{number}/freigabe"


def _glass(hall: Desk) -> str:
    return f"/{hall.begin(boil())}/allein"


def _published(hall: Desk) -> str:
    number = hall.begin(boil())
    hall.publish(number)
    return f"/{number}"


def _ending(hall: Desk) -> str:
    return _published(hall) + "/ende?sort=all-clear"


def _counting(hall: Desk) -> str:
    number = hall.begin(ordinary())
    hall.act(number, Act.RELEASE)
    return f"/{number}"


def _later(hall: Desk) -> str:
    number = hall.begin(ordinary(send_at=hall.town.clock() + timedelta(days=1)))
    hall.act(number, Act.RELEASE)
    return f"/{number}"


def _test(hall: Desk) -> str:
    return f"/{hall.begin(warning(mode=Mode.TEST))}"


PAGES: dict[str, tuple[str, Callable[[Desk], str]]] = {
    "draft": ("author", _draft), "review": ("approver", _review), "approve": ("approver", _update),
    "glass": ("editor", _glass), "published": ("editor", _published), "ending": ("editor", _ending),
    "counting": ("editor", _counting), "later": ("editor", _later), "test": ("editor", _test),
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(PAGES))
def test_axe_finds_nothing_on_a_notices_way(phone, hall, name: str) -> None:
    who, prepare = PAGES[name]
    comes(hall, phone, getattr(hall, who))
    page = phone.page
    page.goto(phone.site + AT + prepare(hall))
    page.evaluate(AXE)
    found = {"phone": page.evaluate(RUN, ALL)}
    assert phone.wide() <= 0
    _paint(phone, name, 360)
    page.emulate_media(color_scheme="dark")
    found["dark"] = page.evaluate(RUN, COLOURS)
    page.emulate_media(color_scheme="light", forced_colors="active")
    found["forced colours"] = page.evaluate(RUN, COLOURS)
    page.emulate_media(forced_colors="none")
    page.set_viewport_size({"width": 1280, "height": 900})
    found["desk"] = page.evaluate(RUN, ALL)
    _paint(phone, name, 1280)
    page.set_viewport_size({"width": 320, "height": 640})
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    assert phone.wide() <= 0
    assert {way: faults for way, faults in found.items() if faults} == {}
    assert phone.complaints == []
    assert phone.foreign == []


def _paint(visit, name: str, width: int) -> None:
    if SHOTS:
        Path(SHOTS).mkdir(parents=True, exist_ok=True)
        visit.page.screenshot(path=f"{SHOTS}/{name}-{width}.png", full_page=True)


def test_it_counts_down_is_stopped_by_one_button_and_sent_by_nobody(phone, hall) -> None:
    page = phone.page
    comes(hall, phone, hall.editor)
    number = hall.begin(ordinary())
    page.goto(f"{phone.site}{AT}/{number}")
    page.get_by_role("link", name="Lesen und freigeben").click()
    page.get_by_role("button", name="An Bürgerinnen und Bürger senden").click()
    clock = page.locator("[data-seconds]")
    first = int(clock.inner_text())
    expect(clock).not_to_have_text(str(first))
    assert int(clock.inner_text()) < first
    page.get_by_role("button", name="Anhalten").click()
    page.get_by_text("Angehalten. Es wurde nichts gesendet.").wait_for()
    assert hall.state(number) == "draft"


def test_a_second_person_releases_by_keyboard(phone, hall) -> None:
    page = phone.page
    number = hall.begin(boil())
    hall.act(number, Act.SUBMIT)
    comes(hall, phone, hall.approver)
    page.goto(f"{phone.site}{AT}/{number}/freigabe")
    button = page.get_by_role("button", name="An Bürgerinnen und Bürger senden")
    for _ in range(60):
        page.keyboard.press("Tab")
        if button.evaluate("(one) => one === document.activeElement"):
            break
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Geht hinaus in").wait_for()
    assert hall.state(number) == "scheduled"
