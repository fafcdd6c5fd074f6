"""Fetching asks with validators, and files give the same as the wire."""

import json
from datetime import UTC, datetime

import pytest

from feeds.rss import CONFIG, INTERVAL, KIND, TOPIC
from feeds.rss.fetch import fetch, from_files, read
from feeds.rss.parse import parse
from hub.core.errors import SourceRefused
from hub.core.source import Fetched, FetchState, NotModified, Source
from hub.store import sources
from tests.fakes.http import FakeHttp

URL = "https://verein.example/feed.xml"
SOURCE = Source(id="s1", kind="rss", url=URL)


def test_the_second_poll_is_conditional(rss) -> None:
    http = FakeHttp().answers(URL, body=rss("<title>T</title>").encode(), headers={"ETag": '"1"'}).not_modified(URL)
    first = fetch(SOURCE, FetchState(), http)
    assert isinstance(first, Fetched)
    assert len(parse(first)) == 1
    assert isinstance(fetch(SOURCE, first.state, http), NotModified)
    assert "application/rss+xml" in http.asked[0].headers["accept"]


def test_a_missing_page_is_a_source_error() -> None:
    with pytest.raises(SourceRefused, match="404"):
        fetch(SOURCE, FetchState(), FakeHttp().answers(URL, 404))


def test_files_are_read_as_answers(corpus) -> None:
    fetched = from_files([corpus / "synthetic-de/typo3_rathaus.rss.xml"], SOURCE, datetime.now(UTC))
    assert len(parse(fetched)) == 2


def test_the_kind_says_what_it_is() -> None:
    assert (KIND, TOPIC, INTERVAL, CONFIG) == ("rss", "news", 1800, ())


def test_a_feeds_wishes_are_kept_for_the_answers_that_do_not_repeat_them(corpus) -> None:
    body = (corpus / "synthetic-de/websub_gemeinde.rss.xml").read_bytes()
    http = FakeHttp().answers(URL, body=body, headers={"ETag": '"1"'}).not_modified(URL)
    noon = datetime(2030, 3, 17, 12, tzinfo=UTC)
    first = read(SOURCE, FetchState(), http, noon)
    assert (first.fresh_for, first.state.hub) == (
        2700,
        ("https://hub.example/", "https://www.musterdorf.example/feed.xml"),
    )
    night = noon.replace(hour=23, minute=30)
    second = read(SOURCE, first.state, http, night)
    assert isinstance(second, NotModified)
    assert (second.fresh_for, second.state.hub) == (4 * 3600 + 1800, first.state.hub)
    assert sources.state_from_json(json.loads(json.dumps(sources.state_to_json(second.state)))) == second.state
    assert sources.state_from_json({}) == FetchState()


def test_the_same_bytes_without_a_304_keep_hub_and_wishes(corpus) -> None:
    body = (corpus / "synthetic-de/websub_gemeinde.rss.xml").read_bytes()
    noon, http = datetime(2030, 3, 17, 12, tzinfo=UTC), FakeHttp().answers(URL, body=body)
    first = read(SOURCE, FetchState(), http, noon)
    second = read(SOURCE, first.state, http, noon)
    assert isinstance(second, NotModified)
    assert (second.state, second.fresh_for) == (first.state, first.fresh_for)
