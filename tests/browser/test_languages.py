"""Pages in the languages of the house: they fit a phone, axe finds nothing, and the switch holds them all."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from hub.web.language import LANGUAGES, Language
from tests.browser.test_looks import ALL, AXE, RUN, Tour, tour

__all__ = ["tour"]
pytestmark = pytest.mark.browser
OTHERS = [code for code in LANGUAGES if code != "de"]


def opened(tour: Tour, name: str, code: str) -> Page:
    """Open a page in a language, on a small phone."""
    page = tour.visit.page
    page.set_viewport_size({"width": 320, "height": 640})
    page.goto(f"{tour.visit.site}{tour.paths[name]}?lang={code}")
    return page


@pytest.mark.parametrize("name", ["town", "notice", "manage"])
@pytest.mark.parametrize("code", OTHERS)
def test_a_page_fits_and_axe_finds_nothing(tour: Tour, code: str, name: str) -> None:
    page = opened(tour, name, code)
    assert page.locator("html").get_attribute("dir") == Language(code).direction
    page.evaluate(AXE)
    assert page.evaluate(RUN, ALL) == []
    assert tour.visit.wide() <= 0


def test_the_switch_is_small_and_holds_every_language(tour: Tour) -> None:
    page = opened(tour, "notice", "de")
    before = page.locator("header .bar").bounding_box()
    assert before is not None
    assert before["height"] <= 140
    page.locator(".languages summary").click()
    for code in LANGUAGES:
        box = page.locator(f".languages a[hreflang='{code}']").bounding_box()
        assert box is not None
        assert box["height"] >= 44  # a finger
        assert 0 <= box["x"] <= box["x"] + box["width"] <= 320
    assert page.locator("header .bar").bounding_box() == before  # it opens above the page and moves nothing
    page.locator(f".languages a[hreflang='{LANGUAGES[-1]}']").click()
    page.wait_for_url(f"**{tour.paths['notice']}?lang={LANGUAGES[-1]}")
    assert page.locator("html").get_attribute("lang") == LANGUAGES[-1]
    page.goto(f"{tour.visit.site}/huertgenwald/?lang=de")
