"""A feed is believed by its signature only: over these bytes, by the pinned key, for this address, and not from before."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from datetime import datetime

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fakes.http import FakeHttp

from feeds.ortsruf.fetch import fetch
from hub.core.errors import SourceConfigError, SourceRefused
from hub.core.message_signature import Signed, base, content_digest, headers, parameters
from hub.core.source import Fetched, FetchState, NotModified

PATH = "/huertgenwald/federation.json"


class Signer:
    """Somebody's key."""

    def __init__(self, seed: int) -> None:
        self.private = Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32)
        raw = self.private.public_key().public_bytes_raw()
        self.public = base64.urlsafe_b64encode(raw).rstrip(b"=").decode()

    def signed(self, body: bytes, path: str = PATH) -> Signed:
        text = parameters(1, self.public)
        return Signed(text, self.public, self.private.sign(base(content_digest(body), path, text)))


OURS, NEXT, THIRD = Signer(1), Signer(2), Signer(3)


def served(body: bytes, *signers: Signer, path: str = PATH) -> FakeHttp:
    url = f"https://huertgenwald.example{PATH}"
    return FakeHttp().answers(
        url, 200, body, headers(content_digest(body), [one.signed(body, path) for one in signers])
    )


def changed(body: bytes, **told: object) -> bytes:
    feed = json.loads(body)
    feed["_ortsruf"] |= told
    return json.dumps(feed).encode()


def refusal(source, state: FetchState, http: FakeHttp) -> str:
    with pytest.raises(SourceRefused) as caught:
        fetch(source, state, http)
    return str(caught.value)


def test_a_recorded_answer_is_taken_and_asked_for_conditionally_from_then_on(http, make_source, headers, good) -> None:
    found = fetch(make_source(), FetchState(), http)
    assert isinstance(found, Fetched)
    assert (found.documents[0].body, found.partial) == (good, True)
    http.not_modified(make_source().url)
    again = fetch(make_source(), found.state, http)
    assert isinstance(again, NotModified)
    assert http.asked[-1].headers["if-none-match"] == headers["etag"]


def test_one_byte_makes_it_wrong(make_source, headers, good) -> None:
    for at in (0, len(good) // 2, len(good) - 1):
        body = bytearray(good)
        body[at] ^= 1
        http = FakeHttp().answers(make_source().url, 200, bytes(body), headers)
        assert "altered on the way" in refusal(make_source(), FetchState(), http)


@pytest.mark.parametrize(
    ("spoiled", "said"),
    [
        ({"signature": None}, "not signed"),
        ({"signature-input": None}, "not signed"),
        ({"signature": "sig1=:AAAA:"}, "altered on the way"),
        ({"signature": "sig1=:%%%:"}, "not signed"),
        ({"signature-input": 'sig1=();created=1;keyid="x"'}, "not signed"),  # one that covers nothing
    ],
)
def test_a_signature_that_is_missing_or_broken_is_none(make_source, headers, good, spoiled, said) -> None:
    given = {name: value for name, value in (headers | spoiled).items() if value is not None}
    assert said in refusal(make_source(), FetchState(), FakeHttp().answers(make_source().url, 200, good, given))


def test_what_the_digest_says_of_other_bytes_does_not_count(make_source, good) -> None:
    body = changed(good, updated="2026-11-24T00:00:00+00:00")
    told = headers(content_digest(good), [OURS.signed(good)])
    http = FakeHttp().answers(make_source().url, 200, body, told)
    assert "altered on the way" in refusal(make_source(key=OURS.public), FetchState(), http)


def test_another_key_is_named(make_source, good) -> None:
    assert THIRD.public in refusal(make_source(key=OURS.public), FetchState(), served(good, THIRD))


def test_the_feed_of_another_municipality_of_the_same_installation_is_refused(make_source, good) -> None:
    http = served(good, OURS, path="/kreuzau/federation.json")
    assert "another address" in refusal(make_source(key=OURS.public), FetchState(), http)


def test_an_older_feed_is_refused_though_its_signature_is_good(make_source, good) -> None:
    source = make_source(key=OURS.public)
    newer = changed(good, updated="2026-11-25T00:00:00+00:00")
    state = fetch(source, FetchState(), served(newer, OURS)).state
    forgotten = replace(state, validators={}, body_hash="")
    assert "older" in refusal(source, forgotten, served(good, OURS))
    assert isinstance(fetch(source, forgotten, served(newer, OURS)), Fetched)


def test_who_pins_another_key_begins_anew(make_source, good) -> None:
    state = fetch(
        make_source(key=OURS.public), FetchState(), served(changed(good, updated="2026-11-25T00:00:00+00:00"), OURS)
    ).state
    assert isinstance(fetch(make_source(key=NEXT.public), state, served(good, NEXT)), Fetched)


def test_another_installation_with_the_same_key_is_refused(make_source, good) -> None:
    source = make_source(key=OURS.public)
    state = fetch(source, FetchState(), served(good, OURS)).state
    assert "another installation" in refusal(source, state, served(changed(good, installation="someone"), OURS))


def test_a_key_that_a_believed_feed_named_signs_alone_later(make_source, good) -> None:
    source = make_source(key=OURS.public)
    both = changed(good, keys=[{"key": NEXT.public}, {"key": OURS.public, "until": "2026-12-23T00:00:00+00:00"}])
    alone = changed(good, keys=[{"key": NEXT.public}])
    third = changed(good, keys=[{"key": THIRD.public}])
    assert NEXT.public in refusal(source, FetchState(), served(alone, NEXT))
    state = fetch(source, FetchState(), served(both, NEXT, OURS)).state
    state = fetch(source, state, served(alone, NEXT)).state
    assert THIRD.public in refusal(source, state, served(third, THIRD))
    named = changed(good, keys=[{"key": THIRD.public}, {"key": NEXT.public}])
    state = fetch(source, state, served(named, THIRD, NEXT)).state
    assert isinstance(fetch(source, state, served(third, THIRD)), Fetched)


def test_a_signature_of_somebody_beside_the_pinned_one_harms_nothing(make_source, good) -> None:
    assert isinstance(fetch(make_source(key=OURS.public), FetchState(), served(good, THIRD, OURS)), Fetched)


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"version": 2}, "version"), ({"updated": "yesterday"}, "last changed"), ({"updated": "2026-11-23T12:00:00"}, "last changed"),
        ({"updated": 5}, "no feed of another Ortsruf"), ({"installation": None}, "no feed of another Ortsruf"),
    ],
)  # fmt: skip
def test_a_signed_feed_of_another_form_is_refused(make_source, good, told, said) -> None:
    assert said in refusal(make_source(key=OURS.public), FetchState(), served(changed(good, **told), OURS))


@pytest.mark.parametrize("body", [b"<html></html>", b"[]", b"{", b"null"])
def test_a_signed_something_else_is_refused(make_source, body) -> None:
    refusal(make_source(key=OURS.public), FetchState(), served(body, OURS))


@pytest.mark.parametrize("key", ["", "short", "A" * 44, "A" * 43 + ",§"])
def test_a_key_that_is_none_is_named_before_anybody_is_asked(make_source, key) -> None:
    http = FakeHttp()
    with pytest.raises(SourceConfigError):
        fetch(make_source(key=key), FetchState(), http)
    assert http.asked == []


def test_created_is_when_the_feed_last_changed(headers, good) -> None:
    """So an unchanged feed has the same headers for ever, and a cache may keep both."""
    updated = datetime.fromisoformat(json.loads(good)["_ortsruf"]["updated"])
    assert f"created={int(updated.timestamp())};" in headers["signature-input"]
