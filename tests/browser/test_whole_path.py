"""The whole path of a resident: real gatherer, encryption, SMTP and calendar readers, in a real browser.

First visit, sign-up on three ways, a source changes, push and mail and event arrive, why, mute, delete everything;
then no table has a trace of the person. All servers are on loopback; the push service decrypts as a browser does.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import traces
from foreign.readers import read_with_icalendar, read_with_icaljs
from playwright.sync_api import Browser, expect
from sqlalchemy import select
from werkzeug.serving import make_server

import feeds
from hub.bootstrap import Building, add_municipality, initialise
from hub.demo.clock import DemoClock
from hub.demo.payloads import ARS, Answer, roads
from hub.demo.servers import HOST, Mailbox, World
from hub.settings import load
from hub.sources import build_source
from hub.store import sources
from hub.store.schema import endpoint, subscriber
from hub.web import create_app
from tests.browser.conftest import PATIENCE, Quiet, Visit, Worker

pytestmark = pytest.mark.browser
ADDRESS = "Anna.Muster@example.org"
# A subscription of our push service: Chromium has none without its maker's. What it keeps outlives the page, as there.
BROWSER = """([endpoint, keys]) => {
  const made = () => {
    const key = Uint8Array.from(JSON.parse(localStorage.getItem("fake-push")));
    return {
      endpoint, expirationTime: null, options: {applicationServerKey: key.buffer},
      toJSON: () => ({endpoint, expirationTime: null, keys}),
      unsubscribe: async () => { localStorage.removeItem("fake-push"); return true; },
    };
  };
  PushManager.prototype.getSubscription = async () => (localStorage.getItem("fake-push") ? made() : null);
  PushManager.prototype.subscribe = async ({applicationServerKey}) => {
    localStorage.setItem("fake-push", JSON.stringify([...applicationServerKey]));
    return made();
  };
}"""


class Place:
    """A town with its surroundings: a source that changes, a push service, a mailbox, and pages on loopback."""

    def __init__(self, folder: Path) -> None:
        """Start everything and let the source's first answer pass in silence."""
        self.clock = DemoClock()
        began = self.clock().replace(microsecond=0)
        self.world = World({"/roads.json": lambda stage: _closures(roads(stage, began), stage)})
        self.world.start()
        self.mailbox = Mailbox()
        self.mailbox.start()
        self.server = make_server(HOST, 0, None, threaded=True, request_handler=Quiet)
        self.site = f"http://{HOST}:{self.server.server_port}"
        environ = {
            "ORTSRUF_DATA": str(folder), "ORTSRUF_BASE_URL": self.site, "ORTSRUF_ALLOW_HOSTS": HOST,
            "ORTSRUF_BURST_MINUTES": "0", "ORTSRUF_CANARY_MINUTES": "0",
            "ORTSRUF_WEBPUSH__ALLOWED_HOSTS": self.world.url, "ORTSRUF_WEBPUSH__SUBJECT": "mailto:rathaus@example.org",
            "ORTSRUF_MAIL__HOST": HOST, "ORTSRUF_MAIL__PORT": str(self.mailbox.port), "ORTSRUF_MAIL__SECURITY": "none",
            "ORTSRUF_MAIL__SENDER": "rathaus@example.org",
        }  # fmt: skip
        settings = load(None, environ)[0]
        initialise(settings)
        self.building = Building(settings, clock=self.clock)
        town = add_municipality(self.building.store, ars=ARS)
        given = {"name": "Baustellen", "place": f"ars:{ARS}", "interval": "60", "preset": "rostock"}
        made = build_source(
            feeds.load("roads"), f"{self.world.url}/roads.json", given, source_id="roads", municipality=town
        )
        with self.building.store.begin() as session:
            sources.add(session, town, made, self.clock())
        app = create_app(self.building.house, settings)
        app.before_request(lambda: self.clock.forward(seconds=3))  # nobody fills in a form in no time (H-08)
        self.server.app = app
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.goes_on()

    def goes_on(self, stage: int = 0) -> None:
        """Let two minutes pass in which the source is at ``stage``, and finish all that follows."""
        self.world.stage = stage
        for _ in range(2):
            self.clock.forward(seconds=75)
            self.building.tick()
            self.building.run_all()

    def mails(self, word: str) -> list[str]:
        """Return the plain texts of the mails that say ``word``."""
        texts = [one.get_body(("plain",)).get_content() for one in self.mailbox.mails]
        return [text for text in texts if word in text]

    def close(self) -> None:
        """End everything."""
        self.server.shutdown()
        self.server.server_close()
        self.building.close()
        self.mailbox.stop()
        self.world.stop()


