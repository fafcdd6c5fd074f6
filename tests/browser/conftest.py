"""The village served on loopback, and Debian's Chromium to look at it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from fakes.house import Town
from playwright.sync_api import Browser, BrowserContext, sync_playwright
from werkzeug.serving import WSGIRequestHandler, make_server

import push
from hub.core.message import Outlet
from hub.links import Links
from hub.settings import Settings
from hub.web import create_app

VAPID = "BNcRdreALRFXTkOOUHK1EtK2wtaz5Ry4YfYCA_0QTpQtUbVlUls0VJXg7A8u-Ts1XbjhazAkj7I99e8QcYP7DkM"
_ARGS = [
    "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


class _Quiet(WSGIRequestHandler):
    def log_request(self, *_args: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=_ARGS)
        yield browser
        browser.close()


@contextmanager
def served(village: Town) -> Iterator[str]:
    """Serve a town; gives its address."""
    server = make_server("127.0.0.1", 0, None, threaded=True, request_handler=_Quiet)
    address = f"http://127.0.0.1:{server.server_port}"
    house = replace(
        village.house, links=Links(address, "key"),
        outlet=lambda name: Outlet(None, push.load(name).Settings(), {"vapid_public": VAPID}),
    )  # fmt: skip
    app = create_app(house, Settings(base_url=address))  # its address names the port, so it comes second
    app.before_request(lambda: ticking(village))
    server.app = app
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield address
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def site(village: Town) -> Iterator[str]:
    """Serve the village; gives its address."""
    with served(village) as address:
        yield address


def ticking(town: Town) -> None:
    """Let each request come three seconds after the one before: nobody fills in a form in no time (H-08)."""
    town.clock.forward(seconds=3)


class Visit:
    """A person with a phone: notes what the console complains of and who else was asked."""

    def __init__(self, context: BrowserContext, site: str) -> None:
        self.context, self.site, self.page = context, site, context.new_page()
        self.complaints: list[str] = []
        self.foreign: list[str] = []
        context.on("request", lambda one: self.foreign.append(one.url) if not one.url.startswith(site) else None)
        self.page.on(
            "console", lambda one: self.complaints.append(one.text) if one.type in {"error", "warning"} else None
        )
        self.page.on("pageerror", lambda one: self.complaints.append(str(one)))

    def wide(self) -> int:
        """Return how many pixels the page is wider than the screen."""
        return int(self.page.evaluate("document.documentElement.scrollWidth - innerWidth"))


@pytest.fixture
def phone(chromium: Browser, site: str) -> Iterator[Visit]:
    context = chromium.new_context(locale="de-DE", viewport={"width": 360, "height": 740})
    context.set_default_timeout(10_000)
    yield Visit(context, site)
    context.close()
