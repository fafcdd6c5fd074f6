"""The web app manifest: a town's own name, colour and ways in, and no secret."""

from __future__ import annotations

import re
from html import unescape

import pytest

from hub.store.schema import municipality


def manifest(pages, query: str = "?town=huertgenwald"):
    answer = pages.get(f"/manifest.webmanifest{query}")
    assert answer.mimetype == "application/manifest+json"
    return answer.json


def test_it_is_the_towns_own_and_everything_that_it_names_is_there(pages) -> None:
    data = manifest(pages)
    assert (data["name"], data["id"], data["scope"]) == ("Ortsruf Hürtgenwald", "/huertgenwald/", "/")
    assert (data["start_url"], data["display"]) == ("/app?town=huertgenwald", "standalone")
    assert [one["name"] for one in data["shortcuts"]] == ["Meine Seite", "Meldungen", "Karte"]
    for path in (data["start_url"], *(one["url"] for one in data["shortcuts"])):
        assert pages.get(path).status_code == 200
    for one in data["icons"]:
        assert pages.get(one["src"]).mimetype == one["type"]
    assert {one["purpose"] for one in data["icons"]} == {"any", "maskable"}
    assert pages.get("/static/icons/badge-96.png").status_code == 200


@pytest.mark.parametrize(("code", "direction"), [("de", "ltr"), ("ar", "rtl"), ("de-simple", "ltr")])
def test_it_speaks_the_language_of_the_page_that_names_it(pages, code, direction) -> None:
    """Browsers ask for it without cookies, and with their own language."""
    shown = pages.get(f"/huertgenwald/?lang={code}").text
    address = unescape(re.search(r'<link rel="manifest" href="([^"]+)"', shown)[1])
    bare = pages.town_client().get(address, headers={"Accept-Language": "en"})
    assert (bare.json["lang"], bare.json["dir"]) == (code, direction)
    assert bare.json["id"] == "/huertgenwald/", "one app in all languages"
    assert "Set-Cookie" not in bare.headers


def test_without_a_town_it_is_ours_and_an_unknown_town_has_none(pages) -> None:
    data = manifest(pages, "")
    assert (data["name"], data["start_url"], data["shortcuts"]) == ("Ortsruf", "/app", [])
    assert pages.get("/manifest.webmanifest?town=nowhere").status_code == 404


def test_name_and_sign_have_the_colour_of_the_town(pages) -> None:
    with pages.town.store.begin() as session:
        session.execute(municipality.update().values(colour="#1D6B3C"))
    data = manifest(pages)
    assert data["theme_color"] == "#1d6b3c"
    assert '<meta name="theme-color" content="#1d6b3c">' in pages.get("/huertgenwald/").text
    drawn = pages.get(data["icons"][0]["src"]).text
    assert 'fill="#1d6b3c"' in drawn
    bare = pages.get(data["icons"][1]["src"]).text
    assert "rx=" not in re.search(r"<rect[^>]*>", bare)[0], "a mask cuts its own corners"


@pytest.mark.parametrize("colour", ["12", "zzzzzz", "1d4f91/../x"])
def test_a_colour_that_is_none_draws_nothing(pages, colour) -> None:
    assert pages.get(f"/icon/{colour}.svg").status_code == 404


def test_no_secret_stands_in_it(pages) -> None:
    token = pages.sign_up()
    assert token not in pages.get("/manifest.webmanifest?town=huertgenwald").text
