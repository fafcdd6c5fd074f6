"""Inviting, accepting, roles and their limits; one's own account; the desk behind a sign-in."""

from __future__ import annotations

import re

import pytest
from fakes.house import news
from fakes.people import COUNTY, PASSWORD, account, code, link_in, operator, session_of, token_in, written
from sqlalchemy import event

from hub.core.errors import StoreError
from hub.core.permission import Grant, Role
from hub.core.sessions import FRESH
from hub.jobs import people
from hub.jobs.contact import desk_link
from hub.store import accounts, audit, grants, signins

COOKIE = "__Host-ortsruf-session"
PEOPLE = "/verwaltung/huertgenwald/personen"


@pytest.fixture
def anna(village, pages) -> int:
    """An operator of the village, signed in."""
    made = account(village, "anna@example.org", operator())
    pages.client.set_cookie(COOKIE, session_of(village, made), domain="ortsruf.example", secure=True)
    return made


def roles(town, address: str) -> list[tuple[str, str]]:
    with town.store.read() as session:
        row = accounts.by_address(session, address)
        return [(one.role.value, one.municipality) for one in grants.of_account(session, row["id"])] if row else []


def another(pages):
    """Return somebody else's browser."""
    return type(pages)(pages.town, pages.town_client())


def test_an_invitation_becomes_an_account_with_a_second_step(pages, anna, village) -> None:
    answer = pages.send(PEOPLE, PEOPLE, address=" Berta@Example.org ", role="editor")
    assert answer.location == PEOPLE
    shown = " ".join(re.sub(r"<[^>]+>", " ", pages.get(PEOPLE).text).split())
    assert "Wer Was Woran 23.11.2026, 12:00 Uhr Anna hat jemanden eingeladen (Redaktion) berta@example.org" in shown
    assert written(village) == [("invitation", "berta@example.org")]
    berta, link = another(pages), link_in(village, "invitation")
    text = berta.get(link).text
    assert "Hürtgenwald" in text
    assert "Redaktion" in text
    again = berta.send(link, link, name="Berta Beispiel", password="kurz", repeated="kurz")
    assert again.status_code == 400
    assert "mindestens 12 Zeichen" in again.text
    assert 'value="Berta Beispiel"' in again.text
    done = berta.send(link, link, name="Berta Beispiel", password=PASSWORD, repeated=PASSWORD)
    assert done.location == "/konto/zweiter-schritt"
    page = berta.get("/konto/zweiter-schritt").text
    secret = re.search(r"secret=([A-Z2-7]+)", page)[1]
    assert "<svg" in page
    assert "nicht" in berta.send("/konto/zweiter-schritt", "/konto/zweiter-schritt", code="000000").text
    shown = berta.send("/konto/zweiter-schritt", "/konto/zweiter-schritt", code=code(village, secret))
    assert "Ihre Ersatzcodes" in shown.text
    assert berta.get("/verwaltung/").status_code == 200
    assert roles(village, "berta@example.org") == [("editor", "huertgenwald")]
    assert another(pages).get(link).status_code == 410


def test_an_invitation_is_over_after_a_week_or_when_it_is_revoked(pages, anna, village) -> None:
    pages.send(PEOPLE, PEOPLE, address="berta@example.org", role="editor")
    first = link_in(village, "invitation")
    number = re.search(r"einladungen/(\d+)/widerrufen", pages.get(PEOPLE).text)[1]
    assert pages.send(PEOPLE, f"{PEOPLE}/einladungen/{number}/widerrufen").status_code == 303
    assert pages.get(first).status_code == 410
    pages.send(PEOPLE, PEOPLE, address="berta@example.org", role="editor")
    second = link_in(village, "invitation")
    page = another(pages).get(second)
    village.clock.forward(days=7)
    late = another(pages)
    assert late.get(second).status_code == 410
    data = {"csrf_token": token_in(page.text), "name": "B", "password": PASSWORD, "repeated": PASSWORD}
    assert late.post(second, data).status_code in {400, 410}
    assert roles(village, "berta@example.org") == []


def test_a_new_invitation_to_the_same_ends_the_earlier_one(pages, anna, village) -> None:
    pages.send(PEOPLE, PEOPLE, address="berta@example.org", role="editor")
    first = link_in(village, "invitation")
    pages.send(PEOPLE, PEOPLE, address="berta@example.org", role="editor")
    assert link_in(village, "invitation") == first  # a double click
    village.clock.forward(minutes=2)
    pages.send(PEOPLE, PEOPLE, address="berta@example.org", role="editor")
    assert pages.get(first).status_code == 410
    assert pages.get(link_in(village, "invitation")).status_code == 200


