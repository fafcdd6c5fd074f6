"""Pages to test: the village behind the Flask test client, and what a browser does with a form."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape

import pytest
from fakes.house import Town
from flask.testing import FlaskClient
from werkzeug.test import Client, TestResponse

import push
from hub.core.message import Outlet
from hub.settings import Settings
from hub.web import create_app
from hub.web.front import front

VAPID = "BNcRdreALRFXTkOOUHK1EtK2wtaz5Ry4YfYCA_0QTpQtUbVlUls0VJXg7A8u-Ts1XbjhazAkj7I99e8QcYP7DkM"
ORIGIN = "https://ortsruf.example"


class Pages:
    """A browser without scripts: keeps cookies, reads forms."""

    def __init__(self, town: Town, client: FlaskClient) -> None:
        self.town, self.client = town, client

    def get(self, path: str, **options: object) -> TestResponse:
        return self.client.get(path.removeprefix(ORIGIN), base_url=ORIGIN, buffered=True, **options)

    def post(self, path: str, data: object = None, **options: object) -> TestResponse:
        return self.client.post(path.removeprefix(ORIGIN), base_url=ORIGIN, data=data, buffered=True, **options)

    def send(self, page: str, action: str, **fields: str) -> TestResponse:
        """Open ``page``, and send a form of it to ``action`` with its CSRF token; ``_`` in names stands for a dot."""
        shown = self.get(page).text
        found = re.search(r'name="csrf_token" value="([^"]+)"', shown)
        assert found
        data = {name.replace("__", "."): value for name, value in fields.items()}
        if began := re.search(r'name="began" value="([^"]+)"', shown):
            data = {"began": began[1], **data}
            self.town.clock.forward(seconds=3)  # nobody is quicker (H-08)
        return self.post(action, {"csrf_token": unescape(found[1]), **data})

    def town_client(self) -> FlaskClient:
        """Return another browser, which knows nothing of this one's cookies."""
        return self.client.application.test_client()

    def sign_up(self, **fields: str) -> str:
        """Sign up; returns the manage token."""
        chosen = fields or {"news": "1", "news__push": "1"}
        answer = self.send("/huertgenwald/start", "/huertgenwald/subscribe", **chosen)
        assert answer.status_code == 303, answer.text
        return answer.location.split("/m/")[1].partition("/")[0]


def house_with_outlets(town: Town) -> object:
    """Return the village's house with real channel settings and a push key."""
    return replace(
        town.house,
        outlet=lambda name: Outlet(None, push.load(name).Settings(), {"vapid_public": VAPID}),  # type: ignore[arg-type]
    )


@pytest.fixture
def pages(village: Town) -> Pages:
    app = create_app(house_with_outlets(village), Settings(base_url=ORIGIN))  # type: ignore[arg-type]
    return Pages(village, app.test_client())


class Counted:
    """The application behind the front, and how often it was asked."""

    def __init__(self, app) -> None:
        self.app, self.asked = app, []
        self.extensions = app.extensions

    def __call__(self, environ, start_response):
        self.asked.append(environ["PATH_INFO"])
        return self.app(environ, start_response)


class Behind(Pages):
    """A browser whose requests come through the front."""

    def __init__(self, town, app, house) -> None:
        super().__init__(town, app.test_client())
        self.behind = Counted(app)
        self.application = front(self.behind, house)
        self.through = Client(self.application)

    def both(self, path: str, method: str = "GET", **options):
        """Return the front's answer, which must be the application's own, given without asking it."""
        path = path.removeprefix(ORIGIN)
        own = self.client.open(path, method=method, base_url=ORIGIN, buffered=True, **options)
        before = len(self.behind.asked)
        found = self.through.open(path, method=method, base_url=ORIGIN, buffered=True, **options)
        assert len(self.behind.asked) == before, "the application was asked"
        assert (found.status, sorted(found.headers), found.data) == (own.status, sorted(own.headers), own.data)
        return found


@pytest.fixture
def behind_front(village: Town) -> Behind:
    house = house_with_outlets(village)
    return Behind(village, create_app(house, Settings(base_url=ORIGIN)), house)
