"""The way before Flask: calendars that are ready go out at once, everything else goes on to the application.

``front`` is a WSGI application (PEP 3333) around Flask's. Calendar apps ask a hundred thousand times an hour whether
anything is new; for all but a few the answer is 304, and that needs no router, no session and no template.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import TYPE_CHECKING, Any, cast

from hub.core.errors import StoreError
from hub.jobs.house import House
from hub.web.desk import NAME, Desk
from hub.web.language import LANGUAGES, catalogue
from hub.web.protection import fixed
from push.ical.answer import NOT_MODIFIED, answer

if TYPE_CHECKING:
    from flask import Flask

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
Application = Callable[[Environ, StartResponse], Iterable[bytes]]


def front(application: Flask, house: House) -> Application:
    """Return ``application`` with known calendars answered before it, byte for byte as it would. Thread-safe.

    ``house`` is the one that the application was made with.
    """
    desk = cast("Desk", application.extensions[NAME])
    if desk.house is not house:
        raise ValueError("The front and the application behind it must share one house.")
    ready, ours = desk.feeds.ready, fixed(secure=desk.secure)

    def answered(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        path, method = environ["PATH_INFO"], environ["REQUEST_METHOD"]
        if path[-4:] != ".ics" or (method != "GET" and method != "HEAD") or environ.get("SCRIPT_NAME"):  # noqa: PLR1714
            return application(environ, start_response)
        query = environ.get("QUERY_STRING")
        try:
            found = ready(f"{path}?{query}" if query else path)
        except StoreError:
            found = None  # the application says so in its own words
        if found is None:
            return application(environ, start_response)
        none_match = environ.get("HTTP_IF_NONE_MATCH")
        if none_match == found.tag:  # what ``answer`` says too, without the way there
            start_response("304 NOT MODIFIED", [*found.body.lean, ("ETag", found.tag)])
            return []
        status, headers, body = answer(
            found,
            none_match=none_match,
            since=environ.get("HTTP_IF_MODIFIED_SINCE"),
            accept_encoding=environ.get("HTTP_ACCEPT_ENCODING", ""),
        )
        if status == NOT_MODIFIED:
            start_response("304 NOT MODIFIED", headers)
            return []  # a list: servers hand it on without asking for its parts
        start_response("200 OK", headers + ours)
        return [] if method == "HEAD" else [body]

    return answered


def settle(application: Flask) -> None:
    """Make a process ready for its first reader: what is made once is made, and what stays is not looked through again.

    A collection that looks at every loaded module takes as long as drawing ten calendars; to be called once.
    """
    desk = cast("Desk", application.extensions[NAME])
    with suppress(StoreError):  # the first reader waits a little longer
        desk.feeds.warm()
    for code in LANGUAGES:
        catalogue(code)
    for name in application.jinja_env.list_templates(extensions=["html"]):
        application.jinja_env.get_template(name)
    gc.collect()
    gc.freeze()
