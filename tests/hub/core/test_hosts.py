"""Host names: one way to write each, and whatever a request names is read without harm."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.core.hosts import named, within, written

LABEL = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?", fullmatch=True)
HOST = (
    st.lists(LABEL, min_size=2, max_size=4)
    .map(".".join)
    .filter(lambda one: not one.rpartition(".")[2].isdigit() and "xn--" not in one and "--" not in one)
)


@given(HOST)
def test_a_host_is_written_once(host: str) -> None:
    assert written(host) == host
    assert written(f" {host.upper()}. ") == host
    assert written(written(host)) == host


@pytest.mark.parametrize(
    ("typed", "kept"), [("Hürtgenwald.DE", "xn--hrtgenwald-9db.de"), ("ruf.example.org.", "ruf.example.org")]
)
def test_umlauts_become_what_stands_in_the_dns(typed: str, kept: str) -> None:
    assert written(typed) == kept


@pytest.mark.parametrize(
    "typed",
    ["", "localhost", "https://ruf.example.org", "ruf.example.org/", "ruf.example.org:8080", "10.0.0.1", "[::1]", "a..b",
     "-a.de", "a-.de", "a b.de", "a_b.de", "*.example.org", "straße.de", f"{'a' * 64}.de", ".".join(["a" * 60] * 5)],
)  # fmt: skip
def test_what_is_none_is_refused(typed: str) -> None:
    with pytest.raises(ValueError, match=r"xn--|host name"):
        written(typed)


@given(HOST, st.integers(0, 65_535))
def test_a_port_says_nothing_of_the_host(host: str, port: int) -> None:
    assert named(host) == named(f"{host}:{port}") == named(f"{host.upper()}.") == host


@given(st.text())
def test_nothing_else_is_ever_a_host(header: str) -> None:
    found = named(header)
    assert all(sign.isascii() and (sign.isalnum() or sign in ".-") for sign in found)


def test_a_domain_holds_itself_and_what_lies_in_it() -> None:
    assert within("ruf.example.org", "example.org")
    assert within("example.org", "example.org")
    assert not within("badexample.org", "example.org")
