"""People of an office before the writing pages, each with a browser of their own."""

from __future__ import annotations

import pytest
from fakes.house import Town
from fakes.people import account, session_of, token_in
from flask.testing import FlaskClient
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from hub.core.clubs import Bounds
from hub.core.draft import Draft, from_json
from hub.core.permission import Grant, Role
from hub.store import drafts, towns

AT = "/verwaltung/huertgenwald/mitteilungen"
ORIGIN = "https://ortsruf.example"


class Editor:
    """Somebody signed in, before a browser without scripts."""

    def __init__(self, town: Town, client: FlaskClient, number: int) -> None:
        self.town, self.client, self.id = town, client, number

    def get(self, path: str) -> TestResponse:
        return self.client.get(path, base_url=ORIGIN, buffered=True)

    def post(self, path: str, data: object) -> TestResponse:
        return self.client.post(path, base_url=ORIGIN, data=data, buffered=True)

    def send(self, page: str, path: str = "", /, **fields: object) -> TestResponse:
        """Open a page, and send its form with what stands in it, changed by ``fields`` (``__`` for a dot)."""
        shown = self.get(page).text
        data = filled(shown)
        for name, value in fields.items():
            data.setlist(name.replace("__", "."), value if isinstance(value, list) else [value])
        data["csrf_token"] = token_in(shown)
        return self.post(path or page.partition("?")[0], data)


def filled(page: str) -> MultiDict[str, object]:
    """Return the fields of the writing form as a browser would send them, without files and buttons."""
    from lxml import html

    form = html.fromstring(page).xpath("//form[@data-write]")[0]
    found: MultiDict[str, object] = MultiDict()
    for one in form.xpath(".//input[@name]|.//textarea[@name]|.//select[@name]"):
        kind = one.get("type", "")
        if kind in {"checkbox", "radio"} and one.get("checked") is None:
            continue
        if kind != "file":
            text = one.value if one.tag != "textarea" else one.text
            found.add(one.get("name"), text or "")
    return found


@pytest.fixture
def office(village: Town, pages):
    """Return somebody with a role; names of towns may be given."""
    values = {"id": "nachbar", "name": "Nachbar", "path": "053580020020", "language": "de", "zone": "Europe/Berlin",
              "colour": "#1d4f91"}  # fmt: skip
    with village.store.begin() as session:
        towns.add(session, values, village.clock())
        path = towns.get(session, "huertgenwald")["path"]
        places = [(f"{path}/street:ahornweg", "street", "Ahornweg"), (f"{path}/street:am-see", "street", "Am See"),
                  (f"{path}/district:gey", "district", "Gey")]  # fmt: skip
        towns.add_places(session, "huertgenwald", places)

    def someone(name: str, *roles: Role, also: str = "", topic: str = "events") -> Editor:
        held = [Grant(one, "huertgenwald", Bounds(topic) if one is Role.CLUB else None) for one in roles]
        held += [Grant(one, also) for one in roles] if also else []
        number = account(village, f"{name}@example.org", *held)
        client = pages.town_client()
        client.set_cookie("__Host-ortsruf-session", session_of(village, number), domain="ortsruf.example", secure=True)
        return Editor(village, client, number)

    return someone


def draft_of(town: Town, number: int = 1) -> Draft:
    with town.store.read() as session:
        return from_json(drafts.by_id(session, number)["content"])


def version_of(town: Town, number: int = 1) -> int:
    with town.store.read() as session:
        return int(drafts.by_id(session, number)["version"])
