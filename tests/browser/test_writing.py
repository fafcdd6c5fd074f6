"""A clerk writes a notice on a phone: from a template, with streets and a drawing, saved by itself, beside somebody else."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from fakes.house import PLACE, Town
from fakes.people import account, session_of
from playwright.sync_api import Browser, Page, expect

from hub.core.draft import Draft, from_json
from hub.core.permission import Grant, Role
from hub.store import drafts, towns
from hub.store.schema import login_session, place
from tests.browser.conftest import PATIENCE, Visit
from tests.browser.test_looks import ALL, AXE, COLOURS, RUN

pytestmark = pytest.mark.browser
AT = "/verwaltung/huertgenwald/mitteilungen"


def signed_in(chromium: Browser, town: Town, site: str, name: str, *, width: int = 360) -> Visit:
    """Return the browser of an editor who has signed in."""
    context = chromium.new_context(locale="de-DE", viewport={"width": width, "height": 740})
    context.set_default_timeout(PATIENCE)
    token = session_of(town, account(town, f"{name}@example.org", Grant(Role.EDITOR, "huertgenwald")))
    context.add_cookies([{"name": "ortsruf-session", "value": token, "url": site}])
    return Visit(context, site)


@pytest.fixture
def anna(chromium: Browser, village: Town, site: str) -> Iterator[Visit]:
    with village.store.begin() as session:
        places = [(f"{PLACE}/street:ahornweg", "street", "Ahornweg"), (f"{PLACE}/street:am-see", "street", "Am See")]
        town_hall = {"path": PLACE, "kind": "municipality", "name": "Hürtgenwald", "sought": "huertgenwald"}
        towns.add_rows(session, place, [{**town_hall, "lat": 50.71, "lon": 6.38}])
        towns.add_places(session, "huertgenwald", [*places, (f"{PLACE}/district:gey", "district", "Gey")])
    visit = signed_in(chromium, village, site, "anna")
    yield visit
    visit.context.close()


def looked_at(visit: Visit) -> None:
    """Look at a page: it fits, and axe finds nothing, by light and in the dark."""
    assert visit.wide() <= 0, visit.page.url
    visit.page.evaluate(AXE)
    assert visit.page.evaluate(RUN, ALL) == [], visit.page.url
    visit.page.emulate_media(color_scheme="dark")
    assert visit.page.evaluate(RUN, COLOURS) == [], visit.page.url
    visit.page.emulate_media(color_scheme="light")


def stored(town: Town, number: int = 1) -> Draft:
    with town.store.read() as session:
        return from_json(drafts.by_id(session, number)["content"])


def fold_out(page: Page) -> None:
    page.evaluate("document.querySelectorAll('main details').forEach((one) => { one.open = true; })")


def test_a_burst_pipe_is_written_on_a_phone(anna: Visit, village: Town) -> None:
    page = anna.page
    page.goto(f"{anna.site}/verwaltung/")
    page.get_by_role("link", name=re.compile("Meldungen.*Hürtgenwald")).click()
    looked_at(anna)
    page.get_by_role("link", name="Neue Meldung").click()
    looked_at(anna)
    page.get_by_role("link", name="Rohrbruch").click()
    gaps = page.get_by_role("button", name="Nächste Lücke (3)")
    gaps.click()
    page.keyboard.type("Gey")
    page.get_by_role("button", name="Nächste Lücke (2)").click()
    page.keyboard.type("der Straße Ahornweg")
    page.get_by_role("button", name="Nächste Lücke (1)").click()
    page.keyboard.type("18 Uhr")
    expect(page.locator("[data-gaps] section button.small").first).to_be_hidden()
    page.get_by_text("Nur bestimmte Straßen oder Ortsteile").click()
    page.get_by_role("combobox", name="Straße oder Ortsteil hinzufügen").press_sequentially("ahorn")
    page.get_by_role("option", name=re.compile("Ahornweg")).click()
    page.get_by_label("Hausnummern Ahornweg").fill("1-57")
    page.get_by_role("button", name="Prüfen und senden").click()
    page.wait_for_url(re.compile(r"/mitteilungen/1$"))
    made = stored(village)
    assert made.title == "Rohrbruch: kein Wasser in Gey"
    assert [one.value for one in made.areas[0].places] == ["Ahornweg/1-57"]
    page.get_by_role("link", name="Lesen und freigeben").click()
    page.get_by_role("button", name="An Bürgerinnen und Bürger senden").click()
    page.get_by_role("heading", name="Geht hinaus in").wait_for()
    village.clock.forward(minutes=1)
    village.run()
    page.goto(f"{anna.site}/huertgenwald/notices")
    page.get_by_role("link", name="Rohrbruch: kein Wasser in Gey").first.click()
    page.get_by_text("Ahornweg 1-57").wait_for()
    page.get_by_text("Drehen Sie offene Wasserhähne zu.").wait_for()
    page.goto(f"{anna.site}{AT}/1/schreiben")
    fold_out(page)
    looked_at(anna)
    page.goto(f"{anna.site}{AT}")
    looked_at(anna)
    page.goto(f"{anna.site}{AT}/1/fassungen")
    looked_at(anna)


def test_it_saves_while_one_types_and_goes_on_after_a_new_sign_in(anna: Visit, village: Town) -> None:
    page = anna.page
    page.goto(f"{anna.site}{AT}/neu?vorlage=leer")
    page.get_by_label("Titel").fill("Sommerfest")
    page.get_by_text(re.compile("Gespeichert um")).wait_for()
    assert page.url.endswith("/mitteilungen/1/schreiben")
    assert stored(village).title == "Sommerfest"
    with village.store.begin() as session:
        session.execute(login_session.delete())
    page.get_by_label("Titel").fill("Sommerfest am See")
    expect(page.get_by_text(re.compile("Sie sind abgemeldet"))).to_be_in_viewport()
    expect(page.locator("[data-saved]").get_by_role("link", name="Anmelden")).to_be_visible()
    with village.store.read() as session:
        number = drafts.by_id(session, 1)["author"]
    token = session_of(village, number)
    anna.context.add_cookies([{"name": "ortsruf-session", "value": token, "url": anna.site}])
    page.locator("#de-body").fill("Am See.")
    page.get_by_text(re.compile("Gespeichert um")).wait_for()
    assert stored(village).title == "Sommerfest am See"
    page.get_by_role("button", name="Speichern", exact=True).last.click()
    page.get_by_text("Gespeichert.").wait_for()


def test_how_easy_it_is_is_said_while_one_types(anna: Visit) -> None:
    page = anna.page
    page.goto(f"{anna.site}{AT}/neu?vorlage=leer")
    page.locator("#de-body").fill("Aufgrund der Trinkwasserversorgungshauptleitungsarbeiten wird heute abgestellt.")
    page.locator("[data-readable=de] summary").click()
    page.get_by_text("Langes Wort: „Trinkwasserversorgungshauptleitungsarbeiten“").wait_for()
    looked_at(anna)


def test_two_who_write_at_once_lose_nothing(anna: Visit, village: Town, chromium: Browser) -> None:
    page = anna.page
    page.goto(f"{anna.site}{AT}/neu?vorlage=leer")
    page.get_by_label("Titel").fill("Sommerfest")
    page.get_by_text(re.compile("Gespeichert um")).wait_for()
    berta = signed_in(chromium, village, anna.site, "berta", width=1280)
    other = berta.page
    other.goto(f"{anna.site}{AT}/1/schreiben")
    other.get_by_label("Titel").fill("Sommerfest am Bach")
    other.get_by_text(re.compile("Gespeichert um")).wait_for()
    page.get_by_label("Titel").fill("Sommerfest am See")
    expect(page.get_by_text(re.compile("Inzwischen hat jemand anderes gespeichert"))).to_be_in_viewport()
    page.get_by_role("button", name="Speichern", exact=True).last.click()
    page.get_by_role("heading", name="Berta hat das inzwischen gespeichert").wait_for()
    expect(page.locator(".compared del")).to_have_text("Bach")
    expect(page.locator(".compared ins")).to_have_text("See")
    expect(page.get_by_label("Titel")).to_have_value("Sommerfest am See")
    looked_at(anna)
    page.get_by_role("button", name="Speichern", exact=True).last.click()
    page.get_by_text("Gespeichert.").wait_for()
    assert stored(village).title == "Sommerfest am See"
    berta.context.close()


def drawn(page: Page) -> str:
    return page.locator("#drawn").input_value()


def map_of(page: Page):
    page.locator("#map-part > summary").click()
    canvas = page.locator("[data-canvas]")
    canvas.scroll_into_view_if_needed()
    return canvas


def test_an_area_is_drawn_by_mouse_moved_and_deleted(anna: Visit, village: Town) -> None:
    page = anna.page
    page.goto(f"{anna.site}{AT}/neu?vorlage=leer")
    canvas = map_of(page)
    page.get_by_role("button", name="Fläche", exact=True).click()
    for x, y in ((100, 180), (250, 180), (180, 300)):
        canvas.click(position={"x": x, "y": y})
    page.get_by_role("button", name="Fertig").click()
    first = drawn(page)
    assert re.fullmatch(r"Fläche (50\.\d{5}, 6\.\d{5}(; )?){3}", first)
    corner = canvas.get_by_role("button", name=re.compile("Ecke 1"))
    corner.drag_to(canvas, target_position={"x": 60, "y": 210})
    moved = drawn(page)
    assert moved.split("; ")[1:] == first.split("; ")[1:]
    assert moved != first
    page.get_by_role("button", name="Kreis", exact=True).click()
    canvas.click(position={"x": 190, "y": 230})
    canvas.click(position={"x": 225, "y": 230})
    assert re.search(r"\nKreis 50\.\d{5}, 6\.\d{5}; \d+ m$", drawn(page))
    looked_at(anna)
    page.get_by_role("button", name=re.compile("Löschen: Fläche")).click()
    assert drawn(page).startswith("Kreis")
    page.get_by_role("button", name="Speichern", exact=True).last.click()
    page.wait_for_url(re.compile("/1/schreiben"))
    assert len(stored(village).geometry.circles) == 1
    assert anna.foreign == []


def test_a_line_is_drawn_by_keyboard_alone(anna: Visit, village: Town) -> None:
    page = anna.page
    page.goto(f"{anna.site}{AT}/neu?vorlage=leer")
    page.locator("#map-part > summary").press("Enter")
    page.get_by_role("button", name="Linie", exact=True).press("Enter")
    canvas = page.locator("[data-canvas]")
    expect(canvas).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowRight")
    page.wait_for_timeout(600)  # the map glides
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Fertig").press("Enter")
    first = drawn(page)
    assert re.fullmatch(r"Linie (50\.\d{5}, 6\.\d{5}(; )?){2}", first)
    canvas.get_by_role("button", name=re.compile("Ecke 2")).focus()
    page.keyboard.press("ArrowUp")
    expect(canvas.get_by_role("button", name=re.compile("Ecke 2"))).to_be_focused()
    assert drawn(page) != first
    page.keyboard.press("Delete")
    assert drawn(page) == ""
    page.locator("#drawn").fill("Kreis 50.71, 6.41; 300 m")
    expect(canvas.get_by_role("button", name=re.compile("Kreis: Mitte"))).to_have_count(1)