def test_who_has_an_account_accepts_with_it_and_nobody_else_does(pages, anna, village) -> None:
    berta = account(village, "berta@example.org", Grant(Role.EDITOR, "huertgenwald"))
    pages.send(PEOPLE, PEOPLE, address="berta@example.org", role="approver")
    link = link_in(village, "invitation")
    assert "Sie haben schon ein Konto" in another(pages).get(link).text
    assert pages.send(PEOPLE, f"{link}/annehmen").status_code == 410
    own = another(pages)
    own.client.set_cookie(COOKIE, session_of(village, berta), domain="ortsruf.example", secure=True)
    assert own.send(link, f"{link}/annehmen").status_code == 303
    assert ("approver", "huertgenwald") in roles(village, "berta@example.org")
    stolen = another(pages)
    assert stolen.get(link).status_code == 410


def test_an_invitation_ends_with_the_right_to_invite(pages, anna, village) -> None:
    """Who is shut out leaves no door ajar: what they gave is theirs to give no more."""
    pages.send(PEOPLE, PEOPLE, address="berta@example.org", role="operator")
    link = link_in(village, "invitation")
    page, berta = another(pages).get(link), another(pages)
    assert page.status_code == 200
    data = {"name": "B", "password": PASSWORD, "repeated": PASSWORD}
    data["csrf_token"] = token_in(berta.get(link).text)
    with village.store.read() as session:
        own = grants.rows_of(session, anna)[0]
    people.take(village.house, "command", own)
    assert berta.post(link, data).status_code == 410
    assert another(pages).get(link).status_code == 410
    assert roles(village, "berta@example.org") == []


def test_an_invitation_is_used_up_only_by_who_gets_something_by_it(pages, anna, village) -> None:
    """An account that was made meanwhile, by the directory or another invitation, accepts with the same link."""
    pages.send(PEOPLE, PEOPLE, address="berta@example.org", role="editor")
    link, berta = link_in(village, "invitation"), another(pages)
    data = {"name": "B", "password": PASSWORD, "repeated": PASSWORD, "csrf_token": token_in(berta.get(link).text)}
    made = account(village, "berta@example.org", Grant(Role.AUTHOR, "huertgenwald"))
    assert berta.post(link, data).status_code == 410
    berta.client.set_cookie(COOKIE, session_of(village, made), domain="ortsruf.example", secure=True)
    assert berta.send(link, f"{link}/annehmen").location == "/verwaltung/"
    assert ("editor", "huertgenwald") in roles(village, "berta@example.org")


def test_nobody_invites_themselves_to_a_further_role(pages, anna, village) -> None:
    answer = pages.send(PEOPLE, PEOPLE, address="Anna@example.org", role="approver")
    assert answer.status_code == 400
    assert "Niemand gibt sich selbst eine Rolle." in answer.text
    made = people.invite(
        village.house, f"account:{anna}", "anna@example.org", Grant(Role.APPROVER, "huertgenwald"), "de"
    )
    assert pages.send(PEOPLE, f"{made.link}/annehmen").status_code == 410
    assert roles(village, "anna@example.org") == [("operator", "huertgenwald")]


def test_what_was_typed_comes_back_with_what_is_wrong(pages, anna) -> None:
    answer = pages.send(PEOPLE, PEOPLE, address="keine adresse", role="editor")
    assert answer.status_code == 400
    assert 'value="keine adresse"' in answer.text
    assert "Bitte wählen Sie eine Rolle." in pages.send(PEOPLE, PEOPLE, address="b@example.org").text


def test_an_operator_makes_no_county_operator_and_gives_nobody_their_own(pages, anna, village) -> None:
    assert 'value="county-operator"' not in pages.get(PEOPLE).text
    assert pages.send(PEOPLE, PEOPLE, address="b@example.org", role="county-operator").status_code == 403
    with village.store.read() as session:
        own = grants.rows_of(session, anna)[0]["id"]
    assert pages.send(PEOPLE, f"{PEOPLE}/rollen/{own}/nehmen").status_code == 403
    assert roles(village, "anna@example.org") == [("operator", "huertgenwald")]


