"""A municipality from nothing to its first delivered notice by one run of the wizard in a real Chromium (F82)."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from fakes.kinds import FETCH, plug_kind
from fakes.people import COUNTY, account, session_of
from playwright.sync_api import Browser, BrowserContext, Page, expect
from werkzeug.serving import make_server

import feeds
from hub.bootstrap import Building, initialise
from hub.demo.clock import DemoClock
from hub.demo.servers import HOST, World
from hub.settings import load
from hub.store import audit, dissolving, towns
from hub.web import create_app
from hub.web.access import COOKIE
from tests.browser.conftest import PATIENCE, Quiet
from tests.browser.test_looks import ALL, AXE, COLOURS, RUN
from tests.hub.cli.test_founding import LOGO, STUB_STARTERS, lines
from tests.hub.cli.test_owning import Letterbox, _Port

pytestmark = pytest.mark.browser

OWN = "wald.localhost"  # Chromium looks for such names on this machine
STREETS = "Straße;Nr;Ortsteil\nÖlmühlenweg;1-57;Gey\nAm Weiher;hinten;Gey\nAhornweg\n"


@dataclass
class Site:
    """An installation without a municipality, served on loopback with a mail server and a source beside it."""

    address: str
    building: Building
    world: World
    box: Letterbox
    account: int

    def settle(self, *, minutes: float = 0) -> None:
        """Let the clock go on and everything that waits be done."""
        self.building.house.now.forward(minutes=minutes)  # type: ignore[attr-defined]
        if minutes:
            self.building.tick()
        self.building.run_all()

    def mails(self, to: str) -> list[Any]:
        return [mail for _path, whose, mail in self.box.mails if whose == to]


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    world, box = World({"/lines": lines}), Letterbox()
    world.start()
    plug_kind(tmp_path / "plug", fetch=FETCH, starters=STUB_STARTERS % (world.url, world.url))
    mail = _Port(box, hostname="127.0.0.1", port=0)
    mail.start()
    server = make_server("127.0.0.1", 0, None, threaded=True, request_handler=Quiet)
    address = f"http://127.0.0.1:{server.server_port}"
    monkeypatch.setenv("ORTSRUF_PLUGINS", str(tmp_path / "plug"))
    monkeypatch.setattr(feeds, "kinds", lambda _extra=(): ["stub"])
    settings, _ = load(None, {
        "ORTSRUF_DATA": str(tmp_path / "data"), "ORTSRUF_BASE_URL": address, "ORTSRUF_ALLOW_HOSTS": HOST,
        "ORTSRUF_BURST_MINUTES": "0", "ORTSRUF_CANARY_MINUTES": "0", "ORTSRUF_MAIL__HOST": "127.0.0.1",
        "ORTSRUF_MAIL__PORT": str(mail.port), "ORTSRUF_MAIL__SENDER": "ruf@kreis.example",
    })  # fmt: skip
    initialise(settings)
    building = Building(settings, clock=DemoClock())
    app = create_app(building.house, settings)
    app.before_request(lambda: building.house.now.forward(seconds=3))  # type: ignore[attr-defined]
    server.app = app
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    made = account(_as_town(building), "anna@kreis.example", COUNTY)
    yield Site(address, building, world, box, made)
    server.shutdown()
    thread.join()
    server.server_close()
    building.close()
    mail.stop()
    world.stop()


def _as_town(building: Building) -> Any:
    return SimpleNamespace(store=building.store, house=building.house, clock=building.house.now)


@pytest.fixture
def clerk(chromium: Browser, site: Site) -> Iterator[Page]:
    """Give the browser of a county operator who is signed in."""
    context = chromium.new_context(locale="de-DE", viewport={"width": 1280, "height": 900})
    context.set_default_timeout(PATIENCE)
    context.add_cookies([_signed_in(site)])
    yield context.new_page()
    context.close()


def _signed_in(site: Site) -> Any:
    return {"name": COOKIE, "value": session_of(_as_town(site.building), site.account), "url": site.address}


def looked(page: Page, name: str) -> None:
    """Look at a page on a screen and on a phone: it fits, axe finds nothing. ``name`` is for whoever takes pictures."""
    assert name
    for width in (1280, 360):
        page.set_viewport_size({"width": width, "height": 900 if width == 1280 else 740})
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, (page.url, width)
        page.evaluate(AXE)
        assert page.evaluate(RUN, ALL) == [], page.url
    page.emulate_media(color_scheme="dark")
    assert page.evaluate(RUN, COLOURS) == [], page.url
    page.emulate_media(color_scheme="light")
    page.set_viewport_size({"width": 1280, "height": 900})


def go_on(page: Page) -> None:
    page.get_by_role("button", name="Speichern und weiter").click()


def _place(page: Page, site: Site) -> None:
    page.goto(f"{site.address}/verwaltung/")
    page.get_by_role("link", name="Neue Gemeinde").click()
    looked(page, "ort-leer")
    field = page.get_by_role("combobox", name="Welche Gemeinde?")
    field.press_sequentially("Hürtgenw")
    page.get_by_role("option", name=re.compile("Hürtgenwald")).click()
    page.get_by_label("Ihr Name in Adressen").fill("konto")
    go_on(page)
    expect(page.locator("#fault-slug")).to_be_visible()
    looked(page, "ort-fehler")
    page.get_by_label("Ihr Name in Adressen").fill("huertgenwald")
    go_on(page)


def _look(page: Page) -> None:
    page.get_by_label("Ihre Farbe").fill("#ffcc00")
    page.get_by_label("Logo (freiwillig)").set_input_files(
        {"name": "wappen.svg", "mimeType": "image/svg+xml", "buffer": LOGO.encode()}
    )
    page.get_by_role("button", name="Diese Farbe zeigen").click()
    expect(page.get_by_text("Diese Farbe ist zu hell")).to_be_visible()
    expect(page.get_by_role("img", name="Logo")).to_be_visible()
    looked(page, "aussehen")
    page.get_by_label("Adresse ihres Impressums").fill("https://www.huertgenwald.de/impressum")
    go_on(page)


def _addresses(page: Page) -> None:
    for name in ("Deutsch", "English", "Türkçe"):
        page.get_by_label(name, exact=True).check()
    page.get_by_label("Adresse, von der ihre E-Mails kommen").fill("rathaus@wald.example")
    page.get_by_role("textbox", name="Eigene Domains").fill("127.0.0.1")
    go_on(page)
    expect(page.locator("#fault-hosts")).to_be_visible()
    page.get_by_role("textbox", name="Eigene Domains").fill(OWN)
    looked(page, "absender")
    go_on(page)


def _streets(page: Page) -> None:
    page.get_by_label("Straßenliste (freiwillig)").set_input_files(
        {"name": "s.csv", "mimeType": "text/csv", "buffer": STREETS.encode()}
    )
    page.get_by_role("button", name="Erst ansehen").click()
    expect(page.get_by_role("row", name=re.compile("3.*Am Weiher.*keine Hausnummer"))).to_be_visible()
    looked(page, "strassen")
    go_on(page)


def _sources(page: Page) -> None:
    page.get_by_role("button", name=re.compile("Ansehen, was sie bringt.*Lines for Hürtgenwald")).click()
    expect(page.get_by_text("Freibad zu")).to_be_visible()
    for box in page.get_by_label("Diese Quelle nehmen").all():
        box.check()
    go_on(page)  # the second one is gone, so the page stays
    expect(page.get_by_text("Sie lässt sich gerade nicht lesen")).to_be_visible()
    looked(page, "quellen")
    page.get_by_label("Diese Quelle nehmen").nth(1).uncheck()
    go_on(page)


def _people(page: Page) -> None:
    page.get_by_label("E-Mail-Adresse der ersten Redaktion").fill("bernd@wald.example")
    expect(page.get_by_label("Ihre eigene E-Mail-Adresse")).to_have_value("anna@kreis.example")
    page.get_by_role("textbox", name="Erste Meldung").fill(
        "Ortsruf ist da\nWas die Gemeinde zu sagen hat, kommt zu Ihnen."
    )
    looked(page, "menschen")
    go_on(page)


def _resident(context: BrowserContext, site: Site) -> None:
    """Sign up as a resident at the town's own host, by mail, and confirm."""
    page = context.new_page()
    there = f"http://{OWN}:{site.address.rpartition(':')[2]}"
    page.goto(there + "/")
    expect(page).to_have_url(f"{there}/huertgenwald/")
    page.goto(f"{there}/huertgenwald/start")
    page.locator("#news").check()
    page.locator("#news-mail").select_option("now")
    page.locator("#email").fill("clara@example.org")
    page.get_by_role("button", name="Anmelden").click()
    page.locator("#manage-address").wait_for()
    assert page.locator("#manage-address").input_value().startswith(f"{there}/m/")
    site.settle()
    (asked,) = site.mails("clara@example.org")
    link = re.search(rf"{re.escape(there)}/c/\S+", asked.get_body(("plain",)).get_content())
    assert link is not None
    page.goto(link[0])
    page.get_by_role("button", name="Ja, das ist meine Adresse").click()
    page.get_by_role("heading", name="Ihre Adresse ist bestätigt").wait_for()


