"""For machines that watch: ``/healthz`` (alive), ``/readyz`` (fit to serve, nothing lost) and ``/metrics``."""

from __future__ import annotations

import hmac
from ipaddress import ip_address
from urllib.parse import urlsplit

from flask import Blueprint, Response, abort, jsonify, make_response, request

from hub import metrics as figures_
from hub.core.errors import StoreError
from hub.jobs import watch
from hub.jobs.hold import standing_reason
from hub.store import alarms, figures, towns
from hub.web.desk import desk, house

health = Blueprint("health", __name__)
_FORMAT = "text/plain; version=0.0.4; charset=utf-8"


@health.get("/healthz")
def alive() -> Response:
    """Say that the process answers."""
    return _plain({"status": "ok"}, 200)


@health.get("/readyz")
def ready() -> Response:
    """Say whether the database answers, every process lives and nothing is lost; 503 with the faults in words if not.

    The faults are all alarms that hold. Heartbeats and the scheduler's mark are looked at here and now (C-09), so that
    a dead worker or scheduler is told of by any web process.
    """
    faults, more = [fault for fault in desk().health() if fault], dict[str, object]()
    held = ""
    try:
        with house().store.read() as session:
            held = standing_reason(session)
        if held:  # nothing is sent, and nothing is overdue; pages are served
            more["hold"] = held
        else:
            faults += [one for one in watch.second_look(house()) if one not in faults]
        more |= _lag()
    except StoreError as error:
        faults.append(str(error))
    status = "failing" if faults else "on hold" if held else "ok"
    return _plain({"status": status, "faults": faults, **more}, 503 if faults else 200)


def _lag() -> dict[str, object]:
    """Return for how many seconds the oldest batch is due, and the watch has gone no round."""
    now = house().now()
    with house().store.read() as session:
        towns.listed(session)
        due = figures.oldest_due(session, now)
        watched = alarms.marks(session).get("watch")
    return {
        "oldest_due_seconds": round((now - due).total_seconds(), 1) if due is not None else 0.0,
        "watch_seconds": round((now - watched["at"]).total_seconds(), 1) if watched is not None else None,
    }


@health.get("/metrics")
def metrics() -> Response:
    """Give all figures in the text format of Prometheus, to whom the operator allows it."""
    if not _may_see():
        abort(404)
    try:
        body = figures_.scrape(house())
    except StoreError:
        abort(503)
    return Response(body, content_type=_FORMAT, headers={"Cache-Control": "no-store"})


def _may_see() -> bool:
    """Whether the asker has the token; without one, sits on this machine.

    At a public address a proxy may sit there and ask for anybody, so there is nothing to see without a token.
    """
    token = desk().settings.metrics_token.get_secret_value()
    if token:
        given = request.authorization
        return given is not None and given.type == "bearer" and hmac.compare_digest(given.token or "", token)
    return _is_here(request.remote_addr or "") and _is_here(urlsplit(house().links.base_url).hostname or "")


def _is_here(host: str) -> bool:
    """Whether ``host`` names this machine."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _plain(data: dict[str, object], status: int) -> Response:
    response = make_response(jsonify(data), status)
    response.headers["Cache-Control"] = "no-store"
    return response
