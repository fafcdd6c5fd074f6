"""Twelve kinds of wrong body instead of a calendar or table: each is refused by its name, none passes for data (S-05)."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime

import pytest

import feeds
from hub.core.errors import SourceRefused
from hub.core.source import Document, Fetched, FetchState
from hub.sources import build_source
from tests.fakes.office import package

LOGIN = b'<!DOCTYPE html><html><head><title>Anmeldung</title></head><body><form><input name="u"><input type="password"></form>'
BODIES = {
    "login page": (LOGIN, "a web page (HTML) with a login"),
    "maintenance page": (b"<html><head><title>Wartung &amp; Umzug</title></head></html>", "called 'Wartung & Umzug'"),
    "error page": (b"\r\n<!doctype html><TITLE>404 Not Found</TITLE><h1>Not Found</h1>", "called '404 Not Found'"),
    "nothing": (b"", "nothing at all"),
    "blanks": (b"\xef\xbb\xbf \r\n\t\r\n", "nothing at all"),
    "JSON": (b'{"error": {"code": 403}}', "JSON data"),
    "XML": (b'<?xml version="1.0"?><error><code>AccessDenied</code></error>', "an XML document"),
    "feed": (
        b'<?xml version="1.0"?><rss version="2.0"><channel><title>x</title></channel></rss>',
        "a news feed (RSS or Atom)",
    ),
    "PDF": (b"%PDF-1.7\n%\xe2\xe3", "a PDF document"),
    "image": (b"\x89PNG\r\n\x1a\n\x00\x00", "an image"),
    "compressed": (gzip.compress(b"BEGIN:VCALENDAR"), "a compressed file"),
    "text": (b"Service unavailable", "something else"),
}
HALF = b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTART;VALUE=DATE:20261201\r\nSUMMARY:Restm\xc3\xbcll\r\nEND:VEVENT\r\nBEGIN:VEV"


def sentence(kind: str, body: bytes, content_type: str = "") -> str:
    source = build_source(feeds.load(kind), "https://town.example/x", {}, source_id="s")
    fetched = Fetched(
        (Document(source.url, content_type, body),), datetime(2026, 11, 23, tzinfo=UTC), FetchState(), source
    )
    with pytest.raises(SourceRefused) as caught:
        feeds.load(kind).parse(fetched)
    return str(caught.value)


@pytest.mark.parametrize("kind", ["waste", "ical", "table"])
@pytest.mark.parametrize("name", BODIES)
def test_a_wrong_body_is_refused_by_its_name(kind, name):
    body, said = BODIES[name]
    # What the server calls it does not matter.
    for content_type in ("", "text/calendar; charset=utf-8", "text/csv"):
        found = sentence(kind, body, content_type)
        assert said in found
        assert found.startswith("The address answered with ")
        assert found.endswith(
            (", not with a calendar.", ", not with a waste calendar.", ", not with a table of events.")
        )


@pytest.mark.parametrize("kind", ["waste", "ical"])
def test_half_a_calendar_is_no_calendar(kind):
    assert sentence(kind, HALF) == "The calendar is cut off: its end (END:VCALENDAR) is missing."
    whole = HALF.removesuffix(b"BEGIN:VEV") + b"END:VCALENDAR"
    for length in range(40, len(whole) - 2, 17):
        assert sentence(kind, whole[:length])


def test_a_calendar_without_dates_is_no_town_that_collects_nothing():
    assert sentence("waste", b"BEGIN:VCALENDAR\r\nEND:VCALENDAR") == "The calendar contains no collection dates."


@pytest.mark.parametrize("kind", ["waste", "table"])
def test_an_archive_is_no_table(kind):
    assert "ZIP archive" in sentence(kind, package({"a.ics": "x"}))


def test_an_archive_is_no_calendar():
    assert "a ZIP archive or an office document" in sentence("ical", package({"a.ics": "x"}))
