"""What makes the pages an app: the web app manifest, a town's own where one is named, and the sign in its colour."""

from __future__ import annotations

import json
from typing import Any

from flask import Blueprint, Response, abort, request, url_for
from sqlalchemy import RowMapping

from hub.core.contrast import shades
from hub.web.assets import STATIC, YEAR, colour_of, static_url
from hub.web.desk import language, town

manifest = Blueprint("manifest", __name__)
_ICONS = (
    ("icons/icon-192.png", 192, "any"),
    ("icons/icon-512.png", 512, "any"),
    ("icons/icon-maskable-512.png", 512, "maskable"),
)


def _(message: str) -> str:
    return message


@manifest.get("/manifest.webmanifest")
def page() -> Response:
    """Serve the web app manifest; ``?town=`` makes it that town's own app.

    No secret stands in it: phones hand it on to whoever makes their apps.
    """
    row = town(request.args["town"]) if request.args.get("town") else None
    own = url_for("public.town_page", slug=row["id"]) if row else url_for("public.home")
    start, text = url_for("launch.app", town=row["id"] if row else None), language().text
    data = {
        "id": own, "name": f"Ortsruf {row['name']}" if row else "Ortsruf", "short_name": "Ortsruf",
        "description": text("Ortsruf tells you what concerns you, and nothing else."),
        "lang": language().code, "dir": language().direction, "start_url": start, "scope": "/",
        "display": "standalone", "background_color": "#ffffff", "theme_color": colour_of(row),
        "categories": ["news", "utilities"], "launch_handler": {"client_mode": "navigate-existing"},
        "icons": _icons(row), "shortcuts": [{"name": text(name), "url": url} for name, url in _shortcuts(row, start)],
    }  # fmt: skip
    response = Response(json.dumps(data, ensure_ascii=False), mimetype="application/manifest+json")
    response.headers["Cache-Control"] = "no-cache"
    return response


def _icons(row: RowMapping | None) -> list[dict[str, Any]]:
    """Return the signs: in the town's colour for who draws SVG, else pictures in ours."""
    drawn = [
        {"src": url_for("manifest.icon", colour=colour_of(row)[1:], purpose=purpose), "sizes": "any",
         "type": "image/svg+xml", "purpose": purpose}
        for purpose in ("any", "maskable")
    ]  # fmt: skip
    pictures = [
        {"src": static_url(name), "sizes": f"{size}x{size}", "type": "image/png", "purpose": purpose}
        for name, size, purpose in _ICONS
    ]
    return drawn + pictures


def _shortcuts(row: RowMapping | None, start: str) -> list[tuple[str, str]]:
    """Return what a long press on the app's sign offers: name and address."""
    if row is None:
        return []
    slug = row["id"]
    return [
        (_("My page"), start), (_("Notices"), url_for("listing.notices", slug=slug)),
        (_("Map"), url_for("mapping.page", slug=slug)),
    ]  # fmt: skip


@manifest.get("/icon/<colour>.svg")
def icon(colour: str) -> Response:
    """Serve the app's sign in a colour; ``?purpose=maskable`` leaves the edges to the phone (its safe zone)."""
    try:
        found = shades(f"#{colour}")
    except ValueError:
        abort(404)
    drawn = (STATIC / "icon.svg").read_text().replace("#1d4f91", found.brand).replace("#fff", found.on_brand)
    if request.args.get("purpose") == "maskable":
        small = '<g id="horn" transform="translate(8 8) scale(.75)"'
        drawn = drawn.replace(' rx="14"', "").replace('<g id="horn"', small)
    response = Response(drawn, mimetype="image/svg+xml")
    response.headers["Cache-Control"] = f"public, max-age={YEAR}, immutable"
    return response
