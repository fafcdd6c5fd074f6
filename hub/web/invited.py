"""An invitation: who it is from, what it is for, and the form that makes the account, or gives it a further role."""

from __future__ import annotations

from flask import Blueprint, flash, g, make_response, redirect, render_template, request, url_for
from sqlalchemy import RowMapping
from werkzeug.wrappers import Response

from hub.account_texts import ROLES
from hub.core import passwords
from hub.core.permission import Role, Sort
from hub.jobs import people
from hub.web.access import caller, me, needs
from hub.web.desk import house, town
from hub.web.signing import with_cookie

invited = Blueprint("invited", __name__, url_prefix="/einladung/<token>")


def _(message: str) -> str:
    return message


@invited.before_request
def _secret() -> None:
    g.secret = True  # such pages are kept in no cache


@invited.get("")
@needs(sort=Sort.LINK)
def page(token: str) -> Response:
    """Show the invitation; opening it uses nothing up."""
    row = people.open_invitation(house(), token)
    return _over() if row is None else _page(token, row)


def _over() -> Response:
    return make_response(render_template("link_over.html"), 410)


def _page(token: str, row: RowMapping, faults: dict[str, str] | None = None) -> Response:
    if row["municipality_id"]:
        town(row["municipality_id"])
    account = people.account_invited(house(), row)
    who = me()
    body = render_template(
        "invited.html", token=token, invitation=row, role=ROLES[Role(row["role"])], faults=faults or {},
        known=account is not None, own=who is not None and account is not None and who.id == account["id"],
        name=request.form.get("name", ""),
    )  # fmt: skip
    return make_response(body, 400 if faults else 200)


@invited.post("")
@needs(sort=Sort.LINK)
def join(token: str) -> Response:
    """Make the account and sign its owner in; the second factor is next."""
    row = people.open_invitation(house(), token)
    if row is None:
        return _over()
    name, password = request.form.get("name", "").strip(), request.form.get("password", "")
    faults = {} if name else {"name": _("Please say what you are called.")}
    fault = passwords.fault(password, (row["address"], name, row["municipality_id"] or ""))
    if not fault and password != request.form.get("repeated", ""):
        fault = _("The two passwords are not the same.")
    if fault:
        faults["password"] = fault
    if faults:
        return _page(token, row, faults)
    found = people.join(house(), row, name, password, caller())
    return _over() if found is None else with_cookie(redirect(url_for("factors.page"), 303), found)


@invited.post("/annehmen")
@needs(sort=Sort.LINK)
def accept(token: str) -> Response:
    """Give a further role to somebody who is signed in."""
    row, who = people.open_invitation(house(), token), me()
    if row is None or who is None or not people.accept(house(), row, who.account):
        return _over()
    flash(_("Welcome. You have a further role now."))
    return redirect(url_for("office.home"), 303)
