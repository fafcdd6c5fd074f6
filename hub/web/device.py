"""What the browser's own script asks for: the push key, and a push endpoint for a person. JSON."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from hmac import compare_digest
from typing import Any

from flask import Blueprint, Response, abort, g, jsonify, make_response, request
from sqlalchemy import RowMapping
from sqlalchemy.orm import Session

import push
from hub.core import flood
from hub.core.errors import SubscribeError
from hub.core.message import Change
from hub.jobs.subscribe import add_endpoint, one_set, send_alone
from hub.store import floods, lifesigns, moves, pushkeys, subscribers, towns
from hub.web.assets import push_key, shared_push_key
from hub.web.desk import house, language, person
from hub.web.desk import town as town_of
from hub.web.failures import page
from hub.web.subscribe import remember

device = Blueprint("device", __name__)
_TEST_LIVES = timedelta(hours=1)
_LATEST = 32_503_680_000_000  # milliseconds: the year 3000
Way = tuple[str, dict[str, str], str]


@device.get("/push/key")
def key() -> Response:
    """Return the public VAPID key (base64url) that a browser subscribes with; 404 where push is not set up.

    ``?town=``: that municipality's own. ``?made=``: also whether a subscription made with this key may stay. A browser
    has one for all municipalities at one address, and each of them has a key of its own.
    """
    if request.args.get("town"):
        town_of(request.args["town"])
    public, made = push_key(), request.args.get("made", "")[:100]
    if not public:
        abort(404)
    with house().store.read() as session:
        stays = made in {public, shared_push_key()} or bool(made and pushkeys.is_current(session, made))
    response = jsonify(key=public, stays=stays) if made else jsonify(key=public)
    response.headers["Cache-Control"] = "no-cache"
    return response


@device.post("/push/subscribe")
def add() -> Response:
    """Add this browser to the person whose manage token stands in the body."""
    body = _body()
    token = body.get("token")
    if not isinstance(token, str):
        abort(400)
    row = person(token)
    return _state(row, body["look"]) if "look" in body else _changed(row, body, token)


@device.post("/m/<token>/device")
def change(token: str) -> Response:
    """Add this browser to a person (``subscription``), or take it off (``subscription`` null, ``old`` its address).

    With ``look``, its address, say only how its test message fares. ``?arrived=1`` is asked by the page to which a
    move leads (``hub.web.move``): a device that gets messages already ends those in whose place it is.
    """
    body, row = _body(), person(token)
    if "look" in body:
        return _state(row, body["look"], moved="arrived" in request.args)
    if body.get("subscription") is None and body.get("old"):
        return _off(row, str(body["old"]))
    return _changed(row, body, token)


def _state(row: RowMapping, address: object, *, moved: bool = False) -> Response:
    """Say whether the test message arrived: ``active``, ``pending`` (on its way) or ``gone`` (unknown)."""
    if not isinstance(address, str):
        abort(400)
    with house().store.read() as session:
        known = subscribers.find_endpoint(session, row["municipality_id"], "webpush", address)
    state = known["state"] if known is not None and known["subscriber_id"] == row["id"] else "gone"
    if moved and known is not None and state == "active":
        with house().store.begin() as session:
            moves.arrived(session, row["id"], known["id"], house().now())
    return make_response(jsonify(state=state), 200)


def _off(row: RowMapping, old: str) -> Response:
    with house().store.begin() as session:
        known = subscribers.find_endpoint(session, row["municipality_id"], "webpush", old)
        if known is not None and known["subscriber_id"] == row["id"]:
            subscribers.end_endpoints(session, [known["id"]], house().now(), state="ended")
    return make_response(jsonify(status="ok"), 200)


def _changed(row: RowMapping, body: dict[str, Any], token: str) -> Response:
    """Store the browser's subscription and send it a test; an earlier one of the same browser ends.

    A device that hears of a person's matters is theirs, so it remembers them.
    """
    try:
        way = way_of(body.get("subscription"), push_key())
    except SubscribeError as error:
        return _refused(error)
    old, expires = body.get("old"), _expires(body.get("subscription"), house().now())
    if body.get("renewed") is True and isinstance(old, str) and _renewed(row, old, way, expires):
        return make_response(jsonify(status="ok"), 200)
    if isinstance(old, str) and old and old != way[0]:
        _off(row, old)
    if not _passes(row, way[0]):
        response = page(429)
        response.headers["Retry-After"] = "3600"
        return response
    with house().store.begin() as session:
        endpoint_id = _endpoint(session, g.town, row, way)
        lifesigns.expires(session, endpoint_id, expires)
        send_alone(house(), session, g.town["id"], endpoint_id, Change.TEST, until=house().now() + _TEST_LIVES)
    return remember(make_response(jsonify(status="ok"), 201), token)


def _renewed(row: RowMapping, old: str, way: Way, expires: datetime | None) -> bool:
    """Put a browser's fresh subscription in place of a living one that was about to end; without a word (F39)."""
    with house().store.begin() as session:
        known = subscribers.find_endpoint(session, row["municipality_id"], "webpush", old)
        if known is None or known["subscriber_id"] != row["id"] or known["state"] != "active":
            return False
        subscribers.renew_endpoint(session, known["id"], address=way[0], keys=way[1], service=way[2])
        lifesigns.expires(session, known["id"], expires)
    return True


