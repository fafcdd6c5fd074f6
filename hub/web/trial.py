"""A test message on one of a person's own ways, whenever they want to know that it works."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, abort, flash, g, redirect, url_for
from werkzeug.wrappers import Response as Redirection

from hub.core.message import Change
from hub.jobs.subscribe import send_alone
from hub.store import floods, subscribers
from hub.web.desk import house, person

trial = Blueprint("trial", __name__, url_prefix="/m/<token>/ways")
_LIVES = timedelta(hours=1)
_MOST = 5  # an hour, on one way
LOUD = ("webpush", "mail")


def _(message: str) -> str:
    return message


@trial.before_request
def _secret() -> None:
    g.secret = True


@trial.post("/<int:endpoint_id>/test")
def send(token: str, endpoint_id: int) -> Redirection:
    """Send a test message on a way that is set up, a few times an hour."""
    row = person(token)
    with house().store.begin() as session:
        ways = {one["id"]: one for one in subscribers.endpoints_of(session, row["id"])}
        way = ways.get(endpoint_id)
        if way is None or way["channel"] not in LOUD or way["state"] != "active":
            abort(404)
        fits = floods.passes(session, {f"test:{endpoint_id}": _MOST}, house().now())
        if fits:
            send_alone(house(), session, g.town["id"], endpoint_id, Change.TEST, until=house().now() + _LIVES)
    flash(
        _("A test message is on its way.") if fits else _("That was often enough for now. Please try again in an hour.")
    )
    return redirect(url_for("manage.overview", token=token) + "#ways", 303)
