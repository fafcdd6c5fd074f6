"""Signing in without a script: password, second step, recovery codes, delays, and what strangers learn from it."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from fakes.people import COUNTY, PASSWORD, SECRET, account, code, link_in, session_of, token_in, written
from sqlalchemy import event

from hub.core.permission import Grant, Role
from hub.core.sessions import ABSOLUTE, IDLE, Stage
from hub.hashing import hashed_code
from hub.jobs import equip
from hub.jobs.sign_in import check_code, of_token
from hub.passkeys import Made, PasskeyRefused
from hub.store import accounts, audit, signins
from hub.store.schema import login_session
from hub.strongbox import Strongbox

EDITOR = Grant(Role.EDITOR, "huertgenwald")
COOKIE = "__Host-ortsruf-session"


@pytest.fixture
def anna(village) -> int:
    return account(village, "anna@example.org", EDITOR)


def enter(pages, address: str = "anna@example.org", password: str = PASSWORD, **more: str):
    return pages.send("/anmelden", "/anmelden", address=address, password=password, **more)


def sign_in(pages, **more: str):
    """Sign in by both steps; return the last answer."""
    half = enter(pages, **more)
    assert half.status_code == 303, half.text
    return pages.send(half.location, "/anmelden/code", code=code(pages.town), next=more.get("next", ""))


def test_password_and_code_open_the_office(pages, anna) -> None:
    answer = sign_in(pages)
    assert (answer.status_code, answer.location) == (303, "/verwaltung/")
    text = pages.get("/verwaltung/").text
    assert "Hürtgenwald" in text
    assert "Redaktion" in text


def test_the_cookie_is_bound_to_the_host_and_hidden_from_scripts(pages, anna) -> None:
    found = next(one for one in sign_in(pages).headers.getlist("Set-Cookie") if one.startswith(COOKIE))
    assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"} <= set(found.split("; "))
    assert "Domain" not in found


def test_each_step_has_a_token_of_its_own_and_only_hashes_are_stored(pages, anna) -> None:
    half = (
        pages.client.get_cookie(COOKIE) if enter(pages) is None else pages.client.get_cookie(COOKIE, "ortsruf.example")
    )
    pages.send("/anmelden/code", "/anmelden/code", code=code(pages.town))
    whole = pages.client.get_cookie(COOKIE, "ortsruf.example")
    assert half.value != whole.value
    with pages.town.store.read() as session:
        stored = session.scalars(login_session.select().with_only_columns(login_session.c.token_hash)).all()
    assert stored == [signins.hashed(whole.value)]


def test_half_a_sign_in_opens_nothing(pages, anna) -> None:
    enter(pages)
    for path in ("/verwaltung/", "/konto", "/verwaltung/huertgenwald/quellen", "/konto/zweiter-schritt"):
        assert pages.get(path).location.startswith("/anmelden?next="), path


def test_the_page_that_was_wanted_comes_after_signing_in(pages, anna) -> None:
    wanted = pages.get("/konto").location
    text = pages.get(wanted).text
    target = re.search(r'name="next" value="([^"]+)"', text)[1]
    assert sign_in(pages, next=target).location == "/konto"


@pytest.mark.parametrize("target", ["https://böse.example/", "//evil.example", "/\\evil.example", "javascript:1", ""])
def test_no_foreign_page_comes_after_signing_in(pages, anna, target) -> None:
    assert sign_in(pages, next=target).location == "/verwaltung/"


def test_strangers_and_wrong_passwords_get_the_same_answer(pages, anna) -> None:
    pages.town.mail.forget()
    known, unknown = enter(pages, password="falsch falsch falsch"), enter(pages, address="berta@example.org")
    assert known.status_code == unknown.status_code == 400
    assert known.text.replace(token_in(known.text), "").replace("anna@", "") == unknown.text.replace(
        token_in(unknown.text), "").replace("berta@", "")  # fmt: skip
    assert "passen nicht zusammen" in known.text


def test_guesses_wait_longer_and_longer_and_the_address_need_not_exist(pages, anna) -> None:
    for address in ("anna@example.org", "nobody@example.org"):
        waits = []
        while len(waits) < 4:
            answer = enter(pages, address=address, password="falsch falsch falsch")
            if answer.status_code == 429:
                waits.append(int(answer.headers["Retry-After"]))
                assert "Bitte warten Sie" in answer.text
                pages.town.clock.forward(seconds=waits[-1])
        assert waits == sorted(waits)
        assert waits[-1] > 2 * waits[0]


def test_the_right_password_is_not_looked_at_while_one_must_wait(pages, anna) -> None:
    while enter(pages, password="falsch falsch falsch").status_code != 429:
        pass
    assert enter(pages).status_code == 429
    pages.town.clock.forward(minutes=15)
    assert enter(pages).status_code == 303


def test_a_stranger_cannot_lock_a_known_device_out(pages, anna) -> None:
    sign_in(pages)
    stranger = type(pages)(pages.town, pages.town_client())
    while enter(stranger, password="falsch falsch falsch").status_code != 429:
        pass
    pages.send("/konto", "/abmelden")
    assert enter(pages).status_code == 303


def test_a_code_is_taken_once(pages, anna) -> None:
    enter(pages)
    shown = code(pages.town)
    other = type(pages)(pages.town, pages.town_client())
    enter(other)
    assert pages.send("/anmelden/code", "/anmelden/code", code=shown).status_code == 303
    assert other.send("/anmelden/code", "/anmelden/code", code=shown).status_code == 400


def test_guessed_codes_wait_too(pages, anna) -> None:
    enter(pages)
    statuses = [pages.send("/anmelden/code", "/anmelden/code", code=f"{n:06}").status_code for n in range(6)]
    assert statuses[-1] == 429


def test_a_half_sign_in_is_over_after_ten_minutes(pages, anna) -> None:
    enter(pages)
    page = pages.get("/anmelden/code").text
    pages.town.clock.forward(minutes=11)
    answer = pages.post("/anmelden/code", {"csrf_token": token_in(page), "code": code(pages.town)})
    assert answer.location.startswith("/anmelden")


def test_without_a_second_step_nothing_but_setting_one_up_is_open(pages, village) -> None:
    account(village, "neu@example.org", EDITOR, equipped=False)
    assert enter(pages, address="neu@example.org").location == "/konto/zweiter-schritt"
    for path in ("/verwaltung/", "/konto", "/verwaltung/huertgenwald/quellen"):
        assert pages.get(path).location == "/konto/zweiter-schritt"
    assert "otpauth://totp/Ortsruf" in pages.get("/konto/zweiter-schritt").text


def test_a_sign_in_ends_when_it_is_idle_or_old(pages, anna) -> None:
    sign_in(pages)
    pages.town.clock.forward(minutes=20)
    assert pages.get("/konto").status_code == 200
    pages.town.clock.at += IDLE
    assert pages.get("/konto").status_code == 303
    sign_in(pages)
    for _ in range(int(ABSOLUTE / timedelta(minutes=20))):
        assert pages.get("/konto").status_code in {200, 303}
        pages.town.clock.forward(minutes=20)
    assert pages.get("/konto").status_code == 303


def test_signing_out_ends_the_row_and_not_only_the_cookie(pages, anna) -> None:
    sign_in(pages)
    kept = pages.client.get_cookie(COOKIE, "ortsruf.example").value
    assert pages.send("/konto", "/abmelden").status_code == 303
    pages.client.set_cookie(COOKIE, kept, domain="ortsruf.example", secure=True)
    assert pages.get("/konto").status_code == 303


def test_open_pages_set_no_cookie_of_the_office(pages, anna) -> None:
    for path in ("/", "/huertgenwald/", "/huertgenwald/quellen"):
        assert COOKIE not in str(pages.get(path).headers)


def test_pages_of_the_office_are_kept_in_no_cache(pages, anna) -> None:
    assert pages.get("/anmelden").headers["Cache-Control"] == "no-store"
    sign_in(pages)
    for path in ("/konto", "/verwaltung/", "/konto/zweiter-schritt"):
        headers = pages.get(path).headers
        assert (headers["Cache-Control"], headers["X-Robots-Tag"]) == ("no-store", "noindex"), path


def test_the_log_tells_of_it_without_addresses_of_networks(pages, anna) -> None:
    enter(pages, password="falsch falsch falsch")
    sign_in(pages)
    with pages.town.store.read() as session:
        told = [(row["act"], row["actor"]) for row in audit.latest(session)]
        assert "127.0.0.1" not in str([dict(row) for row in audit.latest(session)])
    assert told == [("sign-in", f"account:{anna}"), ("sign-in.refused", "")]


def test_a_forgotten_password_is_set_anew_by_a_link_that_works_once(pages, anna) -> None:
    answer = pages.send("/anmelden/vergessen", "/anmelden/vergessen", address="Anna@example.org")
    assert "Wenn es zu dieser Adresse ein Konto gibt" in answer.text
    assert written(pages.town) == [("reset", "anna@example.org")]
    open_elsewhere = session_of(pages.town, anna)
    link = link_in(pages.town, "reset")
    assert pages.get(link).status_code == pages.get(link).status_code == 200
    fresh = "ein ganz anderer langer Satz"
    assert "nicht gleich" in pages.send(link, link, password=fresh, repeated="x").text
    assert pages.send(link, link, password=fresh, repeated=fresh).location == "/anmelden"
    assert pages.get(link).status_code == 410
    with pages.town.store.read() as session:
        assert signins.of_token(session, open_elsewhere, pages.town.clock()) is None
    assert enter(pages).status_code == 400
    assert enter(pages, password=fresh).location.startswith("/anmelden/code")
    assert ("password-changed", "anna@example.org") in written(pages.town)


def test_whether_an_address_has_an_account_shows_in_no_answer_and_no_mail(pages, anna) -> None:
    known, unknown = (
        pages.send("/anmelden/vergessen", "/anmelden/vergessen", address=f"{name}@example.org")
        for name in ("anna", "x")
    )
    assert known.text == unknown.text
    assert written(pages.town) == [("reset", "anna@example.org")]


def test_a_link_for_a_new_password_is_over_after_an_hour(pages, anna) -> None:
    pages.send("/anmelden/vergessen", "/anmelden/vergessen", address="anna@example.org")
    link = link_in(pages.town, "reset")
    page = pages.get(link).text
    pages.town.clock.forward(minutes=61)
    assert pages.get(link).status_code == 410
    assert (
        pages.post(link, {"csrf_token": token_in(page), "password": "x" * 20, "repeated": "x" * 20}).status_code == 410
    )


def test_asking_again_and_again_writes_few_letters(pages, anna) -> None:
    for _ in range(10):
        answer = pages.send("/anmelden/vergessen", "/anmelden/vergessen", address="anna@example.org")
        assert answer.status_code == 200
    assert 1 <= len(written(pages.town)) <= 5


def test_the_links_of_letters_never_follow_the_host_header(pages, anna) -> None:
    page = pages.get("/anmelden/vergessen").text
    data = {"csrf_token": token_in(page), "address": "anna@example.org"}
    pages.post("/anmelden/vergessen", data, headers={"X-Forwarded-Host": "evil.example"})
    assert link_in(pages.town, "reset").startswith("https://ortsruf.example/")


def test_a_recovery_code_signs_in_once_and_its_owner_hears_of_it(pages, village) -> None:
    account(village, "county@example.org", COUNTY, equipped=False)
    enter(pages, address="county@example.org")
    page = pages.get("/konto/zweiter-schritt").text
    secret = re.search(r"secret=([A-Z2-7]+)", page)[1]
    shown = pages.send("/konto/zweiter-schritt", "/konto/zweiter-schritt", code=code(village, secret)).text
    codes = re.findall(r"<code>([a-z0-9-]{19})</code>", shown)
    assert len(set(codes)) == 10
    pages.send("/konto", "/abmelden")
    for status in (303, 400):
        enter(pages, address="county@example.org")
        typed = codes[0].upper().replace("-", " ")
        assert pages.send("/anmelden/code", "/anmelden/code", code=typed).status_code == status
        if status == 303:
            pages.send("/konto", "/abmelden")
    assert ("code-used", "county@example.org") in written(village)
    with village.store.read() as session:
        assert accounts.codes_left(session, 1) == 9


def test_bare_and_half_tokens_are_no_whole_ones(pages, anna) -> None:
    for stage in (Stage.HALF, Stage.BARE):
        pages.client.set_cookie(
            COOKIE, session_of(pages.town, anna, stage=stage), domain="ortsruf.example", secure=True
        )
        assert pages.get("/konto").status_code == 303
    assert SECRET not in pages.get("/konto/zweiter-schritt").text


def test_known_and_unknown_addresses_are_the_same_work(pages, anna) -> None:
    """A-01: as many statements, and a hash to compute in both cases."""

    def work(path: str, **fields: str) -> int:
        page, statements = pages.get(path).text, []
        listener = lambda *given: statements.append(given[2])  # noqa: E731
        event.listen(pages.town.store.engine, "before_cursor_execute", listener)
        pages.post(path, {"csrf_token": token_in(page), **fields})
        event.remove(pages.town.store.engine, "before_cursor_execute", listener)
        return len(statements)

    for path, more in (("/anmelden", {"password": "falsch falsch falsch"}), ("/anmelden/vergessen", {})):
        found = {work(path, address=address, **more) for address in ("anna@example.org", "nobody@example.org")}
        assert len(found) == 1, path


def test_every_form_wants_its_token_and_none_comes_from_another_site(pages) -> None:
    """A-03: every route that changes something, from the URL map."""
    app = pages.client.application
    exempt = {"farewell", "device", "websub", "canary"}  # authenticated by what their address or body names
    for rule in app.url_map.iter_rules():
        if "POST" in (rule.methods or ()) and rule.endpoint.partition(".")[0] not in exempt:
            path = app.url_map.bind("ortsruf.example").build(rule.endpoint, dict.fromkeys(rule.arguments, "1"))
            assert pages.post(path).status_code == 400, rule.rule
            assert pages.post(path, headers={"Sec-Fetch-Site": "cross-site"}).status_code in {400, 403}, rule.rule


def test_a_password_alone_takes_no_second_step_that_was_set_up_meanwhile(pages, village) -> None:
    """Who knows the password and signed in before there was a second step could have put another in its place."""
    made = account(village, "berta@example.org", EDITOR, equipped=False)
    stranger, page = type(pages)(village, pages.town_client()), "/konto/zweiter-schritt"
    for browser in (stranger, pages):
        assert enter(browser, "berta@example.org").location == page
    old = sign_in_of(village, stranger)
    own, theirs = (re.search(r"secret=([A-Z2-7]+)", one.get(page).text)[1] for one in (pages, stranger))
    token = token_in(stranger.get(page).text)
    assert pages.send(page, page, code=code(village, own)).status_code == 200
    answer = stranger.post(page, {"csrf_token": token, "code": code(village, theirs)})
    assert (answer.location or "").startswith("/anmelden")
    assert equip.set_up_totp(village.house, old, code(village, theirs)) is None, "who came a moment too late"
    with pytest.raises(PasskeyRefused):
        equip.add_passkey(village.house, old, Made("credential", b"key", 0), "a key")
    assert secret_of(village, made) == own
    assert pages.get("/verwaltung/").status_code == 200


def test_the_second_step_gives_the_sign_in_another_token(pages, village) -> None:
    """Who read the cookie of half a right must not have the whole one by it (A-02); the device is known from then on."""
    account(village, "berta@example.org", EDITOR, equipped=False)
    page = enter(pages, "berta@example.org").location
    before = pages.client.get_cookie(COOKIE, "ortsruf.example").value
    own = re.search(r"secret=([A-Z2-7]+)", pages.get(page).text)[1]
    shown = pages.send(page, page, code=code(village, own))
    assert "Die Codes Ihrer App sind eingerichtet." in shown.text
    assert pages.client.get_cookie(COOKIE, "ortsruf.example").value != before
    assert pages.client.get_cookie("__Host-ortsruf-device", "ortsruf.example") is not None
    assert of_token(village.house, before) is None
    assert pages.get("/verwaltung/").status_code == 200


def sign_in_of(village, browser):
    token = browser.client.get_cookie(COOKIE, "ortsruf.example").value
    return of_token(village.house, token)


def test_a_new_password_ends_all_links_for_another(pages, anna, village) -> None:
    for _ in range(2):
        pages.send("/anmelden/vergessen", "/anmelden/vergessen", address="anna@example.org")
        village.clock.forward(minutes=1)
    village.engine.run_all()
    first, second = dict.fromkeys(
        message.entries[0].url for _, message in village.mail.sent if "/anmelden/neu/" in message.entries[0].url
    )
    new = "acht Zwerge im Nebel"
    assert pages.send(second, second, password=new, repeated=new).location == "/anmelden"
    assert pages.get(first).status_code == 410


def secret_of(village, made: int) -> str:
    with village.store.read() as session:
        return str(accounts.get(session, made)["totp"])


def with_setting(pages):
    """Give the pages a key from outside the database."""
    house = pages.client.application.extensions["ortsruf"].house
    object.__setattr__(house, "strongbox", Strongbox.of("a setting"))
    return house


def test_a_copy_of_the_database_shows_no_secret_of_an_app(pages, anna, village) -> None:
    """With a key outside the database; what lay open before is locked when it is next used."""
    house = with_setting(pages)
    assert secret_of(village, anna) == SECRET
    assert sign_in(pages).location == "/verwaltung/"
    assert SECRET not in secret_of(village, anna)
    assert check_code(house, anna, code(village)).went_well


def test_a_secret_that_is_set_up_is_locked_at_once(pages, village) -> None:
    house = with_setting(pages)
    made = account(village, "berta@example.org", EDITOR, equipped=False)
    token = session_of(village, made, stage=Stage.BARE)
    pages.client.set_cookie(COOKIE, token, domain="ortsruf.example", secure=True)
    page = "/konto/zweiter-schritt"
    own = re.search(r"secret=([A-Z2-7]+)", pages.get(page).text)[1]
    assert pages.send(page, page, code=code(village, own)).status_code == 200
    assert own not in secret_of(village, made)
    assert check_code(house, made, code(village, own)).went_well


def test_under_another_setting_codes_open_nothing_and_recovery_codes_still_do(anna, village) -> None:
    object.__setattr__(village.house, "strongbox", Strongbox.of("a setting"))
    assert check_code(village.house, anna, code(village)).went_well
    object.__setattr__(village.house, "strongbox", Strongbox.of("another"))
    assert not check_code(village.house, anna, code(village)).went_well
    with village.store.begin() as session:
        accounts.put_codes(session, anna, [hashed_code("abcd")])
    assert check_code(village.house, anna, "abcd").went_well