def test_a_club_desk_has_its_limits_from_the_start(pages, anna, village) -> None:
    club = {"address": "sv@example.org", "role": "club", "topic": "events", "trust": "delayed"}
    assert "zwischen 1 und 20" in pages.send(PEOPLE, PEOPLE, **club, per_day="500", veto_hours="4").text
    assert "zwischen 1 und 20" in pages.send(PEOPLE, PEOPLE, **club, per_day="x", veto_hours="4").text
    for hours in ("0", "-1", "169", "x", "9" * 30):
        text = pages.send(PEOPLE, PEOPLE, **club, per_day="3", veto_hours=hours).text
        assert "zwischen 1 und 168 Stunden" in text
        assert "zwischen 1 und 20" not in text
        assert re.search(r'<input[^>]*name="veto_hours"[^>]*aria-invalid="true"', text), hours
    both = pages.send(PEOPLE, PEOPLE, **club, per_day="0", veto_hours="0").text
    assert "zwischen 1 und 168 Stunden" in both
    assert "zwischen 1 und 20" in both
    assert pages.send(PEOPLE, PEOPLE, **club, per_day="3", veto_hours="12").status_code == 303
    with village.store.read() as session:
        bounds = grants.to_grant(grants.open_in(session, "huertgenwald", village.clock())[0]).bounds
    assert (bounds.topic, bounds.trust, bounds.per_day) == ("events", "delayed", 3)


def test_the_last_county_operator_stays(village, pages) -> None:
    first = account(village, "anna@example.org", COUNTY)
    second = account(village, "berta@example.org", COUNTY)
    pages.client.set_cookie(COOKIE, session_of(village, first), domain="ortsruf.example", secure=True)
    with village.store.read() as session:
        theirs, own = (grants.rows_of(session, one)[0]["id"] for one in (second, first))
    everybody = "/verwaltung/personen"
    assert pages.send(everybody, f"{everybody}/rollen/{theirs}/nehmen").status_code == 303
    assert roles(village, "berta@example.org") == []
    assert pages.send(everybody, f"{everybody}/rollen/{own}/nehmen").status_code == 403
    assert roles(village, "anna@example.org") == [("county-operator", "")]


def test_what_was_being_sent_goes_on_after_the_proof(pages, anna, village) -> None:
    village.clock.at += FRESH
    asked = pages.send(PEOPLE, PEOPLE, address="berta@example.org", role="editor")
    assert "Sind Sie es?" in asked.text
    assert 'name="address" value="berta@example.org"' in asked.text
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', asked.text))
    action = re.search(r'action="(/anmelden/nochmal[^"]*)"', asked.text)[1]
    wrong = pages.post(action, {**fields, "proof_password": "falsch", "proof_code": "123456"})
    assert wrong.status_code == 400
    assert 'name="address" value="berta@example.org"' in wrong.text
    right = pages.post(action, {**fields, "proof_password": PASSWORD, "proof_code": code(village)})
    assert (right.status_code, right.location) == (307, PEOPLE)
    assert pages.post(right.location, fields).status_code == 303
    assert written(village, "invitation") == [("invitation", "berta@example.org")]


def test_the_account_lists_sign_ins_and_ends_them(pages, anna, village) -> None:
    other = another(pages)
    other.client.set_cookie(COOKIE, session_of(village, anna), domain="ortsruf.example", secure=True)
    assert other.get("/konto").status_code == 200
    number = re.search(r"/konto/sitzungen/(\d+)/beenden", pages.get("/konto").text)[1]
    assert pages.send("/konto", f"/konto/sitzungen/{number}/beenden").status_code == 303
    assert other.get("/konto").status_code == 303
    assert pages.get("/konto").status_code == 200


def test_nobody_ends_the_sign_in_of_somebody_else(pages, anna, village) -> None:
    berta = account(village, "berta@example.org", operator())
    session_of(village, berta)
    with village.store.read() as session:
        number = signins.living(session, berta, village.clock())[0]["id"]
    assert pages.send("/konto", f"/konto/sitzungen/{number}/beenden").status_code == 404


def test_another_password_ends_all_other_sign_ins(pages, anna, village) -> None:
    other = another(pages)
    other.client.set_cookie(COOKIE, session_of(village, anna), domain="ortsruf.example", secure=True)
    fresh = "noch ein anderer langer Satz"
    assert (
        "leicht zu erraten" in pages.send("/konto", "/konto/kennwort", password="anna@example.org1", repeated="").text
    )
    assert pages.send("/konto", "/konto/kennwort", password=fresh, repeated=fresh).status_code == 303
    assert pages.get("/konto").status_code == 200
    assert other.get("/konto").status_code == 303
    assert written(village) == [("password-changed", "anna@example.org")]