def _expires(subscription: object, now: datetime) -> datetime | None:
    """Return when a ``PushSubscription`` ends, if the browser names an end that can be meant (milliseconds, UTC)."""
    given = subscription.get("expirationTime") if isinstance(subscription, dict) else None
    if isinstance(given, bool) or not isinstance(given, int | float) or not abs(given) < _LATEST:
        return None
    at = datetime.fromtimestamp(given / 1000, UTC)
    return at if at > now else None


def _passes(row: RowMapping, address: str) -> bool:
    """Count a device that is new here; one that is known to be this person's may always be renewed."""
    with house().store.begin() as session:
        known = subscribers.find_endpoint(session, g.town["id"], "webpush", address)
        if known is not None and known["subscriber_id"] == row["id"]:
            return True
        counters = flood.counters("device", request.remote_addr or "", g.town["id"], house().links.key)
        return floods.passes(session, counters, house().now())


def _refused(error: SubscribeError) -> Response:
    return make_response(jsonify(error=language().text(str(error))), 400)


def _endpoint(session: Session, town: RowMapping, row: RowMapping, way: Way) -> int:
    """Return the person's endpoint at this address: renewed if it is theirs, else new, and nobody else's any more."""
    known = subscribers.find_endpoint(session, town["id"], "webpush", way[0])
    if known is not None and known["subscriber_id"] == row["id"]:
        subscribers.renew_endpoint(session, known["id"], address=way[0], keys=way[1], service=way[2])
        return int(known["id"])
    made = add_endpoint(house(), session, town, row["id"], channel="webpush", way=way, proven=False)
    fresh = subscribers.endpoint_row(session, made)
    if fresh is not None:  # one browser, one set of choices in each municipality: the newest
        one_set(house(), session, fresh)
    return made


@device.post("/push/renew")
def renew() -> Response:
    """Take a browser's new subscription in place of its old one (``pushsubscriptionchange``).

    An endpoint is an address and no credential (W-12): who renews it must also know its ``auth`` secret, which stands
    in no URL and no log. A wrong one is answered as an unknown endpoint is.
    """
    body = _body()
    old, auth = body.get("old"), body.get("auth")
    if not isinstance(old, str) or not old or not isinstance(auth, str):
        abort(400)
    renewed = 0
    with house().store.begin() as session:
        for town in towns.listed(session):
            known = subscribers.find_endpoint(session, town["id"], "webpush", old)
            if known is None or not compare_digest(known["keys"].get("auth", "").encode(), auth.encode()):
                continue
            try:  # a renewed subscription keeps the server key of the old one
                address, keys, service = way_of(body.get("subscription"), known["keys"].get("vapid", ""))
            except SubscribeError as error:
                return _refused(error)
            subscribers.renew_endpoint(session, known["id"], address=address, keys=keys, service=service)
            lifesigns.expires(session, known["id"], _expires(body.get("subscription"), house().now()))
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


def way_of(subscription: object, vapid: str) -> Way:
    """Return a ``PushSubscription.toJSON()`` as stored, made with the server key it names or else ``vapid``.

    Raises ``SubscribeError`` naming the broken rule.
    """
    given = subscription if isinstance(subscription, dict) else {}
    address, keys = given.get("endpoint"), given.get("keys")
    if not isinstance(address, str) or not isinstance(keys, dict) or not all(isinstance(v, str) for v in keys.values()):
        raise SubscribeError("The browser's push subscription is incomplete.")
    kind = push.load("webpush")
    named = {name: keys[name] for name in ("p256dh", "auth") if name in keys}
    own = given.get("vapid")
    named["vapid"] = own if isinstance(own, str) and own else vapid
    checked, stored = kind.check(address, named, house().outlet("webpush").settings)
    return checked, dict(stored), kind.service(checked)
