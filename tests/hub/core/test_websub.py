"""Signatures, leases and who can be reached, as W3C WebSub has them."""

from __future__ import annotations

import hashlib
import hmac
from datetime import UTC, datetime, timedelta

import pytest

from hub.core.websub import LEASE, LONGEST_LEASE, SHORTEST_LEASE, is_ask_due, is_reachable, is_signed, lease_of

NOW = datetime(2030, 3, 17, 12, tzinfo=UTC)
SECRET, BODY = "s" * 64, b"<rss/>"


def sign(method: str, body: bytes = BODY, secret: str = SECRET) -> str:
    return f"{method}={hmac.new(secret.encode(), body, method).hexdigest()}"


@pytest.mark.parametrize(
    ("signatures", "good"),
    [
        ([sign("sha256")], True),
        ([sign("sha512")], True),
        ([sign("sha1")], True),
        ([sign("SHA256".lower()).upper()], True),
        ([sign("sha1"), sign("sha256")], True),
        ([f"{sign('sha1')}, {sign('sha256')}"], True),
        ([sign("sha1"), sign("sha256", b"other")], False),  # a strong one that is wrong is not made good by a weak one
        ([sign("sha256", secret="x" * 64)], False),
        ([sign("sha256", b"other")], False),
        ([f"md5={hashlib.md5(BODY, usedforsecurity=False).hexdigest()}"], False),
        (["sha256="], False),
        (["sha256=ü"], False),
        (["sha256"], False),
        ([""], False),
        ([], False),
    ],
)
def test_signatures(signatures: list[str], *, good: bool) -> None:
    assert is_signed(BODY, signatures, SECRET) is good


@pytest.mark.parametrize(
    ("text", "lease"),
    [("864000", LEASE), ("", LEASE), ("soon", LEASE), ("-5", LEASE), ("1", SHORTEST_LEASE), ("9" * 40, LONGEST_LEASE),
     ("3600", timedelta(hours=1))],
)  # fmt: skip
def test_leases_within_reason(text: str, lease: timedelta) -> None:
    assert lease_of(text) == lease


@pytest.mark.parametrize(
    ("state", "asked", "verified", "lease", "due"),
    [
        ("asked", 1, None, None, False),
        ("asked", 7, None, None, True),
        ("verified", 48, 48, 192, False),
        ("verified", 195, 195, 45, True),
        ("verified", 1, 195, 45, False),  # asked an hour ago, the hub may still come
        ("verified", 300, 300, -10, True),
        ("denied", 24, None, None, False),
        ("denied", 24 * 8, None, None, True),
        ("leaving", 7, None, None, True),
    ],
)
def test_when_to_ask(state: str, asked: int, verified: int | None, lease: int | None, *, due: bool) -> None:
    def ago(hours: int) -> datetime:
        return NOW - timedelta(hours=hours)

    found = is_ask_due(
        state, NOW, asked_at=ago(asked), verified_at=None if verified is None else ago(verified),
        lease_until=None if lease is None else ago(-lease),
    )  # fmt: skip
    assert found is due


@pytest.mark.parametrize(
    ("base_url", "wanted", "reachable"),
    [
        ("https://ortsruf.example", "auto", True),
        ("https://ortsruf.example", "off", False),
        ("http://ortsruf.example", "auto", False),
        ("http://127.0.0.1:8080", "auto", False),
        ("http://127.0.0.1:8080", "on", True),
        ("https://127.0.0.1", "auto", False),
        ("https://10.1.2.3", "auto", False),
        ("https://9.9.9.9", "auto", True),
        ("https://localhost", "auto", False),
        ("https://rathaus.local", "auto", False),
        ("https://rathaus", "auto", False),
    ],
)
def test_who_can_be_reached(base_url: str, wanted: str, *, reachable: bool) -> None:
    assert is_reachable(base_url, wanted) is reachable
