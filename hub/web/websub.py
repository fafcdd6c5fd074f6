"""Where WebSub hubs verify a subscription and tell us of news: no cookie, no token, a secret in the address."""

from __future__ import annotations

from flask import Blueprint, Response, abort, make_response, request

from hub.jobs.websub import is_known, take, verify
from hub.web.desk import house

websub = Blueprint("websub", __name__)
MOST_BYTES = 10_000_000  # of a delivery: as much as a feed may have


@websub.get("/websub/<source_id>/<mark>")
def verification(source_id: str, mark: str) -> Response:
    """Echo the hub's challenge for what we asked, 404 for anything else (WebSub, 5.3)."""
    challenge = verify(house(), source_id, mark, request.args)
    if challenge is None:
        abort(404)
    return _plain(challenge, 200)


@websub.post("/websub/<source_id>/<mark>")
def delivery(source_id: str, mark: str) -> Response:
    """Take note of a delivery: 202, also for a bad signature (WebSub, 7.1); 410 if we have no such subscription."""
    if not is_known(house(), source_id, mark):
        return _plain("", 410)
    request.max_content_length = MOST_BYTES
    signatures = [*request.headers.getlist("X-Hub-Signature"), *request.headers.getlist("X-Hub-Signature-256")]
    body = request.get_data(cache=False)
    return _plain("", 202 if take(house(), source_id, mark, signatures, body) else 410)


def _plain(text: str, status: int) -> Response:
    response = make_response(text, status)
    response.headers["Content-Type"] = "text/plain; charset=utf-8"
    response.headers["Cache-Control"] = "no-store"
    return response
