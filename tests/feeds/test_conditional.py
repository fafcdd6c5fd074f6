"""Conditional GET: what is sent, what is remembered, which error a status means."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds._conditional import body_hash, fresh_for, read, retry_after
from hub.core.errors import AddressRefused, HttpFailed, SourceConfigError, SourceRefused, SourceUnreachable
from hub.core.ports import Answer
from hub.core.source import Document, Fetched, FetchState, NotModified, Source
from tests.fakes.http import FakeHttp

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
ONE, TWO = "https://town.example/1", "https://town.example/2"
SOURCE = Source(id="s", kind="k", url=ONE)


def fetched(http: FakeHttp, state: FetchState | None = None, **more: object) -> Fetched:
    """Read and insist on content."""
    answer = read(SOURCE, state or FetchState(), http, NOW, **more)  # type: ignore[arg-type]
    assert isinstance(answer, Fetched)
    return answer


def test_validators_are_kept_and_sent_back() -> None:
    http = FakeHttp().answers(ONE, body=b"a", headers={"ETag": '"v1"', "Last-Modified": "yesterday"})
    state = fetched(http).state
    assert state.validators == {ONE: {"etag": '"v1"', "last_modified": "yesterday"}}
    http.not_modified(ONE)
    assert read(SOURCE, state, http, NOW + timedelta(hours=1)) == NotModified(
        state=FetchState(state.validators, state.body_hash, "", NOW + timedelta(hours=1))
    )
    assert http.asked[-1].headers["if-none-match"] == '"v1"'
    assert http.asked[-1].headers["if-modified-since"] == "yesterday"
    assert "if-none-match" not in http.asked[0].headers


def test_the_same_body_again_is_nothing_new_but_new_validators_are_kept() -> None:
    http = FakeHttp().answers(ONE, body=b"a", headers={"etag": "1"}).answers(ONE, body=b"a", headers={"etag": "2"})
    state = fetched(http).state
    again = read(SOURCE, state, http, NOW)
    assert isinstance(again, NotModified)
    assert again.state.validators == {ONE: {"etag": "2"}}


def test_one_change_of_several_reads_all_of_them_whole() -> None:
    http = FakeHttp().answers(ONE, body=b"a", headers={"etag": "1"}).answers(TWO, body=b"b", headers={"etag": "2"})
    state = fetched(http, urls=(ONE, TWO, ONE)).state
    http.answers(ONE, body=b"new").not_modified(TWO).answers(TWO, body=b"b", headers={"etag": "2"})
    second = fetched(http, state, urls=(ONE, TWO))
    assert [one.body for one in second.documents] == [b"new", b"b"]
    assert "if-none-match" not in http.asked[-1].headers
    assert second.state.validators == {TWO: {"etag": "2"}}


def test_one_failure_of_several_fails_all() -> None:
    http = FakeHttp().answers(ONE, body=b"a").answers(TWO, 500)
    with pytest.raises(SourceUnreachable):
        read(SOURCE, FetchState(), http, NOW, urls=(ONE, TWO))


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 204, 206, 301, 304])
def test_a_refusal_is_not_retried(status: int) -> None:
    with pytest.raises(SourceRefused, match=str(status)) as caught:
        read(SOURCE, FetchState(), FakeHttp().answers(ONE, status), NOW)
    assert not caught.value.retry


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 599])
def test_a_passing_fault_is_retried_when_the_server_says(status: int) -> None:
    with pytest.raises(SourceUnreachable) as caught:
        read(SOURCE, FetchState(), FakeHttp().answers(ONE, status, headers={"retry-after": "120"}), NOW)
    assert (caught.value.retry, caught.value.retry_after) == (True, 120.0)


def test_the_clients_errors_become_a_sources() -> None:
    with pytest.raises(SourceUnreachable):
        read(SOURCE, FetchState(), FakeHttp().hangs(ONE), NOW)
    with pytest.raises(SourceRefused):
        read(SOURCE, FetchState(), FakeHttp().fails(ONE, AddressRefused("no")), NOW)
    with pytest.raises(SourceUnreachable, match="reset"):
        read(SOURCE, FetchState(), FakeHttp().fails(ONE, HttpFailed("reset")), NOW)


def test_an_empty_answer_or_address_is_refused() -> None:
    with pytest.raises(SourceRefused, match="nothing"):
        read(SOURCE, FetchState(), FakeHttp().answers(ONE, body=b""), NOW)
    with pytest.raises(SourceConfigError):
        read(Source(id="s", kind="k", url=""), FetchState(), FakeHttp(), NOW)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"cache-control": "public, max-age=600"}, 600),
        ({"cache-control": "max-age=600", "age": "100"}, 500),
        ({"cache-control": "max-age=600, no-cache"}, None),
        ({"cache-control": "s-maxage=600"}, None),
        ({"cache-control": "max-age=999999999"}, 86_400),
        ({"cache-control": "max-age=soon"}, None),
        ({"cache-control": "max-age=10", "age": "10"}, None),
        ({}, None),
    ],
)
def test_max_age_is_honoured(headers: dict[str, str], seconds: int | None) -> None:
    assert fresh_for([Answer(200, headers, b"", ONE)]) in (seconds, seconds or None)


def test_freshness_needs_every_answer_to_say_so() -> None:
    said, silent = Answer(200, {"cache-control": "max-age=9"}, b"", ONE), Answer(200, {}, b"", TWO)
    assert fresh_for([said]) == 9
    assert fresh_for([said, silent]) is None
    assert fresh_for([]) is None


@pytest.mark.parametrize(
    "text",
    ["Sun, 01 Nov 2026 12:01:30 GMT", "Sunday, 01-Nov-26 12:01:30 GMT", "Sun Nov  1 12:01:30 2026", " 90 "],
)
def test_retry_after_in_all_its_forms(text: str) -> None:
    assert retry_after(text, NOW) == 90.0


@given(st.text())
def test_retry_after_never_raises(text: str) -> None:
    found = retry_after(text, NOW)
    assert found is None or found >= 0


@given(st.integers(min_value=-(10**6), max_value=10**6))
def test_retry_after_reads_what_a_date_says(seconds: int) -> None:
    assert retry_after(format_datetime(NOW + timedelta(seconds=seconds), usegmt=True), NOW) == max(0, seconds)


@given(st.lists(st.binary(max_size=4)), st.lists(st.binary(max_size=4)))
def test_two_splits_never_hash_alike(one: list[bytes], other: list[bytes]) -> None:
    first, second = (body_hash(Document("", "", body) for body in bodies) for bodies in (one, other))
    assert (first == second) == (one == other)
