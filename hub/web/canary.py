"""Where our own test pushes arrive (hub.jobs.canary): decrypted and compared as a browser would show them."""

from __future__ import annotations

from flask import Blueprint, Response, abort, request

from hub.jobs import canary as job
from hub.looped import Loops
from hub.store import towns
from hub.web.desk import desk, house

canary = Blueprint("canary", __name__)
_MOST = 4096  # RFC 8030, 7.2


@canary.post("/canary/push/<token>")
def arrived(token: str) -> Response:
    """Take one push as a push service does: 201 if it is the one that we wait for."""
    parts = house().links.parts("canary", token)
    known = job.expected(house(), parts[0]) if parts is not None and len(parts) == 1 else None
    if known is None or (request.content_length or 0) > _MOST:
        abort(404)
    with house().store.read() as session:
        loops = Loops(desk().settings, towns.secrets(session), house().links.token, lambda *_: None)
    try:
        message = loops.read(request.get_data())
    except ValueError:
        abort(400)
    if known[1] not in str(message):
        abort(400)  # an earlier one, or not what was sent
    how = "loopback" if request.headers.get("X-Ortsruf-Loop") else "public"
    job.arrived(house(), known[0], how)
    return Response(status=201, headers={"Cache-Control": "no-store"})
