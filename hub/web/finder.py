"""Find my place: one field for postcode, town or street. A page of links, and the same as JSON for the combobox."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Redirection

from hub.jobs.find import MOST, Hit
from hub.web.desk import desk, language, town

finder = Blueprint("finder", __name__)
_MOST_ON_PAGE = 30


def _(message: str) -> str:
    return message


_KINDS = {
    "street": _("Street"),
    "zone": _("Collection zone"),
    "district": _("District"),
    "municipality": _("Municipality"),
}


@finder.get("/find")
def page() -> Response | Redirection:
    """Show the places that ``?q=`` may mean as links; ``?in=`` searches one municipality only."""
    asked, within = _asked()
    hits = desk().finder.find(asked, within=within, most=_MOST_ON_PAGE)
    if len(hits) == 1 and asked:
        return redirect(_url(hits[0]))
    elsewhere = desk().finder.elsewhere(asked) if asked and not hits else []
    body = render_template(
        "find.html", asked=asked, within=within, hits=[_shown(one) for one in hits], elsewhere=elsewhere,
        full=len(hits) == _MOST_ON_PAGE,
    )  # fmt: skip
    return make_response(body)


@finder.get("/find.json")
def options() -> Response:
    """Return at most eight places: ``title``, ``about``, ``url`` of the form, ``pick`` for a form that is open."""
    asked, within = _asked()
    response = jsonify(hits=[_shown(one) for one in desk().finder.find(asked, within=within, most=MOST)])
    response.headers["Cache-Control"] = "no-store"
    return response


def _asked() -> tuple[str, str]:
    within = request.args.get("in", "")[:64]
    if within:
        town(within)
    return request.args.get("q", "")[:120].strip(), within


def _shown(hit: Hit) -> dict[str, Any]:
    """Return a place as a link says it; a street bears its number, and its town where there are several."""
    about = [language().text(_KINDS[hit.kind]), *([hit.town_name] if hit.kind != "municipality" else [])]
    title = f"{hit.name} {hit.number}".strip()
    return {"title": title, "about": " · ".join(about), "url": _url(hit), "pick": f"{hit.path}|{hit.number}"}


def _url(hit: Hit) -> str:
    """Return the form for a place."""
    place = hit.path.partition("/")[2] if hit.kind in {"street", "zone"} else None
    return url_for("start.first_visit", slug=hit.town, place=place, house=(hit.number or None) if place else None)
