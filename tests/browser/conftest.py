"""The village served on loopback, and Debian's Chromium to look at it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

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
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip

# Milliseconds. Chromium gives a service worker that does not start a minute before it asks the network instead.
PATIENCE = 90_000


class Quiet(WSGIRequestHandler):
    """Serves without a word."""

    def log_request(self, *_args: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=ARGUMENTS)
        yield browser
        browser.close()


@contextmanager
def served(village: Town, http: Any = None) -> Iterator[str]:
    """Serve a town; gives its address. ``http`` is what it reads sources with while somebody looks at them."""
    server = make_server("127.0.0.1", 0, None, threaded=True, request_handler=Quiet)
    address = f"http://127.0.0.1:{server.server_port}"
    house = replace(
        village.house, links=Links(address, "key"),
        outlet=lambda name: Outlet(http, push.load(name).Settings(), {"vapid_public": VAPID}),
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
    context.set_default_timeout(PATIENCE)
    yield Visit(context, site)
    context.close()


class Worker:
    """The service worker of a visit, handed pushes through Chromium's own debugging protocol."""

    def __init__(self, visit: Visit) -> None:
        """Listen for registrations; to be made before the worker is registered."""
        visit.context.grant_permissions(["notifications"], origin=visit.site)
        self.visit, self.registrations = visit, list[str]()
        self._session = visit.context.new_cdp_session(visit.page)
        self._session.on(
            "ServiceWorker.workerRegistrationUpdated",
            lambda event: self.registrations.extend(one["registrationId"] for one in event["registrations"]),
        )
        self._session.send("ServiceWorker.enable")

    def ready(self) -> None:
        """Wait until the worker answers for the page."""
        self.visit.page.evaluate(
            """async () => {
              if (!navigator.serviceWorker.controller) {
                await new Promise((go) => navigator.serviceWorker.addEventListener("controllerchange", go, {once: true}));
              }
              const {active} = await navigator.serviceWorker.ready;
              while (active.state !== "activated") await new Promise((go) => setTimeout(go, 20));
            }"""
        )

    def deliver(self, data: str) -> list[dict[str, Any]]:
        """Hand over one push; returns what is shown then."""
        before = self.shown()
        for turn in range(600):
            if turn % 200 == 0:  # the debugging protocol loses one in some fifty: handed over again after ten seconds
                self._session.send(
                    "ServiceWorker.deliverPushMessage",
                    {"origin": self.visit.site, "registrationId": self.registrations[-1], "data": data},
                )
            if self.shown() != before:
                break
            self.visit.page.wait_for_timeout(50)
        return self.shown()

    def shown(self) -> list[dict[str, Any]]:
        """Return the notifications on the screen."""
        found: list[dict[str, Any]] = self.visit.page.evaluate(
            """async () => (await (await navigator.serviceWorker.ready).getNotifications()).map((one) => ({
              title: one.title, body: one.body, tag: one.tag, actions: one.actions.map(({action}) => action)}))"""
        )
        return found
