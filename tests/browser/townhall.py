"""A town hall with everything real around it: pages on loopback, encryption, SMTP, a push service; and people in it."""

from __future__ import annotations

import json
import re
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from fakes.house import FakeClock
from fakes.people import COUNTY, PASSWORD, account, code
from flask import request
from playwright.sync_api import Browser, Page
from werkzeug.serving import make_server

from hub.bootstrap import Building, add_municipality, initialise
from hub.demo.payloads import ARS
from hub.demo.servers import HOST, Mailbox, World
from hub.settings import load
from hub.store import towns
from hub.web import create_app
from tests.browser.conftest import PATIENCE, Quiet, Visit
from tests.browser.test_looks import ALL, AXE, RUN
from tests.browser.test_signing import authenticator
from tests.browser.test_whole_path import BROWSER


class Hall:
    """A town, its mails and pushes, its first operator. The clock stands unless somebody turns it."""

    def __init__(self, folder: Path) -> None:
        """Start everything."""
        self.clock = FakeClock(datetime.now(UTC).replace(microsecond=0))
        self.world, self.mailbox = World({}), Mailbox()
        self.world.start()
        self.mailbox.start()
        self.server = make_server(HOST, 0, None, threaded=True, request_handler=Quiet)
        self.site = f"http://localhost:{self.server.server_port}"  # a passkey belongs to a host that has a name
        settings = load(None, {
            "ORTSRUF_DATA": str(folder), "ORTSRUF_BASE_URL": self.site, "ORTSRUF_ALLOW_HOSTS": HOST,
            "ORTSRUF_BURST_MINUTES": "0", "ORTSRUF_CANARY_MINUTES": "0",
            "ORTSRUF_WEBPUSH__ALLOWED_HOSTS": self.world.url, "ORTSRUF_WEBPUSH__SUBJECT": "mailto:rathaus@example.org",
            "ORTSRUF_MAIL__HOST": HOST, "ORTSRUF_MAIL__PORT": str(self.mailbox.port), "ORTSRUF_MAIL__SECURITY": "none",
            "ORTSRUF_MAIL__SENDER": "rathaus@example.org",
        })[0]  # fmt: skip
        initialise(settings)
        self.building = Building(settings, clock=self.clock)
        self.house, self.store = self.building.house, self.building.store
        town = add_municipality(self.store, ars=ARS)
        with self.store.begin() as session:
            path = towns.get(session, town)["path"]
            towns.add_places(session, town, [(f"{path}/street:ahornweg", "street", "Ahornweg")])
        account(self, "olga@example.org", COUNTY)  # type: ignore[arg-type]
        app = create_app(self.house, settings)
        app.before_request(self._slowly)
        self.server.app = app
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def _slowly(self) -> None:
        if request.path.endswith("/subscribe"):
            self.clock.forward(seconds=3)  # nobody fills in a form in no time (H-08)

    def goes_on(self, seconds: float = 0) -> None:
        """Let time pass, and finish all that follows."""
        self.clock.forward(seconds=seconds)
        self.building.tick()
        self.building.run_all()

    def mail(self, address: str, word: str) -> str:
        """Return the plain text of the newest mail to somebody that says ``word``."""
        self.building.run_all()
        texts = [one.get_body(("plain",)).get_content() for one in self.mailbox.mails if address in str(one["To"])]
        return [text for text in texts if word in text][-1]

    def mailed(self, address: str) -> str:
        """Return subject and text of the newest mail to somebody."""
        self.building.run_all()
        found = [one for one in self.mailbox.mails if address in str(one["To"])][-1]
        return f"{found['Subject']}\n{found.get_body(('plain',)).get_content()}"

    def link(self, address: str, path: str) -> str:
        """Return the link below ``path`` in the newest mail to somebody that has one."""
        found = re.search(rf"{re.escape(self.site)}{path}\S*", self.mail(address, f"{self.site}{path}"))
        assert found
        return found[0]

    def pushes(self) -> list[dict[str, Any]]:
        """Return the pushes that were taken over, but for the one that tries the device out."""
        return [one for one in self.world.pushes if one["notification"]["title"] != "Testmeldung"]

    def close(self) -> None:
        """End everything."""
        self.server.shutdown()
        self.server.server_close()
        self.building.close()
        self.mailbox.stop()
        self.world.stop()


