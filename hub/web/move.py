"""Move to another device: a code to scan or to type on one, what will happen and a button on the other (U23).

The code is the only secret in an address here; it holds ten minutes, once, and no page sends a referrer.
"""

from __future__ import annotations

from flask import Blueprint, Response, flash, g, make_response, redirect, render_template, request, url_for
from sqlalchemy import RowMapping
from werkzeug.wrappers import Response as Redirection

from hub.core.move import shown, typed
from hub.jobs import move as job
from hub.store import lifesigns, moves, subscribers, towns
from hub.web.desk import desk, house, language, links, person
from hub.web.failures import page
from hub.web.qr import qr
from hub.web.subscribe import remember, titles

move = Blueprint("move", __name__)
_BROWSERS = {
    "fcm.googleapis.com": "Chrome / Samsung Internet", "updates.push.services.mozilla.com": "Firefox",
    "web.push.apple.com": "Safari", "notify.windows.com": "Edge",
}  # fmt: skip


def _(message: str) -> str:
    return message


@move.before_request
def _secret() -> None:
    g.secret = True


@move.get("/m/<token>/move")
def ask(token: str) -> str:
    """Say how it goes; a code is made only when it is asked for."""
    person(token)
    return render_template("move.html", token=token)


@move.post("/m/<token>/move")
def begin(token: str) -> str:
    """Make a code and show it."""
    row = person(token)
    code = job.begin(house(), row)
    address = links().base_url + url_for("move.look", code=code)
    label = language().text("QR code that opens your page on another device")
    return render_template(
        "move_code.html", token=token, code=shown(code), square=qr(address, label),
        address=links().base_url.partition("//")[2] + url_for("move.enter"),
    )  # fmt: skip


@move.post("/m/<token>/move/end")
def withdraw(token: str) -> Redirection:
    """Let a code hold no more."""
    row = person(token)
    with house().store.begin() as session:
        moves.drop(session, row["id"])
    flash(_("The code no longer holds."))
    return redirect(url_for("move.ask", token=token), 303)


@move.get("/move")
def enter() -> str:
    """Ask for the code."""
    return render_template("move_enter.html", typed="", fault="")


@move.post("/move")
def entered() -> Response | str:
    """Show what a typed code leads to."""
    text = request.form.get("code", "")[:40]
    refused = _too_many()
    if refused is not None:
        return refused
    code = typed(text)
    row = job.look(house(), code)
    if row is None:
        fault = _("This code is unknown, was used, or is older than ten minutes. Please look again, or make a new one.")
        return make_response(render_template("move_enter.html", typed=text, fault=fault), 400)
    return _offered(code, row)


@move.get("/move/<code>")
def look(code: str) -> Response | str:
    """Show what a scanned code leads to; opening it changes nothing."""
    refused = _too_many()
    if refused is not None:
        return refused
    row = job.look(house(), typed(code))
    return _offered(typed(code), row) if row is not None else _dead()


@move.post("/move/take")
def take() -> Response | Redirection:
    """Let this device be the person's, once per code."""
    refused = _too_many()
    if refused is not None:
        return refused
    code = typed(request.form.get("code", ""))
    row = job.look(house(), code)
    if row is None:
        return _dead()
    with house().store.read() as session:
        known = {one["id"] for one in moves.devices(session, row["id"])}
    ends = sorted(one for one in known if request.form.get(f"end_{one}"))
    taken = job.take(house(), code, ends)
    if taken is None:
        return _dead()
    with house().store.begin() as session:
        lifesigns.seen(session, [taken["id"]], house().now())
    token = house().links.token("manage", taken["id"], taken["generation"])
    return remember(make_response(redirect(url_for("move.arrived", token=token), 303)), token)


@move.get("/m/<token>/moved")
def arrived(token: str) -> str:
    """Turn on notifications here; then the devices that were chosen end."""
    row = person(token)
    with house().store.read() as session:
        wished = subscribers.subscriptions(session, row["id"])
        ending = moves.ending(session, row["id"], house().now())
    pushed = any(way[0] == "webpush" for one in wished for way in one["ways"])
    return render_template("moved.html", token=token, push_wanted=pushed, ending=ending)


def _offered(code: str, row: RowMapping) -> str:
    """Show whose choices these are, in counts and topics, never by address: somebody may look over a shoulder."""
    with house().store.read() as session:
        g.town = towns.get(session, row["municipality_id"])
        wished = subscribers.subscriptions(session, row["id"])
        ways = subscribers.endpoints_of(session, row["id"])
    devices = [
        (one["id"], _called(one["service"]), one["created_at"]) for one in ways if one["channel"] == moves.CHANNEL
    ]
    kinds = list(dict.fromkeys(one["channel"] for one in ways))
    return render_template("move_take.html", code=code, chosen=titles(wished), kinds=kinds, devices=devices)


def _called(service: str) -> str:
    host = service.partition("//")[2]
    return next((name for end, name in _BROWSERS.items() if host.endswith(end)), host)


def _too_many() -> Response | None:
    """Return the refusal if codes are tried too often from here, or anywhere."""
    if desk().lets("code", request.remote_addr or "", ""):
        return None
    response = page(429, _("Too many codes were tried. Please wait an hour, or make a new code then."))
    response.headers["Retry-After"] = "3600"
    return response


def _dead() -> Response:
    return page(410, _("This code was used or is older than ten minutes. On your old device you can make a new one."))
