"""What guards every answer: CSRF tokens, no cross-site writes, and security headers."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Flask, Response, abort, current_app, g, request
from flask_wtf.csrf import CSRFProtect

from hub.web.desk import desk

csrf = CSRFProtect()
_POLICY = (
    "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; "
    "form-action 'self'; object-src 'none'"
)
HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
_FORMS = {"application/x-www-form-urlencoded", "multipart/form-data"}
ONE_CLICK = "farewell.end"  # RFC 8058: mail providers post here without cookie or origin


def install(app: Flask) -> None:
    """Guard ``app``."""
    csrf.init_app(app)
    app.before_request(_same_site)
    app.after_request(_headers)


def _same_site() -> None:
    """Refuse writes that another site's page sends, token or not; and NUL, which no database takes."""
    pairs = request.form.items(multi=True) if request.mimetype in _FORMS else ()  # what is no form may be longer
    typed = (text for pair in pairs for text in pair)
    if "%00" in request.query_string.decode("latin-1") or any("\0" in text for text in (request.path, *typed)):
        abort(400)
    writes = request.method not in {"GET", "HEAD", "OPTIONS"}
    if (
        writes
        and request.endpoint != ONE_CLICK
        and (request.headers.get("Sec-Fetch-Site") == "cross-site" or _elsewhere(request.headers.get("Origin", "")))
    ):
        abort(403)


def _elsewhere(origin: str) -> bool:
    """Whether a write comes from a page of another host, as browsers without Fetch Metadata say it.

    Under our own Referrer-Policy they write ``null`` into what our forms send; ports differ behind a web server.
    """
    if origin in {"", "null"}:
        return False
    try:
        host = urlsplit(origin).hostname
    except ValueError:
        return True
    return host not in {urlsplit(f"//{request.host}").hostname, urlsplit(desk().settings.base_url).hostname}


def fixed(*, secure: bool) -> list[tuple[str, str]]:
    """Return the headers of every answer; ``secure``: the public address is https."""
    return [*HEADERS.items(), *[("Strict-Transport-Security", "max-age=31536000")] * secure]


def _headers(response: Response) -> Response:
    if response.status_code == 304:  # noqa: PLR2004 - the answer that the reader has keeps its own (RFC 9111, 4.3.4)
        return response
    for name, value in fixed(secure=current_app.config["SESSION_COOKIE_SECURE"]):
        response.headers.setdefault(name, value)
    if g.get("secret"):
        response.headers.setdefault("X-Robots-Tag", "noindex")
    if response.mimetype == "text/html":
        response.headers.setdefault("Cache-Control", "no-store" if g.get("secret") else "private, no-cache")
    return response
