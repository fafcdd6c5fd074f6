"""What other installations read: a municipality's signed feed, its alerts (CAP 1.2), and the keys to check them by."""

from __future__ import annotations

from http import HTTPStatus
from urllib.parse import urlsplit

from flask import Blueprint, Response, abort, jsonify, request, url_for

from hub.core.federation_record import VERSION
from hub.jobs.seal import Seal, fingerprint, seal
from hub.store import towns
from hub.web import cap, given
from hub.web.desk import house, town
from hub.web.syndication import ATOM, JSON_FEED
from push.ical.feed import is_current

federation = Blueprint("federation", __name__)
_CACHED = "public, max-age=60"  # seconds: a withdrawal must not wait
_FOR_EVER = "public, max-age=86400"


@federation.get("/.well-known/ortsruf.json")
def installation() -> Response:
    """Name this installation, its keys and certificate, and what each municipality gives to others."""
    ours = _seal()
    with house().store.read() as session:
        rows = towns.listed(session)
    found = {
        "version": VERSION, "installation": ours.installation,
        # JSON Web Keys (RFC 8037); the key that signs first, then those that it follows.
        "keys": [
            {"kty": "OKP", "crv": "Ed25519", "x": one.public, "kid": one.public, "use": "sig",
             "fingerprint": fingerprint(one.public)} | ({"until": one.until.isoformat()} if one.until else {})
            for one in ours.keys
        ],
        "certificate": {"pem": ours.pem, "sha256": ours.certified},
        "municipalities": [
            {"id": row["id"], "name": row["name"], "ars": row["path"],
             "feed": house().links_of(row).base_url + url_for("federation.feed", slug=row["id"]),
             "alerts": house().links_of(row).base_url + url_for("federation.alerts", slug=row["id"])}
            for row in rows
        ],
    }  # fmt: skip
    answer = jsonify(found)
    answer.headers["Cache-Control"] = _CACHED
    return answer


@federation.get("/<slug>/federation.json")
def feed(slug: str) -> Response:
    """Serve a municipality's whole notices as JSON Feed, signed."""
    row, ours = town(slug), _seal()
    found = given.feed(row, ours)
    answer = _served(found.body, found.tag, JSON_FEED, _CACHED)
    if answer.status_code == HTTPStatus.OK:
        path = urlsplit(house().links.base_url + request.path).path
        answer.headers.update(ours.headers(found.body, path, found.updated))
    return answer


@federation.get("/<slug>/alerts.atom")
def alerts(slug: str) -> Response:
    """List a municipality's alerts, each at its own address."""
    found = given.index(town(slug), _seal())
    return _served(found.body, found.tag, ATOM, _CACHED)


@federation.get("/<slug>/alerts/<notice_id>-<int:revision>.xml")
def alert(slug: str, notice_id: str, revision: int) -> Response:
    """Serve one alert, signed; it never changes."""
    body = given.alert(town(slug), _seal(), notice_id, revision)
    if body is None:
        abort(404)
    return _served(body, given.tag(body), cap.MEDIA_TYPE, _FOR_EVER)


def _seal() -> Seal:
    return seal(house().store, house().now())


def _served(body: bytes, tag: str, media_type: str, control: str) -> Response:
    """Answer with ``body``, or 304 when the reader has it (RFC 9110, 13)."""
    headers = {"ETag": tag, "Cache-Control": control}
    if is_current((tag,), "", request.headers.get("If-None-Match"), None):
        return Response(status=304, headers=headers)
    return Response(body, content_type=f"{media_type}; charset=utf-8", headers=headers)
