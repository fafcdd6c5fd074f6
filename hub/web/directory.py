"""The way to a county's directory and back (OpenID Connect): to sign in, to connect an account, to prove who one is."""

from __future__ import annotations

from typing import Any

import structlog
from flask import Blueprint, abort, flash, make_response, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from hub.core.errors import HttpFailed, OrtsrufError
from hub.core.permission import Sort
from hub.directory import Directory
from hub.jobs import directory as job
from hub.jobs.directory import Person, Refusal, person
from hub.web.access import caller, local, me, needs
from hub.web.desk import desk, house, language
from hub.web.signing import entered

directory = Blueprint("directory", __name__, url_prefix="/anmelden/verzeichnis")
_KEPT = "directory"
log = structlog.get_logger(__name__)


def _(message: str) -> str:
    return message


_REFUSED = {
    Refusal.NO_ROLE: _("You have no role here yet. Please turn to your operator."),
    Refusal.NO_ADDRESS: _("The directory knows no confirmed mail address of yours. Please turn to your operator."),
    Refusal.TAKEN: _("There is an account with your address. Sign in with its password and connect it there."),
    Refusal.OTHER: _("Somebody else signed in at the directory."),
}
_FAILED = _("The directory did not answer as it should. Please try again later, or sign in with your password.")


def _there() -> Directory:
    found = desk().directory
    if found is None:
        abort(404)
    return found


@directory.post("")
@needs(sort=Sort.PUBLIC)
def leave() -> Response:
    """Send somebody to the directory."""
    wish = request.form.get("wish", "sign-in")
    who = me()
    if wish not in {"sign-in", "connect", "prove"} or (who is None and wish != "sign-in"):
        abort(400)
    try:
        url, kept = _there().begin(again=wish == "prove")
    except OrtsrufError as error:
        return _failed(error)
    session[_KEPT] = {**kept, "wish": wish, "next": local(request.form.get("next", ""))}
    # No redirect: browsers hold it against our form-action, and all that the directory redirects to as well.
    return make_response(render_template("leaving.html", url=url, name=_there().name))


@directory.get("/zurueck")
@needs(sort=Sort.PUBLIC)
def back() -> Response:
    """Take somebody who comes back; what was kept for them is used once."""
    kept = session.pop(_KEPT, None) or {}
    try:
        claims = _there().finish(kept, request.args.to_dict(), house().now())
    except OrtsrufError as error:
        return _failed(error)
    return _come(kept, person(desk().settings, claims))


def _come(kept: dict[str, Any], found: Person) -> Response:
    who = me()
    if kept["wish"] == "sign-in":
        outcome = job.sign_in(house(), found, language().code, caller())
        return _refused(outcome) if isinstance(outcome, Refusal) else entered(outcome, kept["next"])
    if who is None:
        return _refused(Refusal.OTHER)
    refused = (job.connect if kept["wish"] == "connect" else job.prove)(house(), who, found)
    if refused is not None:
        return _refused(refused)
    if kept["wish"] == "connect":
        flash(_("Your account is connected with the directory."))
    return redirect(kept["next"], 303)


def _refused(why: Refusal) -> Response:
    flash(_REFUSED[why])
    return redirect(url_for("signing.form"), 303)


def _failed(error: OrtsrufError) -> Response:
    log.warning("the directory failed", error=str(error), unreachable=isinstance(error, HttpFailed))
    flash(_FAILED)
    return redirect(url_for("signing.form"), 303)
