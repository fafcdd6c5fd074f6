"""A delivery report that is under way looks again by itself, and is whole without a script; the month fits on paper."""

from __future__ import annotations

import re

import pytest
from fakes.house import Town, news
from fakes.people import account, session_of
from playwright.sync_api import Browser

from hub.core.message import Result
from hub.core.permission import Grant, Role
from hub.jobs import tallying
from tests.browser.conftest import Visit

pytestmark = pytest.mark.browser
REPORT = f"/verwaltung/huertgenwald/bericht/{news().id}"


def signed_in(visit: Visit, village: Town) -> None:
    made = account(village, "anna@example.org", Grant(Role.EDITOR, "huertgenwald"))
    token = session_of(village, made)
    visit.context.add_cookies([{"name": "ortsruf-session", "value": token, "url": visit.site}])


def told(village: Town) -> None:
    village.source()
    people = [village.person() for _ in range(6)]
    village.push.answers(people[0], Result.RETRY)
    village.poll("s1", news())


def test_a_report_goes_on_by_itself_until_everybody_has_an_end(phone: Visit, village: Town) -> None:
    told(village)
    signed_in(phone, village)
    phone.page.clock.install()
    phone.page.goto(phone.site + REPORT)
    phone.page.get_by_text("5 von 6 erreicht").wait_for()
    phone.page.get_by_text("Dasselbe in Zahlen").click()
    phone.page.locator("h1").click()
    village.clock.forward(minutes=5)
    village.run()
    for _ in range(2):  # what was focused is left alone; a little later it is not any more
        phone.page.clock.run_for(6000)
    phone.page.get_by_text("6 von 6 erreicht").wait_for()
    assert phone.page.locator("details[open]").count() == 1
    assert phone.page.locator("[data-live]").count() == 0
    assert phone.page.locator("[data-live-said]").inner_text() == ""
    assert phone.complaints == []
    assert phone.foreign == []


def test_without_a_script_a_report_is_whole_and_loads_anew(chromium: Browser, site: str, village: Town) -> None:
    told(village)
    context = chromium.new_context(locale="de-DE", java_script_enabled=False, viewport={"width": 360, "height": 740})
    visit = Visit(context, site)
    signed_in(visit, village)
    visit.page.goto(site + REPORT)
    assert "5 von 6 erreicht" in visit.page.content()
    assert '<meta http-equiv="refresh" content="15">' in visit.page.content()
    assert visit.page.locator("figure svg rect.prompt").first.is_visible()
    context.close()


def test_the_month_fits_on_a_sheet_of_paper(phone: Visit, village: Town) -> None:
    told(village)
    tallying.tally(village.house)
    signed_in(phone, village)
    phone.page.goto(f"{phone.site}/verwaltung/huertgenwald/wirkung")
    paper = phone.page.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page[^s]", paper)) == 1
    assert [round(float(one) / 72 * 25.4) for one in re.findall(rb"MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", paper)[0]] == [
        210,
        297,
    ]
