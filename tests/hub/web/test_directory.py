"""Signing in by a county's directory: a real provider on loopback, the roles that its groups give, and every lie."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from html import unescape

import pytest
from fakes.directory import CLIENT, SECRET, FakeDirectory, serving, shared_secret
from fakes.people import PASSWORD, account, code, session_of
from joserfc.jwk import RSAKey

import push
from hub.core.errors import SettingsError
from hub.core.message import Outlet
from hub.core.permission import Grant, Role
from hub.fetcher.client import GuardedHttp
from hub.jobs import people
from hub.settings import Settings, load
from hub.store import accounts, audit, grants
from hub.web import create_app
from tests.hub.web.conftest import ORIGIN, Pages

COOKIE = "__Host-ortsruf-session"
RULES = ("Redaktion=editor@huertgenwald", "Amt=operator@huertgenwald", "Leitstelle=approver@*", "Fern=editor@nirgends")


@pytest.fixture
def directory(village) -> Iterator[FakeDirectory]:
    with serving(village.clock) as found:
        yield found


def browser(village, directory: FakeDirectory, **more: object) -> Pages:
    settings = Settings(
        base_url=ORIGIN, oidc_issuer=directory.address, oidc_name="Kreis Düren", oidc_client_id=CLIENT,
        oidc_client_secret=SECRET, oidc_rules=RULES, **more,
    )  # fmt: skip
    http = GuardedHttp(allow=("127.0.0.1",))
    house = replace(village.house, outlet=lambda name: Outlet(http, push.load(name).Settings()))
    return Pages(village, create_app(house, settings).test_client())


@pytest.fixture
def kreis(village, directory) -> Pages:
    return browser(village, directory, oidc_second_factor=True)


def go(pages: Pages, directory: FakeDirectory, wish: str = "sign-in", page: str = "/anmelden", **fields: str):
    """Go to the directory and come back; return our answer."""
    if wish == "sign-in":
        pages.client.delete_cookie(COOKIE, domain="ortsruf.example")
    return pages.get(directory.visits(leave(pages, wish, page, **fields)))


def leave(pages: Pages, wish: str = "sign-in", page: str = "/anmelden", **fields: str) -> str:
    """Return the address at the directory that the browser is sent on to."""
    there = pages.send(page, "/anmelden/verzeichnis", wish=wish, **fields)
    return unescape(re.search(r'http-equiv="refresh" content="0; url=([^"]+)"', there.text)[1])


def roles(village, address: str) -> set[tuple[str, str]]:
    with village.store.read() as session:
        row = accounts.by_address(session, address)
        return {(one.role.value, one.municipality) for one in grants.of_account(session, row["id"])} if row else set()


def test_groups_become_roles_and_an_account_is_made(kreis, directory, village) -> None:
    directory.knows("anna", "Redaktion", "Kantine", "Fern")
    assert "Mit Kreis Düren anmelden" in kreis.get("/anmelden").text
    assert go(kreis, directory).location == "/verwaltung/"
    assert "Redaktion" in kreis.get("/verwaltung/").text
    assert roles(village, "anna@kreis.example") == {("editor", "huertgenwald")}
    assert "code_verifier" in directory.posts[0]


def test_roles_come_and_go_with_the_groups_and_the_log_tells(kreis, directory, village) -> None:
    directory.knows("anna", "Redaktion")
    go(kreis, directory)
    directory.knows("anna", "Amt", "Leitstelle")
    go(kreis, directory)
    assert roles(village, "anna@kreis.example") == {("operator", "huertgenwald"), ("approver", "")}
    with village.store.read() as session:
        acts = [(row["actor"], row["act"], row["detail"].get("role")) for row in audit.latest(session)]
    assert ("directory", "role.taken", "editor") in acts
    assert ("directory", "role.given", "operator") in acts


def test_who_has_no_role_is_not_let_in(kreis, directory, village) -> None:
    directory.knows("anna", "Kantine")
    assert go(kreis, directory).location == "/anmelden"
    assert "noch keine Rolle" in kreis.get("/anmelden").text
    assert roles(village, "anna@kreis.example") == set()
    directory.knows("berta", "Redaktion")
    go(kreis, directory)
    kreis.send("/konto", "/abmelden")
    directory.knows("berta")
    assert go(kreis, directory).location == "/anmelden"
    assert roles(village, "berta@kreis.example") == set()


def test_what_the_directory_gave_does_not_hold_for_a_password(kreis, directory, village) -> None:
    """Whoever left the county may still know a password: it opens none of what the directory gave (A-04)."""
    directory.knows("anna", "Redaktion")
    go(kreis, directory)
    with village.store.read() as session:
        made = accounts.by_address(session, "anna@kreis.example")["id"]
    kreis.client.set_cookie(COOKIE, session_of(village, made), domain="ortsruf.example", secure=True)
    assert "noch keine Rolle" in kreis.get("/verwaltung/").text


def test_without_a_second_factor_there_ours_is_asked_for(village, directory) -> None:
    pages = browser(village, directory)
    directory.knows("anna", "Redaktion")
    assert go(pages, directory).location == "/konto/zweiter-schritt"
    assert pages.get("/verwaltung/").location == "/konto/zweiter-schritt"
    directory.knows("berta", "Redaktion", amr=["pwd", "otp"])
    assert go(pages, directory).location == "/verwaltung/"


def test_an_address_alone_opens_no_account_that_is_there(kreis, directory, village) -> None:
    account(village, "anna@kreis.example", Grant(Role.COUNTY_OPERATOR, ""))
    directory.knows("anna", "Redaktion")
    assert go(kreis, directory).location == "/anmelden"
    assert "schon ein Konto" in kreis.get("/anmelden").text
    assert roles(village, "anna@kreis.example") == {("county-operator", "")}


def test_an_account_is_connected_by_its_owner_and_keeps_its_roles(kreis, directory, village) -> None:
    made = account(village, "chef@example.org", Grant(Role.COUNTY_OPERATOR, ""))
    kreis.client.set_cookie(COOKIE, session_of(village, made), domain="ortsruf.example", secure=True)
    directory.knows("anna", "Redaktion")
    assert go(kreis, directory, "connect", "/konto", next="/konto").location == "/konto"
    assert "verbunden" in kreis.get("/konto").text
    kreis.send("/konto", "/abmelden")
    assert go(kreis, directory).location == "/verwaltung/"
    assert roles(village, "chef@example.org") == {("county-operator", ""), ("editor", "huertgenwald")}


def test_who_came_by_the_directory_proves_themselves_there(kreis, directory, village) -> None:
    directory.knows("anna", "Amt")
    go(kreis, directory)
    village.clock.forward(minutes=11)
    people = "/verwaltung/huertgenwald/personen"
    asked = kreis.get(kreis.get("/konto/zweiter-schritt").location)
    assert "Über Kreis Düren" in asked.text
    directory.lies = {"auth_time": int((village.clock() - timedelta(hours=2)).timestamp())}
    assert go(kreis, directory, "prove", "/konto", next=people).location == "/anmelden"
    directory.lies = {}
    directory.knows("berta", "Amt")
    assert go(kreis, directory, "prove", "/konto", next=people).location == "/anmelden"
    directory.knows("anna", "Amt")
    assert go(kreis, directory, "prove", "/konto", next=people).location == people
    assert kreis.send(people, people, address="x@example.org", role="editor").status_code == 303


def test_groups_may_come_from_the_userinfo(kreis, directory, village) -> None:
    directory.person = {"sub": "anna", "email": "anna@kreis.example", "email_verified": True}
    directory.userinfo = {"sub": "anna", "groups": ["Redaktion"]}
    assert go(kreis, directory).location == "/verwaltung/"
    directory.userinfo = {"sub": "mallory", "groups": ["Amt"]}
    assert go(kreis, directory).location == "/anmelden"


def test_new_keys_of_the_directory_are_fetched(kreis, directory) -> None:
    directory.knows("anna", "Redaktion")
    assert go(kreis, directory).location == "/verwaltung/"
    directory.rotates()
    assert go(kreis, directory).location == "/verwaltung/"


LIES = {
    "nonce": {"nonce": "another"}, "audience": {"aud": "another"}, "issuer": {"iss": "https://evil.example"},
    "over": {"exp": 1}, "no subject": {"sub": None}, "party": {"aud": [CLIENT, "x"], "azp": "x"},
    "not yet": {"nbf": 9_999_999_999}, "hash": {"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"},
}  # fmt: skip


@pytest.mark.parametrize("lie", LIES)
def test_a_token_that_says_something_wrong_opens_nothing(kreis, directory, village, lie) -> None:
    directory.knows("anna", "Redaktion")
    directory.lies = LIES[lie]
    assert go(kreis, directory).location == "/anmelden"
    assert kreis.get("/verwaltung/").status_code == 303
    assert roles(village, "anna@kreis.example") == set()


def test_a_token_of_another_key_opens_nothing(kreis, directory) -> None:
    directory.knows("anna", "Redaktion")
    directory.signs_with = RSAKey.generate_key(2048, {"kid": "rsa-1"}, private=True)
    assert go(kreis, directory).location == "/anmelden"
    directory.signs_with, directory.algorithm = shared_secret(), "HS256"
    assert go(kreis, directory).location == "/anmelden"


def test_an_answer_that_belongs_to_no_question_opens_nothing(kreis, directory) -> None:
    directory.knows("anna", "Redaktion")
    there = leave(kreis)
    back = directory.visits(there)
    stranger = Pages(kreis.town, kreis.town_client())
    assert stranger.get(back).location == "/anmelden"
    assert kreis.get(back.replace("state=", "state=x")).location == "/anmelden"
    assert kreis.get(back).location == "/anmelden"  # what was kept is used up by the first answer


def test_an_answer_is_taken_once(kreis, directory) -> None:
    directory.knows("anna", "Redaktion")
    there = leave(kreis)
    back = directory.visits(there)
    assert kreis.get(back).location == "/verwaltung/"
    kreis.send("/konto", "/abmelden")
    assert kreis.get(back).location == "/anmelden"


def test_another_issuer_in_the_answer_is_a_mix_up(kreis, directory) -> None:
    """RFC 9207."""
    directory.knows("anna", "Redaktion")
    there = leave(kreis)
    back = directory.visits(there).replace("iss=http", "iss=https://evil.example/?http")
    assert kreis.get(back).location == "/anmelden"


def test_a_directory_that_is_down_or_calls_itself_otherwise_is_no_way_in(kreis, directory) -> None:
    directory.metadata = {"issuer": "https://evil.example"}
    answer = kreis.send("/anmelden", "/anmelden/verzeichnis", wish="sign-in")
    assert answer.location == "/anmelden"
    assert "Verzeichnis hat nicht geantwortet" in kreis.get("/anmelden").text


def test_a_password_still_signs_in_beside_the_directory(kreis, directory, village) -> None:
    account(village, "anna@example.org", Grant(Role.EDITOR, "huertgenwald"))
    half = kreis.send("/anmelden", "/anmelden", address="anna@example.org", password=PASSWORD)
    assert kreis.send(half.location, "/anmelden/code", code=code(village)).location == "/verwaltung/"


def test_without_a_directory_there_is_no_way_there(pages) -> None:
    assert "Mit " not in pages.get("/anmelden").text.partition("<main")[2].partition("</main>")[0].replace(
        "Mit Passkey", ""
    )
    assert pages.send("/anmelden", "/anmelden/verzeichnis", wish="sign-in").status_code == 404


def test_settings_that_cannot_be_are_named() -> None:
    environ = {"ORTSRUF_OIDC_ISSUER": "http://kreis.example", "ORTSRUF_OIDC_RULES": "Amt=county-operator@*"}
    with pytest.raises(SettingsError, match=r"(?s)oidc_issuer.*https.*oidc_rules.*no role"):
        load(None, environ)


def test_a_reset_disconnects_the_directory(kreis, directory, village) -> None:
    """Whoever begins anew may have lost the account to somebody who connected it with a directory of theirs."""
    directory.knows("anna", "Redaktion")
    assert go(kreis, directory).location == "/verwaltung/"
    assert roles(village, "anna@kreis.example") == {("editor", "huertgenwald")}
    people.disarm(village.house, "command", "anna@kreis.example")
    assert go(kreis, directory).location == "/anmelden"
    assert roles(village, "anna@kreis.example") == set()
    with village.store.read() as session:
        assert accounts.by_address(session, "anna@kreis.example")["subject"] == ""