def test_one_run_leads_from_nothing_to_the_first_delivered_notice(chromium: Browser, clerk: Page, site: Site) -> None:
    _place(clerk, site)
    _look(clerk)
    _addresses(clerk)
    _streets(clerk)
    _sources(clerk)
    _people(clerk)
    looked(clerk, "gruenden")
    with site.building.store.read() as session:
        assert towns.listed(session) == [], "nothing is there before the last step"
    clerk.get_by_role("button", name="Gemeinde gründen").click()
    clerk.get_by_role("heading", name="Hürtgenwald ist gegründet").wait_for()
    looked(clerk, "gegruendet")
    site.settle()
    (welcome,) = site.mails("anna@kreis.example")
    assert (welcome["Subject"], welcome["From"].addresses[0].addr_spec) == (
        "Hürtgenwald – Ortsruf ist da", "rathaus@wald.example",
    )  # fmt: skip
    assert any("einladung" in mail.as_string() for mail in site.mails("bernd@wald.example"))
    context = chromium.new_context(locale="de-DE", viewport={"width": 360, "height": 740})
    context.set_default_timeout(PATIENCE)
    site.settle(minutes=16)  # the first import is silent
    _resident(context, site)
    site.world.stage = 1
    site.settle(minutes=16)
    site.settle(minutes=16)
    told = site.mails("clara@example.org")[-1]
    assert "Freibad offen" in told["Subject"]
    context.close()
    with site.building.store.read() as session:
        counts = dissolving.owned(session, "huertgenwald")
        acts = {one["act"] for one in audit.latest(session, municipality="huertgenwald", most=50)}
    assert (counts["sources"], counts["streets"], counts["invitations"]) == (1, 2, 1)
    assert {"municipality.added", "municipality.changed", "push-key.made", "streets.imported", "source.added", "invited",
            "notice.first", "reader.added"} <= acts  # fmt: skip


