"""What guards every answer, and what failures look like."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from hub.core.errors import StoreError


@pytest.mark.parametrize(
    "path", ["/", "/huertgenwald/", "/datenschutz", "/nowhere/", "/static/site.css", "/robots.txt"]
)
def test_every_answer_carries_the_headers(pages, path) -> None:
    headers = pages.get(path).headers
    assert "default-src 'self'" in headers["Content-Security-Policy"]
    assert "unsafe-inline" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize(
    "path", sorted((Path(__file__).parents[3] / "templates").glob("*.html")), ids=lambda path: path.name
)
def test_no_page_needs_what_the_policy_forbids(path) -> None:
    text = path.read_text()
    assert re.findall(r"<style|\sstyle=|\son\w+=[\"']|javascript:", text) == []
    assert all("src=" in tag for tag in re.findall(r"<script[^>]*>", text))
    loaded = re.findall(r"<(?:script|img|iframe|link|source|video|audio)\b[^>]*(?:src|href)=\"([^\"]+)\"", text)
    assert [one for one in loaded if not one.startswith("{{ ")] == []


def test_a_form_without_its_token_is_refused(pages) -> None:
    answer = pages.post("/huertgenwald/subscribe", {"news": "1", "news.push": "1"})
    assert answer.status_code == 400
    assert "Cookies" in answer.text


@pytest.mark.parametrize("path", ["/%00/", "/huertgenwald/n/%00", "/manifest.webmanifest?town=%00"])
def test_nul_reaches_no_database(pages, path) -> None:
    assert pages.get(path).status_code == 400


@pytest.mark.parametrize("action", ["/huertgenwald/start", "/m/{token}/mutes"])
def test_nul_in_a_form_reaches_no_database_either(pages, action) -> None:
    token = pages.sign_up()
    fields = {"do": "take:", "pick": "street:\0|3", "what": "notice:\0", "days": "7"}
    assert pages.send("/huertgenwald/start", action.format(token=token), **fields).status_code == 400


@pytest.mark.parametrize("token", ["ü", "..", "WzFd.x", "%F0%9F%98%80", "a" * 3000])
def test_odd_tokens_are_unknown(pages, token) -> None:
    for path in (f"/m/{token}/settings", f"/c/{token}", f"/u/{token}", f"/calendar/{token}.ics"):
        assert pages.get(path).status_code == 404
    pages.client.set_cookie("__Host-ortsruf", token, domain="ortsruf.example")
    assert pages.get("/huertgenwald/").status_code == 200


def test_another_site_cannot_write(pages) -> None:
    answer = pages.post("/push/subscribe", json={}, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403


def test_failures_say_their_cause_in_the_readers_language(pages) -> None:
    assert "nichts" in pages.get("/nowhere/").text
    assert "nothing at this address" in pages.get("/nowhere/?lang=en").text
    assert pages.post("/huertgenwald/").status_code == 405
    assert pages.post("/huertgenwald/subscribe", b"x" * 70_000).status_code == 413


def test_a_refusing_database_is_a_503(pages, monkeypatch) -> None:
    def refuse(*_args):
        raise StoreError("The database refused: locked")

    monkeypatch.setattr("hub.web.public.towns.listed", refuse)
    answer = pages.get("/")
    assert answer.status_code == 503
    assert "Datenbank" in answer.text
    assert pages.get("/readyz").status_code == 503
    assert pages.get("/healthz").status_code == 200


def test_a_bug_is_a_kind_500(pages, monkeypatch) -> None:
    def fall(*_args):
        raise RuntimeError("secret detail")

    monkeypatch.setattr("hub.web.public.towns.listed", fall)
    answer = pages.get("/")
    assert answer.status_code == 500
    assert "secret detail" not in answer.text
    assert "Unser Fehler" in answer.text


def test_secret_pages_are_kept_in_no_cache(pages) -> None:
    token = pages.sign_up()
    assert pages.get(f"/m/{token}/settings").headers["Cache-Control"] == "no-store"
    assert pages.get("/m/forged").status_code == 404


def test_static_files_are_kept_for_a_year_by_their_version(pages) -> None:
    page = pages.get("/huertgenwald/").text
    url = page.split('rel="stylesheet" href="')[1].partition('"')[0]
    assert "?v=" in url
    assert "immutable" in pages.get(url).headers["Cache-Control"]
