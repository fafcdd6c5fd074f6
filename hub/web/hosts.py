"""Host names of municipalities: the same paths as everywhere, with the town's own page at ``/``.

Nothing is ever made of the ``Host`` that a request names: it is only looked up, and links come from what is stored. A
host that nobody has is answered as the installation's own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, cast
from urllib.parse import urlsplit

from flask import Flask, abort, current_app, redirect, request, url_for
from sqlalchemy import RowMapping
from werkzeug.wrappers import Response

from hub.core import hosts
from hub.store import hosts as store_hosts
from hub.store import towns
from hub.web import access
from hub.web.desk import NAME, Desk, house

Application = Callable[..., Iterable[bytes]]
_HOME = "public.home"
_EVERYWHERE = frozenset({"static"})  # what pages are made of, and what machines ask for
_PARTS = frozenset({"assets", "health", "canary", "websub"})


def install(app: Flask) -> None:
    """Let every request to a municipality's host come to that municipality."""
    app.before_request(at_its_host)
    app.wsgi_app = _Readable(app.wsgi_app, urlsplit(cast("Desk", app.extensions[NAME]).house.links.base_url).netloc)  # type: ignore[method-assign]


class _Readable:
    """A WSGI application in front of which a ``Host`` that can be none becomes our own: no router could read it."""

    def __init__(self, application: Application, ours: str) -> None:
        self._application, self._ours = application, ours

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer one request (PEP 3333)."""
        if not hosts.named(environ.get("HTTP_HOST", self._ours)):
            environ["HTTP_HOST"] = self._ours
        return self._application(environ, start_response)


def at_its_host() -> Response | None:
    """Lead whoever came by a municipality's host to what stands there; ``None`` lets the page itself answer."""
    endpoint = request.endpoint or ""
    blueprint = endpoint.rpartition(".")[0]
    row = _named() if endpoint not in _EVERYWHERE and blueprint not in _PARTS else None
    if row is None:
        return None
    if endpoint and not _is_open(blueprint):
        return _over(house().links.base_url)  # people sign in at one host: cookies and passkeys belong to it
    return _shown(row, endpoint) if request.method in {"GET", "HEAD"} else None


def _shown(row: RowMapping, endpoint: str) -> Response | None:
    if row["rank"]:
        return _over(house().links.at(row["first"]).base_url)
    if endpoint == _HOME:
        query = request.query_string.decode("latin-1")
        own = url_for("public.town_page", slug=row["town"])
        return redirect(f"{own}?{query}" if query else own, 302)
    return _elsewhere(row)


def _named() -> RowMapping | None:
    """Return the municipality whose host a request names, if it is one's."""
    host = hosts.named(request.environ.get("HTTP_HOST", ""))
    if not host or host == hosts.named(urlsplit(house().links.base_url).netloc):
        return None
    with house().store.read() as session:
        return store_hosts.of(session, host)


def _is_open(blueprint: str) -> bool:
    return blueprint in access.OPEN or blueprint in current_app.extensions.get(access.EXTRA, ())


def _elsewhere(row: RowMapping) -> Response | None:
    """Lead to another municipality's page at its own address: nobody shall take it for this one's."""
    slug = (request.view_args or {}).get("slug", row["town"])
    if slug == row["town"]:
        return None
    with house().store.read() as session:
        other = towns.get(session, slug)
    return _over(house().links_of(other).base_url) if other is not None else None


def _over(base: str) -> Response:
    """Go on at another base; what was sent to the wrong host is not sent on."""
    if request.method not in {"GET", "HEAD"}:
        abort(404)
    query = request.query_string.decode("latin-1")
    return redirect(f"{base}{request.path}{'?' + query if query else ''}", 302)