def _closures(whole: Answer, stage: int) -> Answer:
    """Leave three known closures, and the last one of the new, which is the one that changes."""
    data = json.loads(whole.body)
    found = data["features"]
    return Answer(whole.content_type, json.dumps(data | {"features": found[:3] + found[-1:] * bool(stage)}).encode())


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    made = Place(tmp_path)
    yield made
    made.close()


@pytest.fixture
def anna(chromium: Browser, place: Place) -> Iterator[Visit]:
    context = chromium.new_context(locale="de-DE", viewport={"width": 360, "height": 740})
    context.set_default_timeout(PATIENCE)
    context.add_init_script(f"({BROWSER})({json.dumps(place.world.add_device('anna'))})")
    yield Visit(context, place.site)
    context.close()


def signed_up(anna: Visit) -> str:
    """Choose closures on three ways; returns the address of one's own page."""
    page = anna.page
    page.goto(anna.site)
    page.get_by_role("link", name="Themen").first.click()
    page.get_by_label("Straßensperrungen").check()
    page.locator("#roads-push").check()
    page.locator("#roads-mail").select_option("now")
    page.locator("#roads-calendar").check()
    page.locator("#email").fill(ADDRESS)
    page.get_by_role("button", name="Anmelden").last.click()
    page.get_by_role("heading", name="Danke, Ihre Auswahl ist gespeichert").wait_for()
    return str(page.locator("#manage-address").input_value())


def device_on(anna: Visit, place: Place, worker: Worker) -> None:
    """Turn notifications on: the test message arrives and is shown."""
    anna.page.get_by_role("button", name="Mitteilungen auf diesem Gerät einschalten").click()
    anna.page.get_by_text("Einen Moment bitte").wait_for()
    for _ in range(600):
        place.building.run_all()
        if place.world.pushes:
            break
        anna.page.wait_for_timeout(50)
    worker.ready()
    (shown,) = worker.deliver(payload(place.world.pushes[0]))
    assert shown["title"] == "Testmeldung"
    anna.page.locator('[data-push-now="on"]').wait_for()


def payload(push: dict[str, Any]) -> str:
    return json.dumps({name: push[name] for name in push if name not in {"device", "topic", "ttl"}})


def confirmed(anna: Visit, place: Place) -> str:
    """Open the link of the one mail that asks; returns its token."""
    place.building.run_all()
    (text,) = place.mails("/c/")
    link = re.search(r"http\S+/c/(\S+)", text)
    assert link
    anna.page.goto(link[0])
    anna.page.get_by_role("button", name="Ja, das ist meine Adresse").click()
    anna.page.get_by_role("heading", name="Ihre Adresse ist bestätigt").wait_for()
    return link[1]


def readable_without_a_network(anna: Visit, heading: str) -> None:
    page = anna.page
    page.goto(f"{anna.site}/huertgenwald/")
    expect(page.get_by_role("link", name=heading)).to_be_visible()
    page.wait_for_function("async (url) => !!(await (await caches.open('ortsruf-kept-1')).match(url))", arg=page.url)
    anna.context.set_offline(True)
    page.reload()
    page.locator(".kept").wait_for()
    expect(page.get_by_role("link", name=heading)).to_be_visible()
    anna.context.set_offline(False)


