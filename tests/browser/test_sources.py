"""The pages of sources on a phone and on a desk, by light and in the dark, with a real browser."""

from __future__ import annotations

import re

import pytest
from fakes.house import Town, news
from playwright.sync_api import expect

from hub.core.errors import SourceRefused
from hub.core.source import Source
from hub.jobs.contact import desk_link
from hub.store import held, sources

pytestmark = pytest.mark.browser

# The WCAG 2 contrast of each state's word against what lies behind it.
_CONTRAST = """() => {
  const canvas = document.createElement("canvas").getContext("2d", {willReadFrequently: true});
  const light = (text) => {
    canvas.fillStyle = text;  // whatever colour space the sheet was written in
    canvas.fillRect(0, 0, 1, 1);
    const [r, g, b] = [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3).map((one) => one / 255)
      .map((one) => one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (node) => {
    for (; node; node = node.parentElement) {
      const colour = getComputedStyle(node).backgroundColor;
      if (!colour.endsWith(", 0)") && colour !== "transparent") return colour;
    }
    return "rgb(255, 255, 255)";
  };
  return Math.min(...[...document.querySelectorAll(".state, .table .meta, .table a, .note")].map((node) => {
    const [one, other] = [light(getComputedStyle(node).color), light(behind(node))].sort((a, b) => b - a);
    return (one + 0.05) / (other + 0.05);
  }));
}"""


@pytest.fixture
def troubled(village: Town) -> Town:
    """Give the village a waste calendar that fell silent and news of which a flood is held."""
    for source_id, topic, name in (("s1", "waste", "Abfallkalender des Landkreises"), ("s2", "news", "")):
        made = Source(
            source_id, "rss", f"https://{topic}.example.org/a?token=x", "huertgenwald", name, topic, interval=600
        )
        with village.store.begin() as session:
            sources.add(session, "huertgenwald", made, village.clock())
        village.gatherer.has(source_id, news("n1", topic=topic, source=source_id))
    village.run()
    village.gatherer.breaks("s1", SourceRefused("The source answered with a web page instead of data."))
    flood = (news(f"f{count}", f"Meldung {count}", source="s2", body="Im Rathaus.") for count in range(22))
    village.gatherer.has("s2", *flood)
    for _ in range(4):
        village.clock.forward(hours=18)
        village.run()
    return village


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1100])
def test_every_page_fits_and_can_be_read(phone, troubled, width, scheme) -> None:
    phone.page.set_viewport_size({"width": width, "height": 800})
    phone.page.emulate_media(color_scheme=scheme)
    desk = desk_link(troubled.house, "huertgenwald").partition("/d/")[2]
    for path in ("huertgenwald/", "huertgenwald/quellen", "huertgenwald/quellen/s1", f"d/{desk}", f"d/{desk}/s2"):
        phone.page.goto(f"{phone.site}/{path}")
        assert phone.wide() <= 0, path
        assert phone.page.evaluate(_CONTRAST) >= 4.5, path
        assert phone.page.get_by_role("heading", level=1).count() == 1
    assert phone.complaints == []
    assert phone.foreign == []


def test_a_resident_follows_the_banner_to_the_cause(phone, troubled) -> None:
    page = phone.page
    page.goto(f"{phone.site}/huertgenwald/")
    page.get_by_text("Der Abfallkalender antwortet seit 3 Tagen nicht").get_by_role("link").click()
    page.get_by_role("heading", name="Abfallkalender des Landkreises").wait_for()
    page.get_by_text("Statt Daten schickt die Quelle eine Webseite").first.wait_for()
    page.get_by_role("link", name="Alle Quellen").click()
    table = page.get_by_role("table", name="Quellen: 2")
    expect(table.get_by_role("row")).to_have_count(3)
    expect(table.get_by_role("cell", name="Verstummt")).to_have_count(1)
    assert "token" not in page.content()


def test_the_editor_releases_and_drops_by_keyboard(phone, troubled) -> None:
    page = phone.page
    desk = desk_link(troubled.house, "huertgenwald").partition("/d/")[2]
    page.goto(f"{phone.site}/d/{desk}")
    page.get_by_role("link", name="news.example.org").click()
    for button, sentence in ((r"Freigeben\W+Meldung 3", "Freigegeben."), (r"Verwerfen\W+Meldung 4", "Verworfen.")):
        page.get_by_role("button", name=re.compile(rf"^{button}$")).focus()
        page.keyboard.press("Enter")
        page.get_by_role("status").get_by_text(sentence).wait_for()
    with troubled.store.read() as session:
        assert len(held.waiting(session, "s2")) == 20
    page.get_by_role("button", name="Jetzt noch einmal lesen").click()
    page.get_by_role("status").get_by_text("Wir fragen die Quelle jetzt").wait_for()
    page.get_by_role("button", name="Pause").click()
    page.get_by_role("button", name="Jetzt weitermachen").wait_for()
    assert phone.complaints == []
