"""What the browser's own script asks for: the push key, and a push endpoint for a person. JSON, no cookies."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Blueprint, Response, abort, jsonify, make_response, request
from sqlalchemy import RowMapping
from sqlalchemy.orm import Session

import push
from hub.core.errors import SubscribeError
from hub.core.message import Change
from hub.jobs.subscribe import add_endpoint, send_alone
from hub.store import subscribers, towns
from hub.web.desk import house, language, person

device = Blueprint("device", __name__)
_TEST_LIVES = timedelta(hours=1)
Way = tuple[str, dict[str, str], str]


@device.get("/push/key")
def key() -> Response:
    """Return the public VAPID key (base64url) that a browser subscribes with; 404 where push is not set up."""
    public = _server_key()
    if not public:
        abort(404)
    response = jsonify(key=public)
    response.headers["Cache-Control"] = "no-cache"
    return response


def _server_key() -> str:
    return str(house().outlet("webpush").keys.get("vapid_public", ""))


@device.post("/push/subscribe")
def add() -> Response:
    """Add this browser to the person whose manage token it holds, and send it a test notification."""
    body = _body()
    token = body.get("token")
    if not isinstance(token, str):
        abort(400)
    row = person(token)
    try:
        way = _way(body.get("subscription"))
    except SubscribeError as error:
        return make_response(jsonify(error=language().text(str(error))), 400)
    with house().store.begin() as session:
        town = towns.get(session, row["municipality_id"])
        if town is None:
            abort(404)
        endpoint_id = _endpoint(session, town, row, way)
        until = house().now() + _TEST_LIVES
        send_alone(house(), session, town["id"], endpoint_id, Change.TEST, until=until)
    return make_response(jsonify(status="ok"), 201)


def _endpoint(session: Session, town: RowMapping, row: RowMapping, way: Way) -> int:
    """Return the person's endpoint at this address: renewed if it is theirs, else new, and nobody else's any more."""
    known = subscribers.find_endpoint(session, town["id"], "webpush", way[0])
    if known is not None and known["subscriber_id"] == row["id"]:
        subscribers.renew_endpoint(session, known["id"], address=way[0], keys=way[1], service=way[2])
        return int(known["id"])
    if known is not None:  # one browser, one set of choices: the newest
        subscribers.end_endpoints(session, [known["id"]], house().now(), state="ended")
    return add_endpoint(house(), session, town, row["id"], channel="webpush", way=way)


@device.post("/push/renew")
def renew() -> Response:
    """Take a browser's new subscription in place of its old one (``pushsubscriptionchange``).

    The old endpoint is a secret of that browser, so knowing it is permission enough.
    """
    body = _body()
    old = body.get("old")
    if not isinstance(old, str) or not old:
        abort(400)
    try:
        address, keys, service = _way(body.get("subscription"))
    except SubscribeError as error:
        return make_response(jsonify(error=language().text(str(error))), 400)
    with house().store.begin() as session:
        renewed = 0
        for town in towns.listed(session):
            known = subscribers.find_endpoint(session, town["id"], "webpush", old)
            if known is not None:
                subscribers.renew_endpoint(session, known["id"], address=address, keys=keys, service=service)
                renewed += 1
    if not renewed:
        abort(404)
    return make_response(jsonify(status="ok"), 200)


def _body() -> dict[str, Any]:
    """Return the request's JSON object; 400 or 415 for anything else."""
    body = request.get_json()
    if not isinstance(body, dict):
        abort(400)
    return body


def _way(subscription: object) -> Way:
    """Return a ``PushSubscription.toJSON()`` as stored. Raises ``SubscribeError`` naming the broken rule."""
    given = subscription if isinstance(subscription, dict) else {}
    address, keys = given.get("endpoint"), given.get("keys")
    if not isinstance(address, str) or not isinstance(keys, dict) or not all(isinstance(v, str) for v in keys.values()):
        raise SubscribeError("The browser's push subscription is incomplete.")
    kind = push.load("webpush")
    named = {name: keys[name] for name in ("p256dh", "auth") if name in keys}
    checked, stored = kind.check(address, {**named, "vapid": _server_key()}, house().outlet("webpush").settings)
    return checked, dict(stored), kind.service(checked)
