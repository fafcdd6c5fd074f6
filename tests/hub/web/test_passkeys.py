"""Passkeys by an authenticator in software: what opens an account, and every answer that must not."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from fakes.authenticator import PRESENT, VERIFIED, Authenticator
from fakes.people import account, operator, session_of, token_in

from hub.store import accounts

ORIGIN, HOST = "https://ortsruf.example", "ortsruf.example"
COOKIE = "__Host-ortsruf-session"


def post(pages, path: str, body: object):
    """Post JSON as the page's script does."""
    token = token_in(pages.get("/huertgenwald/start").text)
    return pages.client.post(path, base_url=ORIGIN, json=body, headers={"X-CSRFToken": token})


@pytest.fixture
def key() -> Authenticator:
    return Authenticator(ORIGIN, HOST)


@pytest.fixture
def anna(pages, village, key) -> int:
    """Anna, who has made a passkey and signed out."""
    made = account(village, "anna@example.org", operator())
    pages.client.set_cookie(COOKIE, session_of(village, made), domain=HOST, secure=True)
    answer = post(pages, "/konto/passkeys?name=Telefon", key.makes(post(pages, "/konto/passkeys/frage", {}).json))
    assert answer.status_code == 200, answer.json
    assert len(answer.json["codes"]) == 10
    pages.client.delete_cookie(COOKIE, domain=HOST)
    return made


def asked(pages) -> dict:
    return post(pages, "/anmelden/passkey/frage", {}).json


def test_a_passkey_signs_in_by_itself(pages, anna, key, village) -> None:
    question = asked(pages)
    assert question["userVerification"] == "required"
    assert not question.get("allowCredentials")
    assert post(pages, "/anmelden/passkey", key.signs(question)).json == {"next": "/verwaltung/"}
    assert pages.get("/konto").status_code == 200
    with village.store.read() as session:
        assert accounts.passkeys(session, anna)[0]["count"] == 1


def test_an_answer_is_taken_once(pages, anna, key) -> None:
    answer = key.signs(asked(pages))
    kept = pages.client.get_cookie("__Host-ortsruf-form", HOST).value
    assert post(pages, "/anmelden/passkey", answer).status_code == 200
    pages.client.delete_cookie(COOKIE, domain=HOST)
    assert post(pages, "/anmelden/passkey", answer).status_code == 400
    pages.client.set_cookie("__Host-ortsruf-form", kept, domain=HOST, secure=True)  # the challenge, as it was kept
    assert post(pages, "/anmelden/passkey", answer).status_code == 400


def test_a_question_is_over_after_five_minutes(pages, anna, key) -> None:
    answer = key.signs(asked(pages))
    pages.town.clock.forward(minutes=6)
    assert post(pages, "/anmelden/passkey", answer).status_code == 400


def other_key(key: Authenticator) -> None:
    key.key = ec.generate_private_key(ec.SECP256R1())


LIES = {
    "another origin": lambda key: setattr(key, "origin", "https://evil.example"),
    "another port": lambda key: setattr(key, "origin", f"{ORIGIN}:8443"),
    "another host": lambda key: setattr(key, "host", "evil.example"),
    "nobody verified": lambda key: setattr(key, "flags", PRESENT),
    "nobody there": lambda key: setattr(key, "flags", VERIFIED),
    "another key": other_key,
    "another account": lambda key: setattr(key, "handle", "AAAA"),
    "unknown credential": lambda key: setattr(key, "credential", b"another"),
}


@pytest.mark.parametrize("lie", LIES)
def test_a_lie_opens_nothing(pages, anna, key, lie) -> None:
    LIES[lie](key)
    assert post(pages, "/anmelden/passkey", key.signs(asked(pages))).status_code == 400
    assert pages.get("/konto").status_code == 303


def test_a_count_that_went_back_is_a_copy(pages, anna, key) -> None:
    key.count = 5
    assert post(pages, "/anmelden/passkey", key.signs(asked(pages))).status_code == 200
    pages.client.delete_cookie(COOKIE, domain=HOST)
    key.count = 3
    assert post(pages, "/anmelden/passkey", key.signs(asked(pages))).status_code == 400


@pytest.mark.parametrize("answer", [None, [], "x", {}, {"id": 5}, {"id": "x", "response": 5}, {"id": "a" * 5000}])
def test_what_is_no_answer_is_refused_kindly(pages, anna, key, answer) -> None:
    asked(pages)
    found = post(pages, "/anmelden/passkey", answer)
    assert found.status_code == 400
    assert "Bitte melden Sie sich mit Ihrem Passwort an" in found.json["error"]


def test_a_passkey_is_made_only_for_who_is_asked_and_once(pages, village, key) -> None:
    made = account(village, "anna@example.org", operator())
    pages.client.set_cookie(COOKIE, session_of(village, made), domain=HOST, secure=True)
    answer = key.makes(post(pages, "/konto/passkeys/frage", {}).json)
    post(pages, "/konto/passkeys/frage", {})  # another question came between
    assert post(pages, "/konto/passkeys", answer).status_code == 400
    key.flags = PRESENT
    assert post(pages, "/konto/passkeys", key.makes(post(pages, "/konto/passkeys/frage", {}).json)).status_code == 400
    with village.store.read() as session:
        assert accounts.passkeys(session, made) == []


def test_without_a_sign_in_no_passkey_is_made(pages, village) -> None:
    found = post(pages, "/konto/passkeys/frage", {})
    assert found.status_code == 401
    assert "error" in found.json
