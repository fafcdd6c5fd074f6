"""One's own account: sign-ins, factors, password, address, name, and the connection with a directory."""

from __future__ import annotations

from flask import Blueprint, abort, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from hub.core import passwords
from hub.core.errors import SubscribeError
from hub.jobs import reset, sign_in
from hub.store import accounts, signins
from hub.web.access import known, needs
from hub.web.desk import desk, house
from hub.web.language import LANGUAGES

account = Blueprint("account", __name__, url_prefix="/konto")


def _(message: str) -> str:
    return message


@account.get("")
@needs()
def page() -> Response:
    """Show the account."""
    return _page()


def _page(faults: dict[str, str] | None = None) -> Response:
    who = known()
    with house().store.read() as session:
        body = render_template(
            "account.html", who=who, sessions=signins.living(session, who.id, house().now()),
            passkeys=accounts.passkeys(session, who.id), codes=accounts.codes_left(session, who.id),
            faults=faults or {}, given=request.form, directory=desk().directory,
        )  # fmt: skip
    return make_response(body, 400 if faults else 200)


def _back(message: str) -> Response:
    flash(message)
    return redirect(url_for("account.page"), 303)


@account.post("/sitzungen/<int:session_id>/beenden")
@needs()
def revoke(session_id: int) -> Response:
    """End another sign-in."""
    if not sign_in.revoke(house(), known(), session_id):
        abort(404)
    return _back(_("That device is signed out."))


@account.post("/kennwort")
@needs(fresh=True)
def password() -> Response:
    """Set another password; every other device is signed out."""
    who, given = known(), request.form.get("password", "")
    fault = passwords.fault(given, (who.account["address"], who.account["name"]))
    if not fault and given != request.form.get("repeated", ""):
        fault = _("The two passwords are not the same.")
    if fault:
        return _page({"password": fault})
    reset.change_password(house(), who, given)
    return _back(_("Your new password is set. All other devices are signed out."))


@account.post("/adresse")
@needs(fresh=True)
def address() -> Response:
    """Write to a new address."""
    try:
        reset.ask_address(house(), known(), request.form.get("address", ""))
    except SubscribeError as error:
        return _page({"address": str(error)})
    return _back(_("Please look into the mailbox of the new address and confirm it there."))


@account.post("/name")
@needs()
def name() -> Response:
    """Change name and language."""
    given, language = " ".join(request.form.get("name", "").split())[:80], request.form.get("language", "")
    if not given:
        return _page({"name": _("Please say what you are called.")})
    if language not in LANGUAGES:
        return _page({"language": _("Please choose one of the languages offered.")})
    with house().store.begin() as session:
        accounts.change(session, known().id, name=given, language=language)
    return _back(_("Saved."))
