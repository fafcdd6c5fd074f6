"""For machines that watch: ``/healthz`` (alive) and ``/readyz`` (fit to serve)."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, make_response

from hub.core.errors import StoreError
from hub.jobs import watch
from hub.jobs.hold import standing_reason
from hub.store import towns
from hub.web.desk import desk, house

health = Blueprint("health", __name__)


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
    faults = [fault for fault in desk().health() if fault]
    try:
        with house().store.read() as session:
            towns.listed(session)
            held = standing_reason(session)
        if not held:  # on hold nothing is sent, and nothing is overdue
            faults += [one for one in watch.second_look(house()) if one not in faults]
    except StoreError as error:
        held = ""
        faults.append(str(error))
    status = (
        "failing" if faults else "on hold" if held else "ok"
    )  # on hold, pages are served: no reason to go elsewhere
    return _plain({"status": status, "faults": faults} | ({"hold": held} if held else {}), 503 if faults else 200)


def _plain(data: dict[str, object], status: int) -> Response:
    response = make_response(jsonify(data), status)
    response.headers["Cache-Control"] = "no-store"
    return response
