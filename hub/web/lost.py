"""A lost link is mailed again; whoever asks gets the same answer, whether the address is known or not (U21)."""

from __future__ import annotations

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from sqlalchemy import RowMapping
from werkzeug.wrappers import Response as Redirection

from hub.core.errors import SubscribeError
from hub.jobs.addresses import send_link
from hub.web.desk import desk, house, town
from hub.web.failures import page
from hub.web.robots import BEGAN, TRAP, began, is_robot
from hub.web.subscribe import mail_way

lost = Blueprint("lost", __name__)


def _(message: str) -> str:
    return message


@lost.get("/<slug>/link")
def form(slug: str) -> Response:
    """Ask for the address."""
    return _form(town(slug), "", {})


@lost.post("/<slug>/link")
def send(slug: str) -> Response | Redirection:
    """Send the link to the address, if it is known here."""
    row, values = town(slug), request.form.to_dict()
    typed = values.get("email", "").strip()
    if is_robot(values, house().now(), house().links.key):
        doubt = _("We could not tell whether a person sent this. Please read it once more, and send it again.")
        return _form(row, typed, {BEGAN: doubt})
    try:
        address, _keys, _service = mail_way(typed)
    except SubscribeError as error:
        return _form(row, typed, {"email": str(error)})
    if not desk().lets("link", request.remote_addr or "", slug):
        response = page(429, _("Too many links were asked for from your connection. Please try again in an hour."))
        response.headers["Retry-After"] = "3600"
        return response
    send_link(house(), slug, address)
    return redirect(url_for("lost.sent", slug=slug), 303)


@lost.get("/<slug>/link/sent")
def sent(slug: str) -> str:
    """Say what happens now, the same for every address."""
    town(slug)
    return render_template("lost_sent.html", sender=house().sender)


def _form(row: RowMapping, typed: str, faults: dict[str, str]) -> Response:
    fresh = began(house().now(), house().links.key)
    body = render_template("lost.html", town=row, typed=typed, faults=faults, began=fresh, trap=TRAP)
    return make_response(body, 400 if faults else 200)
