"""The settings of a municipality: who may change what, what is refused, and that the streets are found."""

from __future__ import annotations

import io

import pytest
from fakes.people import COUNTY, account, operator, session_of

from hub.store import audit, hosts, towns

COOKIE = "__Host-ortsruf-session"
PAGE = "/verwaltung/huertgenwald/gemeinde"
LOGO = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 4 4"><rect width="4" height="4" fill="#1d6b3c"/></svg>'


@pytest.fixture
def clerk(pages):
    """Give the browser of the municipality's operator."""
    return _signed_in(pages, operator())


def _signed_in(pages, *grants):
    made = account(pages.town, "anna@example.org", *grants)
    pages.client.set_cookie(COOKIE, session_of(pages.town, made), domain="ortsruf.example", secure=True)
    return pages


def row(pages):
    with pages.town.store.read() as session:
        return towns.get(session, "huertgenwald")


def csrf(pages) -> str:
    return pages.get(PAGE).text.partition('name="csrf_token" value="')[2].partition('"')[0]


def sent(pages, action: str, **fields):
    return pages.post(action, {"csrf_token": csrf(pages), **fields}, content_type="multipart/form-data")


def test_look_contact_and_logo_are_changed_and_taken_away(clerk) -> None:
    fields = {"colour": "#1D6B3C", "imprint_url": "https://wald.example/impressum", "contact": "amt@wald.example"}
    answer = sent(clerk, PAGE, **fields, logo=(io.BytesIO(LOGO), "wappen.svg"))
    assert answer.status_code == 303, answer.text
    found = row(clerk)
    assert (found["colour"], found["contact"], found["logo"][-4:]) == ("#1d6b3c", "amt@wald.example", ".svg")
    assert found["imprint_url"] == "https://wald.example/impressum"
    assert "Es ist geändert." in clerk.get(PAGE).text
    sent(clerk, PAGE, colour="", no_logo="1")
    found = row(clerk)
    assert (found["colour"], found["contact"], found["logo"], found["imprint_url"]) == ("#1d6b3c", "", "", "")
    with clerk.town.store.read() as session:
        acts = [one["act"] for one in audit.latest(session, municipality="huertgenwald")]
    assert acts.count("municipality.changed") == 4


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"colour": "gelb"}, "keine Farbe"), ({"imprint_url": "wald.example"}, "keine Webadresse"),
        ({"contact": "amt@"}, "keine E-Mail-Adresse"), ({"barriers": "x" * 5000}, "höchstens 4.000"),
        ({"logo": (io.BytesIO(b"<svg onload='x()'/>"), "l.svg")}, "kein Logo"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_said_and_changes_nothing(clerk, fields, words) -> None:
    before = dict(row(clerk))
    answer = sent(clerk, PAGE, **fields)
    assert (answer.status_code, words in answer.text) == (400, True), answer.text
    assert dict(row(clerk)) == before


def test_sender_and_languages_are_changed_together_or_not_at_all(clerk) -> None:
    fields = {"language": "de", "languages": "en", "sender": "ruf@wald.example"}
    assert "unter denen sein" in sent(clerk, f"{PAGE}/post", **fields).text
    assert row(clerk)["sender"] == ""
    answer = clerk.post(
        f"{PAGE}/post", {"csrf_token": csrf(clerk), **fields, "languages": ["en", "de"], "reply_to": "amt@wald.example"}
    )
    assert answer.status_code == 303
    found = row(clerk)
    assert (found["languages"], found["sender"], found["reply_to"]) == ("de en", "ruf@wald.example", "amt@wald.example")
    assert (
        "unterschreibt keine"
        in sent(clerk, f"{PAGE}/post", **{**fields, "languages": ""}, dkim_domain="wald.example").text
    )


def test_hosts_are_the_countys(pages) -> None:
    clerk = _signed_in(pages, operator())
    assert 'name="hosts"' not in clerk.get(PAGE).text
    assert sent(clerk, f"{PAGE}/hosts", hosts="ruf.wald.example").status_code == 403
    county = account(pages.town, "county@example.org", COUNTY)
    pages.client.set_cookie(COOKIE, session_of(pages.town, county), domain="ortsruf.example", secure=True)
    assert "ohne https" in sent(pages, f"{PAGE}/hosts", hosts="https://ruf.wald.example").text
    assert "Installation selbst" in sent(pages, f"{PAGE}/hosts", hosts="ortsruf.example").text
    assert sent(pages, f"{PAGE}/hosts", hosts="ruf.wald.example").status_code == 303
    with pages.town.store.read() as session:
        assert hosts.listed(session, "huertgenwald") == ["ruf.wald.example"]


def test_streets_are_imported_told_and_found_by_residents(clerk) -> None:
    content = "Straße;Nr\nAm Wehr;1-9\nAm Berg;hinten\n".encode()
    answer = sent(clerk, f"{PAGE}/strassen", streets=(io.BytesIO(content), "s.csv"))
    assert (answer.status_code, "das ist keine Hausnummer" in answer.text) == (200, True)
    clerk.town.clock.forward(minutes=2)  # the finder keeps names for a minute
    hits = clerk.get("/find.json?q=am+wehr").get_json()["hits"]
    assert [one["title"] for one in hits] == ["Am Wehr"]
    assert sent(clerk, f"{PAGE}/strassen", streets=(io.BytesIO(b"Am Wehr\n"), "s.csv")).status_code == 303
    assert "schon da" in clerk.get(PAGE).text
    for wrong in (b"", b"PK\x03\x04", b"{}"):
        assert "keine Straßenliste" in sent(clerk, f"{PAGE}/strassen", streets=(io.BytesIO(wrong), "s.csv")).text


def test_a_file_may_be_larger_than_a_form_and_not_too_large(clerk) -> None:
    many = "\n".join(f"Weg {number}" for number in range(20_000)).encode()
    assert sent(clerk, f"{PAGE}/strassen", streets=(io.BytesIO(many), "s.csv")).status_code == 303
    much = {"environ_overrides": {"CONTENT_LENGTH": "3100000"}}
    assert clerk.post(f"{PAGE}/strassen", {"csrf_token": csrf(clerk)}, **much).status_code == 413
    assert sent(clerk, f"{PAGE}/post", sender="x" * 100_000).status_code == 413, "other forms stay small"