class Someone(Visit):
    """A person with a phone, or before a screen, who looks at each page for what stands against using it."""

    def __init__(self, browser: Browser, hall: Hall, name: str, *, width: int = 360, device: bool = False) -> None:
        """Open a browser of their own; ``device``: one that has a push service."""
        context = browser.new_context(locale="de-DE", viewport={"width": width, "height": 740})
        context.set_default_timeout(PATIENCE)
        if device:
            context.add_init_script(f"({BROWSER})({json.dumps(hall.world.add_device(name))})")
        super().__init__(context, hall.site)
        self.hall, self.address, self.secret, self.taps = hall, f"{name.lower()}@example.org", "", 0

    def looks(self, heading: str) -> Page:
        """Look at the page below a heading: it fits, and axe finds nothing."""
        self.page.get_by_role("heading", name=heading).first.wait_for()
        assert self.wide() <= 0, self.page.url
        self.page.evaluate(AXE)
        assert self.page.evaluate(RUN, ALL) == [], self.page.url
        return self.page

    def press(self, button: str) -> None:
        """Press the button of that name; that there are two of them would be a fault."""
        self.page.get_by_role("button", name=button, exact=True).click()

    def goes(self, link: str | re.Pattern[str]) -> None:
        """Follow the link of that name."""
        self.page.get_by_role("link", name=link, exact=isinstance(link, str)).first.click()

    def joins(self, *, passkey: bool) -> None:
        """Accept the invitation, and set up a second step."""
        page = self.page
        page.goto(self.hall.link(self.address, "/einladung/"))
        self.looks("Einladung").get_by_label("Ihr Name").fill(self.address.partition("@")[0].title())
        page.get_by_label("Neues Passwort").fill(PASSWORD)
        page.get_by_label("Dasselbe Passwort noch einmal").fill(PASSWORD)
        self.press("Annehmen und weiter")
        self.looks("Der zweite Schritt")
        if passkey:
            authenticator(page)
            self.press("Passkey einrichten")
        else:
            self.secret = page.locator(".qr + p code").inner_text().replace(" ", "")
            page.get_by_role("textbox", name="Code").fill(code(self.hall, self.secret))  # type: ignore[arg-type]
            self.press("Einrichten")
        self.looks("Ihre Ersatzcodes")
        self.goes("Ich habe sie aufbewahrt")
        self.looks("Ihr Konto")
        self.press("Abmelden")

    def signs_in(self, secret: str = "") -> None:
        """Sign in with the password and the code of an app."""
        self.page.goto(f"{self.site}/anmelden")
        self.looks("Anmelden").get_by_label("E-Mail-Adresse", exact=True).fill(self.address)
        self.page.get_by_label("Passwort", exact=True).fill(PASSWORD)
        self.press("Anmelden")
        self.looks("Zweiter Schritt")
        given = code(self.hall, secret or self.secret)  # type: ignore[arg-type]
        self.page.get_by_role("textbox", name="Code").fill(given)
        self.press("Weiter")
        self.looks("Verwaltung")

    def fills_the_gaps(self, *words: str) -> None:
        """Go from gap to gap of a template, and type."""
        for left, said in zip(range(len(words), 0, -1), words, strict=True):
            self.press(f"Nächste Lücke ({left})")
            self.page.keyboard.type(said)

    def draws(self) -> None:
        """Draw a triangle on the map."""
        self.page.locator("#map-part > summary").click()
        canvas = self.page.locator("[data-canvas]")
        canvas.scroll_into_view_if_needed()
        self.press("Fläche")
        for x, y in ((100, 180), (250, 180), (180, 300)):
            canvas.click(position={"x": x, "y": y})
        self.press("Fertig")
        assert self.page.locator("#drawn").input_value().startswith("Fläche ")
