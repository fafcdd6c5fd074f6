"""Files that pages need: versioned static files, the service worker, a town's colour."""

from __future__ import annotations

import gzip
import hashlib
from functools import cache
from pathlib import Path
from urllib.parse import urlencode

from flask import (
    Blueprint,
    Flask,
    Response,
    abort,
    g,
    render_template,
    request,
    send_file,
    send_from_directory,
    url_for,
)
from sqlalchemy import RowMapping

import push
from hub.core.contrast import Shades, shades
from hub.core.errors import SettingsError
from hub.store import looks, pushkeys
from hub.web.desk import desk, house

assets = Blueprint("assets", __name__)
STATIC = Path(__file__).resolve().parent / "static"
YEAR = 31_536_000
_OWN_COLOUR = "#1d4f91"  # of pages that belong to no town
_PACKED = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


@cache
def version(name: str) -> str:
    """Return the short hash of a static file: it changes the URL when the file changes."""
    return hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]


def static_url(name: str) -> str:
    """Return the URL of a static file with its version."""
    return url_for("static", filename=name, v=version(name))


def sheets(direction: str, row: RowMapping | None) -> tuple[str, ...]:
    """Return the style sheets of a page in order: KERN's for this ``direction``, ours, the town's colours."""
    kern = "kern-rtl.css" if direction == "rtl" else "kern.css"
    return static_url(kern), static_url("site.css"), url_for("assets.theme", colour=colour_of(row)[1:])


def colour_of(row: RowMapping | None) -> str:
    """Return the colour of a town's pages, ``#rrggbb``; ours for pages that belong to no town."""
    return str(row["colour"] if row else _OWN_COLOUR).lower()


def serve_packed(app: Flask) -> None:
    """Send texts among the static files compressed to whoever takes that; the work is done once for each file."""
    app.view_functions["static"] = _static


def _static(filename: str) -> Response:
    kind = _PACKED.get(Path(filename).suffix)
    if kind is None or request.accept_encodings["gzip"] <= 0 or not (STATIC / filename).is_file():
        return send_from_directory(STATIC, filename)
    response = Response(_packed(filename), mimetype=kind)
    response.headers.update({"Content-Encoding": "gzip", "Vary": "Accept-Encoding"})
    response.set_etag(f"{version(filename)}-gzip")
    response.make_conditional(request)
    return response


@cache
def _packed(name: str) -> bytes:
    return gzip.compress((STATIC / name).read_bytes(), mtime=0)


def cached(response: Response) -> Response:
    """Let a static file that was asked for with a version be kept for a year."""
    if request.endpoint == "static" and response.status_code == 200:  # noqa: PLR2004 - OK
        keep = f"public, max-age={YEAR}, immutable" if request.args.get("v") else "no-cache"
        response.headers["Cache-Control"] = keep
    return response


def _client(*names: str) -> Response:
    """Serve scripts of the push channel's own folder as one; 404 where that channel is missing."""
    try:
        folder = push.load("webpush").folder / "client"
    except SettingsError:
        abort(404)
    files = [folder / name for name in names]
    if not all(file.is_file() for file in files):
        abort(404)
    response = Response("".join(file.read_text(encoding="utf-8") for file in files), mimetype="text/javascript")
    response.headers["Cache-Control"] = "no-cache"
    response.add_etag()
    response.make_conditional(request)
    return response


@assets.get("/sw.js")
def worker() -> Response:
    """Serve the service worker from the root, so that its scope is the whole site."""
    return _client("kept.js", "sw.js")


@assets.get("/push/subscribe.js")
def push_script() -> Response:
    """Serve the script that turns push on and off."""
    return _client("subscribe.js")


def worker_url() -> str:
    """Return the service worker with what it keeps for the time without a network and where it renews."""
    look = [url_for("static", filename=name) for name in ("kern.css", "kern-rtl.css", "site.css")]
    shell = ["/offline", *look, url_for("assets.theme", colour=_OWN_COLOUR[1:])]
    query = {"shell": ",".join(shell), "renew": url_for("device.renew")}
    return f"{url_for('assets.worker')}?{urlencode(query)}"


@assets.get("/offline")
def offline() -> str:
    """Show the page that stands in for any other without a network."""
    return render_template("offline.html")


@assets.get("/theme/<colour>.css")
def theme(colour: str) -> Response:
    """Serve a town's colour as a style sheet of its own: the security policy allows no inline styles."""
    try:
        found = shades(f"#{colour}")
    except ValueError:
        abort(404)
    response = Response(_theme(found), mimetype="text/css")
    response.headers["Cache-Control"] = f"public, max-age={YEAR}, immutable"
    return response


def _theme(one: Shades) -> str:
    """Write the shades in the words of KERN's custom properties."""
    light = _action(one.light, one.light_hover, one.light_active)
    dark = _action(one.dark, one.dark_hover, one.dark_active)
    return (
        f":root {{ --brand: {one.brand}; --on-brand: {one.on_brand}; {light} }}\n"
        f"@media screen and (prefers-color-scheme: dark) {{ :root {{ {dark} }} }}\n"
    )


def _action(colour: str, hover: str, active: str) -> str:
    shade = "--kern-color-action-state-indicator-shade"
    return f"--kern-color-action-default: {colour}; {shade}-hover: {hover}; {shade}-active: {active};"


@assets.get("/logo/<name>")
def logo(name: str) -> Response:
    """Serve a town's logo; its name changes with its bytes. Opened by itself, it may do nothing either."""
    with house().store.read() as session:
        content = looks.picture_of(session, name)
    if content is None:
        abort(404)
    response = Response(content, mimetype="image/png" if name.endswith(".png") else "image/svg+xml")
    response.headers["Cache-Control"] = f"public, max-age={YEAR}, immutable"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


@assets.get("/favicon.ico")
def favicon() -> Response:
    """Serve the icon for browsers that ask at the old place."""
    return send_file(STATIC / "icons/icon-192.png", mimetype="image/png")


@assets.get("/robots.txt")
def robots() -> Response:
    """Allow everything: feed readers of large providers refuse feeds that a robots.txt forbids."""
    return Response("User-agent: *\nDisallow:\n", mimetype="text/plain")


def push_key() -> str:
    """Return the public VAPID key (base64url) of this request's town, else ours; empty where push is not set up."""
    ours, own = shared_push_key(), g.get("town")
    if not ours or not own:
        return ours
    with house().store.read() as session:
        return pushkeys.current(session, own["id"]) or ours


def shared_push_key() -> str:
    """Return the installation's own public VAPID key; empty where push is not set up."""
    try:
        return str(desk().house.outlet("webpush").keys.get("vapid_public", ""))
    except (KeyError, SettingsError):
        return ""
