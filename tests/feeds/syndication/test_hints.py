"""A feed's wishes: its hub, and when it wants to be left alone."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds._syndication.hints import LONGEST_REST, Hints, read_hints, read_written, rest_from

URL = "https://v.example/feed.xml"
HUB, SELF = "https://hub.example/", "https://v.example/self"
NOW = datetime(2030, 3, 17, 21, 30, tzinfo=UTC)  # a Sunday


@pytest.mark.parametrize(
    "head",
    [
        f"<rss><channel><atom:link rel='hub' href='{HUB}'/><atom:link rel=\"self\" href=\"{SELF}\"/><item></item>",
        f"<feed><link href='{SELF}' rel='self'/><link rel='hub' href='{HUB}'/><entry>",
        f"<feed><link rel='self hub-not' href='{SELF}'/><atom10:link rel='HUB' href='{HUB}'/></feed>",
        f'{{"version": "x", "feed_url": "{SELF}", "hubs": [{{"type": "rssCloud"}}, {{"type": "WebSub", "url": "{HUB}"}}]}}',
    ],
)
def test_hub_and_topic_of_each_format(head) -> None:
    found = read_hints(head.encode(), {}, URL)
    assert (found.hub, found.topic) == (HUB, SELF)


def test_the_header_decides() -> None:
    links = f'<{HUB}>; rel="hub", <{SELF}>; rel=self'
    other = b"<rss><channel><atom:link rel='hub' href='https://other.example/'/>"
    assert read_hints(other, {"link": links}, URL).hub == HUB
    assert read_hints(b"<rss/>", {"link": links}, URL) == Hints(HUB, SELF)


def test_without_self_the_address_itself_is_the_topic_and_without_hub_there_is_none() -> None:
    assert read_hints(b"", {"link": f"<{HUB}>; rel=hub"}, URL) == Hints(HUB, URL)
    assert read_hints(b"<rss><atom:link rel='self' href='x'/>", {}, URL) == Hints()


def test_a_link_in_an_entry_is_no_hub() -> None:
    assert read_hints(f"<rss><item><atom:link rel='hub' href='{HUB}'/></item>".encode(), {}, URL) == Hints()


@pytest.mark.parametrize("href", ["javascript:alert(1)", "file:///etc/passwd", "", "https://", "mailto:a@b.example"])
def test_a_hub_is_a_web_address(href) -> None:
    assert read_hints(f"<rss><link rel='hub' href='{href}'/>".encode(), {}, URL).hub == ""


@pytest.mark.parametrize(
    ("head", "seconds"),
    [
        ("<ttl>15</ttl>", 900), ("<ttl> 60 </ttl>", 3600), ("<ttl>99999</ttl>", LONGEST_REST), ("<ttl>-1</ttl>", 0),
        ("<sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>2</sy:updateFrequency>", 1800),
        ("<sy:updatePeriod>\n daily \t</sy:updatePeriod>", LONGEST_REST),
        ("<sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>0</sy:updateFrequency>", 3600),
        ("<ttl>soon</ttl>", 0),
    ],
)  # fmt: skip
def test_how_long_to_rest(head, seconds) -> None:
    found = read_hints(f"<rss><channel>{head}</channel>".encode(), {}, URL)
    assert rest_from(found, NOW, 600) == seconds
    assert rest_from(read_written(found.written()), NOW, 600) == seconds, "as remembered for a 304"


def test_skipped_hours_and_days_are_waited_out() -> None:
    night = Hints(hours=frozenset({22, 23, 0, 1}))
    assert rest_from(night, NOW, 600) == 0, "21:40 is allowed"
    assert rest_from(night, NOW, 3600) == (4 * 60 + 30) * 60, "until 02:00"
    assert rest_from(Hints(days=frozenset({6})), NOW, 600) == (2 * 60 + 30) * 60, "until Monday"


def test_who_skips_all_is_not_believed() -> None:
    assert rest_from(Hints(hours=frozenset(range(24)), days=frozenset(range(7))), NOW, 600) == 0


@given(st.binary(max_size=400), st.text(max_size=100), st.text(max_size=40))
def test_any_bytes_give_hints(body, link, written) -> None:
    found = read_hints(body, {"link": link}, URL)
    assert read_written(found.written()).rest == found.rest
    assert 0 <= rest_from(read_written(written), NOW, 600) <= 2 * 86_400


@pytest.mark.parametrize("piece", ["<link ", "<link rel='", "<item", "< ", "<a href='", "<ttl>", '"', "rel=", "{", "["])
def test_hostile_heads_are_read_in_no_time(piece) -> None:
    started = time.process_time()
    read_hints((piece * 400_000).encode(), {"link": piece * 10_000}, URL)
    assert time.process_time() - started < 5, "a bound that only an endless search can miss"
