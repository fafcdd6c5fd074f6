"""Forwarded addresses count from the server in front, and from nobody else (H-04)."""

from __future__ import annotations

from typing import Any

import pytest

from hub.web.proxied import Proxied


def seen(trusted: str, **environ: str) -> tuple[str, str]:
    """Return the address and the scheme that the application sees."""
    found: dict[str, Any] = {}

    def application(given: dict[str, Any], _start: Any) -> list[bytes]:
        found.update(given)
        return []

    Proxied(application, trusted)({"REMOTE_ADDR": "10.0.0.1", "wsgi.url_scheme": "http", **environ}, None)
    assert not any(name.startswith("HTTP_X_FORWARDED") for name in found)
    return found["REMOTE_ADDR"], found["wsgi.url_scheme"]


FORWARDED = {"HTTP_X_FORWARDED_FOR": "6.6.6.6, 198.51.100.7", "HTTP_X_FORWARDED_PROTO": "https"}


@pytest.mark.parametrize(
    ("trusted", "expected"),
    [("10.0.0.1", ("198.51.100.7", "https")), ("10.0.0.2", ("10.0.0.1", "http")), ("", ("10.0.0.1", "http"))],
)
def test_only_the_server_in_front_is_believed(trusted: str, expected: tuple[str, str]) -> None:
    assert seen(trusted, **FORWARDED) == expected


def test_what_it_does_not_say_stays() -> None:
    assert seen("10.0.0.1") == ("10.0.0.1", "http")
    assert seen("10.0.0.1", HTTP_X_FORWARDED_PROTO="gopher") == ("10.0.0.1", "http")
