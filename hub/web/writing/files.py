"""Files of notices: for all once what names them is published, for editors of the municipality before."""

from __future__ import annotations

from flask import Blueprint, Response, abort, make_response, request
from sqlalchemy import RowMapping

from hub.pictures import PDF
from hub.store import attachments
from hub.web.access import needs
from hub.web.desk import house
from hub.web.writing.authoring import SEES

files = Blueprint("files", __name__)  # open to all
own_files = Blueprint("own_files", __name__, url_prefix="/verwaltung/<slug>/mitteilungen")
_DAY = 86_400
# Nothing in it runs, and it is nobody's page: whatever a reader of PDF or a browser makes of it.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox"


@files.get("/anhang/<name>")
def one(name: str) -> Response:
    """Serve a file that belongs to something published."""
    with house().store.read() as session:
        row = attachments.published(session, name[:80])
    return _served(row, f"public, max-age={_DAY}, immutable")


@own_files.get("/datei/<name>")
@needs(*SEES)
def before(slug: str, name: str) -> Response:
    """Serve a file to whoever works on notices of the municipality."""
    with house().store.read() as session:
        row = attachments.get(session, slug, name[:80])
    return _served(row, "private, no-store")


def _served(row: RowMapping | None, kept: str) -> Response:
    if row is None:
        abort(404)
    response = make_response(attachments.content(row))
    response.headers["Content-Type"] = row["media_type"]
    response.headers["Content-Security-Policy"] = _POLICY
    response.headers["Cache-Control"] = kept
    response.headers["X-Robots-Tag"] = "noindex"
    way = "attachment" if row["media_type"] == PDF else "inline"
    response.headers["Content-Disposition"] = f'{way}; filename="{row["name"]}"'
    response.set_etag(row["name"].partition(".")[0])
    response.make_conditional(request)
    return response
