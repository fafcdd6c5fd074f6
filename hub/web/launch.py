"""Where the installed app opens: one's own page if this device knows its person, else the way to let it know."""

from __future__ import annotations

import re

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for

from hub.jobs.subscribe import person_of
from hub.web.desk import NAME, desk, house, town
from hub.web.subscribe import remember

launch = Blueprint("launch", __name__)
_OWN = re.compile(r"/m/([^/?#\s]+)")


def _(message: str) -> str:
    return message


@launch.get("/app")
def app() -> Response:
    """Lead to one's own page; a new app, which knows nobody, asks for the secret link (it has no address bar)."""
    token = request.cookies.get(desk().cookie(NAME), "")
    if token and person_of(house(), token) is not None:
        return make_response(redirect(url_for("mine.home", token=token), 303))
    return _asking()


@launch.post("/app")
def known() -> Response:
    """Let this device remember the person whose secret link was pasted."""
    typed = request.form.get("link", "").strip()
    found = _OWN.search(typed) or re.fullmatch(r"([^/?#\s]+)", typed)
    if found is None or person_of(house(), found[1]) is None:
        return _asking(typed, {"link": _("This is not a link of your own page, or it was replaced by a newer one.")})
    answer = redirect(url_for("mine.home", token=found[1]), 303)
    return remember(make_response(answer), found[1])


def _asking(typed: str = "", faults: dict[str, str] | None = None) -> Response:
    if request.args.get("town"):
        town(request.args["town"])
    body = render_template("app.html", typed=typed, faults=faults or {})
    return make_response(body, 400 if faults else 200)
