"""A new password by mail, and another address: links that work once. The answers tell nobody who has an account."""

from __future__ import annotations

from flask import Blueprint, abort, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from hub.core import passwords
from hub.core.permission import Sort
from hub.jobs import reset
from hub.web.access import caller, known, needs
from hub.web.desk import house, language

forgotten = Blueprint("forgotten", __name__, url_prefix="/anmelden")


def _(message: str) -> str:
    return message


@forgotten.get("/vergessen")
@needs(sort=Sort.PUBLIC)
def form() -> str:
    """Ask for the address."""
    return render_template("forgotten.html", sent=False)


@forgotten.post("/vergessen")
@needs(sort=Sort.PUBLIC)
def ask() -> str:
    """Write a letter, if there is an account; say the same in any case."""
    reset.ask(house(), request.form.get("address", ""), language().code, caller())
    return render_template("forgotten.html", sent=True)


@forgotten.get("/neu/<token>")
@needs(sort=Sort.LINK)
def choose(token: str) -> Response:
    """Ask for the new password; opening the link uses nothing up, because mail scanners open links."""
    return _choose(token)


def _choose(token: str, fault: str = "") -> Response:
    if reset.asked(house(), token) is None:
        return make_response(render_template("link_over.html"), 410)
    body = render_template("reset.html", token=token, faults={"password": fault} if fault else {})
    return make_response(body, 400 if fault else 200)


@forgotten.post("/neu/<token>")
@needs(sort=Sort.LINK)
def chosen(token: str) -> Response:
    """Set the new password."""
    found = reset.asked(house(), token)
    if found is None:
        return make_response(render_template("link_over.html"), 410)
    letter, account = found
    password = request.form.get("password", "")
    fault = passwords.fault(password, (account["address"], account["name"]))
    if not fault and password != request.form.get("repeated", ""):
        fault = _("The two passwords are not the same.")
    if fault:
        return _choose(token, fault)
    if not reset.reset(house(), letter, account, password):
        abort(410)
    flash(_("Your new password is set. Please sign in with it."))
    return redirect(url_for("signing.form"), 303)


@forgotten.get("/adresse/<token>")
@needs()
def address(token: str) -> str:
    """Show the one button that confirms a new address."""
    return render_template("new_address.html", token=token)


@forgotten.post("/adresse/<token>")
@needs()
def confirm_address(token: str) -> Response:
    """Take the new address."""
    if not reset.confirm_address(house(), known(), token):
        return make_response(render_template("link_over.html"), 410)
    flash(_("Your account has its new address now."))
    return redirect(url_for("account.page"), 303)
