"""For machines that watch: ``/healthz`` (alive) and ``/readyz`` (fit to serve)."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, make_response

from hub.core.errors import StoreError
from hub.store import towns
from hub.web.desk import desk, house

health = Blueprint("health", __name__)


@health.get("/healthz")
def alive() -> Response:
    """Say that the process answers."""
    return _plain({"status": "ok"}, 200)


@health.get("/readyz")
def ready() -> Response:
    """Say whether the database answers and every part works; 503 with the faults in plain words if not."""
    faults = [fault for fault in desk().health() if fault]
    try:
        with house().store.read() as session:
            towns.listed(session)
    except StoreError as error:
        faults.append(str(error))
    return _plain({"status": "failing" if faults else "ok", "faults": faults}, 503 if faults else 200)


def _plain(data: dict[str, object], status: int) -> Response:
    response = make_response(jsonify(data), status)
    response.headers["Cache-Control"] = "no-store"
    return response
