"""The whole way of an editor in a real Chromium, with an authenticator that it simulates (CDP, WebAuthn)."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from fakes.directory import CLIENT, SECRET, serving
from fakes.house import Town
from fakes.people import PASSWORD, account, code, operator
from playwright.sync_api import Browser, Page, expect
from werkzeug.serving import make_server

import push
from hub.core.message import Outlet
from hub.core.permission import Grant, Role
from hub.fetcher.client import GuardedHttp
from hub.jobs import people
from hub.links import Links
from hub.settings import Settings
from hub.store import accounts
from hub.web import create_app
from tests.browser.conftest import PATIENCE, Quiet, Visit
from tests.browser.test_looks import ALL, AXE, COLOURS, RUN

pytestmark = pytest.mark.browser


@pytest.fixture
def office(village: Town) -> Iterator[str]:
    with serving_office(village) as address:
        yield address


@pytest.fixture
def editor(chromium: Browser, office: str) -> Iterator[Visit]:
    context = chromium.new_context(locale="de-DE", viewport={"width": 360, "height": 740})
    context.set_default_timeout(PATIENCE)
    visit = Visit(context, office)
    yield visit
    context.close()


@contextmanager
def serving_office(village: Town, **more: object) -> Iterator[str]:
    """Serve the village at a host that has a name: a passkey belongs to one."""
    server = make_server("127.0.0.1", 0, None, threaded=True, request_handler=Quiet)
    address = f"http://localhost:{server.server_port}"
    http = GuardedHttp(allow=("127.0.0.1",))
    village.house = replace(
        village.house, links=Links(address, "key"), outlet=lambda name: Outlet(http, push.load(name).Settings())
    )
    server.app = create_app(village.house, Settings(base_url=address, **more))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield address
    server.shutdown()
    thread.join()
    server.server_close()
    http.close()


def authenticator(page: Page) -> None:
    """Give the browser a phone's authenticator whose owner always says yes."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    session.send("WebAuthn.addVirtualAuthenticator", {"options": {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
        "isUserVerified": True, "automaticPresenceSimulation": True,
    }})  # fmt: skip


def wide(visit: Visit) -> None:
    """Look at a page: it fits, and axe finds nothing, by light and in the dark."""
    assert visit.wide() <= 0, visit.page.url
    visit.page.evaluate(AXE)
    assert visit.page.evaluate(RUN, ALL) == [], visit.page.url
    visit.page.emulate_media(color_scheme="dark")
    assert visit.page.evaluate(RUN, COLOURS) == [], visit.page.url
    visit.page.emulate_media(color_scheme="light")


def invited(village: Town) -> str:
    return people.invite(village.house, "command", "anna@example.org", Grant(Role.EDITOR, "huertgenwald"), "de").link


def test_from_the_invitation_to_a_passkey_and_a_revoked_sign_in(editor, village, office, chromium) -> None:
    page = editor.page
    authenticator(page)
    page.goto(invited(village))
    wide(editor)
    page.get_by_label("Ihr Name").fill("Anna Beispiel")
    page.get_by_label("Neues Passwort").fill(PASSWORD)
    page.get_by_label("Dasselbe Passwort noch einmal").fill(PASSWORD)
    page.get_by_role("button", name="Annehmen und weiter").click()

    page.get_by_role("heading", name="Der zweite Schritt").wait_for()
    wide(editor)
    assert page.locator(".qr svg").bounding_box()["width"] > 150
    secret = page.locator(".qr + p code").inner_text().replace(" ", "")
    page.get_by_role("textbox", name="Code").fill(code(village, secret))
    page.get_by_role("button", name="Einrichten", exact=True).click()
    page.get_by_role("heading", name="Ihre Ersatzcodes").wait_for()
    expect(page.locator(".codes li")).to_have_count(10)
    wide(editor)
    page.get_by_role("link", name="Ich habe sie aufbewahrt").click()

    page.get_by_role("link", name="Passkey oder App einrichten").click()
    page.get_by_label("Wie soll er heißen?").fill("Diensthandy")
    page.get_by_role("button", name="Passkey einrichten").click()
    page.get_by_text("Passkey: Diensthandy").wait_for()
    wide(editor)

    page.get_by_role("button", name="Abmelden").click()
    page.get_by_role("button", name="Mit Passkey anmelden").click()
    page.get_by_role("heading", name="Verwaltung").wait_for()
    page.get_by_text("Hürtgenwald").first.wait_for()
    wide(editor)

    other = chromium.new_context(locale="de-DE", viewport={"width": 1280, "height": 900})
    elsewhere = other.new_page()
    elsewhere.goto(f"{office}/anmelden")
    elsewhere.get_by_label("E-Mail-Adresse", exact=True).fill("anna@example.org")
    elsewhere.get_by_label("Passwort", exact=True).fill(PASSWORD)
    elsewhere.get_by_role("button", name="Anmelden", exact=True).click()
    elsewhere.get_by_role("textbox", name="Code").fill(code(village, secret))
    elsewhere.get_by_role("button", name="Weiter").click()
    elsewhere.get_by_role("heading", name="Verwaltung").wait_for()

    page.get_by_role("link", name="Anna Beispiel").click()
    page.get_by_role("button", name=re.compile(r"^Abmelden\W+Chrom")).click()
    page.get_by_text("Dieses Gerät ist abgemeldet.").wait_for()
    elsewhere.goto(f"{office}/konto")
    elsewhere.get_by_role("heading", name="Anmelden").wait_for()
    other.close()
    assert editor.complaints == []
    assert editor.foreign == []


