"""Addresses and settings."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from hub.core.errors import SubscribeError
from push import load
from push.mail import Settings, check, service


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("anna@example.org", "anna@example.org"),
        ("  Anna.Mueller+muell@Example.ORG ", "Anna.Mueller+muell@example.org"),
        ("a@bücher.example", "a@xn--bcher-kva.example"),
        ("a@straße.example", "a@xn--strae-oqa.example"),
        ("o'neill@a-b.example", "o'neill@a-b.example"),
        ("x" * 64 + "@example.org", "x" * 64 + "@example.org"),
    ],
)
def test_one_address_is_taken(typed, stored):
    assert check(typed, {}, Settings()) == (stored, {})
    assert service(stored) == stored.rpartition("@")[2]


@pytest.mark.parametrize(
    "typed",
    [
        "", "anna", "@example.org", "anna@", "anna@localhost", "anna@example", "a@b.de, x@y.z", "a@b.de;x@y.z", "a@b.de x@y.z",
        "Anna <a@b.de>", "<a@b.de>", '"a b"@c.de', "a@b.de\r\nBcc: x@y.z", "a@b.de\n", "\ra@b.de", "a\0@b.de", "a@b@c.de",
        "a..b@c.de", ".a@c.de", "a.@c.de", "a@c..de", "a@-c.de", "a@c-.de", "a@[127.0.0.1]", "a@127.0.0.1", "ä@c.de",
        "x" * 65 + "@example.org", "a@" + "b" * 64 + ".de", "a@" + "b." * 130 + "de", "a(comment)@b.de", "a@b.de%0d", "a@b\u2028c.de",
        "mailto:a@b.de", "a@b.de>", "undisclosed:;", "a\\@b.de", "a@bü\u200bcher.de ,x@y.z",
    ],
)  # fmt: skip
def test_anything_else_is_refused_in_plain_words(typed):
    with pytest.raises(SubscribeError) as caught:
        check(typed, {}, Settings())
    assert str(caught.value).endswith(".")


@given(st.text(max_size=80))
def test_whatever_is_typed_is_one_plain_address_or_refused(typed):
    try:
        stored, _ = check(typed, {}, Settings())
    except SubscribeError:
        return
    assert stored.isascii()
    assert stored.count("@") == 1
    assert not set(stored) & set('\r\n,; <>"()[]:\\')
    assert check(stored, {}, Settings())[0] == stored


def test_no_password_travels_in_the_clear():
    with pytest.raises(ValidationError, match="unprotected"):
        Settings(host="mail.example.org", username="x", password="y")
    for host in ("localhost", "127.0.0.1", "::1"):
        assert Settings(host=host, username="x", password="y").username == "x"
    assert Settings(host="mail.example.org", username="x", security="starttls").port == 25


@pytest.mark.parametrize(
    "wrong", [{"sender": "a@b.de, c@d.ef"}, {"securty": "tls"}, {"port": 0}, {"security": "maybe"}]
)
def test_wrong_settings_are_refused(wrong):
    with pytest.raises(ValidationError):
        Settings(**wrong)


def test_a_password_is_never_shown():
    assert "geheim" not in repr(Settings(username="x", password="geheim"))


def test_the_doors_of_the_channel():
    kind = load("mail")
    assert (kind.CHANNEL, kind.PULL, kind.CHUNK) == ("mail", False, 10)