def secrets_of(place: Place, links: list[str]) -> tuple[set[str], int, list[int]]:
    """Return all that names the one person in words, and her number and those of her ways."""
    with place.building.store.read() as session:
        person = session.scalars(select(subscriber.c.id)).one()
        ways = session.execute(select(endpoint.c.id, endpoint.c.address, endpoint.c["keys"])).all()
    keys = [value for one in ways for name, value in one.keys.items() if name in {"p256dh", "auth"}]
    found = traces.spellings(ADDRESS, *(one.address for one in ways if one.address), *links, *keys)
    return found, person, [one.id for one in ways]


def deleted(anna: Visit, home: str) -> None:
    page = anna.page
    page.goto(home)
    page.get_by_role("link", name="Themen und Orte").click()
    page.get_by_role("link", name="Alles löschen …").click()
    page.get_by_role("button", name="Ja, alles löschen").click()
    page.get_by_role("heading", name="Alles ist gelöscht").wait_for()
    page.wait_for_function("async () => !(await caches.keys()).some((one) => one.startsWith('ortsruf-kept'))")


@pytest.mark.timeout(600)  # it walks some thirty pages
def test_from_the_first_visit_to_the_last_trace(anna: Visit, place: Place) -> None:
    page, worker, store = anna.page, Worker(anna), place.building.store
    home = signed_up(anna)
    device_on(anna, place, worker)
    page.get_by_role("link", name="In mein Kalenderprogramm übernehmen").click()
    calendar = page.get_by_label("Adresse für jedes andere Programm").first.input_value()
    confirm = confirmed(anna, place)

    place.goes_on(stage=1)  # the source has one closure more
    assert len(place.world.pushes) == 2
    notification = place.world.pushes[1]["notification"]
    shown = worker.deliver(payload(place.world.pushes[1]))
    assert [one["actions"] for one in shown if one["title"] == notification["title"]] == [["open", "map"]]
    url = notification["navigate"]
    page.goto(notification["actions"][1]["navigate"])
    page.locator("#spot").wait_for()
    heading = page.get_by_role("heading", level=1).inner_text()
    (mail,) = place.mails(url)
    assert "Warum Sie das bekommen: Straßen" in mail
    body = page.request.get(calendar).body()
    for read in (read_with_icalendar, read_with_icaljs):
        assert heading in [one["summary"] for one in read(body)]
    readable_without_a_network(anna, heading)

    page.goto(f"{home}?notice={url.rpartition('/')[2]}")
    page.get_by_role("button", name="Diese Meldung stummschalten").click()
    page.get_by_role("button", name="Zurücknehmen").wait_for()
    place.goes_on(stage=2)  # it lasts longer now
    assert (len(place.world.pushes), place.mails(url)) == (2, [mail])

    tokens = [home.rpartition("/")[2], calendar.rpartition("/")[2].partition(".")[0], confirm]
    secrets, person, ways = secrets_of(place, tokens + re.findall(r"/u/(\S+)", mail))
    assert "endpoint.address" in traces.words(store, secrets)
    deleted(anna, home)
    assert page.request.get(calendar).status in {404, 410}
    assert page.request.get(home).status == 404
    assert traces.words(store, secrets) == set()
    # What is left are numbers that lead nowhere: in batches until a job has been there, for calendars one hour; the job
    # itself knows them for a day.
    fading = {"batch.ids", "erased.endpoint_id", "feed_touch.subscriber_id"}
    assert traces.numbers(store, person, ways) <= fading
    place.goes_on(stage=1)
    assert (len(place.world.pushes), place.mails(url)) == (2, [mail])
    place.clock.forward(days=2)
    place.goes_on(stage=1)
    assert traces.numbers(store, person, ways) == set()
    assert (anna.complaints, anna.foreign) == ([], [])