def test_a_half_done_founding_waits_can_be_gone_back_and_is_founded_once(clerk: Page, site: Site) -> None:
    page = clerk
    page.goto(f"{site.address}/verwaltung/gemeinde/neu/ort?q=Hürtgenwald")
    go_on(page)
    page.get_by_label("Ihre Farbe").fill("#1d6b3c")
    go_on(page)
    page.goto(f"{site.address}/verwaltung/")  # and away
    page.get_by_role("link", name="Neue Gemeinde").click()
    expect(page.get_by_role("heading", name="Schritt 3 von 7")).to_be_visible()
    page.get_by_role("link", name="Zurück").click()
    expect(page.get_by_label("Ihre Farbe")).to_have_value("#1d6b3c")
    page.goto(f"{site.address}/verwaltung/gemeinde/neu/gruenden")
    with page.expect_response(re.compile("gruenden")) as first:
        page.evaluate(
            """() => { const form = document.querySelector('form[action$="/gruenden"]');
              fetch(form.action, {method: "POST", body: new URLSearchParams(new FormData(form))});
              form.requestSubmit(); }"""
        )
    assert first.value.status in {200, 303}
    page.get_by_role("heading", name="Hürtgenwald ist gegründet").wait_for()
    with site.building.store.read() as session:
        assert [row["colour"] for row in towns.listed(session)] == ["#1d6b3c"]


def test_without_a_script_it_works_too(chromium: Browser, site: Site) -> None:
    context = chromium.new_context(locale="de-DE", java_script_enabled=False, viewport={"width": 360, "height": 740})
    context.set_default_timeout(PATIENCE)
    context.add_cookies([_signed_in(site)])
    page = context.new_page()
    page.goto(f"{site.address}/verwaltung/gemeinde/neu")
    page.get_by_label("Welche Gemeinde?").fill("Neustadt")
    page.get_by_role("button", name="Suchen").click()
    page.get_by_role("link", name=re.compile("wählen")).first.click()
    for _ in range(6):
        go_on(page)
    page.get_by_role("button", name="Gemeinde gründen").click()
    page.get_by_role("heading", name=re.compile("ist gegründet")).wait_for()
    page.locator("#main").get_by_role("link", name="Einstellungen").click()
    page.get_by_label("Ihre Farbe").fill("#102030")
    page.get_by_role("button", name="Speichern").first.click()
    expect(page.get_by_text("Es ist geändert.")).to_be_visible()
    context.close()


def test_the_settings_of_a_municipality_are_changed_on_one_page(clerk: Page, site: Site) -> None:
    page = clerk
    page.goto(f"{site.address}/verwaltung/gemeinde/neu/ort?q=Hürtgenwald")
    go_on(page)
    page.goto(f"{site.address}/verwaltung/gemeinde/neu/gruenden")
    page.get_by_role("button", name="Gemeinde gründen").click()
    page.locator("#main").get_by_role("link", name="Einstellungen").click()
    looked(page, "einstellungen")
    page.get_by_label("Straßenliste").set_input_files(
        {"name": "s.csv", "mimeType": "text/csv", "buffer": STREETS.encode()}
    )
    page.get_by_role("button", name="Übernehmen").click()
    expect(page.get_by_text("keine Hausnummer")).to_be_visible()
    looked(page, "einstellungen-strassen")
    page.get_by_role("textbox", name="Eigene Domains").fill(OWN)
    page.locator("section", has=page.locator("#names")).get_by_role("button", name="Speichern").click()
    expect(page.get_by_role("textbox", name="Eigene Domains")).to_have_value(OWN)
    page.get_by_label("Adresse, von der ihre E-Mails kommen").fill("kein")
    page.locator("section", has=page.locator("#mail")).get_by_role("button", name="Speichern").click()
    looked(page, "einstellungen-fehler")
    expect(page.locator("#fault-sender")).to_be_visible()
