"""The settings check in the office: for whoever looks after all of it, in their language, without a secret."""

from __future__ import annotations

import re
from html import unescape

from fakes.people import COUNTY, account, operator, session_of

from hub.store import towns
from hub.web.desk import NAME

COOKIE = "__Host-ortsruf-session"


def text_of(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def test_it_says_what_is_wrong_the_worst_first(village, pages) -> None:
    made = session_of(village, account(village, "kreis@example.org", COUNTY))
    pages.client.set_cookie(COOKIE, made, domain="ortsruf.example", secure=True)
    text = text_of(pages.get("/verwaltung/einstellungen").text)
    assert "Die Schlüssel für Push fehlen." in text
    assert text.index("Die Schlüssel für Push fehlen.") < text.index("Eine Person allein") < text.index("SQLite")
    with village.store.begin() as session:
        towns.add_secret(session, "vapid_private", "top secret value", village.clock())
    html = pages.get("/verwaltung/einstellungen").text
    assert "Die Schlüssel für Push fehlen." not in html
    assert "top secret value" not in html
    assert pages.client.application.extensions[NAME].house.links.key not in text_of(html).split()
    assert "Wrong" not in html
    assert "One person alone" in pages.get("/verwaltung/einstellungen?lang=en").text


def test_a_towns_operator_does_not_see_it(village, pages) -> None:
    made = session_of(village, account(village, "anna@example.org", operator()))
    pages.client.set_cookie(COOKIE, made, domain="ortsruf.example", secure=True)
    assert pages.get("/verwaltung/einstellungen").status_code in {403, 404}
