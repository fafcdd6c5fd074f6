"""Which pages a device may keep for the time without a network, and whose they are (``kept.js`` in the push channel).

A page that is kept is shown with its age, and never to who comes with another secret link: the header names the owner,
and the device forgets all when it changes. One's own pages are kept only where this device remembers its person, so
that nothing stays on a borrowed one.
"""

from __future__ import annotations

import hashlib

from flask import Response, request

from hub.web.desk import NAME, desk

HEADER = "Ortsruf-Keep"
REFRESH = "Ortsruf-Refresh"  # sent by the worker, not by a person
NOBODY = "-"
KINDS = {
    "mine.home": "home", "mine.dates": "dates",
    "public.town_page": "town", "public.notice": "notice", "year.page": "dates",
}  # fmt: skip


def keepable() -> bool:
    """Whether this request's page may be kept, so that it needs the words to be shown with later."""
    return request.method == "GET" and request.endpoint in KINDS and _plain() and _at_home()


def _plain() -> bool:
    """Whether one's own page is asked for as it is, not with what a message's link adds to it: one of them is kept."""
    return request.endpoint != "mine.home" or not request.args.keys() - {"lang"}


def _at_home() -> bool:
    """Whether a page is nobody's own, or of the person whom this device remembers."""
    known = request.cookies.get(desk().cookie(NAME), "")
    return bool((request.view_args or {}).get("token", known) == known)


def marked(response: Response) -> Response:
    """Tell the worker what it may keep."""
    if keepable() and response.status_code == 200 and response.mimetype == "text/html":  # noqa: PLR2004 - OK
        response.headers[HEADER] = f"{KINDS[request.endpoint or '']} {_owner()}"
    return response


def _owner() -> str:
    """Return a sign of the secret link that this device remembers: equal for equal links, and no way back to them."""
    token = request.cookies.get(desk().cookie(NAME), "")
    return hashlib.sha256(token.encode()).hexdigest()[:16] if token else NOBODY
