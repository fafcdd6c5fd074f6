"""Fetching asks with validators, and files give the same as the wire."""

from datetime import UTC, datetime

import pytest

from feeds.cap import CONFIG, INTERVAL, KIND, TOPIC
from feeds.cap.fetch import fetch, from_files
from feeds.cap.parse import parse
from hub.core.errors import SourceUnreachable
from hub.core.source import Fetched, FetchState, NotModified, Source
from tests.fakes.http import FakeHttp

URL = "https://warnings.example/LATEST.zip"
SOURCE = Source(id="s1", kind="cap", url=URL)


def test_the_second_poll_is_conditional(make_alert) -> None:
    http = FakeHttp().answers(URL, body=make_alert(), headers={"ETag": '"1"'}).not_modified(URL)
    first = fetch(SOURCE, FetchState(), http)
    assert isinstance(first, Fetched)
    assert [one.key for one in parse(first)] == ["a1"]
    assert isinstance(fetch(SOURCE, first.state, http), NotModified)
    assert http.asked[1].headers["if-none-match"] == '"1"'


def test_no_answer_is_a_source_error() -> None:
    with pytest.raises(SourceUnreachable):
        fetch(SOURCE, FetchState(), FakeHttp().hangs(URL))


def test_files_are_read_as_answers(corpus) -> None:
    fetched = from_files([corpus / "synthetic/dwd_1_alert.xml"], SOURCE, datetime.now(UTC))
    assert len(parse(fetched)) == 1


def test_the_kind_says_what_it_is() -> None:
    assert (KIND, TOPIC, INTERVAL) == ("cap", "warnings", 300)
    assert [one.name for one in CONFIG] == ["areas", "language", "without", "sender", "signature", "certificate"]
