"""Who asked, when a web server stands in front: believed from that one address, and from nobody else (H-04)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

_SCHEMES = ("http", "https")


class Proxied:
    """A WSGI application behind the web server at ``trusted``; empty: behind none, so that such headers are lies."""

    def __init__(self, application: Callable[..., Iterable[bytes]], trusted: str = "") -> None:
        """Take the application and the address of the server in front."""
        self._application, self._trusted = application, trusted

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer one request (PEP 3333)."""
        came_by = environ.pop("HTTP_X_FORWARDED_FOR", "").rpartition(",")[2].strip()
        scheme = environ.pop("HTTP_X_FORWARDED_PROTO", "").strip().lower()
        if self._trusted and environ.get("REMOTE_ADDR") == self._trusted:
            environ["REMOTE_ADDR"] = came_by or self._trusted
            if scheme in _SCHEMES:
                environ["wsgi.url_scheme"] = scheme
        return self._application(environ, start_response)
