"""Which address is asked, and that an unchanged calendar is not read again."""

from __future__ import annotations

import pytest

import feeds
from feeds.waste.fetch import address, fetch
from hub.core.errors import SourceConfigError
from hub.core.ports import Answer
from hub.core.source import Fetched, FetchState, NotModified, Source


class OneAnswer:
    """An HTTP client that always gives ``answer`` and remembers what it was asked."""

    def __init__(self, answer):
        self.answer, self.asked = answer, []

    def get(self, url, *, headers=None, limits=None):
        self.asked.append((url, dict(headers or {}), limits))
        return self.answer


def source(url="https://example.org/a.ics", **config):
    return Source(id="s1", kind="waste", url=url, config=config)


def test_the_kind_is_found_with_its_settings():
    kind = feeds.load("waste")
    assert (kind.KIND, kind.TOPIC) == ("waste", "waste")
    assert "zone" not in {one.name for one in kind.CONFIG}  # that is every source's time zone


def test_awido_is_asked_by_client_and_street():
    found = address(source("", client="musterkreis", oid="0b5a-11"))
    assert found == (
        "https://awido.cubefour.de/WebServices/Awido.Service.svc/secure/getData/0b5a-11?fractions=&client=musterkreis"
    )


@pytest.mark.parametrize(
    "config", [{"client": "a"}, {"oid": "1"}, {"client": "a&b=c", "oid": "1"}, {"client": "a", "oid": "../1"}]
)
def test_half_or_odd_awido_settings_are_refused(config):
    with pytest.raises(SourceConfigError, match="client and oid"):
        address(source("", **config))


def test_webcal_is_https():
    assert address(source("webcal://example.org/a.ics")) == "https://example.org/a.ics"


def test_an_unchanged_calendar_is_not_read_again():
    http = OneAnswer(
        Answer(200, {"etag": '"1"', "content-type": "text/calendar"}, b"BEGIN:VCALENDAR", "https://example.org/a.ics")
    )
    first = fetch(source(), FetchState(), http)
    assert isinstance(first, Fetched)
    assert first.documents[0].body == b"BEGIN:VCALENDAR"
    http.answer = Answer(304, {}, b"", "https://example.org/a.ics")
    assert isinstance(fetch(source(), first.state, http), NotModified)
    assert http.asked[1][1]["if-none-match"] == '"1"'
    assert http.asked[0][2].size == 5_000_000
