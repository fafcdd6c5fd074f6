"""What a person does with their own data, in a real browser without and with a script."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from hub.core.subscription import Action, Criteria
from hub.jobs.subscribe import SignUp, Wish, sign_up
from hub.store import subscribers
from tests.browser.conftest import PATIENCE
from tests.browser.test_manage import look

pytestmark = pytest.mark.browser
PUSH = """
Object.defineProperty(Notification, "permission", {get: () => window.allowed ?? "default"});
Notification.requestPermission = async () => (window.allowed = "granted");
const made = {endpoint: "https://fcm.googleapis.com/fcm/send/new", expirationTime: null, options: {}, unsubscribe: async () => true,
  toJSON: () => ({endpoint: made.endpoint, keys: {
    p256dh: "BNcRdreALRFXTkOOUHK1EtK2wtaz5Ry4YfYCA_0QTpQtUbVlUls0VJXg7A8u-Ts1XbjhazAkj7I99e8QcYP7DkM", auth: "c2VjcmV0LXNlY3JldC0xMg"}})};
let present = null;
PushManager.prototype.getSubscription = async () => present;
PushManager.prototype.subscribe = async () => (present = made);
"""


def resident(village) -> str:
    """Sign somebody up with a phone, a calendar and a mailbox; returns the path of their page."""
    wish = Wish(
        Criteria(topics=("news",), places=("053580016016",)),
        (("webpush", Action.NOW, ""), ("mail", Action.DIGEST, ""), ("ical", Action.CALENDAR, "")),
    )
    addresses = {
        "webpush": ("https://fcm.googleapis.com/fcm/send/old", {}, "https://fcm.googleapis.com"),
        "mail": ("a@example.org", {}, "example.org"), "ical": ("", {}, ""),
    }  # fmt: skip
    person = sign_up(village.house, "huertgenwald", SignUp((wish,), addresses))
    with village.store.begin() as session:
        for one in subscribers.endpoints_of(session, person):
            subscribers.confirm(session, one["id"], village.clock())
    village.engine.run_all()
    return f"/m/{village.house.links.token('manage', person, 1)}"


def mailboxes(village) -> list[str]:
    """Return the addresses that the person is reached at."""
    with village.store.read() as session:
        ways = subscribers.endpoints_of(session, 1)
    return [one["address"] for one in ways if (one["channel"], one["state"]) == ("mail", "active")]


@pytest.mark.parametrize("width", [360, 1280])
def test_a_person_moves_to_a_new_phone(chromium, phone, site, village, width) -> None:
    path = resident(village)
    page = phone.page
    page.set_viewport_size({"width": width, "height": 844})
    page.goto(site + path)
    page.get_by_role("link", name="Auf ein anderes Gerät umziehen").click()
    look(page, f"move-{width}")
    page.get_by_role("button", name="Code zeigen").click()
    page.locator(".square svg").wait_for()
    square = page.locator(".square svg").bounding_box()
    assert square is not None
    assert square["width"] >= 200
    assert phone.wide() <= 0
    look(page, f"move-code-{width}")
    code = page.locator(".code").inner_text().strip()
    assert re.fullmatch(r"[2-9A-Z]{4}-[2-9A-Z]{4}", code)

    context = chromium.new_context(locale="de-DE", viewport={"width": width, "height": 844})
    context.set_default_timeout(PATIENCE)
    context.add_init_script(PUSH)
    new = context.new_page()
    new.goto(f"{site}/move")
    new.get_by_label("Code").fill(code.lower())
    look(new, f"move-enter-{width}")
    new.get_by_role("button", name="Weiter").click()
    new.get_by_label("Gerät mit Chrome").check()
    look(new, f"move-take-{width}")
    new.get_by_role("button", name="Ja, übernehmen").click()
    new.get_by_role("heading", name="Dieses Gerät hat übernommen").wait_for()
    look(new, f"moved-{width}")
    with new.expect_response(lambda one: "/device?" in one.url and one.status == 201):
        new.get_by_role("button", name="Mitteilungen auf diesem Gerät einschalten").click()
    village.engine.run_all()
    with village.store.read() as session:
        living = [one["address"] for one in subscribers.endpoints_of(session, 1) if one["channel"] == "webpush"]
    assert living == ["https://fcm.googleapis.com/fcm/send/new"]
    new.goto(f"{site}/huertgenwald/")
    assert new.locator(f'a[href="{path}"]').count() >= 1
    context.close()
    page.goto(f"{site}/move/{code}")
    page.get_by_text("schon benutzt").wait_for()


@pytest.mark.parametrize("width", [360, 1280])
def test_a_person_reads_takes_along_and_deletes_everything(phone, site, village, width) -> None:
    path = resident(village)
    page = phone.page
    page.set_viewport_size({"width": width, "height": 844})
    page.goto(site + path)
    page.get_by_role("link", name="Alles ansehen und herunterladen").click()
    page.get_by_text("a@example.org").first.wait_for()
    assert phone.wide() <= 0
    look(page, f"export-{width}")
    with page.expect_download() as download:
        page.get_by_role("link", name="Als Datei herunterladen").click()
    file = Path(download.value.path())
    assert download.value.suggested_filename == "ortsruf-huertgenwald.json"
    assert json.loads(file.read_text())["ways"][1]["address"] == "a@example.org"
    page.goto(f"{site}{path}/calendars")
    page.locator("summary").first.click()
    assert phone.wide() <= 0
    look(page, f"calendars-{width}")
    page.goto(f"{site}{path}/addresses")
    assert phone.wide() <= 0
    look(page, f"addresses-{width}")
    page.goto(site + path)
    page.get_by_role("link", name="Alles löschen …").click()
    page.get_by_text("a@example.org").wait_for()
    look(page, f"delete-{width}")
    page.get_by_role("button", name="Ja, alles löschen").click()
    page.get_by_role("heading", name="Alles ist gelöscht").wait_for()
    with village.store.read() as session:
        assert subscribers.get(session, 1) is None
    assert phone.complaints == []
    assert phone.foreign == []


@pytest.mark.parametrize("width", [360, 1280])
def test_an_end_by_mistake_is_taken_back_without_a_script(chromium, site, village, width) -> None:
    resident(village)
    context = chromium.new_context(locale="de-DE", java_script_enabled=False, viewport={"width": width, "height": 844})
    page = context.new_page()
    with village.store.read() as session:
        mail = next(one["id"] for one in subscribers.endpoints_of(session, 1) if one["channel"] == "mail")
    page.goto(f"{site}/u/{village.house.links.token('unsubscribe', mail, 1)}")
    page.get_by_role("button", name="Ja, abmelden").click()
    page.get_by_text("Neues").wait_for()
    assert mailboxes(village) == []
    look(page, f"unsubscribed-{width}")
    page.get_by_role("button", name="Zurücknehmen").click()
    page.get_by_text("wie bisher an a@example.org").wait_for()
    assert mailboxes(village) == ["a@example.org"]
    page.goto(f"{site}/huertgenwald/link")
    look(page, f"lost-{width}")
    page.get_by_label("E-Mail-Adresse").fill("a@example.org")
    page.get_by_role("button", name="Link schicken").click()
    page.get_by_role("heading", name="Bitte sehen Sie in Ihr Postfach").wait_for()
    look(page, f"lost-sent-{width}")
    context.close()
