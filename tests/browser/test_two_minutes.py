"""A clerk publishes a burst pipe in two minutes from a phone: as few taps and fields as that takes are counted."""

from __future__ import annotations

import re

import pytest
from fakes.house import Town
from playwright.sync_api import Locator, Page, expect

from tests.browser.test_writing import anna  # noqa: F401 - a fixture

pytestmark = pytest.mark.browser
MOST = 12  # taps and fields from the office's first page to the release, besides typing


class Thumb:
    """Taps, and counts; what is not on the screen or smaller than a fingertip is no button (WCAG 2.5.8)."""

    def __init__(self, page: Page) -> None:
        self.page, self.count = page, 0

    def taps(self, target: Locator) -> None:
        target.scroll_into_view_if_needed()
        box = target.bounding_box()
        assert box is not None
        assert (box["x"] >= 0, box["x"] + box["width"] <= 360, box["height"] >= 24) == (True, True, True), target
        target.click()
        self.count += 1

    def link(self, name: str | re.Pattern[str]) -> None:
        self.taps(self.page.get_by_role("link", name=name).first)

    def button(self, name: str) -> None:
        self.taps(self.page.get_by_role("button", name=name))


def test_a_burst_pipe_goes_out_by_twelve_taps_and_fields(anna, village: Town) -> None:  # noqa: F811
    village.person()
    page, thumb = anna.page, Thumb(anna.page)
    page.goto(f"{anna.site}/verwaltung/")
    thumb.link(re.compile("^Meldungen.*Hürtgenwald"))
    thumb.link("Neue Meldung")
    thumb.link("Rohrbruch")
    for left, said in ((3, "Ahornweg"), (2, "der Straße Ahornweg"), (1, "18 Uhr")):
        thumb.button(f"Nächste Lücke ({left})")
        page.keyboard.type(said)
    thumb.taps(page.get_by_text("Nur bestimmte Straßen oder Ortsteile"))
    thumb.taps(page.get_by_role("combobox", name="Straße oder Ortsteil hinzufügen"))
    page.keyboard.type("ahorn")
    thumb.taps(page.get_by_role("option", name=re.compile("Ahornweg")))
    thumb.button("Prüfen und senden")
    thumb.link("Lesen und freigeben")
    expect(page.locator("main")).to_contain_text("Rohrbruch: kein Wasser in Ahornweg")
    thumb.button("An Bürgerinnen und Bürger senden")
    page.get_by_role("heading", name="Geht hinaus in").wait_for()
    village.clock.forward(seconds=31)
    village.run()
    assert [title for _, title in village.push.told()] == ["Rohrbruch: kein Wasser in Ahornweg"]
    assert thumb.count <= MOST
