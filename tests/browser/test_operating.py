"""The operators' pages in Chromium: seen by axe, by keyboard, on a phone, on paper, and a source from address to live."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

import pytest
from fakes.house import Town, news
from fakes.http import FakeHttp
from fakes.operated import county
from playwright.sync_api import Browser, expect

from hub.store import sources
from tests.browser.conftest import PATIENCE, Visit, served
from tests.browser.test_looks import ALL, AXE, COLOURS, RUN

pytestmark = pytest.mark.browser

URL = "https://town.example/feed.xml"
FEED = b"""<rss version="2.0"><channel><title>T</title>
<item><guid>1</guid><title>Freibad \xc3\xb6ffnet</title><description>Ab 10 Uhr.</description></item></channel></rss>"""
PAGES = {
    "overview": "/verwaltung/uebersicht", "overview month": "/verwaltung/uebersicht?zeitraum=30",
    "operation": "/verwaltung/kreuzau/betrieb", "settings": "/verwaltung/einstellungen", "data": "/verwaltung/daten",
    "town data": "/verwaltung/huertgenwald/daten", "kinds": "/verwaltung/huertgenwald/quellen/neu",
    "form": "/verwaltung/huertgenwald/quellen/neu/waste", "change": "/verwaltung/huertgenwald/quellen/s1/aendern",
    "remove": "/verwaltung/huertgenwald/quellen/s1/entfernen", "office": "/verwaltung/",
}  # fmt: skip
# axe cannot tell what lies behind the words of an SVG: they are measured by themselves.
LOOK = RUN.replace("axe.run({", "axe.run({exclude: [['.plot svg']]}, {")
CONTRAST = """() => {
  const light = (text) => { const [r, g, b] = text.match(/[\\d.]+/g).slice(0, 3).map((one) => one / 255)
    .map((one) => one <= 0.03928 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
  const paper = light(getComputedStyle(document.body).backgroundColor);
  return [...document.querySelectorAll(".plot text, .plot path.lines, .plot path.bars")].map((one) => {
    const style = getComputedStyle(one), ink = light(one.matches(".lines") ? style.stroke : style.fill);
    return [one.tagName, (Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05)]; });
}"""


@pytest.fixture
def operator(chromium: Browser, village: Town) -> Iterator[Visit]:
    """Sign the county's operator in, on a phone; the network is scripted."""
    token, _ = county(village)
    http = FakeHttp().answers(URL, body=FEED)
    with served(village, http) as site:
        context = chromium.new_context(locale="de-DE", viewport={"width": 360, "height": 740})
        context.set_default_timeout(PATIENCE)
        context.add_cookies([{"name": "ortsruf-session", "value": token, "url": site}])
        yield Visit(context, site)
        context.close()


def test_every_page_fits_and_axe_finds_nothing(operator) -> None:
    page = operator.page
    for name, path in PAGES.items():
        for width in (360, 1280):
            page.set_viewport_size({"width": width, "height": 800})
            for scheme, rules in (("light", ALL), ("dark", COLOURS)):
                page.emulate_media(color_scheme=scheme)
                assert page.goto(operator.site + path).status == 200, name
                assert operator.wide() <= 0, (name, width)
                page.evaluate(AXE)
                assert page.evaluate(LOOK, rules) == [], (name, width, scheme)
    assert operator.complaints == []
    assert operator.foreign == []


def test_words_and_lines_of_plots_can_be_seen_by_light_and_in_the_dark(operator) -> None:
    page = operator.page
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.goto(operator.site + PAGES["overview"])
        found = page.evaluate(CONTRAST)
        assert len(found) > 40
        for tag, ratio in found:
            assert ratio >= (4.5 if tag == "text" else 3), (scheme, tag, ratio)


def test_names_of_slots_do_not_cover_each_other(operator) -> None:
    page = operator.page
    for width in (360, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        for path in (PAGES["overview"], PAGES["overview month"]):
            page.goto(operator.site + path)
            for plot in page.locator(".plot > svg").all():
                boxes = [one.bounding_box() for one in plot.locator("text.along").all()]
                boxes.sort(key=lambda one: one["x"])
                for before, after in itertools.pairwise(boxes):
                    assert before["x"] + before["width"] <= after["x"], (width, path)


def test_the_table_beside_a_plot_opens_by_keyboard_and_plots_are_printed(operator) -> None:
    page = operator.page
    page.goto(operator.site + PAGES["overview"])
    table = page.locator(".plot table").first
    assert not table.is_visible()
    page.locator(".plot summary").first.focus()
    page.keyboard.press("Enter")
    expect(table).to_be_visible()
    page.emulate_media(media="print")
    assert page.locator(".plot > svg").first.is_visible()
    assert not page.locator(".plot summary").first.is_visible()
    assert not page.get_by_role("button", name="Abmelden").is_visible()


def test_from_the_overview_to_the_source_that_is_out_of_order(operator, village) -> None:
    page = operator.page
    page.goto(f"{operator.site}/verwaltung/")
    page.get_by_role("link", name="Alle Gemeinden auf einen Blick").click()
    first = page.locator("table[aria-labelledby=towns] tbody tr").first
    expect(first).to_contain_text("Jetzt handeln")
    first.get_by_role("link", name="Kreuzau", exact=True).click()
    page.get_by_role("heading", name="Betrieb von Kreuzau").wait_for()
    page.get_by_role("link", name="example.org").click()
    page.get_by_role("button", name="Jetzt neu abrufen").or_(page.locator("main form button").first).first.click()
    assert village.gatherer.fetches.count("k1") >= 1


def test_a_source_goes_live_after_a_look_and_away_again(operator, village) -> None:
    page = operator.page
    page.goto(f"{operator.site}/verwaltung/huertgenwald/quellen")
    page.get_by_role("link", name="Quelle hinzufügen").click()
    page.get_by_role("link", name="Neues").click()
    page.get_by_label("Adresse").fill(URL)
    page.get_by_label("Name").fill("Nachrichten der Gemeinde")
    page.get_by_role("button", name="Ansehen, was übernommen würde").click()
    page.get_by_role("heading", name="Das würde übernommen: 1").wait_for()
    expect(page.locator("main")).to_contain_text("Freibad öffnet")
    assert operator.wide() <= 0
    page.evaluate(AXE)
    assert page.evaluate(RUN, ALL) == []
    page.get_by_role("button", name="Starten").click()
    page.get_by_role("heading", name="Nachrichten der Gemeinde").wait_for()
    with village.store.read() as session:
        assert [row["name"] for row in sources.listed(session, "huertgenwald") if row["url"] == URL] == [
            "Nachrichten der Gemeinde"
        ]
    page.get_by_role("link", name="Ändern oder entfernen").click()
    page.get_by_role("link", name="Diese Quelle entfernen").click()
    page.get_by_label("Sie gehen mit").check()
    page.get_by_role("button", name="Entfernen").click()
    page.get_by_text("Die Quelle ist entfernt.").wait_for()
    assert not re.search("Nachrichten der Gemeinde", page.locator("main").inner_text())
    assert operator.complaints == []


def test_a_refused_source_says_why(operator) -> None:
    page = operator.page
    page.goto(operator.site + "/verwaltung/huertgenwald/quellen/neu/rss")
    page.get_by_label("Adresse").fill("/etc/passwd")
    page.get_by_role("button", name="Ansehen, was übernommen würde").click()
    page.get_by_role("heading", name="Das lässt sich nicht übernehmen").wait_for()
    page.evaluate(AXE)
    assert page.evaluate(RUN, ALL) == []


def test_an_export_is_a_file(operator, village) -> None:
    village.poll("s1", news("n2", "Zweite"), minutes=1)
    page = operator.page
    page.goto(operator.site + PAGES["town data"])
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Als Tabelle (CSV)").click()
    assert waiting.value.suggested_filename.endswith(".csv")
