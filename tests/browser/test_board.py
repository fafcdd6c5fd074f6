"""A screen in the town hall turns its pages, and says so when its connection is lost."""

from __future__ import annotations

import pytest
from fakes.house import Town, news
from playwright.sync_api import expect

from tests.browser.conftest import Visit

pytestmark = pytest.mark.browser


def test_a_lost_connection_leaves_the_last_page_standing(village: Town, phone: Visit) -> None:
    village.source()
    village.poll("s1", *[news(f"n{number}", f"Meldung {number}") for number in range(5)])
    page = phone.page
    page.clock.install()
    page.goto(f"{phone.site}/huertgenwald/board")
    first = page.locator("h2").all_text_contents()
    page.clock.fast_forward(15_000)
    expect(page.get_by_text("Seite 2 von 2")).to_be_visible()
    second = page.locator("h2").all_text_contents()
    assert sorted(first + second) == [f"Meldung {number}" for number in range(5)]
    page.route("**/board*", lambda route: route.abort())
    expect(page.get_by_text("Keine Verbindung seit")).to_be_hidden()
    page.clock.fast_forward(15_000)
    expect(page.get_by_text("Keine Verbindung seit")).to_be_visible()
    assert page.locator("h2").all_text_contents() == second
    page.unroute("**/board*")
    page.clock.fast_forward(15_000)
    expect(page.get_by_text("Seite 1 von 2")).to_be_visible()
    expect(page.get_by_text("Keine Verbindung seit")).to_be_hidden()