def test_another_address_is_confirmed_there_and_told_to_the_old_one(pages, anna, village) -> None:
    assert pages.send("/konto", "/konto/adresse", address="neu@example.org").status_code == 303
    link = link_in(village, "address")
    assert another(pages).get(link).location.startswith("/anmelden?next=")
    assert pages.send(link, link).location == "/konto"
    assert "neu@example.org" in pages.get("/konto").text
    assert pages.send("/konto", link).status_code == 410
    assert written(village) == [("address", "neu@example.org"), ("address-changed", "anna@example.org")]


def test_an_address_that_somebody_else_has_is_not_taken(pages, anna, village) -> None:
    account(village, "berta@example.org", operator())
    assert pages.send("/konto", "/konto/adresse", address="berta@example.org").status_code == 303
    link = link_in(village, "address")
    assert pages.send(link, link).status_code == 410


def test_the_only_second_step_stays(pages, anna, village) -> None:
    pages.send("/konto", "/konto/app-entfernen")
    with village.store.read() as session:
        assert accounts.is_equipped(session, anna)


def test_a_source_keeper_works_at_the_desk_and_the_log_knows_it(pages, village) -> None:
    made = account(village, "anna@example.org", Grant(Role.SOURCE_KEEPER, "huertgenwald"))
    pages.client.set_cookie(COOKIE, session_of(village, made), domain="ortsruf.example", secure=True)
    village.source("s1")
    village.poll("s1", *(news(f"f{count}", f"Meldung {count}") for count in range(25)))
    page = "/verwaltung/huertgenwald/quellen/s1"
    assert "Meldung 7" in pages.get(page).text
    assert "ist der Schlüssel" not in pages.get("/verwaltung/huertgenwald/quellen").text
    number = re.search(r"held/(\d+)/release", pages.get(page).text)[1]
    assert pages.send(page, f"{page}/held/{number}/release").location == page
    by_link = desk_link(village.house, "huertgenwald")
    pages.send(f"{by_link}/s1", f"{by_link}/s1/pause")
    with village.store.read() as session:
        told = [
            (row["actor"], row["act"], row["subject"]) for row in audit.latest(session, municipality="huertgenwald")
        ]
    assert told == [
        ("link:huertgenwald", "source.pause", "source:s1"), (f"account:{made}", "source.release", "source:s1"),
    ]  # fmt: skip


def test_the_log_tells_what_was_done_at_the_desk_and_nothing_that_was_not(pages, village) -> None:
    """An event is written with its act: neither stands without the other, and nothing done is nothing told."""
    village.source("s1")
    village.poll("s1", *(news(f"f{count}", f"Meldung {count}") for count in range(25)))
    page = f"{desk_link(village.house, 'huertgenwald')}/s1"
    number = re.search(r"held/(\d+)/release", pages.get(page).text)[1]

    def told() -> list[str]:
        with village.store.read() as session:
            return [row["act"] for row in audit.latest(session)][::-1]

    def fails(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if statement.startswith(("UPDATE held_item", "UPDATE source")):
            raise StoreError("the disk is full")

    acts = (f"held/{number}/release", f"held/{number}/drop", "held/release", "retry", "pause", "resume", "trust")
    event.listen(village.store.engine, "before_cursor_execute", fails)
    for act in acts:
        assert pages.send(page, f"{page}/{act}").status_code == 503, act
    event.remove(village.store.engine, "before_cursor_execute", fails)
    assert told() == []
    for act in (*acts, f"held/{number}/release", "held/release"):
        assert pages.send(page, f"{page}/{act}").status_code == 303, act
    assert told() == ["source.release", "source.release-all", "source.retry", "source.pause", "source.resume"]


def test_where_no_mail_goes_out_the_link_is_shown(pages, anna, village) -> None:
    object.__setattr__(pages.client.application.extensions["ortsruf"].house, "sender", "")
    shown = pages.send(PEOPLE, PEOPLE, address="berta@example.org", role="author")
    link = re.search(r'value="(https://ortsruf.example/einladung/[^"]+)"', shown.text)[1]
    assert another(pages).get(link).status_code == 200
