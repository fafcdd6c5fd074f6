"""The map beside the list: a view's notices as GeoJSON, and the ground under them from the operator's own file."""

from __future__ import annotations

import json
from pathlib import Path

from flask import Blueprint, Response, abort, make_response, render_template, request, send_file, url_for
from sqlalchemy import RowMapping
from sqlalchemy.orm import Session

from hub.core.notice import Geometry, Severity
from hub.store import towns, views
from hub.web.desk import desk, house, language, town
from hub.web.geojson import MEDIA_TYPE, collection
from hub.web.listing import addressed, asked_for_feed, places_of, title_of
from hub.web.selecting import Asked, asked
from hub.web.view import View, view

mapping = Blueprint("mapping", __name__)
MOST = 500  # notices on a map
_POSITION = "camera=(), geolocation=(self), microphone=()"  # asked for by a button of the page only


@mapping.get("/<slug>/map")
def page(slug: str) -> Response:
    """Show a view on a map, with the list under it: who cannot see the map misses nothing."""
    row, chosen = town(slug), language()
    with house().store.read() as session:
        wanted = asked(request.args, places_of(session, row))
        found = _found(session, row, wanted)
        centre = towns.place_row(session, row["path"])
    tiles = desk().settings.map_tiles
    body = render_template(
        "map.html", asked=wanted, title=title_of(wanted, chosen),
        drawn=[one for one in found if one.notice.geometry], others=[one for one in found if not one.notice.geometry],
        shapes=addressed(url_for("mapping.shapes", slug=slug), wanted.query),
        tiles=url_for("mapping.tiles") if tiles else "", credit=desk().settings.map_credit if tiles else "",
        centre=f"{centre['lat']},{centre['lon']}" if centre is not None and centre["lat"] is not None else "",
    )  # fmt: skip
    response = make_response(body, 400 if wanted.faults else 200)
    response.headers["Permissions-Policy"] = _POSITION
    return response


def _found(session: Session, row: RowMapping, wanted: Asked) -> list[View]:
    now, chosen = house().now(), language()
    rows = views.latest(session, row["id"], wanted.selection, now, row["zone"], most=MOST)
    return [view(one, chosen, row["zone"], now, whole=False) for one in rows]


@mapping.get("/<slug>/notices.geojson")
def shapes(slug: str) -> Response:
    """Serve the shapes of a view (RFC 7946), newest change first."""
    row = town(slug)
    with house().store.read() as session:
        found = _found(session, row, asked_for_feed(session, row))
    data = collection((one.notice.geometry, properties(one, row)) for one in found)
    response = Response(json.dumps(data, ensure_ascii=False), content_type=MEDIA_TYPE)
    response.headers["Cache-Control"] = "no-cache"
    response.add_etag()
    response.make_conditional(request)
    return response


def properties(one: View, row: RowMapping) -> dict[str, object]:
    """Return what a map says of a notice."""
    return {
        "id": one.id, "title": one.text.title, "topic": one.topic,
        "url": house().links_of(row).notice(row["id"], one.id),
        "severity": one.notice.severity.name.lower() if one.notice.severity is not Severity.UNKNOWN else "",
        "state": one.state,
    }  # fmt: skip


@mapping.get("/<slug>/n/<notice_id>.geojson")
def shape(slug: str, notice_id: str) -> Response:
    """Serve the shape of one notice."""
    row = town(slug)
    with house().store.read() as session:
        found = views.one(session, slug, notice_id)
    if found is None:
        abort(404)
    one = view(found, language(), row["zone"], house().now(), whole=False)
    data = collection([(one.notice.geometry or Geometry(), properties(one, row))])
    return Response(json.dumps(data, ensure_ascii=False), content_type=MEDIA_TYPE)


@mapping.get("/map/tiles.pmtiles")
def tiles() -> Response:
    """Serve the operator's PMTiles file; maps ask for parts of it (RFC 9110, 14: Range)."""
    file = Path(desk().settings.map_tiles)
    if not desk().settings.map_tiles or not file.is_file():
        abort(404)
    response = send_file(file.resolve(), mimetype="application/octet-stream", conditional=True, max_age=86_400)
    response.headers["Accept-Ranges"] = "bytes"
    return response
