"""Static files: compressed once, kept for a year, and a town's colours."""

from __future__ import annotations

import gzip

import pytest

from hub.web.assets import STATIC


@pytest.mark.parametrize("name", ["kern.css", "kern-rtl.css", "site.css", "site.js", "icon.svg"])
def test_texts_are_sent_compressed_to_who_takes_that(pages, name) -> None:
    packed = pages.get(f"/static/{name}?v=1", headers={"Accept-Encoding": "br, gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert packed.headers["Vary"] == "Accept-Encoding"
    assert "immutable" in packed.headers["Cache-Control"]
    assert gzip.decompress(packed.data) == (STATIC / name).read_bytes()
    again = pages.get(f"/static/{name}", headers={"Accept-Encoding": "gzip", "If-None-Match": packed.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    for refused in ({}, {"Accept-Encoding": "gzip;q=0"}):
        plain = pages.get(f"/static/{name}", headers=refused)
        assert "Content-Encoding" not in plain.headers
        assert plain.data == (STATIC / name).read_bytes()


@pytest.mark.parametrize("name", ["nowhere.css", "../assets.py", "..%2fassets.py", "icons/"])
def test_nothing_but_static_files_is_served(pages, name) -> None:
    assert pages.get(f"/static/{name}", headers={"Accept-Encoding": "gzip"}).status_code == 404


def test_a_colour_becomes_readable_shades_by_light_and_in_the_dark(pages) -> None:
    sheet = pages.get("/theme/ffcc00.css")
    assert "--brand: #ffcc00;" in sheet.text
    assert "--on-brand: #000000;" in sheet.text
    light, dark = sheet.text.split("@media screen and (prefers-color-scheme: dark)")
    assert "--kern-color-action-default: #ffcc00" not in light
    assert "--kern-color-action-default: #ffcc00" in dark
    assert "immutable" in sheet.headers["Cache-Control"]
    assert pages.get("/theme/12.css").status_code == 404


def test_the_sheets_follow_the_reading_direction(pages) -> None:
    page = pages.get("/huertgenwald/").text
    assert page.index("/static/kern.css") < page.index("/static/site.css") < page.index("/theme/1d4f91.css")
    assert "kern-rtl.css" not in page