def test_a_passkey_is_the_first_step_and_the_proof_before_something_dangerous(editor, village, office) -> None:
    page = editor.page
    authenticator(page)
    account(village, "anna@example.org", operator(), equipped=False)
    page.goto(f"{office}/anmelden")
    page.get_by_label("E-Mail-Adresse", exact=True).fill("anna@example.org")
    page.get_by_label("Passwort", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Anmelden", exact=True).click()
    page.get_by_role("button", name="Passkey einrichten").click()
    page.get_by_role("heading", name="Ihre Ersatzcodes").wait_for()
    expect(page.locator(".codes li")).to_have_count(10)
    village.clock.forward(minutes=11)
    page.goto(f"{office}/verwaltung/huertgenwald/personen")
    page.get_by_label("E-Mail-Adresse", exact=True).fill("berta@example.org")
    page.get_by_label("Freigabe").check()
    page.get_by_role("button", name="Einladen", exact=True).click()
    page.get_by_role("heading", name="Sind Sie es?").wait_for()
    wide(editor)
    page.get_by_role("button", name="Mit Passkey").click()
    page.get_by_text("Die Einladung ist unterwegs.").wait_for()
    page.get_by_text("berta@example.org").first.wait_for()
    wide(editor)
    with village.store.read() as session:
        assert accounts.passkeys(session, 1)[0]["used_at"] is not None
    assert editor.complaints == []


def test_a_passkey_of_another_account_proves_nothing(editor, village, office) -> None:
    page = editor.page
    authenticator(page)
    account(village, "anna@example.org", operator(), equipped=False)
    account(village, "berta@example.org", operator())
    page.goto(f"{office}/anmelden")
    page.get_by_label("E-Mail-Adresse", exact=True).fill("anna@example.org")
    page.get_by_label("Passwort", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Anmelden", exact=True).click()
    page.get_by_role("button", name="Passkey einrichten").click()
    page.get_by_role("link", name="Ich habe sie aufbewahrt").click()
    page.get_by_role("button", name="Abmelden").click()
    page.get_by_label("E-Mail-Adresse", exact=True).fill("berta@example.org")
    page.get_by_label("Passwort", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Anmelden", exact=True).click()
    page.get_by_role("textbox", name="Code").fill(code(village))
    page.get_by_role("button", name="Weiter").click()
    village.clock.forward(minutes=11)
    page.goto(f"{office}/konto/zweiter-schritt")
    page.get_by_role("button", name="Mit Passkey").click()
    page.get_by_text("Dieser Passkey gehört nicht zu Ihrem Konto.").wait_for()
    page.goto(f"{office}/konto/zweiter-schritt")
    assert page.get_by_role("button", name="Mit Passkey").is_visible()  # still asked to prove who it is


def test_a_county_directory_signs_in_past_our_own_policy(chromium, village) -> None:
    """Browsers hold a form's redirects against our form-action: the way there is none."""
    with serving(village.clock) as directory:
        directory.knows("anna", "Redaktion", amr=["pwd", "otp"])
        more = {"oidc_issuer": directory.address, "oidc_name": "Kreis Düren", "oidc_client_id": CLIENT,
                "oidc_client_secret": SECRET, "oidc_rules": ("Redaktion=editor@huertgenwald",)}  # fmt: skip
        with serving_office(village, **more) as address:
            context = chromium.new_context(locale="de-DE", viewport={"width": 360, "height": 740})
            visit = Visit(context, address)
            visit.page.goto(f"{address}/anmelden")
            wide(visit)
            visit.page.get_by_role("button", name="Mit Kreis Düren anmelden").click()
            visit.page.get_by_role("heading", name="Verwaltung").wait_for()
            assert visit.complaints == []
            assert {one.partition("/authorize")[0] for one in visit.foreign} == {directory.address}
            context.close()
