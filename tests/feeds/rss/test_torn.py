"""A feed that breaks off, and addresses that differ at every fetch."""

from __future__ import annotations

import pytest

from feeds._syndication.identity import untracked
from feeds._syndication.xmlfeed import read_xml
from hub.core.errors import SourceRefused

ITEMS = [f"<item><title>Meldung {number}</title><link>https://a.example/{number}</link></item>" for number in range(3)]
FEED = f"<rss version='2.0'><channel><title>x</title>{''.join(ITEMS)}</channel></rss>"


@pytest.mark.parametrize("length", range(FEED.index("</item>"), len(FEED), 7))
def test_no_half_entry_of_a_feed_that_breaks_off_is_read(length: int) -> None:
    try:
        entries = read_xml(FEED[:length]).entries
    except SourceRefused as refusal:
        entries = ()
        assert "broken off before its first entry" in str(refusal)  # noqa: PT017 - refused or read, never half
    for entry in entries:
        assert entry.link == f"https://a.example/{entry.title[-1]}"


@pytest.mark.parametrize(
    ("url", "bare"),
    [
        ("https://a.example/n?id=1&utm_source=x#top", "https://a.example/n?id=1#top"),
        ("http://a.example/n?fbclid=1", "http://a.example/n"),
        ("https://a.example/n?id=1", "https://a.example/n?id=1"),
        ("https://a.example/n", "https://a.example/n"),
    ],
)
def test_tracking_is_cut_off_addresses(url: str, bare: str) -> None:
    assert untracked(url) == bare
